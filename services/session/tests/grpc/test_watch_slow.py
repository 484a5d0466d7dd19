"""Those who watch, on bad days: a reader that never reads, and a database that is restarted under everybody."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.errors import Transient
from viva_core.grpc import acting_as
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.postgres import Postgres
from viva_testkit.session import Service

CHANGES = 360
LONG = "A long and winding answer about the ledger. " * 400
"""Some 18 kB: a few of them fill what a connection holds for a reader that does not read."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the server of this module has its data."""
    # Not under pytest's own folder: see the fixture `postgres` that all others share.
    made = Path(tempfile.mkdtemp(prefix="viva-postgres-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[Postgres]:
    """A server of this module's own: it is restarted, from outside."""
    server = Postgres(folder)
    yield server
    server.stop()
    _outside(folder, "stop")  # this process knows only the server that it started


def _outside(folder: Path, what: str) -> None:
    """Restart or stop the server from a process of its own: with gRPC's threads about, forking one here may crash."""
    program = (
        "import sys, pathlib; from viva_testkit.postgres import Postgres; "
        "getattr(Postgres(pathlib.Path(sys.argv[1])), sys.argv[2])()"
    )
    subprocess.run([sys.executable, "-c", program, str(folder), what], check=True, timeout=60)


async def invited(service: Service) -> common.Actor:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    _, token = await steps.invited(service.stub, staff, position_id)
    return await steps.entered(service.stub, token)


def watching(service: Service, actor: common.Actor, interview_id: str, after: int = 0) -> Any:
    with acting_as(actor):
        return service.stub.WatchInterview(
            pb.WatchInterviewRequest(interview_id=interview_id, after_sequence=after), timeout=90
        )


class Watcher:
    """Reads as a browser's connection does: told to come back later, it goes on from the last change that it saw."""

    def __init__(self, service: Service, candidate: common.Actor) -> None:
        self.seen: list[int] = []
        self.ends: list[str] = []
        self._service = service
        self._candidate = candidate
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            stream = watching(
                self._service, self._candidate, self._candidate.interview_id, self.seen[-1] if self.seen else 0
            )
            try:
                async for answer in stream:
                    self.seen.append(answer.sequence)
            except Transient as error:  # UNAVAILABLE; anything else fails the test
                self.ends.append(error.reason)
                stream.cancel()

    async def has(self, newest: int) -> None:
        """Wait until it has seen the change of that number."""
        await eventually(lambda: self._running.done() or newest in self.seen, within=60)
        assert not self._running.done(), self._running.exception()

    async def stop(self) -> None:
        self._running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self._running


async def test_a_restart_of_the_database_loses_and_repeats_nothing(service: Service, folder: Path) -> None:
    candidate = await invited(service)
    watchers = [Watcher(service, candidate) for _ in range(3)]
    newest = 1
    for round_ in range(2):
        for number in range(3):
            await steps.record_consented(service.stub, candidate, granted=bool(number % 2))
            newest += 1
        for watcher in watchers[: 2 - round_]:  # one is somewhere on the way when the server goes
            await watcher.has(newest)
        await asyncio.to_thread(_outside, folder, "restart")

        async def written() -> bool:
            try:
                await steps.record_consented(service.stub, candidate, granted=True)
            except Transient:
                return False
            return True

        await eventually(written, within=30)
        newest += 1
        for watcher in watchers:
            await watcher.has(newest)
    for watcher in watchers:
        assert watcher.seen == list(range(1, newest + 1)), watcher.ends
        assert set(watcher.ends) <= {"DATABASE_UNAVAILABLE"}
        await watcher.stop()


async def test_for_a_reader_that_never_reads_nothing_is_piled_up_and_nobody_waits(service: Service) -> None:
    await service.workers.start()
    candidate = await invited(service)
    await steps.consented(service.stub, candidate)
    await steps.started(service.stub, candidate)
    turns: list[interview_pb2.Turn] = []

    async def second_is_open() -> bool:
        """With the first one scored: then nothing happens by itself any more."""
        turns[:] = (await steps.seen(service.stub, service.staff(), candidate.interview_id)).turns
        if len(turns) == 1 and turns[0].answer.state == interview_pb2.ANSWER_STATE_OPEN:
            await steps.submit(service.stub, candidate, turns[0].turn_id, LONG)
        return [turn.answer.state for turn in turns] == [
            interview_pb2.ANSWER_STATE_EVALUATED,
            interview_pb2.ANSWER_STATE_OPEN,
        ]

    await eventually(second_is_open)
    # Each picture bears the long answer from now on. Staff see every event, so no number is left out.
    staff = service.staff()
    newest = (await steps.seen(service.stub, candidate, candidate.interview_id)).sequence
    stuck, quick = (watching(service, staff, candidate.interview_id, after=newest - 1) for _ in range(2))
    for stream in (stuck, quick):
        assert (await stream.read()).sequence == newest  # it is open; from here on only one reads
    for number in range(CHANGES):
        # They have said no: the first to be news is a yes.
        await steps.record_consented(service.stub, candidate, granted=not number % 2)
        answer = await quick.read()
        assert answer.sequence == newest + number + 1
        assert answer.HasField("interview")
    late = [await stuck.read() for _ in range(CHANGES)]
    assert [answer.sequence for answer in late] == list(range(newest + 1, newest + CHANGES + 1)), "nothing is lost"
    # The pictures show how far ahead of the reader the server went: what the connection takes, and one batch. A queue
    # would have held one for each change.
    pictures = sum(answer.HasField("interview") for answer in late)
    assert pictures < CHANGES / 2
    assert late[-1].HasField("interview"), "how it stands now comes in any case"
    for stream in (stuck, quick):
        stream.cancel()
