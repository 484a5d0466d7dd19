"""More at once, fewer only when fewer have been enough for a while; what was seen is in the worker's status."""

from dataclasses import dataclass, replace
from datetime import datetime

from viva_operator.domain.model import Memory, Worker


@dataclass(frozen=True, slots=True)
class Held:
    """The number after hysteresis, what to remember, and why it is not the desired one."""

    target: int
    memory: Memory
    line: str = ""


def held(worker: Worker, desired: int, running: int, now: datetime, *, frozen: bool) -> Held:
    """Hold on to what runs until less has been enough for the worker's delay; never more than its most.

    A clock that went back begins the wait anew; so does a memory that says nothing.
    """
    known = worker.known
    current = min(running if known.target is None else known.target, worker.most)
    if desired >= current:
        return Held(desired, replace(known, target=desired, below_since=None, peak=0))
    if frozen:
        line = f"stays at {current}: nothing shrinks while something is not known"
        return Held(current, replace(known, target=current, below_since=None, peak=0), line)
    since, peak = known.below_since, max(known.peak, desired)
    if since is None or since > now:
        since, peak = now, desired
    left = worker.delay - (now - since)
    if left.total_seconds() > 0:
        line = f"stays at {current} until {since + worker.delay:%H:%M:%S} UTC: fewer must be enough for that long"
        return Held(current, replace(known, target=current, below_since=since, peak=peak), line)
    peak = min(peak, current)
    return Held(
        peak,
        replace(known, target=peak, below_since=None if peak == desired else now, peak=desired * (peak != desired)),
    )
