"""One NATS subscription an interview, shared by its sockets; one clock for all heartbeats.

A live message is decoded once and becomes JSON once, and is put into each socket's outbox without waiting.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import nats.errors
from viva_core.bus import Bus, LiveMessage
from viva_core.bus.subjects import live_subject
from viva_core.clock import Clock
from viva_core.errors import RateLimited
from viva_core.telemetry.logs import get_logger

from viva_gateway.domain.principal import Principal
from viva_gateway.edge.metrics import HttpMetrics
from viva_gateway.live import messages
from viva_gateway.live.outbox import Outbox, Why

_log = get_logger("viva.gateway.live")
_RECHECK = 30.0
_Address = tuple[UUID, UUID]
StillSignedIn = Callable[[set[Principal]], Coroutine[Any, Any, set[Principal]]]


class Member:
    """One socket, of an interview or, without one, of a board."""

    __slots__ = ("interview_id", "outbox", "principal")

    def __init__(self, principal: Principal, interview_id: UUID | None, backlog: int) -> None:
        self.principal = principal
        self.interview_id = interview_id
        self.outbox = Outbox(backlog)


class _Room:
    """The sockets of one interview and the subscription they share."""

    def __init__(self, address: _Address, bus: Bus, metrics: HttpMetrics, clock: Clock) -> None:
        self.members: set[Member] = set()
        self.listening = asyncio.Event()
        self._subject = live_subject(*address, ">")
        self._bus = bus
        self._metrics = metrics
        self._clock = clock
        self._task = asyncio.create_task(self._listen(), name="live room")

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                async with self._bus.subscribe_live(self._subject, messages.LIVE_TYPES) as live:
                    self.listening.set()
                    pause = 0.1
                    async for message in live:
                        self._relay(message)
            except (nats.errors.Error, OSError, TimeoutError):
                pass  # the bus is away; what is live meanwhile is lost without harm
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    def _relay(self, message: LiveMessage) -> None:
        kind = message.address.name
        if not messages.known_kind(kind):
            return
        outgoing = messages.of_live(message)
        candidate_only = messages.for_candidate_only(kind)
        for member in tuple(self.members):
            if member.principal.is_candidate or not candidate_only:
                member.outbox.offer(outgoing)
        age = (self._clock.now() - message.envelope.time).total_seconds()
        self._metrics.relay_seconds.observe(max(age, 0.0))

    async def end(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


class Hub:
    """All sockets of this process."""

    def __init__(
        self,
        bus: Bus,
        metrics: HttpMetrics,
        clock: Clock,
        still_signed_in: StillSignedIn,
        *,
        heartbeat: float,
        backlog: int,
        max_sockets: int,
        per_subject: int,
    ) -> None:
        self._bus = bus
        self._metrics = metrics
        self._clock = clock
        self._still_signed_in = still_signed_in
        self.heartbeat = heartbeat
        self._backlog = backlog
        self._max_sockets = max_sockets
        self._per_subject = per_subject
        self._rooms: dict[_Address, _Room] = {}
        self._members: set[Member] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._stopping = False

    def enter(self, principal: Principal, interview_id: UUID) -> Member:
        """Take a socket in; raises RateLimited when there are too many."""
        self._check_room()
        room = self._rooms.get((principal.tenant_id, interview_id))
        beside = room.members if room is not None else ()
        if sum(member.principal.subject_id == principal.subject_id for member in beside) >= self._per_subject:
            raise RateLimited("too many live connections to this interview: close a tab", reason="TOO_MANY_SOCKETS")
        if room is None:
            address = (principal.tenant_id, interview_id)
            room = self._rooms[address] = _Room(address, self._bus, self._metrics, self._clock)
        member = Member(principal, interview_id, self._backlog)
        room.members.add(member)
        self._members.add(member)
        self._count()
        return member

    def enter_board(self, principal: Principal) -> Member:
        """Take a socket in that follows many interviews, and nothing live; raises RateLimited when there are too
        many."""
        self._check_room()
        boards = (member for member in self._members if member.interview_id is None)
        if sum(member.principal.subject_id == principal.subject_id for member in boards) >= self._per_subject:
            raise RateLimited("too many live connections to the board: close a tab", reason="TOO_MANY_SOCKETS")
        member = Member(principal, None, self._backlog)
        self._members.add(member)
        self._count()
        return member

    def _check_room(self) -> None:
        if self._stopping:
            raise RateLimited("this server is going away: connect again", reason="RESTART")
        if len(self._members) >= self._max_sockets:
            raise RateLimited("this server holds as many live connections as it can", reason="TOO_MANY_SOCKETS")

    async def listening(self, member: Member, within: float = 2.0) -> None:
        """Return once nothing live can be missed any more, or the bus is away for longer than `within` seconds."""
        assert member.interview_id is not None, "a board hears nothing live"
        room = self._rooms[(member.principal.tenant_id, member.interview_id)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(room.listening.wait(), within)

    def leave(self, member: Member) -> None:
        """The socket is closed; the last one of an interview ends its subscription."""
        self._members.discard(member)
        if member.interview_id is None:
            self._count()
            return
        address = (member.principal.tenant_id, member.interview_id)
        room = self._rooms.get(address)
        if room is not None:
            room.members.discard(member)
            if not room.members:
                del self._rooms[address]
                task = asyncio.create_task(room.end(), name="live room ends")
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)
        self._count()

    def _count(self) -> None:
        self._metrics.sockets.set(len(self._members))
        self._metrics.watched.set(len(self._rooms))

    async def run(self) -> None:
        """Heartbeats, and a look at whether everybody is still signed in; until cancelled."""
        since_check = 0.0
        while True:
            await asyncio.sleep(self.heartbeat)
            beat = messages.build("heartbeat", {"at": self._clock.now()}, key="heartbeat")
            for member in tuple(self._members):
                member.outbox.offer(beat)
            since_check += self.heartbeat
            if since_check >= _RECHECK and self._members:
                since_check = 0.0
                await self.recheck()

    async def recheck(self) -> None:
        """Close the sockets of those who have signed out, run out or been disabled since."""
        try:
            good = await self._still_signed_in({member.principal for member in self._members})
        except Exception:
            _log.exception("could not look who is still signed in")
            return
        for member in tuple(self._members):
            if member.principal not in good:
                member.outbox.close(Why.SESSION_ENDED)

    async def stop(self) -> None:
        """Ask every client to come back (1012) and take no new ones."""
        self._stopping = True
        for member in tuple(self._members):
            member.outbox.close(Why.RESTART)

    async def drained(self) -> None:
        """Wait until the subscriptions of sockets that left have ended."""
        await asyncio.gather(*self._ending, *(room.end() for room in self._rooms.values()), return_exceptions=True)
