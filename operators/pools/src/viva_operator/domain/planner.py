"""`plan(specs, snapshot, now)`: filter pools, rank them, reserve what runs, grow, shrink, move back; and say why.

The same input gives the same plan, in whatever order it comes; the plan of what was planned is empty.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from viva_operator.domain import told
from viva_operator.domain.demand import demand
from viva_operator.domain.fleet import NO_NODE_CAME, UNSCHEDULED, Fleet
from viva_operator.domain.hysteresis import Held, held
from viva_operator.domain.model import Memory, Pod, Pool, Snapshot, Specs, Worker
from viva_operator.domain.outcome import Action, Key, Plan, WorkerOutcome
from viva_operator.domain.pools import better, usable
from viva_operator.domain.room import PoolRoom, lacking
from viva_operator.domain.shrink import Shrunk, leaving, scales, shrink, undrained


def plan(specs: Specs, snapshot: Snapshot, now: datetime) -> Plan:
    """What should be done, the conditions of each object, and the explanation of each worker."""
    return _Making(specs, snapshot, now).plan()


class _Making:
    """One plan in the making."""

    def __init__(self, specs: Specs, snapshot: Snapshot, now: datetime) -> None:
        self._specs = specs
        self._snapshot = snapshot
        self._now = now
        self._pools = {pool.name: pool for pool in sorted(specs.pools, key=lambda pool: pool.name)}
        self._workers = sorted(specs.workers, key=lambda worker: worker.key)
        self._pods: dict[Key, list[Pod]] = defaultdict(list)
        for pod in sorted(snapshot.pods, key=lambda pod: (pod.worker, pod.name)):
            self._pods[pod.worker].append(pod)
        self._was: dict[Key, dict[str, int]] = defaultdict(dict)
        for (worker, pool), count in snapshot.replicas.items():
            if count:
                self._was[worker][pool] = count

    def plan(self) -> Plan:
        """In this order: what runs is reserved before anybody grows, and who shrinks does so before anybody
        grows, and who grows before anybody moves."""
        self._rooms = self._all_rooms()
        said_of_pools = {name: told.pool(room, self._specs, self._pods) for name, room in self._rooms.items()}
        fleets = [self._fleet(worker) for worker in self._workers]
        numbers = {fleet.worker.key: self._wanted(fleet) for fleet in fleets}
        largest_first = sorted(fleets, key=lambda fleet: (-self._largest(fleet), fleet.worker.key))
        for fleet in largest_first:
            self._reserve(fleet)
        shrunken = {fleet.worker.key: self._shrink(fleet) for fleet in fleets}  # what a budget frees may be spent
        self._grow(largest_first)
        actions: list[Action] = []
        outcomes: dict[Key, WorkerOutcome] = {}
        for fleet in fleets:
            shrunk = shrunken[fleet.worker.key]
            memory = self._move(fleet, numbers[fleet.worker.key].memory)
            actions += shrunk.drains
            actions += undrained(fleet, shrunk.chosen)
            actions += scales(fleet)
            outcomes[fleet.worker.key] = told.worker(fleet, self._pools, self._snapshot, memory, shrunk)
        return Plan(tuple(actions), outcomes, said_of_pools)

    def _all_rooms(self) -> dict[str, PoolRoom]:
        used: dict[str, int] = defaultdict(int)
        workers = {worker.key: worker for worker in self._workers}
        for key, pods in self._pods.items():
            for pod in pods:
                if pod.node is not None:
                    used[pod.node] += _devices(workers.get(key), self._pools.get(pod.pool))
        nodes = defaultdict(list)
        for node in self._snapshot.nodes:
            nodes[node.pool].append(node)
        rooms = {name: PoolRoom(pool, nodes[name], used) for name, pool in self._pools.items()}
        for key, pods in self._pods.items():
            for pod in pods:
                if pod.node is not None and pod.pool in rooms:
                    rooms[pod.pool].placed(key, pod.node)
        return rooms

    def _fleet(self, worker: Worker) -> Fleet:
        fit, lacks = usable(worker, self._rooms, self._snapshot)
        was = self._was[worker.key]
        pods = tuple(self._pods[worker.key])
        out = leaving(pods, was, self._snapshot, worker, self._now)
        return Fleet(worker, fit, dict(was), dict(was), pods, lacks=lacks, leaving=out)

    def _wanted(self, fleet: Fleet) -> Held:
        wanted = demand(fleet.worker, self._snapshot, self._now)
        fleet.frozen = bool(wanted.unknown)
        number = held(fleet.worker, wanted.desired, fleet.total, self._now, frozen=fleet.frozen)
        fleet.desired, fleet.target = wanted.desired, number.target
        fleet.unknown = wanted.unknown
        fleet.lines += [*wanted.unknown, *wanted.lines, *([number.line] if number.line else [])]
        return number

    def _largest(self, fleet: Fleet) -> int:
        return max((fleet.devices(pool) for pool in fleet.pools), default=0)

    def _reserve(self, fleet: Fleet) -> None:
        """Reserve for pods that run nowhere yet; where one cannot, and has waited, the next pool takes it."""
        for pool in fleet.pools:
            room, name = self._rooms[pool.name], pool.name
            scheduled = sum(pod.node is not None for pod in fleet.on(name))
            late = fleet.unscheduled(name, self._now, UNSCHEDULED)
            hopeless = fleet.unscheduled(name, self._now, NO_NODE_CAME)
            if hopeless:
                room.no_more_nodes()
            waiting = max(0, fleet.count.get(name, 0) - scheduled)
            homeless = sum(not room.take(fleet.worker.key, fleet.devices(pool)) for _ in range(waiting))
            for _ in range(max(min(homeless, late), hopeless)):
                self._fall_back(fleet, pool)

    def _fall_back(self, fleet: Fleet, pool: Pool) -> None:
        reason, words = lacking(self._rooms[pool.name], fleet.devices(pool))
        fleet.lacks.append((reason, words))
        for other in fleet.pools:
            if other is pool or not fleet.count.get(pool.name):
                continue
            fleet.count[pool.name] -= 1
            if fleet.affords(other, self._pools) and self._rooms[other.name].take(
                fleet.worker.key, fleet.devices(other)
            ):
                fleet.count[other.name] = fleet.count.get(other.name, 0) + 1
                fleet.lines.append(f"falls back from {pool.name} to {other.name}: {words}")
                return
            fleet.count[pool.name] += 1

    def _grow(self, fleets: list[Fleet]) -> None:
        """One each in turn, so that no worker takes all there is."""
        hungry = [fleet for fleet in fleets if fleet.total < fleet.target]
        while hungry:
            hungry = [fleet for fleet in hungry if self._one_more(fleet) and fleet.total < fleet.target]

    def _one_more(self, fleet: Fleet) -> bool:
        for pool in fleet.pools:
            if not fleet.affords(pool, self._pools):
                price, budget = fleet.price(pool), fleet.worker.budget or 0.0
                over = fleet.cost(self._pools) + price - budget
                words = (
                    f"one more on pool {pool.name} costs {price:g} an hour and the budget is {budget:g}: "
                    f"{over:g} missing; raise budgetPerHour to get more"
                )
                fleet.lacks.append(("BudgetReached", words))
            elif self._rooms[pool.name].take(fleet.worker.key, fleet.devices(pool)):
                fleet.count[pool.name] = fleet.count.get(pool.name, 0) + 1
                return True
            else:
                fleet.lacks.append(lacking(self._rooms[pool.name], fleet.devices(pool)))
        return False

    def _shrink(self, fleet: Fleet) -> Shrunk:
        surplus = max(0, fleet.total - (fleet.worker.most if fleet.frozen else fleet.target))
        if surplus == 0 and not fleet.too_dear(self._pools):
            return Shrunk()
        return shrink(fleet, self._pools, self._snapshot, self._now, surplus)

    def _move(self, fleet: Fleet, memory: Memory) -> Memory:
        """Come back to a better pool once it has had room for the worker's delay: more there first, fewer here when
        they are ready."""
        settled = fleet.total == fleet.target and not fleet.frozen
        ways = [
            (name, pool)
            for name, pool in (better(fleet) if settled else ())
            if self._could(fleet, pool) and fleet.count[name] > self._stay(fleet, name)
        ]
        if not ways:
            return replace(memory, better_since=None)
        since = memory.better_since
        gone = any(name not in {pool.name for pool in fleet.pools} for name, _ in ways)
        if since is None or since > self._now:
            since = self._now
        left = fleet.worker.delay - (self._now - since)
        name, pool = ways[0]
        if left.total_seconds() > 0 and not gone:
            when = since + fleet.worker.delay
            fleet.lines.append(f"comes back to {pool.name} at {when:%H:%M:%S} UTC if it still has room then")
            return replace(memory, better_since=since)
        moved, most = 0, fleet.count[name] - self._stay(fleet, name)
        while moved < most and self._could(fleet, pool):
            self._rooms[pool.name].take(fleet.worker.key, fleet.devices(pool))
            fleet.count[pool.name] = fleet.count.get(pool.name, 0) + 1
            moved += 1
        fleet.lines.append(
            f"moves {moved} from {name} to {pool.name}, which has room; {name} is left when they are ready"
        )
        return replace(memory, better_since=None)

    def _stay(self, fleet: Fleet, name: str) -> int:
        """Pods that run by a claim while no claims are served: they hold theirs, and an API that went moves nobody."""
        pool = self._pools.get(name)
        if pool is None or not pool.by_claim or self._snapshot.claims:
            return 0
        return sum(pod.node is not None for pod in fleet.on(name))

    def _could(self, fleet: Fleet, pool: Pool) -> bool:
        return (
            fleet.total < fleet.worker.most
            and fleet.affords(pool, self._pools)
            and self._rooms[pool.name].slots(fleet.devices(pool)) > 0
        )


def _devices(worker: Worker | None, pool: Pool | None) -> int:
    """What a pod of a worker takes; of a worker or pool that went, the best guess there is."""
    if worker is not None and worker.devices:
        return worker.devices
    return pool.devices if pool is not None else 1


__all__ = ["plan"]
