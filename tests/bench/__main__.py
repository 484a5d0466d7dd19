"""`python -m tests.bench [--only NAME]`: prints the table and writes build/bench.json."""

import argparse
import sys
import time
from pathlib import Path

from tests.bench import evaluation, hop, outbox, startup, vision
from tests.bench.rows import save, show

PARTS = {
    "hop": hop.run,
    "outbox": outbox.run,
    "evaluation": evaluation.run,
    "startup": startup.run,
    "vision": vision.run,
}


def main() -> int:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS))
    only = parser.parse_args().only
    rows = []
    for name, run in PARTS.items():
        if only in (None, name):
            started = time.monotonic()
            rows += run()
            sys.stderr.write(f"{name} took {time.monotonic() - started:.0f} s\n")
    show(rows)
    save(rows, Path("build/bench.json"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
