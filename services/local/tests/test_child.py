"""A supervised process: started, restarted when it dies, stopped in good order."""

import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest
from rich.console import Console
from viva_local.stack.child import Child, Command, StartFailed
from viva_local.stack.logview import LogView
from viva_testkit.bus import eventually

SERVES = """
import signal, sys, time, pathlib
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print('{"event": "hello", "level": "info"}', flush=True)
pathlib.Path(sys.argv[1]).touch()
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def log(tmp_path: Path) -> LogView:
    return LogView(tmp_path / "log", Console(quiet=True))


def command(
    tmp_path: Path, program: str = SERVES, *, start_timeout: float = 20, grace: float = 5
) -> tuple[Command, Path]:
    mark = tmp_path / "ready"

    async def ready() -> None:
        await eventually(mark.exists, within=60)

    argv = (sys.executable, "-c", program, str(mark))
    return Command("thing", argv, {}, ready, start_timeout=start_timeout, grace=grace), mark


def gone(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


async def test_it_starts_and_stops(tmp_path: Path, log: LogView) -> None:
    child = Child(command(tmp_path)[0], log)
    await child.start()
    pid = child.pid
    assert pid is not None
    await child.stop()
    assert child.pid is None
    assert gone(pid)
    assert '"event": "hello"' in (tmp_path / "log").read_text()


async def test_one_that_dies_is_started_again(tmp_path: Path, log: LogView) -> None:
    made, mark = command(tmp_path)
    child = Child(made, log)
    await child.start()
    first = child.pid
    assert first is not None
    mark.unlink()
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: mark.exists() and child.pid not in (None, first))
    assert child.restarts == 1
    assert "ended with code -9: restarted" in (tmp_path / "log").read_text()
    await child.stop()


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("raise SystemExit('no port')", "ended with code 1 while it was starting\n  no port"),
        ("import time; time.sleep(60)", "not ready within"),
    ],
)
async def test_one_that_does_not_start_is_an_error(tmp_path: Path, log: LogView, program: str, says: str) -> None:
    child = Child(command(tmp_path, program, start_timeout=1)[0], log)
    with pytest.raises(StartFailed, match=says):
        await child.start()
    await child.stop()
    assert child.pid is None


async def test_one_that_will_not_stop_is_killed(tmp_path: Path, log: LogView) -> None:
    stubborn = SERVES.replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    child = Child(command(tmp_path, stubborn, grace=0.3)[0], log)
    await child.start()
    await child.stop()
    assert child.pid is None
    assert "did not stop within" in (tmp_path / "log").read_text()


async def test_lines_that_are_no_json_are_kept_too(tmp_path: Path, log: LogView) -> None:
    program = SERVES.replace(
        """print('{"event": "hello", "level": "info"}', flush=True)""", "print('plain', flush=True)"
    )
    child = Child(command(tmp_path, program)[0], log)
    await child.start()
    await child.stop()
    assert '{"source": "thing", "event": "plain"}' in (tmp_path / "log").read_text()
