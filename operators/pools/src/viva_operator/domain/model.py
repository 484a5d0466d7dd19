"""What the planner sees, as values. Memory is MiB, money is per hour, a device of a CPU pool is a core."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Packing(StrEnum):
    """How pods lie on nodes."""

    PACK = "Pack"
    SPREAD = "Spread"


class Scaler(StrEnum):
    """Who counts what waits."""

    AUTO = "Auto"
    LAG = "Lag"
    EXTERNAL = "External"


@dataclass(frozen=True, slots=True)
class Pool:
    """A ComputePool. `price` is of one device; 0 where nobody pays by the hour."""

    name: str
    devices: int
    """That a pod takes, where its worker does not say otherwise."""
    memory: int
    """Of one device."""
    packing: Packing = Packing.PACK
    price: float = 0.0
    more_nodes: int = 0
    """Nodes that Karpenter may still make; 0 where it is not served."""
    node_devices: int = 0
    """Devices on one of them."""
    by_claim: bool = False
    """Whether it allocates by DRA."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node that is ready, and the one pool that it counts for. `used` is what pods of nobody here have."""

    name: str
    pool: str
    devices: int
    used: int = 0
    domain: str = ""
    """The value of the pool's topology key."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the planner knew the last time; it comes back with the next snapshot, out of the worker's status."""

    target: int | None = None
    below_since: datetime | None = None
    peak: int = 0
    better_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A ModelWorker."""

    namespace: str
    name: str
    role: str
    pools: tuple[str, ...]
    memory: int
    devices: int | None = None
    least: int = 0
    most: int = 10
    scaler: Scaler = Scaler.AUTO
    asked: int | None = None
    """What an outside scaler asks for."""
    lag_per_replica: int = 2
    warm_live: bool = True
    interviews_per_replica: int = 4
    before: timedelta = timedelta(minutes=10)
    floor: int = 0
    delay: timedelta = timedelta(minutes=5)
    drain: timedelta = timedelta(minutes=5)
    budget: float | None = None
    known: Memory = Memory()

    @property
    def key(self) -> tuple[str, str]:
        """Namespace and name."""
        return self.namespace, self.name


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of a worker. `busy` is None where the pod does not say; `draining` is since when it should go."""

    name: str
    worker: tuple[str, str]
    pool: str
    created: datetime
    node: str | None = None
    ready: bool = False
    busy: bool | None = None
    draining: datetime | None = None
    ending: bool = False
    """Whether it has been told to end: it holds its devices still, and is no replica any more."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a role."""

    pending: int = 0
    in_hand: int = 0
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """Interviews that need a role: live, at any moment, and planned as (beginning, how many)."""

    live: int = 0
    waiting: int = 0
    planned: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment. None is not known, which is not the same as nothing."""

    nodes: tuple[Node, ...] = ()
    pods: tuple[Pod, ...] = ()
    replicas: Mapping[tuple[tuple[str, str], str], int] = field(default_factory=dict)
    """(worker, pool) → what its Deployment was told."""
    waits: Mapping[str, Waits] | None = field(default_factory=dict)
    expected: Mapping[str, Expected] | None = field(default_factory=dict)
    keda: bool = False
    claims: bool = False
    """Whether DRA is served."""
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Worker → what the API server or another field manager refused the last time."""
    jumped: tuple[datetime, timedelta] | None = None
    """When and by how much the clock jumped last."""


@dataclass(frozen=True, slots=True)
class Specs:
    """What is wanted. `broken` are objects that could not be read, with the reason."""

    pools: tuple[Pool, ...] = ()
    workers: tuple[Worker, ...] = ()
    overlaps: Mapping[str, str] = field(default_factory=dict)
    """Pool → the pool that has some of its nodes."""
