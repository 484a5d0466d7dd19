"""How many workers are wanted: the most that lag, live interviews, planned ones and the floor ask for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from viva_operator.domain.model import Scaler, Snapshot, Worker

LATE = timedelta(minutes=15)
"""A planned interview that has not begun for so long is not expected any more."""
UNSTEADY = timedelta(minutes=5)
"""How long after a jump of the clock nothing shrinks."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is wanted, why, and what could not be known."""

    desired: int
    """Within the worker's most, before room and budget."""
    lines: tuple[str, ...]
    unknown: tuple[str, ...]
    scheduled: int = 0


def demand(worker: Worker, snapshot: Snapshot, now: datetime) -> Demand:
    """What a worker's rules ask for."""
    parts: list[tuple[int, str]] = [_floor(worker)]
    unknown: list[str] = []
    scheduled = 0
    if _by_lag(worker, snapshot):
        if snapshot.waits is None or worker.role not in snapshot.waits:
            unknown.append(f"the lag of {worker.role} is not known: NATS does not answer, or has no such consumer")
        else:
            parts.append(_lag(worker, snapshot))
    elif worker.asked is not None:
        parts.append((worker.asked, f"{worker.asked} asked for by an outside scaler (spec.replicas)"))
    if snapshot.expected is None:
        unknown.append("the forecast is not known: the session service does not answer")
    else:
        unknown += _past(worker, snapshot, now)
        planned = _interviews(worker, snapshot, now)
        scheduled = planned[0]
        parts.append(planned)
    unknown += _unsteady(snapshot, now)
    most, why = max(parts, key=lambda part: part[0])
    desired = min(most, worker.most)
    lines = [f"wants {desired}: {why}"]
    lines += [f"  also {line}" for count, line in parts if line != why and count]
    if most > worker.most:
        lines.append(f"  {most} would be wanted, maxReplicas is {worker.most}: raise it to get more")
    return Demand(desired, tuple(lines), tuple(unknown), scheduled)


def _by_lag(worker: Worker, snapshot: Snapshot) -> bool:
    """KEDA's word counts from its first one on: until then, and when it is gone, the operator counts itself."""
    keda_counts = snapshot.keda and worker.asked is not None
    return worker.scaler is Scaler.LAG or (worker.scaler is Scaler.AUTO and not keda_counts)


def _floor(worker: Worker) -> tuple[int, str]:
    if worker.least >= worker.floor:
        return worker.least, f"{worker.least} by minReplicas"
    return worker.floor, f"{worker.floor} by warm.floor"


def _lag(worker: Worker, snapshot: Snapshot) -> tuple[int, str]:
    assert snapshot.waits is not None
    waits = snapshot.waits[worker.role]
    count = ceil((waits.pending + waits.in_hand) / worker.lag_per_replica)
    return count, (
        f"{count} by lag: {waits.pending} wait and {waits.in_hand} are in hand, {worker.lag_per_replica} to a worker"
    )


def _past(worker: Worker, snapshot: Snapshot, now: datetime) -> list[str]:
    """The session service tells nothing of the past, but for who is late: if it does, one of both clocks is wrong."""
    assert snapshot.expected is not None
    ahead = snapshot.expected.get(worker.role)
    past = [(begins, count) for begins, count in (ahead.planned if ahead else ()) if begins < now - LATE]
    if not past:
        return []
    since = min(begins for begins, _ in past)
    return [
        f"{sum(count for _, count in past)} interviews are planned in the past, since {since:%Y-%m-%d %H:%M} UTC, and "
        "count no more: the clocks of the operator and of the session service differ, see that their nodes keep time"
    ]


def _unsteady(snapshot: Snapshot, now: datetime) -> list[str]:
    """After a jump what is remembered as a time says little: every wait looks over, or as if it had not begun."""
    if snapshot.jumped is None:
        return []
    at, by = snapshot.jumped
    if not timedelta() <= now - at < UNSTEADY:
        return []
    ahead = "ahead" if by > timedelta() else "back"
    return [
        f"the operator's clock jumped {ahead} by {abs(by.total_seconds()):.0f} s at {at:%H:%M:%S} UTC: see that its "
        f"node keeps time; waits begin anew at {at + UNSTEADY:%H:%M:%S} UTC"
    ]


def _interviews(worker: Worker, snapshot: Snapshot, now: datetime) -> tuple[int, str]:
    """Live and planned together: who is planned comes while the others are still there."""
    assert snapshot.expected is not None
    ahead = snapshot.expected.get(worker.role)
    if ahead is None:
        return 0, ""
    live = ahead.live if worker.warm_live else 0
    due = sum(count for begins, count in ahead.planned if now - LATE <= begins <= now + worker.before)
    count = ceil((live + ahead.waiting + due) / worker.interviews_per_replica)
    minutes = worker.before.total_seconds() / 60
    return count, (
        f"{count} by interviews: {live} live, {ahead.waiting} about to start and {due} planned within {minutes:g} min, "
        f"{worker.interviews_per_replica} to a worker"
    )
