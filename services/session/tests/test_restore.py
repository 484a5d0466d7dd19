"""Backup and restore as docs/production.md says: an interview goes on, on other stores, at the word where it was."""

import asyncio
import re
import shlex
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.bus.apply import apply
from viva_core.bus.topology import EVENTS
from viva_core.grpc import acting_as
from viva_session.adapters import schema
from viva_testkit import steps
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer
from viva_testkit.postgres import Postgres
from viva_testkit.session import Service
from viva_testkit.workers import FakeWorkers

DOCUMENT = (Path(__file__).parents[3] / "docs/production.md").read_text(encoding="utf-8")
WAIT = 120.0


def documented(tool: str) -> list[str]:
    """The arguments that the document gives a tool in the bundled PostgreSQL's pod, without whose database it is."""
    (line,) = re.findall(rf"^kubectl .*-- {tool} (.*?)(?: [<>] .*)?$", DOCUMENT, re.MULTILINE)
    words = shlex.split(line)
    kept = [word for word, before in zip(words, ["", *words], strict=False) if before not in ("--username", "--dbname")]
    return [word for word in kept if word not in ("--username", "--dbname", "viva")]


async def run(postgres: Postgres, tool: str, *arguments: str) -> None:
    """One of PostgreSQL's own tools, as the document calls it."""
    command = [str(postgres.tool(tool)), *documented(tool), *arguments]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, timeout=WAIT)
    assert done.returncode == 0, done.stderr


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f'SELECT t::text FROM "{schema}"."{table}" t ORDER BY 1'.encode()
            ).fetchall()
            for schema, table in names
        }


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[tuple[NatsServer, BusFactory]]:
    """Another nats-server, empty, and buses on it."""
    server = NatsServer(tmp_path / "elsewhere")
    server.start()
    factory = BusFactory(server.url)
    yield server, factory
    await factory.close()
    server.stop()


async def test_an_interview_goes_on_from_a_backup_that_was_taken_while_it_ran(
    service: Service,
    launch: Callable[..., Any],
    buses: BusFactory,
    elsewhere: tuple[NatsServer, BusFactory],
    postgres: Postgres,
    database_url: str,
    tmp_path: Path,
) -> None:
    stub, staff = service.stub, service.staff()
    await service.workers.start()
    position_id = await steps.published_position(stub, staff)
    interview_id, token = await steps.invited(stub, staff, position_id)
    candidate = await steps.entered(stub, token)
    await steps.consented(stub, candidate)
    await steps.started(stub, candidate)
    first = await steps.open_turn(stub, candidate)
    await steps.submit(stub, candidate, first.turn_id, steps.ANSWER)
    waits = await steps.open_turn(stub, candidate)

    async def scored() -> bool:
        """Nothing is under way then: what is published between the two backups would be left to timers."""
        return bool((await steps.seen(stub, staff, interview_id)).turns[0].HasField("evaluation"))

    await eventually(scored, within=WAIT)
    backup = tmp_path / "backup"
    await (await buses.connect("admin")).bus.backups.backup(backup)
    dump = tmp_path / "viva.dump"
    await run(postgres, "pg_dump", f"--dbname={database_url}", f"--file={dump}")

    server, factory = elsewhere
    admin = (await factory.connect("admin")).bus
    await admin.backups.restore(backup)
    await apply(admin.api)
    assert (await admin.api.request(f"STREAM.INFO.{EVENTS.name}"))["state"]["messages"] > 0
    with postgres.database() as restored:
        schema.migrate(restored)  # the hooks of an installation were there first
        await run(postgres, "pg_restore", f"--dbname={restored}", str(dump))
        assert contents(restored)["public.turns"]
        again: Service = await launch(database_url=SecretStr(restored), nats_url=server.url)
        await _goes_on(again, factory, candidate, interview_id, waits.turn_id)
        await _end(again)


async def _goes_on(service: Service, factory: BusFactory, candidate: Any, interview_id: str, turn_id: str) -> None:
    """The same question is open, what was answered is there, and it comes to a report."""
    stub = service.stub
    workers = FakeWorkers(await factory.connect("admin"), factory)
    await workers.start()
    turn = await steps.open_turn(stub, candidate)
    assert turn.turn_id == turn_id
    interview = await steps.seen(stub, candidate, interview_id)
    assert interview.turns[0].answer.text == steps.ANSWER
    while not interview.progress.asking_finished:
        turn = await steps.open_turn(stub, candidate)
        await steps.submit(stub, candidate, turn.turn_id, f"{steps.ANSWER} It was turn {turn.turn_id}.")
        interview = await steps.seen(stub, candidate, interview_id)
    with acting_as(candidate):
        await stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=interview_id))

    async def reported() -> bool:
        state = (await steps.seen(stub, candidate, interview_id)).state
        return bool(state == interview_pb2.INTERVIEW_STATE_REPORTED)

    await eventually(reported, within=WAIT)
    await workers.stop()


async def _end(service: Service) -> None:
    """Before its database goes."""
    service.stopping.set()
    assert await service.running == 0


async def test_every_row_of_every_table_is_restored(
    service: Service, postgres: Postgres, database_url: str, tmp_path: Path
) -> None:
    position_id = await steps.published_position(service.stub, service.staff())
    await steps.invited(service.stub, service.staff(), position_id)
    await _end(service)
    dump = tmp_path / "viva.dump"
    await run(postgres, "pg_dump", f"--dbname={database_url}", f"--file={dump}")
    with postgres.database() as restored:
        version = schema.migrate(restored)
        await run(postgres, "pg_restore", f"--dbname={restored}", str(dump))
        assert contents(restored) == contents(database_url)
        assert contents(restored)["public.interviews"]
        assert schema.migrate(restored) == version  # and nothing is left to migrate
