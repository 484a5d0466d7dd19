"""Those who watch an interview: slow ones lose nothing and hold nobody up; a lost notification loses nothing."""

import asyncio
import logging
from typing import Any

import psycopg
import pytest
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import session_pb2 as pb
from viva_core.grpc import acting_as
from viva_session.adapters.interviews import WATCH_CHANNEL
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.session import Service

CHANGES = 120


async def invited(service: Service) -> common.Actor:
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    _, token = await steps.invited(service.stub, staff, position_id)
    return await steps.entered(service.stub, token)


def watching(service: Service, candidate: common.Actor, after: int = 0) -> Any:
    with acting_as(candidate):
        return service.stub.WatchInterview(
            pb.WatchInterviewRequest(interview_id=candidate.interview_id, after_sequence=after), timeout=60
        )


async def read(stream: Any, count: int) -> list[int]:
    """The next sequences."""
    return [(await stream.read()).sequence for _ in range(count)]


async def test_a_reader_that_sleeps_gets_everything_in_order_and_holds_nobody_up(service: Service) -> None:
    candidate = await invited(service)
    slow, quick = watching(service, candidate), watching(service, candidate)
    assert await read(slow, 1) == [1]
    assert await read(quick, 1) == [1]
    for number in range(CHANGES):
        await steps.record_consented(service.stub, candidate, granted=bool(number % 2))
        assert await read(quick, 1) == [number + 2]
    assert await read(slow, CHANGES) == list(range(2, CHANGES + 2))
    for stream in (slow, quick):
        stream.cancel()


async def test_who_comes_back_goes_on_where_they_were(service: Service) -> None:
    candidate = await invited(service)
    for number in range(6):
        await steps.record_consented(service.stub, candidate, granted=bool(number % 2))
    first = watching(service, candidate)
    assert await read(first, 3) == [1, 2, 3]
    first.cancel()
    again = watching(service, candidate, after=3)
    assert await read(again, 4) == [4, 5, 6, 7]
    again.cancel()


async def test_only_the_newest_change_brings_the_interview_as_it_stands(service: Service) -> None:
    candidate = await invited(service)
    for number in range(4):
        await steps.record_consented(service.stub, candidate, granted=bool(number % 2))
    stream = watching(service, candidate)
    answers = [await stream.read() for _ in range(5)]
    assert [answer.HasField("interview") for answer in answers] == [False] * 4 + [True]
    stream.cancel()


async def test_a_watch_goes_on_when_its_notifying_connection_is_cut(service: Service, database_url: str) -> None:
    candidate = await invited(service)
    stream = watching(service, candidate)
    assert await read(stream, 1) == [1]
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:

        async def cut() -> int:
            listening = await connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = %s",
                (f"LISTEN {WATCH_CHANNEL}",),
            )
            [count] = await listening.fetchone() or (0,)
            return int(count)

        async def was_there() -> bool:
            return await cut() == 1

        await eventually(was_there)
        await steps.record_consented(service.stub, candidate, granted=True)  # nobody is told of this one
    async with asyncio.timeout(20):
        assert await read(stream, 1) == [2]
    await steps.record_consented(service.stub, candidate, granted=False)
    assert await read(stream, 1) == [3]
    stream.cancel()


async def test_who_stops_watching_leaves_no_error_in_the_log(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    candidate = await invited(service)
    stream = watching(service, candidate)
    assert await read(stream, 1) == [1]
    stream.cancel()
    await steps.record_consented(
        service.stub, candidate, granted=True
    )  # its handler has met the end of its stream by now
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
