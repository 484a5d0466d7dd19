"""Calls from another network: through TURN where there is no direct way, over a cable that is pulled, on a bad line."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from viva_local.demo.line import Caller, Direct, bad_line, cabled, spoilt
from viva_local.demo.namespace import Inside, Namespace, NotAvailable, namespace
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.peer import PeerState
from viva_media.domain.quality import Network, loudness
from viva_media.domain.turn_server import IceServer, credentials
from viva_testkit.bus import eventually
from viva_testkit.nats import free_port

_SECRET = "a secret that coturn shares"
TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.int16)


@pytest.fixture
def there() -> Iterator[Namespace]:
    """Another network, which reaches this machine and nothing else."""
    with ExitStack() as stack:
        try:
            made = stack.enter_context(namespace(10))
        except NotAvailable as error:
            pytest.skip(f"NO NETWORK NAMESPACES HERE: {error.message}")
        yield made


@pytest.fixture
def elsewhere(there: Namespace) -> Iterator[Namespace]:
    """A third network; from the second one only this machine lies between."""
    with namespace(11) as made:
        yield made


@dataclass
class Media:
    """media's end of one call."""

    ice_servers: tuple[IceServer, ...] = ()
    loudest: float = -100.0
    states: list[PeerState] = field(default_factory=list)
    _peer: Peer | None = None

    async def answer(self, offer: str) -> str:
        """Answer an offer."""
        self._peer = Peer(
            PeerSettings(ice_servers=lambda: self.ice_servers, quiet_after=1.0),
            video=False,
            on_sound=self._hear,
            on_hole=self._miss,
            on_frame=self._see,
            on_state=lambda _, state: self.states.append(state),
        )
        return await self._peer.answer(offer)

    async def network(self) -> Network:
        """How the line is."""
        assert self._peer is not None
        return await self._peer.network()

    async def close(self) -> None:
        """Hang up."""
        if self._peer is not None:
            await self._peer.close()

    async def _hear(self, pcm: Pcm) -> None:
        self.loudest = max(self.loudest, loudness(pcm))

    async def _miss(self, _: int) -> None:
        """Lines are bad here."""

    async def _see(self, _: bytes) -> None:
        """No pictures here."""


@pytest.fixture
async def media() -> AsyncIterator[Media]:
    """media on this machine."""
    made = Media()
    yield made
    await made.close()


async def call(caller: Caller, media: Media, within: float = 30.0) -> None:
    """Offer, answer, connect."""
    await caller.accept(await media.answer(await caller.offer()))
    await caller.connected(within)


