"""`python -m tests.bench [--only NAME]`: prints the table and writes build/bench.json.

Each part runs in a process of its own with an upper limit on its time, so that one that fails or hangs costs its own
rows and nothing else. `--only` replaces the rows of that part and leaves the others as the last run wrote them.
"""

import argparse
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.rows import Row, failed, load, merged, of_part, save, show

LIMITS = {
    "hop": 400,
    "outbox": 240,
    "live": 300,
    "gateway": 300,
    "evaluation": 900,
    "startup": 300,
    "pages": 600,
    "vision": 300,
    "voice": 1500,
    "operator": 900,
}
"""The parts, in the order they run, with the most seconds each may take."""
_LEAVE = 60  # seconds to stop servers and remove folders
_OUT = Path("build/bench.json")


def main() -> int:
    """Run the parts that were asked for; 1 when one of them failed. A missed budget is no failure: the row says so."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=list(LIMITS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds: to try the bench, not to quote it")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)  # a part in its own process
    chosen = parser.parse_args()
    if chosen.into is not None:
        return _in_this_process(chosen.only, chosen.into, quick=chosen.quick)
    signal.signal(signal.SIGTERM, _exit)
    rows = load(_OUT) if chosen.only else []
    broken = False
    for part in [chosen.only] if chosen.only else list(LIMITS):
        started = time.monotonic()
        fresh = _in_a_process(part, quick=chosen.quick)
        broken = broken or any(entry.ours is None for entry in fresh)
        rows = merged(rows, fresh, list(LIMITS))
        save(rows, _OUT)
        sys.stderr.write(f"{part} took {time.monotonic() - started:.0f} s\n")
    show(rows)
    return int(broken)


def _exit(number: int, _: object) -> None:
    """So that `finally` stops what was started."""
    sys.exit(128 + number)


def _in_this_process(part: str, into: Path, *, quick: bool) -> int:
    signal.signal(signal.SIGTERM, _exit)
    rows: list[Row] = importlib.import_module(f"tests.bench.{part}").run(quick=quick)
    save(of_part(part, rows), into)
    return 0


def _in_a_process(part: str, *, quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as folder:
        into = Path(folder) / "rows.json"
        command = [sys.executable, "-m", "tests.bench", "--only", part, "--into", str(into)]
        process = subprocess.Popen(command + (["--quick"] if quick else []), start_new_session=True)
        try:
            code = process.wait(LIMITS[part])
        except subprocess.TimeoutExpired:
            _end(process)
            return [failed(part, f"not done within {LIMITS[part]} s")]
        except BaseException:
            _end(process)
            raise
        rows = load(into)
        return rows if code == 0 and rows else [failed(part, f"ended with code {code}: see above")]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to tidy up; then end whatever is left of its process group."""
    process.terminate()
    try:
        process.wait(_LEAVE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
