"""`viva streams` and `viva dead`: what the bus should hold, and what could not be handled."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from rich.table import Table
from viva.evaluation.v1 import evaluation_pb2
from viva.event.v1 import events_pb2
from viva.question.v1 import question_pb2
from viva_core.bus import Bus, message_types
from viva_core.bus.apply import apply
from viva_core.bus.dead import DeadLetter, DeadLetters
from viva_core.bus.topology import Role
from viva_core.errors import Transient
from viva_core.health import Health
from viva_core.settings import NatsSettings, ServiceSettings

from viva_local.home import Home
from viva_local.terminal import plain_errors, screen

streams = typer.Typer(no_args_is_help=True, help="Streams and consumers of the bus.")
dead = typer.Typer(no_args_is_help=True, help="Dead letters: what could not be handled.")

_TYPES = message_types(events_pb2, question_pb2, evaluation_pb2)
_CONNECT_SECONDS = 10


class _BusSettings(NatsSettings, ServiceSettings):
    """How the command line reaches the bus; read from `VIVA_NATS_*`, or from the stack that runs on this machine."""


@streams.command("apply")
def apply_streams(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    replicas: Annotated[int, typer.Option(min=1, max=5, help="Copies of each stream; 3 in a cluster.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing changed.")] = False,
) -> None:
    """Make the server match the topology. Twice changes nothing; what would lose data is refused."""

    async def run() -> None:
        async with _bus() as bus:
            changes = await apply(bus.api, replicas=replicas, dry_run=dry_run)
        for change in changes:
            screen.print(f"{'would ' if dry_run else ''}{change}")
        if not changes and not quiet:
            screen.print("nothing to change")

    with plain_errors():
        asyncio.run(run())


@streams.command("backup")
def backup_streams(
    folder: Annotated[
        Path, typer.Argument(help="A folder that holds no backup yet. It will hold what candidates said.")
    ],
) -> None:
    """Write every stream that lies on a disk into a folder, with how far each consumer got."""

    async def run() -> None:
        async with _bus() as bus:
            for kept in await bus.backups.backup(folder):
                screen.print(f"{kept.stream}: {kept.messages} messages, {kept.size} bytes")

    with plain_errors():
        asyncio.run(run())


@streams.command("restore")
def restore_streams(folder: Annotated[Path, typer.Argument(help="What `viva streams backup` wrote.")]) -> None:
    """Bring the streams of a backup back. A stream that holds messages is never overwritten."""

    async def run() -> None:
        async with _bus() as bus:
            for kept in await bus.backups.restore(folder):
                screen.print(f"{kept.stream}: {kept.messages} messages")
        screen.print("now run `viva streams apply`: it adds what lies in memory alone")

    with plain_errors():
        asyncio.run(run())


@dead.command("list")
def list_dead() -> None:
    """Every dead letter, oldest first; no contents."""

    async def run() -> None:
        table = Table()
        for heading in ("number", "died", "consumer", "type", "attempts", "reason", "cause"):
            table.add_column(heading)
        async with _bus() as bus:
            async for letter in DeadLetters(bus.api).list():
                died = letter.died_at.isoformat(timespec="seconds")
                attempts = f"{letter.attempts}" + (f" (retried {letter.retries})" if letter.retries else "")
                row = (str(letter.number), died, letter.consumer, letter.message_type, attempts)
                table.add_row(*row, letter.reason, letter.cause)
        screen.print(table if table.row_count else "no dead letters")

    with plain_errors():
        asyncio.run(run())


@dead.command("show")
def show_dead(
    number: Annotated[int, typer.Argument(help="From `viva dead list`.")],
    contents: Annotated[
        bool, typer.Option("--contents", help="Show the message itself; it may hold what a candidate said.")
    ] = False,
) -> None:
    """One dead letter as JSON on stdout."""

    async def run() -> None:
        async with _bus() as bus:
            letter = await DeadLetters(bus.api).show(number)
        typer.echo(json.dumps(_described(letter, contents=contents), ensure_ascii=False, indent=2))

    with plain_errors():
        asyncio.run(run())


@dead.command("retry")
def retry_dead(numbers: Annotated[list[int], typer.Argument(help="From `viva dead list`.")]) -> None:
    """Publish dead letters to where they came from, and take them off the list."""

    async def run() -> None:
        async with _bus() as bus:
            letters = DeadLetters(bus.api)
            for number in numbers:
                await letters.retry(number, bus.publisher)
                screen.print(f"{number} is on its way again")

    with plain_errors():
        asyncio.run(run())


@dead.command("drop")
def drop_dead(numbers: Annotated[list[int], typer.Argument(help="From `viva dead list`.")]) -> None:
    """Remove dead letters for good; whatever they were to do is not done."""

    async def run() -> None:
        async with _bus() as bus:
            letters = DeadLetters(bus.api)
            for number in numbers:
                await letters.delete(number)
                screen.print(f"{number} is gone")

    with plain_errors():
        asyncio.run(run())


def _described(letter: DeadLetter, *, contents: bool) -> dict[str, object]:
    described: dict[str, object] = {
        "number": letter.number,
        "id": letter.message_id,
        "type": letter.message_type,
        "stream": letter.stream,
        "consumer": letter.consumer,
        "subject": letter.subject,
        "attempts": letter.attempts,
        "retries": letter.retries,
        "reason": letter.reason,
        "cause": letter.cause,
        "died_at": letter.died_at.isoformat(),
        "bytes": len(letter.payload),
    }
    known = _TYPES.get(letter.message_type)
    if contents and known is not None:
        described["message"] = json_format.MessageToDict(known.FromString(letter.payload))
    return described


@asynccontextmanager
async def _bus() -> AsyncIterator[Bus]:
    settings = _settings()
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            bus = await Bus.connect(settings, source=Role.ADMIN.value, health=Health(), registry=CollectorRegistry())
    except TimeoutError:
        raise Transient(
            f"no nats-server answers at {settings.nats_url}: start a stack with `viva up`, or set VIVA_NATS_URL"
        ) from None
    try:
        yield bus
    finally:
        await bus.close()


def _settings() -> _BusSettings:
    """The environment's words first; else the stack that runs here."""
    home = Home.from_environment()
    stack = home.running()
    settings = _BusSettings()
    if "nats_url" in settings.model_fields_set or stack is None:
        return settings
    password = SecretStr(home.secret(f"nats-{Role.ADMIN}").read_text())
    return _BusSettings(nats_url=stack.nats_url, nats_user=Role.ADMIN.value, nats_password=password)
