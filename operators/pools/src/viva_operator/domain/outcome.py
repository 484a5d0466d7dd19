"""What a plan is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from viva_operator.domain.model import Memory

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """Tell a worker's Deployment on a pool how many."""

    worker: Key
    pool: str
    was: int
    to: int


@dataclass(frozen=True, slots=True)
class Drain:
    """Let this pod go first, and note since when it should (None: it may stay after all)."""

    worker: Key
    pod: str
    since: datetime | None


Action = Scale | Drain


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition: `holds` is None where it is not known."""

    type: str
    holds: bool | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class WorkerOutcome:
    """What is said of a worker."""

    desired: int
    target: int
    replicas: Mapping[str, int]
    """Pool → pods that are meant to run there; pools without one are left out."""
    ready: int
    draining: int
    cost: float
    memory: Memory
    verdicts: tuple[Verdict, ...]
    explanation: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    """The reasons why pools could not be taken."""


@dataclass(frozen=True, slots=True)
class PoolOutcome:
    """What is said of a pool."""

    nodes: int
    total: int
    used: int
    largest_free: int
    fragmented: int
    """Devices that are free on nodes with too few of them for one pod."""
    workers: int
    cost: float
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be done, what is said, and why."""

    actions: tuple[Action, ...] = ()
    workers: Mapping[Key, WorkerOutcome] = field(default_factory=dict)
    pools: Mapping[str, PoolOutcome] = field(default_factory=dict)

    @property
    def conditions(self) -> Mapping[Key | str, tuple[Verdict, ...]]:
        """Of each object; a pool by its name, a worker by namespace and name."""
        return {
            **{name: outcome.verdicts for name, outcome in self.pools.items()},
            **{key: outcome.verdicts for key, outcome in self.workers.items()},
        }

    @property
    def explanation(self) -> Mapping[Key, tuple[str, ...]]:
        """Of each worker, the plan in words."""
        return {key: outcome.explanation for key, outcome in self.workers.items()}
