"""How many threads are worth starting."""

import os
import sys
from pathlib import Path

_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


def usable_cores() -> int:
    """The cores that this process may use: its affinity, and the quota of its container.

    A container with a quota of 4 CPUs on a node of 64 still sees 64; as many threads would be throttled to a crawl.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _quota(_CPU_MAX.read_text()) if _CPU_MAX.is_file() else cores)


def _quota(cpu_max: str) -> int:
    """Whole CPUs of a cgroup's `cpu.max` ("400000 100000", or "max 100000" for no limit)."""
    quota, _, period = cpu_max.strip().partition(" ")
    return sys.maxsize if quota == "max" else max(1, int(quota) // int(period or 100_000))
