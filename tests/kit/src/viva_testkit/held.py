"""Interviews that are over, for the pages of those who decide."""

from contextlib import aclosing
from typing import Any

from playwright.async_api import expect
from viva_local.demo.client import ApiClient

from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk

CONSENTS = [
    {"purpose": purpose, "granted": granted, "text_version": "2026-11"}
    for purpose, granted in (("record", False), ("transcribe", True), ("ai_scoring", True))
]


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


async def sign_in(walk: Walk, stack: LocalStack, email: str, password: str, path: str = "/positions") -> None:
    """From the form, to a page of the staff's."""
    await walk.page.goto(f"{stack.state.gateway_url}{path}")
    await walk.page.get_by_label(walk.word("recruiter.signIn.email")).fill(email)
    await walk.page.get_by_label(walk.word("recruiter.signIn.password"), exact=True).fill(password)
    await walk.press("recruiter.signIn.send")
    await expect(walk.page.get_by_role("button", name=walk.word("recruiter.nav.signOut"))).to_be_visible(timeout=30_000)
