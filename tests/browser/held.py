"""Interviews that are over, for the pages of those who decide."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from viva_local.demo.client import ApiClient

CONSENTS = [
    {"purpose": purpose, "granted": granted, "text_version": "2026-11"}
    for purpose, granted in (("record", False), ("transcribe", True), ("ai_scoring", True))
]


@dataclass(frozen=True)
class Finished:
    """An interview that was held and is reported."""

    interview_id: str
    position_id: str
    name: str


async def finish(candidate: ApiClient, invitation: dict[str, Any], answers: list[str], remark: str = "") -> None:
    """Answer the questions one after another (with nothing when the answers run out), say `remark` about the first
    answer, and wait until the report is there."""
    await candidate.post("/candidate/session", {"token": invitation["token"]})
    await candidate.post("/candidate/interview/consents", {"consents": CONSENTS})
    own = "/candidate/interview"
    ready = await candidate.post(f"{own}/ready")
    waiting, answered = list(answers), set()
    completed = False
    async with aclosing(candidate.live(invitation["interview_id"], ready["sequence"])) as messages:
        await candidate.post(f"{own}/start")
        async for message in messages:
            told = message["data"]
            interview = told.get("interview") if isinstance(told, dict) else None
            if interview is None:
                continue
            if interview["state"] == "reported":
                return
            turns = interview["turns"]
            turn = next((each for each in turns if (each["answer"] or {}).get("state") == "open"), None)
            if turn is not None and turn["turn_id"] not in answered:
                answered.add(turn["turn_id"])
                text = waiting.pop(0) if waiting else ""
                await candidate.post(f"{own}/turns/{turn['turn_id']}/answer", {"text": text})
            elif turn is None and interview["progress"]["asking_finished"] and not completed:
                completed = True
                if remark:
                    await _remark(candidate, turns[0], remark)
                await candidate.post(f"{own}/complete")


async def _remark(candidate: ApiClient, turn: dict[str, Any], remark: str) -> None:
    revision = turn["answer"]["revisions"][-1]["revision"]
    path = f"/candidate/interview/turns/{turn['turn_id']}/transcript"
    body = {"text": f"{turn['answer']['text']} ({remark})", "remark": remark}
    await candidate.put(path, body, headers={"If-Match": f'"{revision}"'})
