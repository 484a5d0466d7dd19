"""Follows an interview's changes for one socket."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from viva.session.v1 import session_pb2 as api
from viva_core.grpc import acting_as

from viva_gateway.edge.identity import actor_of
from viva_gateway.live import messages
from viva_gateway.live.following import LONGEST, Following
from viva_gateway.live.hub import Member

if TYPE_CHECKING:
    from viva.session.v1.session_pb2_grpc import SessionServiceAsyncStub


class Watch:
    """Puts each change into the member's outbox, once and in order, from a sequence on."""

    def __init__(self, session: "SessionServiceAsyncStub", member: Member, correlation_id: str) -> None:
        self._session = session
        self._member = member
        self._correlation_id = correlation_id
        self._following = Following(member, self._changes)
        self._last = 0

    async def start(self, after: int) -> None:
        """Tell what came after `after`; a watch that ran before ends."""
        await self.stop()
        self._last = after
        self._following.start()

    async def stop(self) -> None:
        """End it."""
        await self._following.stop()

    async def _changes(self) -> AsyncIterator[None]:
        request = api.WatchInterviewRequest(interview_id=str(self._member.interview_id), after_sequence=self._last)
        with acting_as(actor_of(self._member.principal), correlation_id=self._correlation_id):
            stream = self._session.WatchInterview(request, timeout=LONGEST)
            async for change in stream:
                if change.sequence > self._last:
                    self._last = change.sequence
                    self._member.outbox.offer(messages.of_change(change))
                    yield
