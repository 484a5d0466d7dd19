"""The line that a candidate calls over: good, or bad in one of two ways.

`bad_line` is bad in the network where it can be: netem (tc) on both ends of a cable to a namespace that holds the
candidate's sockets. That takes root and a kernel with netem; elsewhere the candidate's peer loses and delays its own
packets of sound. Either way one packet in twenty is lost and each is up to 200 ms late.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Protocol

from viva_media.domain.audio import Pcm
from viva_media.domain.turn_server import IceServer
from viva_media.voice_peer import Line, VoicePeer

from viva_local.demo.face import FaceCamera
from viva_local.demo.namespace import Inside, Namespace, NotAvailable, namespace, run

BAD_LINE = Line(loss=0.05, jitter=0.2)
NETEM = ("netem", "limit", "10000", "delay", "100ms", "100ms", "loss", "5%")
"""The same for tc: uniformly 0 to 200 ms."""


class Caller(Protocol):
    """A candidate's end of a call, as `VoicePeer` is one."""

    async def offer(self) -> str: ...
    async def accept(self, sdp: str) -> None: ...
    async def connected(self, within: float = ...) -> None: ...
    async def say(self, pcm: Pcm) -> float: ...
    async def close(self) -> None: ...


class Network(Protocol):
    """Where calls are made from."""

    def caller(self, ice_servers: Sequence[IceServer], *, face: bool = False) -> Caller:
        """A new end of a call; `face`: with somebody before its camera."""

    async def cut(self, caller: Caller, seconds: float) -> None:
        """Nothing goes through for so long; the caller is of no use afterwards."""


class Direct:
    """This machine's own network; `line` spoils what is sent."""

    def __init__(self, line: Line | None = None) -> None:
        self._line = line

    def caller(self, ice_servers: Sequence[IceServer], *, face: bool = False) -> Caller:
        """A peer of this process."""
        return VoicePeer(camera=FaceCamera() if face else None, line=self._line, ice_servers=ice_servers)

    async def cut(self, caller: Caller, seconds: float) -> None:
        """Hang up, and stay away."""
        await caller.close()
        await asyncio.sleep(seconds)


class Cabled:
    """The network of a namespace."""

    def __init__(self, there: Namespace, inside: Inside) -> None:
        self._there = there
        self._inside = inside

    def caller(self, ice_servers: Sequence[IceServer], *, face: bool = False) -> Caller:
        """A peer in the namespace."""
        return _CallerInside(self._inside, ice_servers, face=face)

    async def cut(self, caller: Caller, seconds: float) -> None:
        """Pull the cable, and plug it in again."""
        await asyncio.to_thread(self._there.cut)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(self._there.mend)
        await caller.close()


class _CallerInside:
    """A `VoicePeer` on the namespace's own event loop."""

    def __init__(self, inside: Inside, ice_servers: Sequence[IceServer], *, face: bool) -> None:
        self._inside = inside
        self._face = face
        self._ice_servers = ice_servers
        self._peer: VoicePeer | None = None

    async def offer(self) -> str:
        return await self._inside.run(self._offer())

    async def _offer(self) -> str:
        camera = FaceCamera() if self._face else None
        self._peer = VoicePeer(camera=camera, ice_servers=self._ice_servers)  # sockets belong to the thread that opens
        return await self._peer.offer()

    async def accept(self, sdp: str) -> None:
        assert self._peer is not None
        await self._inside.run(self._peer.accept(sdp))

    async def connected(self, within: float = 15.0) -> None:
        assert self._peer is not None
        await self._inside.run(self._peer.connected(within))

    async def say(self, pcm: Pcm) -> float:
        assert self._peer is not None
        return await self._inside.run(self._peer.say(pcm))

    async def close(self) -> None:
        if self._peer is not None:
            await self._inside.run(self._peer.close())


@asynccontextmanager
async def cabled(there: Namespace) -> AsyncIterator[Cabled]:
    """Calls from a namespace that exists."""
    async with Inside(there.name) as inside:
        yield Cabled(there, inside)


@contextmanager
def spoilt(number: int = 0) -> Iterator[Namespace]:
    """A namespace whose cable loses and delays what goes either way. Raises NotAvailable, not only where nobody may
    make namespaces but also where the kernel has no netem."""
    with namespace(number) as there:
        there.inside("tc", "qdisc", "add", "dev", there.far, "root", *NETEM)
        run("tc", "qdisc", "add", "dev", there.near, "root", *NETEM)
        yield there


@asynccontextmanager
async def bad_line(say: Callable[[str], None]) -> AsyncIterator[Network]:
    """The worst line that can be had here. `say` is told in a sentence which one that is."""
    with ExitStack() as stack:
        try:
            there = stack.enter_context(spoilt())
        except NotAvailable as error:
            there = None
            say(f"--network bad: the candidate's peer loses its own packets, there is no netem ({error.message})")
        if there is None:
            yield Direct(BAD_LINE)
        else:
            say(f"--network bad: netem in the network namespace {there.name}")
            async with cabled(there) as network:
                yield network


@asynccontextmanager
async def good_line() -> AsyncIterator[Network]:
    """Nothing is lost."""
    yield Direct()
