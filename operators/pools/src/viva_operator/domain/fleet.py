"""One worker in the making of a plan: what it has on each pool, what it may use, what it gets."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from viva_operator.domain.model import Pod, Pool, Worker

STUCK = timedelta(minutes=15)
"""A pod that has not become ready for so long will not: it goes first."""
UNSCHEDULED = timedelta(seconds=60)
"""A pod that has no node for so long, on a pool without room, is tried on the next pool."""
_CENT = 1e-9  # sums of prices are floats
NO_NODE_CAME = timedelta(minutes=5)
"""Karpenter makes a node in two or three minutes; after this long it cannot."""


@dataclass
class Fleet:
    """A worker's pods by pool. `count` begins as what runs and ends as what should."""

    worker: Worker
    pools: tuple[Pool, ...]
    """Those that it may use, in its order."""
    count: dict[str, int]
    was: dict[str, int]
    pods: tuple[Pod, ...]
    lines: list[str] = field(default_factory=list)
    lacks: list[tuple[str, str]] = field(default_factory=list)
    """(reason, words) of each pool that could not be taken."""
    desired: int = 0
    target: int = 0
    leaving: frozenset[str] = frozenset()
    """Pods that no replica stands for any more: their Deployment was told, and they were marked to go."""
    frozen: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Pods that are meant to run."""
        return sum(self.count.values())

    def devices(self, pool: Pool) -> int:
        """That one pod takes there."""
        return self.worker.devices or pool.devices

    def price(self, pool: Pool) -> float:
        """Of one pod, an hour."""
        return pool.price * self.devices(pool)

    def cost(self, pools: dict[str, Pool]) -> float:
        """Of all its pods, an hour; a pool that went costs nothing that is known."""
        return sum(count * self.price(pools[name]) for name, count in self.count.items() if name in pools)

    def too_dear(self, pools: dict[str, Pool], spared: float = 0.0) -> bool:
        """Whether it costs more than its budget, without what is spared soon."""
        return self.worker.budget is not None and self.cost(pools) - spared > self.worker.budget + _CENT

    def on(self, pool: str) -> list[Pod]:
        """Its pods there that stay as far as is known."""
        return [pod for pod in self.pods if pod.pool == pool and not pod.ending and pod.name not in self.leaving]

    def affords(self, pool: Pool, pools: dict[str, Pool]) -> bool:
        """Whether one more there is within the budget."""
        budget = self.worker.budget
        return budget is None or self.cost(pools) + self.price(pool) <= budget + _CENT

    def unscheduled(self, pool: str, now: datetime, than: timedelta) -> int:
        """Pods there that have had no node for longer."""
        return sum(pod.node is None and now - pod.created >= than for pod in self.on(pool))
