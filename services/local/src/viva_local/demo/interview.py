"""One whole interview over the public API: a recruiter prepares it, a persona answers, a report comes out."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from google.protobuf import json_format
from viva.session.v1 import interview_pb2
from viva_core.errors import Permanent, VivaError

from viva_local.demo.client import ApiClient, Json
from viva_local.demo.material import Language, Mode, load_position, load_resume
from viva_local.demo.persona import Persona
from viva_local.demo.position import publish_position

_CONSENT_TEXT = "2026-11"
_INVITATION_SECONDS = 24 * 3600


@dataclass
class Timings:
    """Seconds, as a candidate meets them."""

    total: float = 0.0
    to_first_question: float = 0.0
    waits: list[float] = field(default_factory=list)
    """From an answer to the next question."""
    to_report: float = 0.0


@dataclass(frozen=True)
class Held:
    """An interview that was held."""

    interview_id: str
    report: interview_pb2.Report
    timings: Timings


@dataclass(frozen=True)
class Listener:
    """Is told what a person watching would see."""

    delta: Callable[[str], None] = lambda _: None
    question: Callable[[Json], None] = lambda _: None
    answer: Callable[[str], None] = lambda _: None
    state: Callable[[str], None] = lambda _: None


class Mouth(Protocol):
    """How the candidate answers."""

    async def open(self) -> None:
        """Get ready, once the interview may start."""

    def noticed(self, message: Json) -> None:
        """A message of the live socket."""

    async def answer(self, turn: Json, text: str) -> float:
        """Give the answer to a turn and close it; the monotonic time at which the candidate was done."""

    async def close(self) -> None:
        """It is over."""


class Typing:
    """A candidate who types."""

    def __init__(self, candidate: ApiClient) -> None:
        self._candidate = candidate

    async def open(self) -> None:
        """Nothing to get ready."""

    def noticed(self, message: Json) -> None:
        """Nothing to notice."""

    async def answer(self, turn: Json, text: str) -> float:
        """Send it."""
        done = time.monotonic()
        await self._candidate.post(f"/candidate/interview/turns/{turn['turn_id']}/answer", {"text": text})
        return done

    async def close(self) -> None:
        """Nothing to close."""


class Demo:
    """Holds the interview. `recruiter` is signed in; `candidate` is a fresh client without anything. In practice mode
    the candidate consents to expressions too. `questions` shortens the interview."""

    def __init__(
        self,
        recruiter: ApiClient,
        candidate: ApiClient,
        listener: Listener,
        mouth: Mouth | None = None,
        mode: Mode = "hiring",
        questions: int | None = None,
    ) -> None:
        self._recruiter = recruiter
        self._candidate = candidate
        self._listener = listener
        self._mouth = mouth or Typing(candidate)
        self._mode = mode
        self._questions = questions
        self._asked_at = 0.0

    async def hold(self, language: Language, persona: Persona) -> Held:
        """From the position to the report."""
        started = time.monotonic()
        timings = Timings()
        self._listener.state("the recruiter defines the position and its rubrics")
        position = load_position(language)
        if self._questions is not None:
            position = position.of_at_most(self._questions)
        position_id = await publish_position(self._recruiter, position, self._mode)
        self._listener.state("the recruiter invites the candidate")
        interview_id, token = await self._invite(position_id, persona)
        self._listener.state("the candidate opens the link, consents and sends a résumé")
        sequence = await self._enter(token, language)
        try:
            await self._mouth.open()
            await self._answer_all(interview_id, sequence, persona, timings)
        except* VivaError as failed:  # an answer's task and what waits for it fail together: say the first
            raise _first(failed) from None
        finally:
            await self._mouth.close()
        raw = await self._recruiter.download(f"/interviews/{interview_id}/report", format="json", view="recruiter")
        report = json_format.Parse(raw, interview_pb2.Report(), ignore_unknown_fields=True)
        timings.total = time.monotonic() - started
        return Held(interview_id, report, timings)

    async def _invite(self, position_id: str, persona: Persona) -> tuple[str, str]:
        made = await self._recruiter.post(
            f"/positions/{position_id}/invitations",
            {
                "invitations": [{"candidate": {"name": persona.candidate, "email": "candidate@example.com"}}],
                "valid_for_seconds": _INVITATION_SECONDS,
            },
        )
        invitation = made["items"][0]
        return invitation["interview_id"], invitation["token"]

    async def _enter(self, token: str, language: Language) -> int:
        """Open the link, consent, send the résumé, be ready; returns the sequence to listen from."""
        await self._candidate.post("/candidate/session", {"token": token})
        answers = {"record": False, "transcribe": True, "ai_scoring": True}
        if self._mode == "practice":
            answers["expressions"] = True
        consents = [
            {"purpose": purpose, "granted": granted, "text_version": _CONSENT_TEXT}
            for purpose, granted in answers.items()
        ]
        await self._candidate.post("/candidate/interview/consents", {"consents": consents})
        resume = load_resume(language)
        await self._candidate.upload("/candidate/interview/resume", resume.file_name, resume.media_type, resume.content)
        interview = await self._candidate.post("/candidate/interview/ready")
        sequence: int = interview["sequence"]
        return sequence

    async def _answer_all(self, interview_id: str, sequence: int, persona: Persona, timings: Timings) -> None:
        self._asked_at = time.monotonic()
        answered: set[str] = set()
        async with asyncio.TaskGroup() as tasks, aclosing(self._candidate.live(interview_id, sequence)) as messages:
            await self._candidate.post("/candidate/interview/start")
            async for message in messages:
                self._mouth.noticed(message)
                kind, told = message["type"], message["data"]
                if kind == "question_delta":
                    self._listener.delta(told["text"])
                    continue
                interview = told.get("interview") if isinstance(told, dict) else None
                if interview is None:
                    continue
                if interview["state"] in ("reported", "decided"):
                    timings.to_report = time.monotonic() - self._asked_at
                    return
                if interview["state"] in ("expired", "abandoned", "erased"):
                    raise Permanent(f"the interview was {interview['state']}")
                turn = _open(interview)
                if turn is not None and turn["turn_id"] not in answered:
                    answered.add(turn["turn_id"])
                    waited = time.monotonic() - self._asked_at
                    if turn["number"] == 1:
                        timings.to_first_question = waited
                    else:
                        timings.waits.append(waited)
                    tasks.create_task(self._answer(turn, persona))
                elif turn is None and interview["progress"]["asking_finished"] and interview["state"] == "in_progress":
                    self._listener.state("the candidate is done; the last answers are scored")
                    await self._candidate.post("/candidate/interview/complete")

    async def _answer(self, turn: Json, persona: Persona) -> None:
        self._listener.question(turn)
        text = persona.answer(turn["question"]["text"], turn["competency"]["competency_id"], turn["number"])
        self._asked_at = await self._mouth.answer(turn, text)
        self._listener.answer(text)


def _first(group: BaseExceptionGroup[VivaError]) -> VivaError:
    """The first error in a tree of them."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _open(interview: Json) -> Json | None:
    turns: list[Json] = interview["turns"]
    return next((turn for turn in turns if (turn["answer"] or {}).get("state") == "open"), None)
