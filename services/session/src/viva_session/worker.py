"""The bus edge: what the workers say takes effect in the interview, once.

A worker that was at it while a person was erased speaks up after the streams were purged, and may quote that person.
Such a message goes too, or the erasure's receipt would be wrong.
"""

from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message
from viva.event.v1 import events_pb2 as pb
from viva_core.bus import Delivery
from viva_core.telemetry.logs import get_logger

from viva_session.adapters.translate import lines, values
from viva_session.application.erasure import Purge, SoundGone
from viva_session.application.interviews import Command, Interviews
from viva_session.domain.hearing import Hearing
from viva_session.domain.interview import Interview, Outcome, State
from viva_session.domain.rules import Rules

_log = get_logger("viva.worker")


class SessionWorker:
    """Handles the events that question_gen, evaluator, media and vision say. What only the log needs changes no
    state."""

    def __init__(
        self, interviews: Interviews, rules: Rules, hearing: Hearing, purge: Purge, sound_gone: SoundGone
    ) -> None:
        self._interviews = interviews
        self._rules = rules
        self._hearing = hearing
        self._purge = purge
        self._sound_gone = sound_gone

    async def handle(self, delivery: Delivery) -> None:
        """Take one event in. Raises Transient when the database or the bus is away."""
        tenant_id, interview_id = UUID(delivery.tenant_id), UUID(delivery.interview_id)
        if isinstance(delivery.message, pb.MediaErased):
            removed = {"objects": delivery.message.objects, "spooled_answers": delivery.message.spooled_answers}
            await self._sound_gone(tenant_id, interview_id, delivery.consumer, delivery.envelope.id, removed)
            return
        if isinstance(delivery.message, pb.ExpressionsSeen):
            await self._keep_or_remove(delivery, tenant_id, interview_id)
            return
        command = self._command(delivery.message)
        if command is not None and await self._interviews.by_worker(
            tenant_id, interview_id, delivery.consumer, delivery.envelope.id, command
        ):
            return
        # Asked after the inbox and not before: a redelivery gets here again when the purge failed.
        interview = await self._interviews.for_worker(tenant_id, interview_id)
        if interview is not None and interview.state is State.ERASED:
            # The subject is this kind of event of this interview: that it was erased stays in the stream.
            await self._purge(delivery.stream, delivery.subject)
            _log.info("an event came after the erasure and was removed", interview_id=delivery.interview_id)
        elif command is not None:
            _log.info(
                "an event had taken effect before, or its interview is gone",
                event_type=delivery.envelope.type,
                message_id=delivery.envelope.id,
                interview_id=delivery.interview_id,
            )

    async def _keep_or_remove(self, delivery: Delivery, tenant_id: UUID, interview_id: UUID) -> None:
        """What a face showed stays in the log, one event a frame, as long as the candidate consents; in hiring never.

        Vision asks the ledger before it says anything: this is for what it said while the ledger changed.
        """
        interview = await self._interviews.for_worker(tenant_id, interview_id)
        if interview is None or not interview.may_be_seen:
            await self._purge(delivery.stream, delivery.subject)
            _log.info("what may not be kept of a face was removed", interview_id=delivery.interview_id)

    def _command(self, message: Message) -> Command | None:
        match message:
            case pb.QuestionStarted():
                return self._question_started(message)
            case pb.QuestionGenerated():
                return self._question_generated(message)
            case pb.AnswerEvaluated():
                return self._answer_evaluated(message)
            case pb.TranscriptFinal():
                return self._transcript_final(message)
            case pb.TranscriptGap():
                return self._transcript_gap(message)
            case pb.LineQualityMeasured():
                return self._line_measured(message)
            case pb.UtteranceEnded():
                return lambda interview, now: self._hearing.fell_silent(interview, UUID(message.turn_id), now)
        return None

    def _question_started(self, event: pb.QuestionStarted) -> Command:
        def command(interview: Interview, _: datetime) -> Outcome:
            return self._rules.question_started(interview, UUID(event.turn_id), UUID(event.request_id))

        return command

    def _question_generated(self, event: pb.QuestionGenerated) -> Command:
        origin = values.origin_of(event.question)

        def command(interview: Interview, now: datetime) -> Outcome:
            turn_id, request_id = UUID(event.turn_id), UUID(event.request_id)
            return self._rules.question_generated(interview, turn_id, request_id, event.question.text, origin, now)

        return command

    def _transcript_final(self, event: pb.TranscriptFinal) -> Command:
        utterance = values.utterance_of(event)
        return lambda interview, now: self._hearing.heard(interview, UUID(event.turn_id), utterance, now)

    def _transcript_gap(self, event: pb.TranscriptGap) -> Command:
        gap = values.gap_of(event)
        return lambda interview, _: self._hearing.missed(interview, UUID(event.turn_id), gap)

    def _line_measured(self, event: pb.LineQualityMeasured) -> Command:
        line = lines.line_of(event.quality)
        return lambda interview, now: self._hearing.line_measured(interview, UUID(event.turn_id), line, now)

    def _answer_evaluated(self, event: pb.AnswerEvaluated) -> Command:
        evaluation = values.evaluation_of(event.evaluation)

        def command(interview: Interview, now: datetime) -> Outcome:
            return self._rules.answer_evaluated(interview, UUID(event.turn_id), evaluation, now)

        return command
