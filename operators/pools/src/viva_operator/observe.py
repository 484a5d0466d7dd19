"""One picture of everything that a plan depends on."""

from collections.abc import Mapping
from typing import Protocol

from viva_core.clock import Clock
from viva_core.errors import NotFound

from viva_operator.adapters.kubernetes import Cluster
from viva_operator.metrics import OperatorMetrics
from viva_operator.ports import Ahead, Capabilities, Lag, Manifest, Observation, Ref
from viva_operator.resources import (
    CLAIM_TEMPLATES,
    DEPLOYMENTS,
    MANAGER,
    NODE_POOLS,
    NODES,
    PODS,
    POOLS,
    SCALED_OBJECTS,
    SLICES,
    WORKERS,
    Verb,
)
from viva_operator.view import WATCHED, View

OURS = f"app.kubernetes.io/managed-by={MANAGER}"


class ReadsLag(Protocol):
    """The bus."""

    async def read(self) -> Mapping[str, Lag] | None:
        """By role; None when it is not known."""


class ReadsForecast(Protocol):
    """The session service."""

    async def read(self) -> Mapping[str, Ahead] | None:
        """By role; None when it is not known."""


class Observer:
    """Reads it all. Raises when the API server is away: a picture of yesterday is none."""

    def __init__(
        self,
        cluster: Cluster,
        view: View,
        lags: ReadsLag,
        forecasts: ReadsForecast,
        metrics: OperatorMetrics,
        clock: Clock,
        *,
        look_every: float = 60.0,
    ) -> None:
        self._cluster = cluster
        self._view = view
        self._lags = lags
        self._forecasts = forecasts
        self._metrics = metrics
        self._clock = clock
        self._look_every = look_every  # seconds between looks at what is there and what is served
        self._capabilities: tuple[Capabilities, float] | None = None

    async def observe(self, refused: Mapping[Ref, str]) -> Observation:
        """The picture of this moment."""
        capabilities = await self._looked()
        wanted = {
            SCALED_OBJECTS: capabilities.keda,
            NODE_POOLS: capabilities.karpenter,
            CLAIM_TEMPLATES: capabilities.dra,
            SLICES: capabilities.dra and any(_claims(pool) for pool in self._view.all(POOLS)),
        }
        served = {}
        for resource, there in wanted.items():
            if not there:
                continue
            try:
                selector = "" if resource is SLICES else OURS  # devices are their driver's to tell
                self._view.listed(resource, await self._cluster.list(resource, label_selector=selector))
            except NotFound:  # its CRD went a moment ago
                self._capabilities = None
                continue
            served[resource] = self._view.all(resource)
        return Observation(
            pools=self._view.all(POOLS),
            workers=self._view.all(WORKERS),
            nodes=self._view.all(NODES),
            pods=self._view.all(PODS),
            deployments=self._view.all(DEPLOYMENTS),
            optional=served,
            lag=await self._lags.read(),
            ahead=await self._forecasts.read(),
            capabilities=capabilities,
            refused=refused,
        )

    async def nothing(self) -> bool:
        """Whether there is neither a pool nor a worker: then no watch will ever speak, and there is nothing to do."""
        return not await self._cluster.list(POOLS) and not await self._cluster.list(WORKERS)

    async def permitted(self) -> None:
        """Raises Denied where a kind may not be listed or watched: then nothing is ever listed whole."""
        for resource in WATCHED:
            for verb in (Verb.LIST, Verb.WATCH):
                await self._cluster.must(verb, resource)

    async def _looked(self) -> Capabilities:
        now = self._clock.monotonic()
        if self._capabilities is not None and now - self._capabilities[1] < self._look_every:
            return self._capabilities[0]
        served = await self._cluster.served()
        for resource in WATCHED:
            await self._cluster.must(Verb.WATCH, resource)
            self._view.there(resource, *await self._cluster.uids(resource))
        found = Capabilities(
            keda=SCALED_OBJECTS.api_version in served,
            karpenter=NODE_POOLS.api_version in served,
            dra=CLAIM_TEMPLATES.api_version in served,
        )
        for name in ("keda", "karpenter", "dra"):
            self._metrics.capability.labels(name).set(getattr(found, name))
        self._capabilities = (found, now)
        return found


def _claims(pool: Manifest) -> bool:
    return bool((pool.get("spec") or {}).get("allocation") == "DRA")
