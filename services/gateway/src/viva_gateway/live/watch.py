"""Follows an interview's changes for one socket, across restarts of the session service."""

import asyncio
import random
from typing import TYPE_CHECKING

from viva.session.v1 import session_pb2 as api
from viva_core.errors import Denied, Expired, NotFound, Transient, Unauthenticated
from viva_core.grpc import acting_as
from viva_core.telemetry.logs import get_logger

from viva_gateway.edge.identity import actor_of
from viva_gateway.live import messages
from viva_gateway.live.hub import Member
from viva_gateway.live.outbox import Why

if TYPE_CHECKING:
    from viva.session.v1.session_pb2_grpc import SessionServiceAsyncStub

_log = get_logger("viva.gateway.live")
_LONGEST = 3600.0
_WORTH_TELLING = 3  # one failure is a server that restarts
_PAUSES = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Watch:
    """Puts each change into the member's outbox, once and in order, from a sequence on."""

    def __init__(self, session: "SessionServiceAsyncStub", member: Member, correlation_id: str) -> None:
        self._session = session
        self._member = member
        self._correlation_id = correlation_id
        self._task: asyncio.Task[None] | None = None
        self._last = 0

    async def start(self, after: int) -> None:
        """Tell what came after `after`; a watch that ran before ends."""
        await self.stop()
        self._task = asyncio.create_task(self._follow(after), name="live watch")

    async def stop(self) -> None:
        """End it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self, after: int) -> None:
        self._last = after
        failures = 0
        while True:
            before = self._last
            try:
                await self._once()
                # The server ended the stream in good order: it is going away, or nothing can happen any more.
                failures += 1
            except Expired:
                failures = 0  # an hour is over
            except Transient:
                failures += 1
            except (NotFound, Denied, Unauthenticated):
                self._member.outbox.close(Why.GONE)
                return
            except Exception as error:
                _log.error("a watch failed on a fault of ours", exc_info=error)
                failures += 1
            if self._last > before:
                failures = min(failures, 1)
            if failures == _WORTH_TELLING:
                self._member.outbox.offer(messages.build("status", {"connected": False}, key="status"))
            pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads load, guards nothing

    async def _once(self) -> None:
        request = api.WatchInterviewRequest(interview_id=str(self._member.interview_id), after_sequence=self._last)
        with acting_as(actor_of(self._member.principal), correlation_id=self._correlation_id):
            stream = self._session.WatchInterview(request, timeout=_LONGEST)
            async for change in stream:
                if change.sequence > self._last:
                    self._last = change.sequence
                    self._member.outbox.offer(messages.of_change(change))
