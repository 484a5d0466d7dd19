"""Nothing that a person said or is reaches a log."""

import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
import structlog
from viva_core.errors import Invalid
from viva_core.telemetry import logs

ANSWER = "I led the migration of our payment ledger and argued with Minsu about it."
PRIVATE = {
    "answer": ANSWER,
    "text": ANSWER,
    "transcript": ANSWER,
    "question": "Why did you leave Hanbit?",
    "resume": "Kim Minsu, Seoul, 2019-2024 Hanbit",
    "name": "Kim Minsu",
    "display_name": "Kim Minsu",
    "candidate": {"name": "Kim Minsu", "email": "minsu@example.com"},
    "email": "minsu@example.com",
    "quotes": [ANSWER],
    "payload": ANSWER.encode(),
    "something_new": ANSWER,
    "password": "hunter2",
    "nats_password": "hunter2",
    "access_token": "eyJhbGciOi.eyJzdWIi.c2ln",
    "authorization": "Bearer abc",
    "api_key": 12345678,
    "session_id": "0190b6a0-0000-7000-8000-000000000001",
    "why": "no route to minsu@example.com with Bearer abc.def",
    "exception": ANSWER,
    "reason": "I turned Minsu down because of Hanbit",
    "code": [ANSWER],
    "url": "https://viva.example.org/i?token=abc&next=minsu@example.com",
    "path": "/api/v1/redeem?code=abc",
}
LEAKS = ["Minsu", "ledger", "Hanbit", "Seoul", "example.com", "hunter2", "eyJ", "abc", "12345678", "0190b6a0"]


class _Mode(StrEnum):
    HIRING = "hiring"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines; the process's logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("test", level="debug", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("key", PRIVATE)
def test_what_is_private_is_not_logged(written: io.StringIO, key: str) -> None:
    logs.get_logger("t").info("an answer came", **{key: PRIVATE[key]})
    assert [leak for leak in LEAKS if leak in written.getvalue()] == []


def test_what_helps_is_logged(written: io.StringIO) -> None:
    interview = UUID(int=7)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    logs.get_logger("t").warning(
        "a turn is late", interview_id=str(interview), turn_id=interview, mode=_Mode.HIRING, attempt=2, due=at, ok=False
    )
    line = lines(written)[0]
    assert line["event"] == "a turn is late"
    assert (line["interview_id"], line["turn_id"]) == (str(interview), str(interview))
    assert (line["mode"], line["attempt"], line["ok"], line["level"]) == ("hiring", 2, False, "warning")
    assert line["service"] == "test"


def test_a_traceback_keeps_places_and_loses_words(written: io.StringIO) -> None:
    try:
        try:
            raise ValueError(ANSWER)
        except ValueError as cause:
            raise Invalid(f"cannot read {ANSWER}") from cause
    except Invalid:
        logs.get_logger("t").exception("a fault")
    line = lines(written)[0]
    assert "viva_core.errors.Invalid" in line["exception"]
    assert "builtins.ValueError" in line["exception"]
    assert any("test_redact.py" in place for place in line["exception"])
    assert "ledger" not in written.getvalue()


def test_a_library_line_loses_addresses_and_tokens(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("mail to %s with Bearer %s", "minsu@example.com", "abc.def")
    logging.getLogger("some.library").warning("connect postgresql://viva:hunter2@db:5432/viva")
    assert [leak for leak in LEAKS if leak in written.getvalue()] == []
    assert lines(written)[1]["event"] == "connect postgresql://<credentials>@db:5432/viva"


async def test_a_task_that_nobody_waited_for_does_not_quote_its_exception(written: io.StringIO) -> None:
    async def fails() -> None:
        raise ValueError(ANSWER)

    task = asyncio.ensure_future(fails())
    await asyncio.wait({task})
    del task
    gc.collect()
    (line,) = [line for line in lines(written) if line["event"] == "Task exception was never retrieved …"]
    assert line["exception"][0] == "builtins.ValueError"
    assert "ledger" not in written.getvalue()


def test_a_library_that_shows_an_exception_loses_its_message(written: io.StringIO) -> None:
    logging.getLogger("some.library").error("giving up: %r", ValueError(ANSWER))
    assert lines(written)[0]["event"] == "giving up: ValueError(…)"


def test_our_own_names_may_be_several_words(written: io.StringIO) -> None:
    logs.get_logger("t").error("a part did not stop in good order", part="model watch", reason="HANDLER_TIMEOUT")
    assert (lines(written)[0]["part"], lines(written)[0]["reason"]) == ("model watch", "HANDLER_TIMEOUT")
