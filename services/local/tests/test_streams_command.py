"""`viva streams backup` and `restore`, as a person calls them."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result
from viva_core.bus.apply import apply
from viva_core.bus.subjects import command_subject
from viva_local.cli import app
from viva_testkit.bus import BusFactory
from viva_testkit.nats import NatsServer


async def _one_command(url: str) -> None:
    factory = BusFactory(url)
    admin = (await factory.connect("admin")).bus
    await apply(admin.api)
    await admin.publisher.publish(command_subject("evaluator", uuid4(), uuid4()), b"an answer", {})
    await factory.close()


def test_a_backup_says_what_it_holds_and_is_brought_back(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_one_command(nats_server.url))
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "home"))
    folder = tmp_path / "backup"

    def viva(server: NatsServer, command: str) -> Result:
        monkeypatch.setenv("VIVA_NATS_URL", server.url)
        return CliRunner().invoke(app, ["streams", command, str(folder)])

    assert viva(nats_server, "backup").exit_code == 0
    assert viva(nats_server, "backup").exit_code == 2  # there is one already
    assert viva(nats_server, "restore").exit_code == 1  # the server holds messages
    other = NatsServer(tmp_path / "other")
    other.start()
    try:
        restored = viva(other, "restore")
        assert restored.exit_code == 0
        asyncio.run(_holds_one(other.url))
    finally:
        other.stop()


async def _holds_one(url: str) -> None:
    factory = BusFactory(url)
    admin = (await factory.connect("admin")).bus
    assert (await admin.api.request("STREAM.INFO.VIVA_COMMAND_V1"))["state"]["messages"] == 1
    await factory.close()