@pytest.fixture
async def coturn(there: Namespace, elsewhere: Namespace, tmp_path: Path) -> AsyncIterator[IceServer]:
    """coturn between the two networks: it takes calls from the one and relays into the other."""
    binary = shutil.which("turnserver")
    assert binary is not None, "the tests need a TURN server: apt-get install coturn"
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        binary,
        *("-n", "--no-cli", "--no-tls", "--no-dtls", "--realm", "viva", "--use-auth-secret"),
        *("--static-auth-secret", _SECRET, "--listening-ip", there.near_address, "--listening-port", str(port)),
        *("--relay-ip", elsewhere.near_address, "--pidfile", str(tmp_path / "turn.pid")),
        *("--log-file", str(tmp_path / "turn.log"), "--simple-log", "--userdb", str(tmp_path / "turn.db")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection(there.near_address, port)
        except OSError:
            return False
        writer.close()
        return True

    await eventually(listens)
    known = credentials(_SECRET, "test", datetime.now(UTC) + timedelta(minutes=5))
    yield IceServer((f"turn:{there.near_address}:{port}?transport=udp",), *known)
    process.terminate()
    await process.wait()


async def test_where_every_direct_way_is_blocked_turn_alone_carries_the_call(
    there: Namespace, elsewhere: Namespace, coturn: IceServer
) -> None:
    """The candidate's network and media's reach this machine and not each other: no description is edited."""
    async with AsyncExitStack() as stack:
        candidate = await stack.enter_async_context(cabled(there))
        inside = await stack.enter_async_context(Inside(elsewhere.name))

        async def attempt(*ice_servers: IceServer) -> tuple[Caller, Media]:
            caller, media = candidate.caller(ice_servers), Media()
            stack.push_async_callback(caller.close)
            stack.push_async_callback(lambda: inside.run(media.close()))
            await caller.accept(await inside.run(media.answer(await caller.offer())))
            return caller, media

        blocked, _ = await attempt()
        with pytest.raises((ConnectionError, TimeoutError)):
            await blocked.connected(10.0)  # with a way it takes less than one
        caller, media = await attempt(coturn)
        await caller.connected(30.0)
        await caller.say(TONE)
        await eventually(lambda: media.loudest > -30)


async def test_a_call_outlives_a_cable_that_is_pulled_for_a_moment(there: Namespace, media: Media) -> None:
    async with cabled(there) as network:
        caller = network.caller(())
        await call(caller, media)
        await caller.say(TONE)
        await eventually(lambda: media.loudest > -30)
        there.cut()
        await eventually(lambda: PeerState.DISCONNECTED in media.states, within=30)
        media.loudest = -100.0
        there.mend()
        await eventually(lambda: media.states[-1] is PeerState.CONNECTED, within=30)
        await caller.say(TONE)
        await eventually(lambda: media.loudest > -30)
        await caller.close()


async def test_after_a_cut_the_candidate_calls_again(there: Namespace, media: Media) -> None:
    async with cabled(there) as network:
        first, second = network.caller(()), network.caller(())
        await call(first, media)
        await network.cut(first, 1.5)
        await media.close()
        again = Media()
        await call(second, again)
        await second.say(TONE)
        await eventually(lambda: again.loudest > -30)
        await second.close()
        await again.close()


async def test_a_line_that_netem_spoils_loses_packets_and_still_carries_the_call(media: Media) -> None:
    with ExitStack() as stack:
        try:
            there = stack.enter_context(spoilt(12))
        except NotAvailable as error:
            pytest.skip(f"NO NETEM HERE: {error.message}")
        async with cabled(there) as network:
            caller = network.caller(())
            await call(caller, media, within=60)
            for _ in range(4):
                await caller.say(TONE)
            assert media.loudest > -30

            async def lossy() -> bool:
                line = await media.network()
                return line.lost > 0 and line.jitter_ms > 5

            await eventually(lossy)
            await caller.close()


async def test_a_bad_line_is_to_be_had_everywhere_and_says_which_one_it_is(media: Media) -> None:
    said: list[str] = []
    async with bad_line(said.append) as network:
        caller = network.caller(())
        await call(caller, media, within=60)
        await caller.say(np.tile(TONE, 3))

        async def lossy() -> bool:
            return (await media.network()).lost > 0

        await eventually(lossy)
        await caller.close()
        injected = isinstance(network, Direct)
    assert len(said) == 1
    assert ("no netem" in said[0]) is injected
    assert left() == []


def test_a_namespace_is_taken_away_whatever_ends_it(there: Namespace) -> None:
    loopback = psutil.net_if_stats()["lo"]
    making = namespace(13)
    made = making.__enter__()
    assert made.near in psutil.net_if_addrs()
    assert making.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False
    assert made.near not in psutil.net_if_addrs()
    assert not Path("/run/netns", made.name).exists()
    assert psutil.net_if_stats()["lo"] == loopback


def test_a_namespace_of_a_process_that_was_killed_is_taken_away_by_the_next(there: Namespace) -> None:
    gone = "viva-4194305-0"  # above the highest process id there can be
    subprocess.run(["ip", "netns", "add", gone], check=True)
    with namespace(14):
        assert not Path("/run/netns", gone).exists()


def left() -> list[Any]:
    """Namespaces of this process that are still there."""
    folder = Path("/run/netns")
    return list(folder.glob(f"viva-{os.getpid()}-*")) if folder.is_dir() else []
