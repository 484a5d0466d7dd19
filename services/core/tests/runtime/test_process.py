"""A service as a process: signals, threads that compute on, exit codes, and what is said on the way out."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

SERVICE = """
import asyncio, sys, threading
from viva_core import main, runtime
from viva_core.settings import ServiceSettings

kind = sys.argv[1]

async def start():
    if kind == "fails":
        raise OSError("postgresql://viva:hunter2@db/viva: no route")
    print("up", flush=True)

async def stop(left):
    print("stopping", flush=True)
    if kind == "hangs":
        await asyncio.sleep(600)
    if kind == "computes":
        asyncio.ensure_future(asyncio.to_thread(threading.Event().wait))
        await asyncio.sleep(0)

async def ends():
    raise asyncio.CancelledError

async def run(settings):
    if kind == "bootstrap":
        raise ValueError("postgresql://viva:hunter2@db/viva: no route")
    env = runtime.environment("test", settings)
    parts = [runtime.Part("a", start, stop)]
    if kind == "cancelled":
        parts.append(runtime.Part("loop", run=ends))
    return await runtime.run(env, parts)

main._LEFTOVERS = 0.3
sys.exit(main.main("test", ServiceSettings, run, arguments=[]))
"""


@contextmanager
def service(kind: str) -> Iterator[subprocess.Popen[str]]:
    """The service, started."""
    environment = os.environ | {"VIVA_METRICS_PORT": "-1", "VIVA_HEALTH_PORT": "0", "VIVA_GRACE": "30"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, kind], stdout=pipe, stderr=pipe, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> str:
    """The next line that the service prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what stands on stderr."""
    _, errors = process.communicate(timeout=20)
    return process.returncode, errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0(number: signal.Signals) -> None:
    with service("plain") as process:
        assert told(process) == "up"
        process.send_signal(number)
        assert told(process) == "stopping"
        assert end(process)[0] == 0


def test_a_second_signal_ends_it_at_once() -> None:
    with service("hangs") as process:
        assert told(process) == "up"
        process.send_signal(signal.SIGTERM)
        assert told(process) == "stopping"
        process.send_signal(signal.SIGTERM)
        code, errors = end(process)
    assert code == 128 + signal.SIGTERM
    assert "a second signal: ending at once" in errors


def test_a_thread_that_computes_on_does_not_hold_up_the_end() -> None:
    with service("computes") as process:
        assert told(process) == "up"
        process.send_signal(signal.SIGTERM)
        code, errors = end(process)
    assert code == 0
    assert "a thread still computes: leaving without it" in errors


def test_a_loop_that_is_cancelled_from_within_ends_the_service_in_good_order() -> None:
    with service("cancelled") as process:
        assert told(process) == "up"
        assert told(process) == "stopping"
        code, errors = end(process)
    assert code == 1
    assert "viva_core.runtime.PartDied" in errors


@pytest.mark.parametrize("kind", ["fails", "bootstrap"])
def test_what_goes_wrong_at_the_start_is_told_without_its_secrets(kind: str) -> None:
    with service(kind) as process:
        code, errors = end(process)
    assert code == 1
    assert ("builtins.OSError" if kind == "fails" else "builtins.ValueError") in errors
    assert "hunter2" not in errors
