"""Calls a media service as a candidate's page does, and keeps what is said about the interview on the bus."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID, uuid4

from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva.media.v1 import media_pb2_grpc
from viva.vision.v1 import vision_pb2 as vision
from viva_core.bus import message_types, subjects
from viva_core.grpc import acting_as
from viva_core.media_grant import MediaGrant, seal

from viva_testkit.bus import BusProbe
from viva_testkit.grpc import TENANT, candidate

TOKEN_KEY = b"the token key of the tests"
MEDIA_SERVICE = "viva.media.v1.MediaService"


class Caller(Protocol):
    """A peer that offers, such as `viva_media.voice_peer.VoicePeer`."""

    async def offer(self) -> str: ...
    async def accept(self, sdp: str) -> None: ...
    async def connected(self, within: float = ...) -> None: ...


def hiring(interview: UUID) -> MediaGrant:
    """A grant as a hiring interview has it."""
    return MediaGrant(
        tenant_id=TENANT,
        interview_id=interview,
        mode="hiring",
        transcribe=True,
        record=False,
        expressions=False,
        patience=1.0,
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )


@dataclass
class Studio:
    """One candidate before a media service, and what was said about the interview."""

    stub: "media_pb2_grpc.MediaServiceAsyncStub"
    grant: MediaGrant = field(default_factory=lambda: hiring(uuid4()))
    live: list[Any] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    frames: list[Any] = field(default_factory=list)

    @property
    def interview(self) -> UUID:
        """The interview."""
        return self.grant.interview_id

    def token(self, **changes: Any) -> str:
        """A sealed grant."""
        return seal(replace(self.grant, **changes), TOKEN_KEY)

    async def open(self, sdp: str, **changes: Any) -> pb.OpenPeerResponse:
        """Call OpenPeer as the candidate."""
        fields: dict[str, Any] = {"token": self.token(), "language": common.LANGUAGE_EN}
        fields |= {"interview_id": str(self.interview)} | changes
        with acting_as(candidate(fields["interview_id"])):
            return await self.stub.OpenPeer(pb.OpenPeerRequest(sdp_offer=sdp, **fields), timeout=20)

    async def call(self, peer: Caller, **changes: Any) -> str:
        """Offer, connect, and give the peer's id."""
        opened = await self.open(await peer.offer(), **changes)
        await peer.accept(opened.sdp_answer)
        await peer.connected()
        return opened.peer_id

    async def answer(
        self, turn: UUID, phase: str, *, patience: float | None = None, within: float = 30, token: str = ""
    ) -> pb.SetAnswerResponse:
        """Call SetAnswer as the candidate."""
        request = pb.SetAnswerRequest(
            interview_id=str(self.interview),
            turn_id=str(turn),
            phase=pb.AnswerPhase.Value(f"ANSWER_PHASE_{phase}"),
            token=token,
        )
        if patience is not None:
            request.patience.CopyFrom(Duration(seconds=int(patience), nanos=round(patience % 1 * 1e9)))
        with acting_as(candidate(self.interview)):
            return await self.stub.SetAnswer(request, timeout=within)

    async def get(self, peer_id: str) -> pb.GetPeerResponse:
        """Call GetPeer as the candidate."""
        with acting_as(candidate(self.interview)):
            return await self.stub.GetPeer(
                pb.GetPeerRequest(interview_id=str(self.interview), peer_id=peer_id), timeout=5
            )

    def said(self, kind: type) -> list[Any]:
        """The events of a type."""
        return [each for each in self.events if isinstance(each, kind)]

    def told(self, kind: type) -> list[Any]:
        """The live messages of a type."""
        return [each for each in self.live if isinstance(each, kind)]

    def text(self, turn: UUID) -> str:
        """The transcript of an answer."""
        finals = [each for each in self.said(events.TranscriptFinal) if each.turn_id == str(turn)]
        finals.sort(key=lambda each: each.words[0].start.ToTimedelta())
        return " ".join(word.text for each in finals for word in each.words)

    @asynccontextmanager
    async def listening(self, probe: BusProbe) -> AsyncIterator[None]:
        """Collect what is said about the interview for the time of a block."""
        async with (
            collecting(probe, subjects.live_subject(TENANT, self.interview, ">"), self.live),
            collecting(probe, f"viva.v1.event.{TENANT}.{self.interview}.*", self.events),
            collecting(probe, subjects.frame_subject(TENANT, self.interview), self.frames),
        ):
            yield


@dataclass
class Inside(Studio):
    """A studio whose service runs in the test's process, so that its `viva_media.application.rooms.Rooms` and the
    folder of its spools can be looked into."""

    rooms: Any = None
    spool: Path = Path()


Studios = Callable[..., Awaitable[Inside]]
"""Builds such a service; arguments change its rules, engines and peers."""


@asynccontextmanager
async def collecting(probe: BusProbe, subject: str, box: list[Any]) -> AsyncIterator[None]:
    """Puts what is said on a subject into a list."""
    types = message_types(pb, events, vision)
    async with probe.bus.subscribe_live(subject, types, limit=10_000) as messages:

        async def collect() -> None:
            async for message in messages:
                box.append(message.message)

        task = asyncio.create_task(collect())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
