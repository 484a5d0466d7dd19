"""The bundled nats-server gives each user the rights that the topology gives its role, and runs."""

import asyncio
import json
import os
import re
import shutil
import socket
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from viva_core.bus.permissions import inbox_prefix, permissions
from viva_core.bus.topology import Role
from viva_testkit.bus import eventually

from tests.charts.rendering import named, render


def _configuration() -> str:
    text = named(render("cpu"), "ConfigMap", "viva-nats")["data"]["nats.conf"]
    assert isinstance(text, str)
    return text


def _password(role: Role) -> str:
    return f"p-{role}"


@pytest.mark.parametrize("role", list(Role))
def test_each_user_has_its_role_s_rights(role: Role) -> None:
    user = re.search(rf'\{{ user: "{role}".*?subscribe: \{{ allow: (?P<in>\[.*?\]) \}}', _configuration(), re.DOTALL)
    assert user is not None
    publish = re.search(
        r"publish: \{ (allow: (?P<out>\[.*?\])|deny: \">\")(, deny: (?P<never>\[.*?\]))? \}", user.group(0)
    )
    assert publish is not None
    expected = permissions(role)
    assert tuple(json.loads(publish["out"] or "[]")) == expected.publish
    assert tuple(json.loads(publish["never"] or "[]")) == expected.never
    assert tuple(json.loads(user["in"])) == expected.subscribe


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[str]:
    """A nats-server with the chart's configuration; its URL, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = _configuration().replace("0.0.0.0:4222", f"127.0.0.1:{port}").replace('http: "0.0.0.0:8222"', "")
    config = folder / "nats.conf"
    config.write_text(text.replace("/data", str(folder / "data")))
    binary = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    assert binary is not None
    passwords = {f"NATS_{role.upper().replace('-', '_')}": _password(role) for role in Role}
    environment = {**os.environ, "POD_NAME": "viva-nats-0", **passwords}
    server = await asyncio.create_subprocess_exec(
        binary, "-c", str(config), env=environment, stderr=asyncio.subprocess.DEVNULL
    )

    async def answers() -> bool:
        assert server.returncode is None, "nats-server refused the configuration"
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(answers, within=30)
        yield f"nats://127.0.0.1:{port}"
    finally:
        if server.returncode is None:
            server.terminate()
        await server.wait()


@pytest.mark.parametrize(
    ("role", "subject"),
    [
        (Role.GATEWAY, "viva.v1.command.evaluator.t.i"),
        # It may read back what it saw itself, by a consumer of its own; under a worker's name it would narrow that one.
        (Role.VISION, "$JS.API.CONSUMER.CREATE.VIVA_EVENT_V1.session.viva.v1.event.t.i.expressions-seen"),
    ],
)
async def test_nats_server_takes_the_configuration_and_keeps_each_user_to_its_rights(
    role: Role, subject: str, tmp_path: Path
) -> None:
    refused: list[str] = []

    async def note(error: Exception) -> None:
        refused.append(str(error).lower())

    async with _server(tmp_path) as url:
        client = await nats.connect(
            url,
            user=role.value,
            password=_password(role),
            inbox_prefix=inbox_prefix(role),
            error_cb=note,
            connect_timeout=20,
        )
        await client.publish(subject, b"")
        await client.flush()
        await eventually(lambda: any(subject.lower() in each for each in refused))
        await client.close()
