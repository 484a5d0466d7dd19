"""Which pods go, in which order, and which must finish first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from viva_operator.domain.fleet import STUCK, Fleet
from viva_operator.domain.model import Pod, Pool, Snapshot, Worker
from viva_operator.domain.outcome import Drain, Scale


@dataclass(frozen=True)
class Shrunk:
    """Pods that were chosen to go, those newly marked so, and how many of them finish their work first."""

    chosen: frozenset[str] = frozenset()
    drains: tuple[Drain, ...] = ()
    waiting: int = 0
    line: str = ""


def busy(pod: Pod, snapshot: Snapshot, role: str) -> bool:
    """Whether it has work in hand. One that does not say is busy while anything of its role is in hand, or nobody
    knows; one that was never ready has nothing."""
    if pod.busy is not None:
        return pod.busy
    if not pod.ready:
        return False
    waits = None if snapshot.waits is None else snapshot.waits.get(role)
    return waits is None or waits.in_hand > 0


def leaving(
    pods: tuple[Pod, ...], was: Mapping[str, int], snapshot: Snapshot, worker: Worker, now: datetime
) -> frozenset[str]:
    """Marked pods beyond what their Deployment was told: they are on their way out."""
    found: set[str] = set()
    for name in {pod.pool for pod in pods}:
        on = [pod for pod in pods if pod.pool == name and not pod.ending]
        marked = [pod for pod in on if pod.draining is not None]
        marked.sort(key=lambda pod: (_works(pod, snapshot, worker, now), pod.name))
        found.update(pod.name for pod in marked[: max(0, len(on) - was.get(name, 0))])
    return frozenset(found)


def shrink(fleet: Fleet, pools: dict[str, Pool], snapshot: Snapshot, now: datetime, surplus: int) -> Shrunk:
    """Take `surplus` pods off the fleet's counts, and more while it costs more than its budget: emptiest first, then on
    the most expensive pool, then on the last one. A busy pod is marked, and goes when its work is done or its drain
    time is up. A ready pod goes only while as many as are wanted stay ready; the budget knows no such mercy."""
    worker = fleet.worker
    pods = [pod for name in sorted(fleet.count) for pod in fleet.on(name) if fleet.count[name] > 0]
    ready = sum(pod.ready for pod in pods)
    keep_ready = min(fleet.total - surplus, ready)
    surplus -= _without_pods(fleet, pools, surplus)
    drains: list[Drain] = []
    chosen: set[str] = set()
    waiting, spared = 0, 0.0
    for pod in sorted(pods, key=lambda pod: _order(pod, fleet, snapshot, now)):
        too_dear = fleet.too_dear(pools, spared)
        if surplus <= 0 and not too_dear:
            break
        stuck = not pod.ready and now - pod.created >= STUCK
        needed = (pod.ready and ready <= keep_ready) or (not pod.ready and not stuck and _arriving(fleet, pod.pool))
        if fleet.count[pod.pool] <= 0 or (needed and not too_dear):
            continue
        surplus -= 1
        ready -= pod.ready
        chosen.add(pod.name)
        if pod.draining is None:
            drains.append(Drain(worker.key, pod.name, now))
        if _works(pod, snapshot, worker, now):
            waiting += 1
            spared += fleet.price(pools[pod.pool]) if pod.pool in pools else 0.0
        else:
            fleet.count[pod.pool] -= 1
    return Shrunk(frozenset(chosen), tuple(drains), waiting, _line(fleet, waiting, surplus))


def undrained(fleet: Fleet, chosen: frozenset[str]) -> tuple[Drain, ...]:
    """Pods that were marked to go and are wanted again."""
    kept = chosen | fleet.leaving
    return tuple(
        Drain(fleet.worker.key, pod.name, None)
        for pod in sorted(fleet.pods, key=lambda pod: pod.name)
        if pod.draining is not None and not pod.ending and pod.name not in kept
    )


def scales(fleet: Fleet) -> tuple[Scale, ...]:
    """What differs from what was."""
    names = sorted({*fleet.was, *fleet.count})
    return tuple(
        Scale(fleet.worker.key, name, fleet.was.get(name, 0), fleet.count.get(name, 0))
        for name in names
        if fleet.was.get(name, 0) != fleet.count.get(name, 0)
    )


def _works(pod: Pod, snapshot: Snapshot, worker: Worker, now: datetime) -> bool:
    """Whether it may finish first. A mark from the future is a clock that went back: the pod keeps its time."""
    time_is_up = pod.draining is not None and now - pod.draining >= worker.drain
    return busy(pod, snapshot, worker.role) and not time_is_up


def _line(fleet: Fleet, waiting: int, left: int) -> str:
    if waiting:
        return f"{waiting} busy pods finish first, for at most {fleet.worker.drain.total_seconds():.0f} s"
    return f"{left} pods stay until as many as are wanted are ready" if left > 0 else ""


def _without_pods(fleet: Fleet, pools: dict[str, Pool], surplus: int) -> int:
    """Replicas that have no pod yet are the emptiest of all."""
    gone = 0
    for name in sorted(fleet.count, key=lambda name: _rank(name, fleet)):
        arriving = _arriving(fleet, name)
        for _ in range(fleet.count[name] - len(fleet.on(name))):
            if not fleet.too_dear(pools) and (gone >= surplus or arriving):
                break
            fleet.count[name] -= 1
            gone += 1
    return gone


def _arriving(fleet: Fleet, name: str) -> bool:
    """Whether what is not ready there yet may be to take over from a pool that would go first."""
    return any(count and _rank(other, fleet) < _rank(name, fleet) for other, count in fleet.count.items())


def _rank(name: str, fleet: Fleet) -> tuple[float, int, str]:
    """A pool that may not be used at all goes first, then the most expensive, then the last of the worker's order."""
    pool: Pool | None = next((pool for pool in fleet.pools if pool.name == name), None)
    if pool is None:
        return float("-inf"), 0, name
    return -fleet.price(pool), -fleet.pools.index(pool), name


def _order(
    pod: Pod, fleet: Fleet, snapshot: Snapshot, now: datetime
) -> tuple[bool, bool, bool, tuple[float, int, str], bool, str]:
    stuck = not pod.ready and now - pod.created >= STUCK
    marked = pod.draining is not None
    return not stuck, not marked, busy(pod, snapshot, fleet.worker.role), _rank(pod.pool, fleet), pod.ready, pod.name
