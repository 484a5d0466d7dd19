"""A small world in steps: pods that start slowly, a queue, nodes that go and come back. Every rule meets the same."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from viva_operator.simulate.trace import Interview, Trace

STEP = 15.0
"""Seconds; the period in which HPA looks, and the operator at least."""
DAY = 24 * 3600.0


@dataclass
class SimPod:
    """One worker. Times are seconds of the day."""

    name: str
    node: int
    created: float
    ready_at: float
    free_at: float = 0.0
    draining: float | None = None

    def ready(self, now: float) -> bool:
        """Whether the model is loaded."""
        return now >= self.ready_at

    def busy(self, now: float) -> bool:
        """Whether it works on something."""
        return self.free_at > now


@dataclass
class Tally:
    """What a day cost, and whom it let wait."""

    waits: list[float] = field(default_factory=list)
    cold_scheduled: int = 0
    cold_walk_in: int = 0
    lost: int = 0
    """Turns that were begun anew, because their node was taken."""
    pod_seconds: float = 0.0
    replicas: list[int] = field(default_factory=list)
    live: list[int] = field(default_factory=list)


class World:
    """The state of the day at `now`."""

    def __init__(self, trace: Trace, *, nodes: int, devices: int, cold_start: float) -> None:
        self.now = 0.0
        self.devices = devices
        self.cold_start = cold_start
        self.away: dict[int, float] = {}
        self.nodes = nodes
        self.pods: list[SimPod] = []
        self.tally = Tally()
        self.busy_seconds = 0.0
        self._trace = trace
        self._queue: deque[tuple[float, float]] = deque()
        turns = sorted(turn for interview in trace.interviews for turn in interview.turns)
        self._turns = deque(turns)
        began = [each for each in trace.interviews if each.begins is not None]
        self._starts = deque(sorted(began, key=lambda each: each.begins or 0.0))
        self._reclaims = deque(trace.reclaims)
        self._working: list[tuple[SimPod, float, float]] = []
        self._made = 0

    @property
    def pending(self) -> int:
        """Messages that wait."""
        return len(self._queue)

    @property
    def in_hand(self) -> int:
        """Messages that a worker has."""
        return sum(pod.busy(self.now) for pod in self.pods)

    def live(self) -> int:
        """Interviews in progress."""
        return sum(each.begins is not None and each.begins <= self.now < each.ends for each in self._trace.interviews)

    def planned(self, within: float) -> Sequence[Interview]:
        """Booked, not cancelled, not begun, and due within so many seconds; for a quarter of an hour also late ones."""
        now = self.now
        return [
            each
            for each in self._trace.interviews
            if each.planned is not None
            and each.booked <= now
            and now - 900 <= each.planned <= now + within
            and not (each.cancelled is not None and each.cancelled <= now)
            and not (each.begins is not None and each.begins <= now)
        ]

    def here(self) -> list[int]:
        """Nodes that are there."""
        return [node for node in range(self.nodes) if self.away.get(node, 0.0) <= self.now]

    def scale(self, wanted: int, *, drain: float = 300.0) -> None:
        """What a Deployment of so many does: starts pods where there is room; ends idle ones, and lets busy ones
        finish."""
        staying = [pod for pod in self.pods if pod.draining is None]
        for pod in sorted(staying, key=lambda pod: (pod.ready(self.now), pod.busy(self.now), -pod.created)):
            if len(staying) <= wanted:
                break
            pod.draining = self.now
            staying.remove(pod)
        for pod in list(self.pods):
            if pod.draining is not None and (not pod.busy(self.now) or self.now - pod.draining >= drain):
                self.pods.remove(pod)
        for _ in range(wanted - len(staying)):
            self.start()

    def start(self) -> None:
        """Start one pod where there is room, if there is."""
        on = {node: sum(pod.node == node for pod in self.pods) for node in self.here()}
        free = [node for node, count in on.items() if count < self.devices]
        if free:
            node = min(free, key=lambda node: (on[node], node))  # the scheduler's default: the emptiest
            self._made += 1
            self.pods.append(SimPod(f"pod-{self._made}", node, self.now, self.now + self.cold_start))

    def step(self) -> None:
        """One step of time with the pods that there are."""
        self._reclaim()
        end = self.now + STEP
        while self._starts and (self._starts[0].begins or 0.0) < end:
            self._begin(self._starts.popleft())
        while self._turns and self._turns[0][0] < end:
            self._queue.append(self._turns.popleft())
        self._work(end)
        self.tally.pod_seconds += STEP * len(self.pods)
        self.tally.replicas.append(len(self.pods))
        self.tally.live.append(self.live())
        self.now = end

    def _begin(self, interview: Interview) -> None:
        """A candidate sits down: a worker should be warm."""
        if any(pod.ready(interview.begins or 0.0) for pod in self.pods):
            return
        if interview.planned is None:
            self.tally.cold_walk_in += 1
        else:
            self.tally.cold_scheduled += 1

    def _work(self, end: float) -> None:
        self._working = [entry for entry in self._working if entry[0].free_at > self.now]
        while self._queue:
            ready = [pod for pod in self.pods if pod.ready_at < end and pod.free_at < end and pod.draining is None]
            if not ready:
                return
            at, work = self._queue[0]
            pod = min(ready, key=lambda pod: (max(pod.free_at, pod.ready_at), pod.name))
            begin = max(at, pod.free_at, pod.ready_at, self.now)
            if begin >= end:
                return
            self._queue.popleft()
            pod.free_at = begin + work
            self.busy_seconds += work
            self.tally.waits.append(begin - at)
            self._working.append((pod, at, work))

    def _reclaim(self) -> None:
        """Take a spot node; what it had in hand is begun anew elsewhere."""
        while self._reclaims and self._reclaims[0].at <= self.now:
            taken = self._reclaims.popleft()
            here = self.here()
            if not here:
                return
            node = here[0]
            self.away[node] = self.now + taken.away
            for pod, at, work in self._working:
                if pod.node == node and pod.busy(self.now):
                    self._queue.appendleft((at, work))
                    self.tally.lost += 1
            self.pods = [pod for pod in self.pods if pod.node != node]
