"""TURN: credentials that a real coturn takes until they run out, and a call that goes through it alone."""

import asyncio
import ipaddress
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ifaddr
import pytest
from viva_media.adapters.peer import Peer, PeerSettings
from viva_media.domain.audio import Pcm
from viva_media.domain.quality import loudness
from viva_media.domain.turn_server import IceServer, credentials
from viva_media.voice_peer import VoicePeer
from viva_testkit.bus import eventually
from viva_testkit.nats import free_port

SECRET = "a secret that coturn shares"


def test_credentials_are_the_user_names_hmac() -> None:
    at = datetime.fromtimestamp(1_700_000_000, UTC)
    # printf 1700000000:interview | openssl dgst -sha1 -hmac north -binary | base64
    assert credentials("north", "interview", at) == ("1700000000:interview", "Yc28XzCapjG5L7bjTd2v91077D8=")
    _, credential = credentials("north", "interview", at)
    assert credentials("south", "interview", at)[1] != credential


def address() -> str:
    """An address of this machine that is not loopback, as peers need it."""
    found = (ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str))
    return next(ip for ip in found if not ipaddress.ip_address(ip).is_loopback)


@dataclass(frozen=True)
class Coturn:
    """A running TURN server."""

    url: str

    def server(self, lifetime: timedelta) -> IceServer:
        """With credentials for so long."""
        return IceServer((self.url,), *credentials(SECRET, "test", datetime.now(UTC) + lifetime))


@pytest.fixture
async def coturn(tmp_path: Path) -> AsyncIterator[Coturn]:
    """coturn on a port of its own."""
    binary = shutil.which("turnserver")
    assert binary is not None, "the tests need a TURN server: apt-get install coturn"
    port, ip = free_port(), address()
    log = tmp_path / "turn.log"
    process = await asyncio.create_subprocess_exec(
        binary,
        *("-n", "--no-cli", "--no-tls", "--no-dtls", "--realm", "viva", "--use-auth-secret"),
        *("--static-auth-secret", SECRET, "--listening-ip", ip, "--relay-ip", ip, "--listening-port", str(port)),
        *("--pidfile", str(tmp_path / "turn.pid"), "--log-file", str(log), "--simple-log"),
        *("--userdb", str(tmp_path / "turn.db")),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection(ip, port)
        except OSError:
            return False
        writer.close()
        return True

    await eventually(listens)
    yield Coturn(f"turn:{ip}:{port}?transport=udp")
    process.terminate()
    await process.wait()


def only_relayed(sdp: str) -> str:
    """The description as a network that blocks everything else would leave it."""
    return "".join(line for line in sdp.splitlines(keepends=True) if "a=candidate:" not in line or " typ relay" in line)


async def test_a_call_goes_through_turn_alone(
    coturn: Coturn, peers: Callable[..., VoicePeer], recordings: list
) -> None:
    heard: list[float] = []

    async def hear(pcm: Pcm) -> None:
        heard.append(loudness(pcm))

    async def miss(_: int) -> None:
        """Nothing is lost that matters here."""

    async def see(_: bytes) -> None:
        """No pictures here."""

    server = coturn.server(timedelta(minutes=5))
    media = Peer(
        PeerSettings(ice_servers=lambda: (server,)),
        video=False,
        on_sound=hear,
        on_hole=miss,
        on_frame=see,
        on_state=lambda *_: None,
    )
    caller = peers(ice_servers=(server,))
    offer = await caller.offer()
    assert " typ relay" in offer
    answer = await media.answer(only_relayed(offer))
    assert " typ relay" in answer
    await caller.accept(only_relayed(answer))
    await caller.connected()
    await caller.say(recordings[4].pcm)
    await eventually(lambda: max(heard, default=-100) > -30)
    await media.close()


async def test_credentials_that_ran_out_give_no_relay(coturn: Coturn, peers: Callable[..., VoicePeer]) -> None:
    caller = peers(ice_servers=(coturn.server(timedelta(minutes=-1)),))
    try:
        offer: Any = await caller.offer()
    except Exception as error:
        assert "401" in str(error) or "Unauthorized" in str(error)  # noqa: PT017
    else:
        assert " typ relay" not in offer
