"""One interview on the line: its peer, its open answer, and the answers that are still being written down."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from uuid import UUID

from viva_core.clock import Clock
from viva_core.errors import Conflict, VivaError
from viva_core.ids import uuid7
from viva_core.media_grant import MediaGrant
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.herald import Herald
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.adapters.spool import Spool
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Answer, Hearing
from viva_media.application.answers import Answers
from viva_media.application.line import Line
from viva_media.application.recorder import Erased, Recorder
from viva_media.domain.activity import Phase
from viva_media.domain.audio import Pcm, silence
from viva_media.domain.peer import PeerState, Reason, Writing
from viva_media.domain.quality import Quality
from viva_media.domain.recording import Standing

_log = get_logger("viva.media.room")


class Room:
    """Changes come one at a time: whoever changes the peer or the answer holds `lock`."""

    def __init__(
        self,
        tenant_id: UUID,
        interview_id: UUID,
        *,
        herald: Herald,
        hearing: Hearing,
        spools: Spools,
        peers: PeerSettings,
        recorder: Recorder,
        clock: Clock,
        on_change: Callable[["Room"], None],
    ) -> None:
        self.tenant_id = tenant_id
        self.interview_id = interview_id
        self.lock = asyncio.Lock()
        self.peer_id: UUID | None = None
        self.state = PeerState.CLOSED
        self.since: datetime = clock.now()
        self.empty_since = clock.monotonic()
        self._herald = herald
        self._answers = Answers(
            tenant_id,
            interview_id,
            herald=herald,
            hearing=hearing,
            spools=spools,
            clock=clock,
            on_settled=lambda: on_change(self),
            on_writing=lambda: self._run(self._status(self.state, Reason.NONE)),
        )
        self._line = Line(herald)
        self._settings = peers
        self._recorder = recorder
        self._clock = clock
        self._on_change = on_change
        self._peer: Peer | None = None
        self._grant: MediaGrant | None = None
        self._language = ""
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def answer(self) -> Answer | None:
        """The one that is open."""
        return self._answers.open

    @property
    def idle(self) -> bool:
        """Nobody is connected and nothing is owed."""
        return self._peer is None and self._answers.idle

    @property
    def has_peer(self) -> bool:
        """Whether somebody is on the line, or about to be."""
        return self._peer is not None

    @property
    def owes_nothing(self) -> bool:
        """Whether no speech waits to be written down."""
        return self._answers.owe_nothing

    def abandoned(self, now: float, lingers: float) -> bool:
        """Whether the open answer's peer has been gone for long."""
        return self._peer is None and self.answer is not None and now - self.empty_since > lingers

    @property
    def quality(self) -> Quality:
        """The line of the open answer, or of the peer between answers."""
        return self._line.quality(self.answer)

    async def offer(self, grant: MediaGrant, sdp: str, language: str, peer_id: UUID | None) -> tuple[UUID, str]:
        """Answer an offer. The peer of before is taken over and told so, unless the offer goes on with it
        (`peer_id`)."""
        async with self.lock:
            goes_on = peer_id is not None and peer_id == self.peer_id and self._peer is not None
            fresh = Peer(
                self._settings,
                video=grant.sees,
                on_sound=self._hear,
                on_hole=self._miss,
                on_frame=self._see,
                on_state=self._peer_state,
            )
            try:
                answer = await fresh.answer(sdp)
                await self._leave(None if goes_on else Reason.TAKEN_OVER)
            except BaseException:
                await fresh.close()
                raise
            if self._grant is not None and self._grant.record and not grant.record:
                self._run(self._if_the_store_is_there(self._recorder.erase()))
            self._grant, self._language = grant, language
            self._peer = fresh
            self.peer_id = peer_id if goes_on and peer_id is not None else uuid7()
            self._line.connected()
            self._changed(PeerState.CONNECTING, Reason.NONE)
            return self.peer_id, answer

    async def close_peer(self, peer_id: UUID, reason: Reason = Reason.CLOSED_BY_PAGE) -> None:
        """Hang up, if it is still this peer's room."""
        async with self.lock:
            if peer_id == self.peer_id:
                await self._leave(reason)

    async def regrant(self, grant: MediaGrant) -> None:
        """A newer grant: what it does not allow any more ends now."""
        before = self._grant
        await self._narrow(grant)
        if not grant.transcribe:
            await self._if_the_store_is_there(self.erase())
        elif not grant.record and (before is None or before.record):
            self._run(self._if_the_store_is_there(self._recorder.erase()))

    async def _narrow(self, grant: MediaGrant) -> None:
        before, self._grant = self._grant, grant
        revoked = before is not None and (not grant.transcribe or (before.sees and not grant.sees))
        if revoked and self.peer_id is not None:
            await self.close_peer(self.peer_id, Reason.CONSENT_REVOKED)

    async def _if_the_store_is_there(self, erasure: Coroutine[None, None, object]) -> None:
        """A store that is away must not keep anybody from speaking: the worker, whom the ledger tells, tries again."""
        try:
            await erasure
        except VivaError as error:
            _log.warning("a recording could not be destroyed yet", reason=error.reason)

    async def withdraw(self, standing: Standing) -> None:
        """What the ledger does not allow any more ends now, whatever a grant said. Raises Transient when the store of
        recordings is away: call it again."""
        grant = self._grant
        if grant is not None:
            await self._narrow(standing.narrow(grant))
        if not standing.transcribe:
            await self.erase()
        elif not standing.record:
            await self._recorder.erase()

    async def set_answer(self, turn_id: str, phase: Phase, patience: float | None) -> Answer | None:
        """Open the answer of a turn, or change its phase; the answer of another turn is closed and written down
        late."""
        async with self.lock:
            answer = self._answers.find(turn_id)
            if answer is None:
                if phase is Phase.DONE:
                    return None
                await self._close_answer()
                assert self._grant is not None
                answer = self._answers.begin(turn_id, self._language, self._grant)
            if phase is Phase.DONE:
                if answer is self.answer:
                    await self._close_answer(said_done=True)
                else:
                    await answer.enter(Phase.DONE)  # the call that ended it may have been cut off
            elif answer is self.answer:
                await answer.enter(phase, patience)
            else:
                raise Conflict("this answer is closed already", reason="ANSWER_CLOSED")
            return answer

    async def recover(self, spool: Spool) -> None:
        """Go on with an answer that a crashed process left open."""
        async with self.lock:
            await self._close_answer()
            await self._answers.recover(spool)

    async def measure(self) -> None:
        """Ask the line how it is."""
        if self._peer is not None:
            delta = await self._line.measure(self._peer)
            if self.answer is not None:
                self.answer.meter.network = self.answer.meter.network.plus(delta)

    async def erase(self) -> Erased:
        """Destroy all sound of the interview and forget its answers."""
        async with self.lock:
            spooled = await self._answers.erase()
            self._on_change(self)
            return Erased(await self._recorder.erase(), spooled)

    async def finish_open(self) -> None:
        """Nobody will come back: the open answer is written down as far as it goes."""
        async with self.lock:
            await self._close_answer()

    async def aclose(self, reason: Reason) -> None:
        """Hang up and stop; what is owed stays in the spool."""
        async with self.lock:
            await self._leave(reason)
            await self._answers.aclose()
            await self._recorder.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._herald.aclose(2.0)

    def tell(self, reason: Reason) -> None:
        """Tell the page, without hanging up."""
        self._run(self._status(self.state, reason))

    async def _close_answer(self, *, said_done: bool = False) -> None:
        if self.answer is not None:
            await self._answers.close(said_done=said_done)
            self._recorder.finish()

    async def _leave(self, reason: Reason | None) -> None:
        """Hang up the peer of now. `reason` None: another connection of the same peer follows."""
        peer, self._peer = self._peer, None
        if peer is None:
            return
        if self.answer is not None:
            await self.answer.away()
        if reason is not None:
            self._changed(PeerState.CLOSED, reason)
        await peer.close()

    def _peer_state(self, peer: Peer, state: PeerState) -> None:
        if peer is not self._peer:
            return
        if state is PeerState.CLOSED:
            self._run(self._lost(peer))
        else:
            self._changed(state, Reason.LOST if state is PeerState.DISCONNECTED else Reason.NONE)
            if state is PeerState.DISCONNECTED and self.answer is not None:
                self._run(self.answer.away())

    async def _lost(self, peer: Peer) -> None:
        async with self.lock:
            if peer is self._peer:
                await self._leave(Reason.LOST)

    def _changed(self, state: PeerState, reason: Reason) -> None:
        self.state, self.since = state, self._clock.now()
        if state is PeerState.CLOSED:
            self.empty_since = self._clock.monotonic()
        self._herald.peer_changed(str(self.peer_id), state, reason)
        self._run(self._status(state, reason))
        self._on_change(self)

    async def _status(self, state: PeerState, reason: Reason) -> None:
        if self.peer_id is None:
            return
        answer = self.answer
        writing, why = (answer.writing, answer.writing_reason) if answer is not None else (Writing.LIVE, "")
        turn_id = answer.turn_id if answer is not None else ""
        await self._herald.status(str(self.peer_id), turn_id, state, reason, writing, why)

    async def _hear(self, pcm: Pcm) -> None:
        answer = self.answer
        if answer is not None:
            await answer.hear(pcm)
            self._record(answer, pcm)
        await self._line.heard(pcm, answer, self.peer_id)

    async def _miss(self, length: int) -> None:
        answer = self.answer
        if answer is not None:
            end = answer.end
            await answer.miss(length)
            if answer.end == end + length:
                self._record(answer, silence(length))

    def _record(self, answer: Answer, pcm: Pcm) -> None:
        if answer is self.answer and self._grant is not None and self._grant.record:
            self._recorder.hear(answer.turn_id, answer.end, pcm)

    async def _see(self, jpeg: bytes) -> None:
        """During an answer alone: of the check before the interview nothing is kept, and the page says so."""
        answer = self.answer
        if answer is not None and self._grant is not None and self._grant.sees:
            await self._herald.frame(answer.turn_id, jpeg)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
