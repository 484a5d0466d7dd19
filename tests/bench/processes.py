"""Processes that a bench measures: started, waited for until they say that they are ready, ended, and asked what they
saw.

A process gets two things in its environment: BENCH_READY, a pipe into which it writes one byte once it is ready, and
BENCH_OUT, a folder where it leaves its figures as JSON at its end. Nothing is reported while the clock runs.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_READY_SECONDS = 60.0
_END_SECONDS = 40.0


def say_ready() -> None:
    """In the measured process: it is ready."""
    os.write(int(os.environ["BENCH_READY"]), b"r")


def report(found: Any) -> None:
    """In the measured process, at its end: hand the figures over."""
    (Path(os.environ["BENCH_OUT"]) / f"{os.getpid()}.json").write_text(json.dumps(found))


def reported(out: Path) -> list[Any]:
    """What every process of that folder reported."""
    return [json.loads(path.read_text()) for path in sorted(out.glob("*.json"))]


@contextlib.contextmanager
def started(
    arguments: Sequence[str],
    out: Path,
    environment: Mapping[str, str] | None = None,
    *,
    count: int = 1,
    within: float = _READY_SECONDS,
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`count` times `python -m <arguments>`; the block begins when all have said that they are ready, which they must
    within so many seconds, and they are ended (SIGTERM) after it."""
    out.mkdir(parents=True, exist_ok=True)
    ears, mouth = os.pipe()
    processes = []
    try:
        for _ in range(count):
            processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", *arguments],
                    env={**os.environ, "BENCH_READY": str(mouth), "BENCH_OUT": str(out), **(environment or {})},
                    pass_fds=(mouth,),
                )
            )
        _await_ready(ears, processes, within)
        yield processes
    finally:
        os.close(ears)
        os.close(mouth)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(_END_SECONDS)


def _await_ready(ears: int, processes: Sequence[subprocess.Popen[bytes]], within: float) -> None:
    wanted = len(processes)
    limit = time.monotonic() + within
    while wanted:
        if select.select([ears], [], [], 0.2)[0]:
            wanted -= len(os.read(ears, wanted))
        elif time.monotonic() > limit or any(process.poll() is not None for process in processes):
            raise RuntimeError(f"not ready: {processes[0].args!r}")
