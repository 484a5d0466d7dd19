"""Streams an interview's changes: first those after the given sequence, then those to come."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2
from viva.question.v1 import question_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.bus import subjects
from viva_core.db import reading

from viva_session.adapters.interviews import Stored
from viva_session.adapters.translate import interviews as translate
from viva_session.adapters.watch import Watch, woken
from viva_session.application.interviews import Interviews
from viva_session.domain.access import Action, Actor, Kind
from viva_session.domain.interview import State
from viva_session.domain.review import is_sealed
from viva_session.grpc_api.actors import acting

_BATCH = 100
_HIDDEN_FROM_CANDIDATES = frozenset({"viva.event.v1.AnswerScored", "viva.event.v1.ReviewSubmitted"})


class WatchApi:
    """The part of SessionService that tells what happens. It holds one batch in memory, however slow the reader."""

    def __init__(self, interviews: Interviews, watch: Watch) -> None:
        self._interviews = interviews
        self._watch = watch

    async def WatchInterview(
        self, request: pb.WatchInterviewRequest, context: Any
    ) -> AsyncIterator[pb.WatchInterviewResponse]:
        """Ends when the interview is erased, or the caller leaves."""
        actor, interview_id = acting(), UUID(request.interview_id)
        after = request.after_sequence
        with self._watch.interested(interview_id) as wake:
            while True:
                wake.clear()
                changes, stored = await self._news(actor, interview_id, after)
                for sequence, response in changes:
                    after = sequence
                    if response is not None:
                        yield response
                if stored.interview.state is State.ERASED and after >= stored.sequence:
                    return
                if not changes:
                    await self._something_new(wake, interview_id, stored.sequence)

    async def _something_new(self, wake: asyncio.Event, interview_id: UUID, sequence: int) -> None:
        """Wait until the interview is beyond a sequence, or may be."""
        while not await woken(wake):
            async with reading(self._interviews.sessions) as session:
                if await self._interviews.store.sequence(session, interview_id) != sequence:
                    return

    async def _news(
        self, actor: Actor, interview_id: UUID, after: int
    ) -> tuple[list[tuple[int, pb.WatchInterviewResponse | None]], Stored]:
        """What happened after a sequence, with the interview as it stands on the newest change."""
        async with reading(self._interviews.sessions) as session:
            stored = await self._interviews.find(session, actor, Action.INTERVIEW_READ, interview_id)
            rows = await self._interviews.store.changes(session, interview_id, after, _BATCH)
        # The log may have grown since the interview was read: what is newer waits for the picture that belongs to it.
        rows = [row for row in rows if row[0] <= stored.sequence]
        news: list[tuple[int, pb.WatchInterviewResponse | None]] = []
        newest = rows[-1][0] if rows else after
        reviewers = [review.reviewer_id for review in stored.interview.reviews]
        sealed = is_sealed(reviewers, translate.reader_of(actor))
        for sequence, at, kind, payload in rows:
            if actor.kind is Kind.CANDIDATE and kind in _HIDDEN_FROM_CANDIDATES:
                news.append((sequence, None))
                continue
            response = pb.WatchInterviewResponse(sequence=sequence, occurred_at=wellknown.stamp(at))
            _attach(response, kind, payload, candidate=actor.kind is Kind.CANDIDATE)
            if response.HasField("review_submitted") and sealed:
                response.review_submitted.decision = common.REVIEW_DECISION_UNSPECIFIED
            news.append((sequence, response))
        shown = [response for _, response in news if response is not None]
        if shown and newest == stored.sequence:
            self._picture(actor, stored, shown[-1])
        return news, stored

    def _picture(self, actor: Actor, stored: Stored, response: pb.WatchInterviewResponse) -> None:
        now = self._interviews.clock.now()
        response.interview.CopyFrom(
            translate.interview_message(stored.interview, stored.sequence, stored.tenant_name, now, reader=actor.kind)
        )


def _attach(response: pb.WatchInterviewResponse, kind: str, payload: bytes, *, candidate: bool) -> None:
    """Put the event into its field. After an erasure the payload is empty, and only the kind of event remains."""
    message_type: type[Message] = getattr(events_pb2, kind.rpartition(".")[2])
    field = subjects.event_name(message_type.DESCRIPTOR).replace("-", "_")
    message = message_type.FromString(payload)
    if candidate and isinstance(message, events_pb2.QuestionAsked):
        full = message.question
        message.question.CopyFrom(question_pb2.GeneratedQuestion(text=full.text, source=full.source))
    getattr(response, field).CopyFrom(message)
