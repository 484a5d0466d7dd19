"""The embedded PostgreSQL says in a sentence why it does not start."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console
from viva_local.stack.child import StartFailed
from viva_local.stack.logview import LogView
from viva_local.stack.postgres import EmbeddedPostgres, patiently
from viva_testkit.folders import open_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where PostgreSQL's user may go."""
    with open_folder("postgres") as made:
        yield made


async def test_a_folder_that_holds_something_else_is_refused_with_its_name(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text("9\n")
    postgres = EmbeddedPostgres(folder / "data", LogView(folder / "viva.log", Console(quiet=True)))
    with pytest.raises(StartFailed, match=f"postgresql did not start in {folder}/data: ."):
        await postgres.start()
    await postgres.stop()


def test_a_server_that_takes_longer_than_the_package_waits_is_waited_for() -> None:
    faults: list[Exception] = [subprocess.TimeoutExpired("pg_ctl", 10), AssertionError("starting")]

    def start() -> None:
        if faults:
            raise faults.pop(0)

    patiently(start)
    assert not faults


def test_a_server_that_cannot_start_is_not_waited_for() -> None:
    def start() -> None:
        raise subprocess.CalledProcessError(1, "pg_ctl")

    with pytest.raises(subprocess.CalledProcessError):
        patiently(start)
