"""Streams into a folder and back, between two real servers with the generated users and rights."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from viva_core.bus import Bus
from viva_core.bus.apply import apply
from viva_core.bus.permissions import nats_config
from viva_core.bus.subjects import command_subject, frame_subject
from viva_core.bus.topology import COMMANDS, DEAD, EVENTS, FRAMES, Role
from viva_core.errors import Invalid, NotFound, Refused
from viva_testkit.bus import BusFactory
from viva_testkit.nats import NatsServer

PASSWORDS = {Role.ADMIN: "admin-secret"}
Serve = Callable[[str], NatsServer]
Enter = Callable[[str], Awaitable[Bus]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server with a store of its own."""
    started: list[NatsServer] = []

    def start(name: str) -> NatsServer:
        server = NatsServer(tmp_path / name, config=nats_config(PASSWORDS))
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture
async def admin(serve: Serve) -> AsyncIterator[Enter]:
    """Connects to a server of that name as admin."""
    factories: list[BusFactory] = []

    async def enter(name: str) -> Bus:
        factories.append(BusFactory(serve(name).url))
        return (await factories[-1].connect("admin", password=PASSWORDS[Role.ADMIN])).bus

    yield enter
    for factory in factories:
        await factory.close()


async def _filled(bus: Bus, tenant: UUID) -> None:
    """Three commands, of which one is done; they do not compress, and are longer than a chunk."""
    await apply(bus.api)
    for number in range(3):
        subject = command_subject("evaluator", tenant, uuid4())
        await bus.publisher.publish(subject, os.urandom(200_000), {"Nats-Msg-Id": f"id-{number}"})
    await bus.publisher.publish(frame_subject(tenant, uuid4()), b"a face", {})
    pull = await bus.client.jetstream().pull_subscribe_bind("evaluator", COMMANDS.name)
    (first,) = await pull.fetch(1, timeout=20)
    await first.ack_sync(timeout=20)


async def test_what_was_backed_up_is_on_another_server_message_by_message(
    admin: Enter, tmp_path: Path, tenant: UUID
) -> None:
    old = await admin("old")
    await _filled(old, tenant)
    written = await old.backups.backup(tmp_path / "backup")
    assert {each.stream: each.messages for each in written} == {EVENTS.name: 0, COMMANDS.name: 2, DEAD.name: 0}
    assert all((file.stat().st_mode & 0o077) == 0 for file in (tmp_path / "backup").rglob("*") if file.is_file())

    new = await admin("new")
    restored = await new.backups.restore(tmp_path / "backup")
    assert {each.stream: each.messages for each in restored} == {EVENTS.name: 0, COMMANDS.name: 2, DEAD.name: 0}
    for sequence in (1, 2, 3):
        message = await old.api.message(COMMANDS.name, sequence)
        assert (message is None) == (sequence == 1)
        assert await new.api.message(COMMANDS.name, sequence) == message
    consumer = f"CONSUMER.INFO.{COMMANDS.name}.evaluator"
    assert (await new.api.request(consumer))["ack_floor"]["stream_seq"] == 1
    with pytest.raises(NotFound):
        await new.api.request(f"STREAM.INFO.{FRAMES.name}")  # a face never touches a disk
    assert {change.what for change in await apply(new.api)} == {
        f"stream {FRAMES.name}",
        f"consumer {FRAMES.name}/vision",
    }


async def test_streams_that_were_applied_and_hold_nothing_make_room(admin: Enter, tmp_path: Path, tenant: UUID) -> None:
    old = await admin("old")
    await _filled(old, tenant)
    await old.backups.backup(tmp_path / "backup")
    new = await admin("new")
    await apply(new.api)
    restored = await new.backups.restore(tmp_path / "backup")
    assert {each.stream: each.messages for each in restored}[COMMANDS.name] == 2
    assert await apply(new.api) == []


async def test_a_stream_that_holds_messages_is_never_overwritten(admin: Enter, tmp_path: Path, tenant: UUID) -> None:
    bus = await admin("one")
    await _filled(bus, tenant)
    await bus.backups.backup(tmp_path / "backup")
    with pytest.raises(Refused, match="VIVA_COMMAND_V1 on the server hold messages"):
        await bus.backups.restore(tmp_path / "backup")
    assert (await bus.api.request(f"STREAM.INFO.{COMMANDS.name}"))["state"]["messages"] == 2


async def test_a_folder_that_is_wrong_is_refused_with_the_way_out(admin: Enter, tmp_path: Path) -> None:
    bus = await admin("one")
    await apply(bus.api)
    with pytest.raises(Invalid, match="holds no backup: give the folder"):
        await bus.backups.restore(tmp_path / "nothing")
    await bus.backups.backup(tmp_path / "backup")
    with pytest.raises(Invalid, match="give a folder that holds no backup"):
        await bus.backups.backup(tmp_path / "backup")
