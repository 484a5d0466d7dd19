"""An interview whose candidate speaks, before the real session and bus: media is played, the evaluator may be."""

from typing import Any
from uuid import UUID

from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.bus import subjects
from viva_core.bus.topology import EVENTS
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_core.wellknown import seconds

from viva_testkit import steps
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.session import Service
from viva_testkit.workers import now


class Speaker:
    """Media, as far as the session hears of it."""

    def __init__(self, bus: BusProbe, service: Service, interview_id: str, turn_id: str) -> None:
        self._bus = bus
        self._head = {"tenant_id": str(service.tenant), "interview_id": interview_id, "turn_id": turn_id}

    async def final(self, text: str, start: float, *, confidence: float = 0.9) -> None:
        words = [
            common.SpokenWord(text=word, start=seconds(start + n), end=seconds(start + n + 0.5), confidence=confidence)
            for n, word in enumerate(text.split())
        ]
        await self._say(
            events.TranscriptFinal(
                **self._head,
                occurred_at=now(),
                utterance_id=str(UUID(int=int(start) + 1)),
                words=words,
                model=common.ModelRef(id="moonshine-tiny", engine="onnx"),
            )
        )

    async def gap(self, start: float, end: float) -> None:
        await self._say(
            events.TranscriptGap(
                **self._head, occurred_at=now(), start=seconds(start), end=seconds(end), reason="ENGINE_AWAY"
            )
        )

    async def line(self, **quality: Any) -> None:
        measured = media.LineQuality(**quality)
        await self._say(events.LineQualityMeasured(**self._head, occurred_at=now(), quality=measured))

    async def silence(self) -> None:
        await self._say(events.UtteranceEnded(**self._head, occurred_at=now(), silence=seconds(3)))

    async def taken_in(self) -> None:
        """Return when the session has handled all that was said: it takes four events at a time, in any order."""
        await self._bus.handled(EVENTS.name, "session")

    async def _say(self, event: Any) -> None:
        name = subjects.event_name(event.DESCRIPTOR)
        subject = subjects.event_subject(event.tenant_id, event.interview_id, name)
        await self._bus.bus.publish(subject, event, event_id=uuid7())


class Room:
    """An interview whose first question was asked."""

    def __init__(self, service: Service, candidate: common.Actor, speaker: Speaker, turn_id: str) -> None:
        self.service, self.candidate, self.speaker, self.turn_id = service, candidate, speaker, turn_id

    async def answer(self) -> interview_pb2.Answer:
        interview = await steps.seen(self.service.stub, self.service.staff(), self.candidate.interview_id)
        return next(turn for turn in interview.turns if turn.turn_id == self.turn_id).answer

    async def until(self, **wanted: Any) -> interview_pb2.Answer:
        """The answer, once these fields hold these values."""
        found: list[interview_pb2.Answer] = []

        async def as_wanted() -> bool:
            found[:] = [await self.answer()]
            return all(getattr(found[0], name) == value for name, value in wanted.items())

        await eventually(as_wanted)
        return found[0]

    async def report(self) -> interview_pb2.Report:
        """As a recruiter reads it; waits until there is one."""
        found: list[interview_pb2.Report] = []

        async def there() -> bool:
            interview = await steps.seen(self.service.stub, self.service.staff(), self.candidate.interview_id)
            if interview.state != interview_pb2.INTERVIEW_STATE_REPORTED:
                return False
            request = pb.GetReportRequest(
                interview_id=self.candidate.interview_id, view=interview_pb2.REPORT_VIEW_RECRUITER
            )
            with acting_as(self.service.staff()):
                found[:] = [(await self.service.stub.GetReport(request)).report]
            return True

        await eventually(there)
        return found[0]

    async def reasons(self) -> set[int]:
        """Why the criteria of the answer are unscored."""
        interview = await steps.seen(self.service.stub, self.service.staff(), self.candidate.interview_id)
        turn = next(turn for turn in interview.turns if turn.turn_id == self.turn_id)
        return {score.unscored_reason for score in turn.evaluation.scores}

    async def correct(self, text: str, *, revision: int) -> None:
        with acting_as(self.candidate):
            await self.service.stub.ReviseTranscript(
                pb.ReviseTranscriptRequest(
                    interview_id=self.candidate.interview_id,
                    turn_id=self.turn_id,
                    text=text,
                    expected_revision=revision,
                )
            )

    async def done(self) -> None:
        with acting_as(self.candidate):
            await self.service.stub.SubmitAnswer(
                pb.SubmitAnswerRequest(
                    interview_id=self.candidate.interview_id,
                    turn_id=self.turn_id,
                    modality=common.ANSWER_MODALITY_VOICE,
                )
            )


async def entered(service: Service, buses: BusFactory, *, score: bool = True, **position: Any) -> Room:
    """`score`: by the workers that play the evaluator; `position` are fields of the position."""
    await service.workers.start(score=score)
    candidate = await steps.in_progress(service.stub, service.staff(), **position)
    turn = await steps.open_turn(service.stub, candidate)
    speaker = Speaker(await buses.connect("admin"), service, candidate.interview_id, turn.turn_id)
    return Room(service, candidate, speaker, turn.turn_id)


def words(answer: interview_pb2.Answer) -> str:
    return " ".join(word.text for word in answer.words)
