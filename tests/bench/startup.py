"""`viva up` to ready, and what the idle stack holds in memory without its models.

A model's memory is its file's pages and its context (the KV cache: 190 MB for 8,192 tokens of the small model, twice).
The stack is measured with the smallest context there is, and beside it as it comes.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder
from viva_local.home import Home

from tests.bench.rows import Row, row

_LIMIT = 180


def run(*, quick: bool = False) -> list[Row]:
    """A first start on an empty folder, then a second one on the same."""
    model = pull(catalogue().get("smollm2-135m-instruct"), default_folder())
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    home = Home(folder / "viva")
    first, whole = _start(home, model)
    again, memory = _start(home, model, VIVA_MODEL_CONTEXT="512")
    shutil.rmtree(folder)
    return [
        row("viva up to ready, first start", "s", first, 30, at="most"),
        row("viva up to ready, later starts", "s", again, 30, at="most"),
        row("idle memory of the stack without model and context (PSS)", "MB", memory, 700, at="most"),
        row("idle memory with two contexts of 8,192 tokens (PSS)", "MB", whole),
    ]


def _start(home: Home, model: Path, **settings: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "viva_local", "up", "--quiet", "--port", "0", "--model-file", str(model)]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, "VIVA_HOME": str(home.root), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while home.running() is None:
            if process.poll() is not None or time.monotonic() - started > _LIMIT:
                raise RuntimeError(f"the stack did not start: its log is {home.log}")
            time.sleep(0.05)
        took = time.monotonic() - started
        return took, _memory(home, process.pid, model)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _memory(home: Home, pid: int, model: Path) -> float:
    """Proportional set size of everything, megabytes; pages of the model's own file do not count."""
    postmaster = int((home.postgres / "postmaster.pid").read_text().splitlines()[0])
    roots = [psutil.Process(pid), psutil.Process(postmaster)]
    processes = {p for root in roots for p in (root, *root.children(recursive=True))}
    total = 0
    for process in processes:
        maps = Path(f"/proc/{process.pid}/smaps").read_text().split("\n")
        own = True
        for line in maps:
            if line[:1].isdigit() or line[:1] in "abcdef":
                own = model.name not in line
            elif own and line.startswith("Pss:"):
                total += int(line.split()[1])
    return total * 1024 / 1e6
