"""The TURN server (coturn): relays sound and pictures for pages that cannot reach media's ports."""

import asyncio
import contextlib
import ipaddress
import shutil
import socket

import psutil
from viva_core.errors import Invalid

from viva_local.home import Home
from viva_local.stack.child import Command

TURN_SECRET = "turn"  # noqa: S105  # the name of the file that holds it


def turn_command(home: Home, port: int) -> Command:
    """How to start it; writes its configuration, readable by its owner alone. Raises Invalid without coturn."""
    binary = shutil.which("turnserver")
    if binary is None:
        raise Invalid("--turn needs coturn: apt-get install coturn")
    ip, secret = _address(), home.secret(TURN_SECRET).read_text()
    config = home.turn / "turnserver.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"listening-port={port}\nlistening-ip={ip}\nrelay-ip={ip}\nrealm=viva\nuse-auth-secret\n"
        f"static-auth-secret={secret}\nno-cli\nno-tls\nno-dtls\nno-multicast-peers\nsimple-log\n"
        f"log-file={home.turn / 'turn.log'}\npidfile={home.turn / 'turn.pid'}\nuserdb={home.turn / 'turn.db'}\n"
    )
    return Command(name="turn", argv=(binary, "-c", str(config)), environment={}, ready=lambda: _listens(ip, port))


def turn_url(port: int) -> str:
    """Where pages and media find it."""
    return f"turn:{_address()}:{port}?transport=udp"


def _address() -> str:
    """An IPv4 address of this machine that others reach: WebRTC peers do not meet on loopback."""
    for addresses in psutil.net_if_addrs().values():
        for address in addresses:
            if address.family is socket.AF_INET and not ipaddress.ip_address(address.address).is_loopback:
                return address.address
    raise Invalid("--turn needs a network interface besides loopback")


async def _listens(ip: str, port: int) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(ip, port)
            writer.close()
            return
        await asyncio.sleep(0.05)
