"""The rules that are compared: Viva's own planner, a fixed size, KEDA's formula on lag, the HPA on CPU."""

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Protocol

from viva_operator.domain.model import Expected, Node, Pod, Pool, Snapshot, Specs, Waits, Worker
from viva_operator.domain.outcome import Drain, Scale
from viva_operator.domain.planner import plan
from viva_operator.simulate.world import STEP, World

_MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
_STABLE = 300.0  # seconds: --horizontal-pod-autoscaler-downscale-stabilization


class Rule(Protocol):
    """How many workers there should be."""

    name: str

    def look(self, world: World) -> None:
        """Look at the world, and tell it."""


class Fixed:
    """As many as the busiest hour needs, day and night."""

    name = "fixed size"

    def __init__(self, size: int) -> None:
        self._size = size

    def look(self, world: World) -> None:
        """The same as ever."""
        world.scale(self._size)


class _Stabilised:
    """The HPA's window: fewer only when the most of five minutes is fewer."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def most(self, now: float, wanted: int) -> int:
        """The most that was wanted within the window."""
        self._seen.append((now, wanted))
        while self._seen[0][0] < now - _STABLE:
            self._seen.popleft()
        return max(count for _, count in self._seen)


class LagOnly:
    """KEDA's nats-jetstream scaler: ceil(lag / threshold), to none after a cool-down of 300 s without lag.

    Source: keda.sh, concepts/scaling-deployments (cooldownPeriod 300, pollingInterval 30) over the HPA's window.
    """

    name = "lag only (KEDA)"

    def __init__(self, threshold: int, most: int) -> None:
        self._threshold, self._most = threshold, most
        self._window = _Stabilised()
        self._active = float("-inf")

    def look(self, world: World) -> None:
        """Every second step: it polls each 30 s."""
        if int(world.now / STEP) % 2:
            world.scale(sum(pod.draining is None for pod in world.pods))
            return
        lag = world.pending + world.in_hand
        if lag:
            self._active = world.now
        wanted = min(self._most, max(ceil(lag / self._threshold), int(world.now - self._active < _STABLE)))
        world.scale(self._window.most(world.now, wanted))


class CpuHpa:
    """The HPA on CPU: ceil(current x used / target), tolerance 0.1, at least one.

    Source: kubernetes.io, tasks/run-application/horizontal-pod-autoscale. A worker that works uses all of its CPU.
    """

    name = "CPU (HPA)"

    def __init__(self, most: int, *, target: float = 0.7) -> None:
        self._most, self._target = most, target
        self._window = _Stabilised()
        self._before = 0.0

    def look(self, world: World) -> None:
        """Each step, over what was used since the last one."""
        ready = [pod for pod in world.pods if pod.ready(world.now)]
        used = (world.busy_seconds - self._before) / (STEP * len(ready)) if ready else 0.0
        self._before = world.busy_seconds
        current = max(1, sum(pod.draining is None for pod in world.pods))
        ratio = used / self._target
        wanted = current if abs(ratio - 1) <= 0.1 else ceil(current * ratio)
        world.scale(self._window.most(world.now, min(self._most, max(1, wanted))))


class Planned:
    """Viva's planner, as the operator runs it: the same function, on a snapshot of this world."""

    name = "Viva"

    def __init__(self, worker: Worker, price: float) -> None:
        self._worker = worker
        self._price = price
        self._told = 0

    def look(self, world: World) -> None:
        """One reconcile."""
        pool = Pool(self._worker.pools[0], devices=1, memory=self._worker.memory, price=self._price)
        now = _MIDNIGHT + timedelta(seconds=world.now)
        made = plan(Specs((pool,), (self._worker,)), self._snapshot(world), now)
        for action in made.actions:
            if isinstance(action, Drain):
                pod = next(pod for pod in world.pods if pod.name == action.pod)
                pod.draining = None if action.since is None else (action.since - _MIDNIGHT).total_seconds()
            if isinstance(action, Scale):
                self._told = action.to
        self._worker = replace(self._worker, known=made.workers[self._worker.key].memory)
        self._follow(world)

    def _follow(self, world: World) -> None:
        """What the ReplicaSet does: too many go, marked ones first; missing ones start."""
        marked = sorted((pod for pod in world.pods if pod.draining is not None), key=lambda pod: pod.busy(world.now))
        for pod in marked[: max(0, len(world.pods) - self._told)]:
            world.pods.remove(pod)
        staying = len(world.pods)
        for _ in range(self._told - staying):
            world.start()

    def _snapshot(self, world: World) -> Snapshot:
        worker, role = self._worker, self._worker.role
        pool = worker.pools[0]
        due = world.planned(2 * 3600.0)
        planned = tuple((_MIDNIGHT + timedelta(seconds=each.planned or 0.0), 1) for each in due)
        return Snapshot(
            nodes=tuple(Node(f"node-{node}", pool, world.devices) for node in world.here()),
            pods=tuple(
                Pod(
                    pod.name,
                    worker.key,
                    pool,
                    _MIDNIGHT + timedelta(seconds=pod.created),
                    f"node-{pod.node}",
                    pod.ready(world.now),
                    pod.busy(world.now),
                    None if pod.draining is None else _MIDNIGHT + timedelta(seconds=pod.draining),
                )
                for pod in world.pods
            ),
            replicas={(worker.key, pool): self._told},
            waits={role: Waits(world.pending, world.in_hand)},
            expected={role: Expected(live=world.live(), planned=planned)},
        )


def sized_for(most_live: int, per_replica: int) -> int:
    """What a fixed size must be: enough for the busiest moment of that day, known beforehand."""
    return max(1, ceil(most_live / per_replica))


__all__ = ["CpuHpa", "Fixed", "LagOnly", "Planned", "Rule", "sized_for"]
