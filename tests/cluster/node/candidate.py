"""A candidate of `viva demo` who tells in JSON lines what happens, and thinks over the last answer until told.

    python -m tests.cluster.node.candidate URL EMAIL PASSWORD-FILE QUESTIONS

It writes `{"event": "question" | "answer", "number": …}` for each, `{"event": "thinking"}` before the last answer,
which it gives once a line comes in, and at the end `{"event": "held", …}`: what was asked and answered by the report,
and what the candidate waited for, seconds. So whatever is done to the cluster meanwhile happens within the interview.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from viva_core.errors import Transient
from viva_core.ids import uuid7
from viva_local.demo.client import ApiClient, Json
from viva_local.demo.interview import Demo, Listener, Typing
from viva_local.demo.persona import PersonaName, load_persona

PATIENCE_SECONDS = 600.0
"""A page in a browser asks for as long as it is open; the node may be drained for minutes."""


def tell(event: str, **more: Any) -> None:
    """One line, now."""
    sys.stdout.write(json.dumps({"event": event, **more}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class Patient(ApiClient):
    """Asks for longer than a demo does, and always for the same thing."""

    async def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        if method == "POST":
            arguments["headers"] = {"Idempotency-Key": str(uuid7()), **(arguments.get("headers") or {})}
        limit = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await super()._request(method, path, **arguments)
            except Transient:
                if time.monotonic() > limit:
                    raise


class Thinking(Typing):
    """Types, but the last answer only when told to; keeps what was given."""

    def __init__(self, candidate: ApiClient, last: int) -> None:
        super().__init__(candidate)
        self._last = last
        self.given: list[str] = []

    async def answer(self, turn: Json, text: str) -> float:
        """Send it, and tell."""
        if turn["number"] == self._last:
            tell("thinking")
            await asyncio.to_thread(sys.stdin.readline)
        done = await super().answer(turn, text)
        self.given.append(text)
        tell("answer", number=turn["number"])
        return done


async def hold(url: str, email: str, password: str, questions: int) -> None:
    """One whole interview."""
    recruiter, candidate = Patient(url), Patient(url)
    try:
        await recruiter.sign_in(email, password)
        mouth = Thinking(candidate, questions)
        listener = Listener(question=lambda turn: tell("question", number=turn["number"]))
        held = await Demo(recruiter, candidate, listener, mouth, "hiring", questions).hold(
            "en", load_persona(PersonaName.STRONG, "en")
        )
    finally:
        await candidate.aclose()
        await recruiter.aclose()
    timings = held.timings
    tell(
        "held",
        given=mouth.given,
        turns=[{"question": turn.question.text, "answer": turn.answer.text} for turn in held.report.interview.turns],
        criteria=sum(len(each.criteria) for each in held.report.competencies),
        waits=[timings.to_first_question, *timings.waits, timings.to_report],
    )


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_text().strip(), int(sys.argv[4])))
