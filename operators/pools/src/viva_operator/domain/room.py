"""Free devices, node by node, and reservations on them: two workers never both count on the last node.

A pod needs all its devices on one node. Pack takes the node that fits best (the fewest free devices that are enough),
so that whole nodes stay whole; Spread takes the emptiest node of the domain with the fewest pods of that worker.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from viva_operator.domain.model import Node, Packing, Pool

_DOMAINS = 32
"""More domains than this are nodes, not zones: then the emptiest node is a new domain already."""


class Shelf:
    """Nodes by their number of free devices."""

    def __init__(self, free: Iterable[tuple[str, int]]) -> None:
        levels: dict[int, list[str]] = defaultdict(list)
        for name, devices in free:
            if devices > 0:
                levels[devices].append(name)
        for names in levels.values():
            heapify(names)
        self._levels = dict(levels)
        self._order = sorted(levels)

    def slots(self, devices: int) -> int:
        """How many pods of so many devices fit."""
        return sum(level // devices * len(names) for level, names in self._levels.items())

    @property
    def free(self) -> int:
        """Free devices."""
        return sum(level * len(names) for level, names in self._levels.items())

    @property
    def largest(self) -> int:
        """The most free devices on one node."""
        return self._order[-1] if self._order else 0

    def take(self, devices: int, *, best_fit: bool) -> bool:
        """Reserve devices on one node; False when none has so many."""
        if self.largest < devices:
            return False
        level = next(level for level in self._order if level >= devices) if best_fit else self._order[-1]
        name = heappop(self._levels[level])
        if not self._levels[level]:
            del self._levels[level]
            self._order.remove(level)
        if left := level - devices:
            if left not in self._levels:
                self._levels[left] = []
                insort(self._order, left)
            heappush(self._levels[left], name)
        return True


class PoolRoom:
    """The room of one pool."""

    def __init__(self, pool: Pool, nodes: Iterable[Node], used: dict[str, int]) -> None:
        self.pool = pool
        self.nodes = sorted(nodes, key=lambda node: node.name)
        self.total = sum(node.devices for node in self.nodes)
        free = {node.name: max(0, node.devices - node.used - used.get(node.name, 0)) for node in self.nodes}
        self.scattered = sum(left for left in free.values() if left < pool.devices)
        self._more = pool.more_nodes
        self._spread = pool.packing is Packing.SPREAD
        domains = sorted({node.domain or node.name for node in self.nodes})
        self._by_domain = self._spread and 1 < len(domains) <= _DOMAINS
        of = {node.name: (node.domain or node.name) if self._by_domain else "" for node in self.nodes}
        shelves: dict[str, list[tuple[str, int]]] = {domain: [] for domain in (domains if self._by_domain else [""])}
        for name, left in free.items():
            shelves[of[name]].append((name, left))
        self._shelves = {domain: Shelf(entries) for domain, entries in shelves.items()}
        self._count: dict[tuple[tuple[str, str], str], int] = defaultdict(int)
        self._of = of

    def placed(self, worker: tuple[str, str], node: str) -> None:
        """A pod of this worker lies there already."""
        if node in self._of:
            self._count[worker, self._of[node]] += 1

    @property
    def free(self) -> int:
        """Free devices on the nodes there are."""
        return sum(shelf.free for shelf in self._shelves.values())

    @property
    def largest(self) -> int:
        """The most free devices on one node."""
        return max((shelf.largest for shelf in self._shelves.values()), default=0)

    def slots(self, devices: int) -> int:
        """How many pods of so many devices fit, with the nodes that may still be made."""
        more = self._more * (self.pool.node_devices // devices)
        return more + sum(shelf.slots(devices) for shelf in self._shelves.values())

    def no_more_nodes(self) -> None:
        """Nodes that were asked for do not come: count on none."""
        self._more = 0

    def take(self, worker: tuple[str, str], devices: int) -> bool:
        """Reserve for one pod; False where there is no room."""
        for domain in sorted(self._shelves, key=lambda domain: (self._count[worker, domain], domain)):
            if self._shelves[domain].take(devices, best_fit=not self._spread):
                self._count[worker, domain] += 1
                return True
        return self._new_node(devices)

    def _new_node(self, devices: int) -> bool:
        """Count on a node that is not there yet."""
        if self._more == 0 or self.pool.node_devices < devices:
            return False
        self._more -= 1
        left = self.pool.node_devices - devices
        if left:
            self._shelves[f"new node {self._more}"] = Shelf([(f"new node {self._more}", left)])
        return True


def lacking(room: PoolRoom, devices: int) -> tuple[str, str]:
    """Reason and words for a pod that finds no room: the pool, and the number missing."""
    name, total, free = room.pool.name, room.total, room.free
    if not room.nodes:
        return "NoMatchingNode", f"pool {name} has no ready node: label a node as its selector says, or add one"
    if free >= devices:
        return (
            "Fragmented",
            f"pool {name} has {free} free devices, but at most {room.largest} on one node and a pod needs {devices}: "
            f"{devices - room.largest} missing there",
        )
    return (
        "DevicesExhausted",
        f"pool {name} has {free} of {total} devices free and a pod needs {devices}: {devices - free} missing",
    )
