"""What the loop and the planner hand each other. The planner is pure: it sees an Observation and returns a Plan, and
whatever it needs to know is in there; whatever happens is the loop's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from viva_operator.resources import Resource

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """One object. `namespace` is empty for what lies in none."""

    resource: Resource
    namespace: str
    name: str

    @classmethod
    def of(cls, resource: Resource, manifest: Manifest) -> "Ref":
        """That of a manifest."""
        meta = manifest["metadata"]
        return cls(resource, meta.get("namespace") or "", meta["name"])

    def __str__(self) -> str:
        return f"{self.resource.name}/{self.namespace + '/' if self.namespace else ''}{self.name}"


@dataclass(frozen=True)
class Lag:
    """What waits for a role's workers: not delivered, delivered and not acknowledged, age of the oldest in seconds.

    `oldest` is that of the oldest message in a work queue, whichever role it is for: an upper bound. None where the
    stream keeps what was handled too, and where nothing waits.
    """

    pending: int
    ack_pending: int
    oldest: float | None


@dataclass(frozen=True)
class Ahead:
    """Interviews that need a role: now, at any moment, and planned as (beginning, how many), in order."""

    live: int
    waiting: int
    planned: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True)
class Capabilities:
    """What the cluster serves beyond Kubernetes' own."""

    keda: bool = False
    karpenter: bool = False
    dra: bool = False


@dataclass(frozen=True)
class Jump:
    """The wall clock jumped by this much, and then said `at`."""

    at: datetime
    by: timedelta


@dataclass(frozen=True)
class Observation:
    """One picture of everything. What could not be read is None, which is not the same as empty: a planner freezes
    what runs and says so."""

    pools: tuple[Manifest, ...]
    workers: tuple[Manifest, ...]
    nodes: tuple[Manifest, ...]
    pods: tuple[Manifest, ...]
    deployments: tuple[Manifest, ...]
    optional: Mapping[Resource, tuple[Manifest, ...]]
    """Of each optional kind that is served, what we have made of it."""
    lag: Mapping[str, Lag] | None
    """By role."""
    ahead: Mapping[str, Ahead] | None
    """By role."""
    capabilities: Capabilities
    refused: Mapping[Ref, str] = field(default_factory=dict)
    """What the last apply could not set, and why: another field manager's name, or the API server's words."""
    jumped: Jump | None = None
    """The last jump of the clock that the times in here are compared with."""


@dataclass(frozen=True)
class Note:
    """A decision, told as an Event on the object that it is about. `reason` is CamelCase and one of few."""

    about: Ref
    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True)
class Figures:
    """What the metrics show of a plan."""

    devices: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(pool, total | used | free | fragmented) → devices."""
    cost: Mapping[str, float] = field(default_factory=dict)
    """Pool → what its workers' pods cost an hour."""
    replicas: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(role, desired | ready | draining) → pods."""
    conditions: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """(role, condition, reason) → workers of which it is not as it should be."""
    cold: Mapping[str, int] = field(default_factory=dict)
    """Role → interviews that are live while no worker of the role is ready."""


@dataclass(frozen=True)
class Plan:
    """What should be. `statuses` are manifests with a status; `hints` are pods' annotations (None removes one)."""

    manifests: tuple[tuple[Resource, Manifest], ...] = ()
    deletions: tuple[Ref, ...] = ()
    statuses: tuple[tuple[Resource, Manifest], ...] = ()
    hints: Mapping[Ref, Mapping[str, str | None]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    figures: Figures = Figures()


class Planner(Protocol):
    """Pure: the same observation and time give the same plan."""

    def __call__(self, observation: Observation, now: datetime) -> Plan:
        """What should be."""
