"""All interviews of this process: who may enter, how many, and how everybody leaves in good order."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from viva_core.clock import Clock
from viva_core.errors import Denied, Exhausted, NotFound, RateLimited, Refused, Transient
from viva_core.media_grant import MediaGrant, unseal
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.herald import Herald
from viva_media.adapters.peer import PeerSettings
from viva_media.adapters.spool_log import Damaged
from viva_media.adapters.spools import Spools
from viva_media.application.answer import Answer, Hearing
from viva_media.application.recorder import Archive, Erased, Recorder
from viva_media.application.room import Room
from viva_media.domain import offer as offers
from viva_media.domain.activity import Phase
from viva_media.domain.peer import Reason
from viva_media.domain.rate import Bucket
from viva_media.domain.recording import Standing
from viva_media.metrics import MediaMetrics

_log = get_logger("viva.media.rooms")


@dataclass(frozen=True)
class House:
    """The rules. Times in seconds."""

    token_key: bytes
    most_peers: int = 60
    offers_at_once: int = 6
    offer_every: float = 2.0
    lingers: float = 120.0
    """So long an answer stays open for a peer that vanished."""
    tick: float = 2.0


@dataclass(frozen=True)
class Opened:
    """What comes of an offer."""

    peer_id: UUID
    sdp: str


class Rooms:
    """Build it once; `start`, `run`, `stop`."""

    def __init__(
        self,
        house: House,
        *,
        herald: Callable[[str, str], Herald],
        hearing: Hearing,
        spools: Spools,
        peers: PeerSettings,
        clock: Clock,
        metrics: MediaMetrics,
        archive: Archive | None = None,
    ) -> None:
        self._house = house
        self._herald = herald
        self._hearing = hearing
        self._spools = spools
        self._peers = peers
        self._clock = clock
        self._metrics = metrics
        self._archive = archive
        self._rooms: dict[UUID, Room] = {}
        self._offers: dict[UUID, Bucket] = {}
        self._opening: list[UUID] = []
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Go on with what a process before this one left in the spool."""
        for path in self._spools.left():
            try:
                spool = self._spools.open(path)
            except Damaged as error:
                self._metrics.spool_damaged.inc()
                _log.error("a spool file cannot be read and is left where it is", reason=error.reason)
                continue
            belonging = spool.belonging
            room = self._room(UUID(belonging.tenant_id), UUID(belonging.interview_id))
            await room.recover(spool)
            self._metrics.recovered.inc()

    async def run(self) -> None:
        """Look after the rooms until cancelled."""
        while True:
            await asyncio.sleep(self._house.tick)
            now = self._clock.monotonic()
            for room in list(self._rooms.values()):
                await self._measure(room)
                if room.abandoned(now, self._house.lingers):
                    await room.finish_open()
                if room.idle and now - room.empty_since > self._house.lingers:
                    await room.aclose(Reason.LOST)
                    self._rooms.pop(room.interview_id, None)
            for interview in [key for key, bucket in self._offers.items() if now - bucket.at > 300]:
                del self._offers[interview]

    async def _measure(self, room: Room) -> None:
        try:
            await room.measure()
        except (OSError, RuntimeError, AttributeError) as error:  # a connection that closes at this moment
            _log.debug("a line could not be measured", reason=type(error).__name__)

    async def stop(self, grace: float) -> None:
        """Take no new peers, tell the pages, let answers that are open end within the grace, then hand everybody
        over."""
        self._draining = True
        for room in self._rooms.values():
            if not room.idle:
                room.tell(Reason.DRAINING)
        try:
            async with asyncio.timeout(max(grace - 3.0, 0.0)):
                await self._until(lambda room: room.answer is None or not room.has_peer)
                await self._until(lambda room: room.owes_nothing)
        except TimeoutError:
            pass
        await asyncio.gather(*(room.aclose(Reason.DRAINING) for room in self._rooms.values()), return_exceptions=True)
        self._rooms.clear()

    def grant(self, token: str, tenant_id: str, interview_id: UUID) -> MediaGrant:
        """The grant of a token, if it is this tenant's and this interview's. Raises Denied or Refused."""
        grant = unseal(token, self._house.token_key, self._clock.now())
        if grant.interview_id != interview_id or str(grant.tenant_id) != tenant_id:
            raise Denied("this token is another interview's", reason="TOKEN_FOREIGN")
        return grant

    async def open(
        self, grant: MediaGrant, sdp: str, language: str, peer_id: UUID | None, *, offers_video: bool
    ) -> Opened:
        """Answer an offer. Raises Refused, Invalid, Exhausted, Transient."""
        if self._draining:
            raise Transient("this server is closing: offer again", reason="DRAINING", retry_after=timedelta(seconds=1))
        if not grant.transcribe:
            raise Refused("nothing may be written down without the consent to it", reason="CONSENT_MISSING")
        if grant.mode == "hiring" and offers_video:
            raise Refused("no pictures are taken in a hiring interview", reason="VIDEO_REFUSED")
        self._check_rate(grant.interview_id)
        offers.check(sdp)
        self._check_language(language)
        self._check_room(grant.interview_id)
        room = self._room(grant.tenant_id, grant.interview_id)
        self._opening.append(grant.interview_id)
        try:
            opened, answer = await room.offer(grant, sdp, language, peer_id)
        finally:
            self._opening.remove(grant.interview_id)
        self._metrics.peers_opened.inc()
        return Opened(opened, answer)

    async def close(self, tenant_id: str, interview_id: UUID, peer_id: UUID) -> None:
        """Hang up; no error when it is over already."""
        room = self._rooms.get(interview_id)
        if room is not None and str(room.tenant_id) == tenant_id:
            await room.close_peer(peer_id)

    def get(self, tenant_id: str, interview_id: UUID) -> Room:
        """The room of an interview. Raises NotFound."""
        room = self._rooms.get(interview_id)
        if room is None or str(room.tenant_id) != tenant_id:
            raise NotFound("nobody is on the line for this interview", reason="PEER_NOT_FOUND")
        return room

    async def set_answer(
        self,
        tenant_id: str,
        interview_id: UUID,
        turn_id: str,
        phase: Phase,
        patience: float | None,
        grant: MediaGrant | None,
    ) -> tuple[Room, Answer | None]:
        """Open an answer or change its phase. Raises NotFound without a room, Conflict for an answer that is closed."""
        room = self.get(tenant_id, interview_id)
        if grant is not None:
            await room.regrant(grant)
            if not grant.transcribe:
                raise Refused("nothing may be written down without the consent to it", reason="CONSENT_MISSING")
        return room, await room.set_answer(turn_id, phase, patience)

    async def erase(self, tenant_id: str, interview_id: UUID) -> Erased:
        """Hang up and destroy all sound of an interview, recorded or waiting. Raises Transient; may be called again."""
        room = self._rooms.get(interview_id)
        if room is not None and str(room.tenant_id) == tenant_id:
            if room.peer_id is not None:
                await room.close_peer(room.peer_id, Reason.CONSENT_REVOKED)
            return await room.erase()
        spooled = self._spools.erase(str(interview_id))
        return Erased(await self._recorder(UUID(tenant_id), interview_id).erase(), spooled)

    async def withdraw(self, tenant_id: str, interview_id: UUID, standing: Standing) -> None:
        """The ledger changed: stop and destroy what may not be kept any more. Raises Transient."""
        if not standing.transcribe:
            await self.erase(tenant_id, interview_id)
            return
        room = self._rooms.get(interview_id)
        if room is not None and str(room.tenant_id) == tenant_id:
            await room.withdraw(standing)
        elif not standing.record:
            await self._recorder(UUID(tenant_id), interview_id).erase()

    def _recorder(self, tenant_id: UUID, interview_id: UUID) -> Recorder:
        return Recorder(self._archive, str(tenant_id), str(interview_id))

    async def _until(self, condition: Callable[[Room], bool]) -> None:
        while not all(condition(room) for room in self._rooms.values()):
            self._idle.clear()
            await self._idle.wait()

    def _changed(self, _: Room) -> None:
        self._idle.set()
        self._metrics.peers.set(self._connected())

    def _connected(self) -> int:
        return sum(room.has_peer for room in self._rooms.values())

    def _room(self, tenant_id: UUID, interview_id: UUID) -> Room:
        room = self._rooms.get(interview_id)
        if room is None:
            room = self._rooms[interview_id] = Room(
                tenant_id,
                interview_id,
                herald=self._herald(str(tenant_id), str(interview_id)),
                hearing=self._hearing,
                spools=self._spools,
                peers=self._peers,
                recorder=self._recorder(tenant_id, interview_id),
                clock=self._clock,
                on_change=self._changed,
            )
        return room

    def _check_rate(self, interview_id: UUID) -> None:
        bucket = self._offers.setdefault(interview_id, Bucket(self._house.offers_at_once, self._house.offer_every))
        if wait := bucket.take(self._clock.monotonic()):
            self._metrics.offers_refused.labels("rate").inc()
            raise RateLimited("too many offers for this interview", retry_after=timedelta(seconds=wait))

    def _check_room(self, interview_id: UUID) -> None:
        """Whoever is on the line may offer again; of the others there are no more than the house holds, those whose
        offer is being answered counted."""
        taken = {room.interview_id for room in self._rooms.values() if room.has_peer} | {*self._opening}
        if interview_id not in taken and len(taken) >= self._house.most_peers:
            self._metrics.offers_refused.labels("full").inc()
            raise Exhausted("this server holds no more interviews", retry_after=timedelta(seconds=2))

    def _check_language(self, language: str) -> None:
        if not any(language in engine.model.languages for engine in self._hearing.engines):
            self._metrics.offers_refused.labels("language").inc()
            raise Refused(
                "no speech engine here understands this language: type the answers, or configure Deepgram "
                "(VIVA_SPEECH_ENGINE=deepgram)",
                reason="LANGUAGE_NOT_SPOKEN",
            )
