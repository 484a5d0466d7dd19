"""Between objects and values: an Observation becomes what the planner sees, its plan what the loop applies.

An object that cannot be read costs its own turn only: it is left out, and its status says why.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from viva_operator.api.base import duration, mebibytes
from viva_operator.api.pool import ComputePoolSpec
from viva_operator.api.worker import ModelWorkerSpec, ModelWorkerStatus
from viva_operator.domain.model import (
    Expected,
    Memory,
    Node,
    Packing,
    Pod,
    Pool,
    Scaler,
    Snapshot,
    Specs,
    Waits,
    Worker,
)
from viva_operator.ports import Manifest, Observation

WORKER_LABEL, POOL_LABEL = "viva.dev/worker", "viva.dev/pool"
BUSY, DRAINING = "viva.dev/busy", "viva.dev/draining-since"
_UNITS = {"Ki": 1 / 1024, "Mi": 1.0, "Gi": 1024.0, "Ti": 1024.0 * 1024, "": 1 / (1024 * 1024)}


@dataclass
class Seen:
    """Everything that the planner sees, and the specs it came from."""

    specs: Specs
    snapshot: Snapshot
    pools: dict[str, ComputePoolSpec] = field(default_factory=dict)
    workers: dict[tuple[str, str], ModelWorkerSpec] = field(default_factory=dict)
    broken: dict[tuple[str, str], str] = field(default_factory=dict)
    """(namespace or nothing, name) → why it could not be read."""


def seen(observation: Observation) -> Seen:
    """What the planner sees."""
    broken: dict[tuple[str, str], str] = {}
    pools = _read(observation.pools, ComputePoolSpec, broken)
    workers = _read(observation.workers, ModelWorkerSpec, broken)
    by_name = {name: spec for (_, name), spec in pools.items()}
    nodes, overlaps = _nodes(observation, by_name)
    status = {_key(item): item.get("status") or {} for item in observation.workers}
    return Seen(
        Specs(
            tuple(_pool(name, spec, nodes, observation) for name, spec in by_name.items()),
            tuple(_worker(key, spec, status[key]) for key, spec in workers.items()),
            overlaps,
        ),
        Snapshot(
            nodes=tuple(nodes),
            pods=_pods(observation),
            replicas=_replicas(observation, workers),
            waits=None
            if observation.lag is None
            else {role: Waits(lag.pending, lag.ack_pending, lag.oldest) for role, lag in observation.lag.items()},
            expected=None
            if observation.ahead is None
            else {role: Expected(each.live, each.waiting, each.planned) for role, each in observation.ahead.items()},
            keda=observation.capabilities.keda,
            claims=observation.capabilities.dra,
            refused=_refused(observation, workers),
        ),
        by_name,
        workers,
        broken,
    )


def resource_of(spec: ComputePoolSpec) -> str:
    """The resource that a pod of the pool asks a node for."""
    accelerator = spec.accelerator
    if accelerator.kind == "cpu":
        return "cpu"
    if accelerator.resource_name:
        return accelerator.resource_name
    if accelerator.sharing.strategy == "MIG":
        return f"nvidia.com/mig-{accelerator.sharing.profile}"
    return {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "intel": "gpu.intel.com/i915"}[
        accelerator.vendor or "nvidia"
    ]


def deployment_name(worker: tuple[str, str], spec: ModelWorkerSpec, pool: str) -> str:
    """Of a worker on a pool."""
    return spec.deployment.name if spec.deployment is not None else f"{worker[1]}-{pool}"


def _key(manifest: Manifest) -> tuple[str, str]:
    meta = manifest["metadata"]
    return meta.get("namespace") or "", meta["name"]


def _read(
    manifests: tuple[Manifest, ...], kind: type[Any], broken: dict[tuple[str, str], str]
) -> dict[tuple[str, str], Any]:
    found = {}
    for manifest in manifests:
        try:
            found[_key(manifest)] = kind.model_validate(manifest.get("spec") or {})
        except ValidationError as error:
            first = error.errors()[0]
            broken[_key(manifest)] = f"spec.{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return found


def _pool(name: str, spec: ComputePoolSpec, nodes: list[Node], observation: Observation) -> Pool:
    karpenter = spec.provisioning.karpenter if observation.capabilities.karpenter else None
    there = sum(node.pool == name for node in nodes)
    return Pool(
        name,
        devices=spec.accelerator.devices_per_pod,
        memory=mebibytes(spec.accelerator.memory),
        packing=Packing(spec.packing),
        price=float(spec.price_per_hour or 0),
        more_nodes=max(0, karpenter.max_nodes - there) if karpenter else 0,
        node_devices=karpenter.devices_per_node if karpenter else 0,
        by_claim=spec.allocation == "DRA",
    )


def _worker(key: tuple[str, str], spec: ModelWorkerSpec, status: Manifest) -> Worker:
    return Worker(
        *key,
        role=spec.role,
        pools=spec.pools,
        memory=mebibytes(spec.model.memory),
        devices=spec.model.devices,
        least=spec.min_replicas,
        most=spec.max_replicas,
        scaler=Scaler(spec.scaler),
        asked=spec.replicas,
        lag_per_replica=spec.lag_per_replica,
        warm_live=spec.warm.while_interviews_live,
        interviews_per_replica=spec.warm.interviews_per_replica,
        before=duration(spec.warm.before_scheduled),
        floor=spec.warm.floor,
        delay=duration(spec.scale_down_delay),
        drain=duration(spec.drain_time),
        budget=float(spec.budget_per_hour) if spec.budget_per_hour else None,
        known=_memory(status),
    )


def _memory(status: Manifest) -> Memory:
    """What the last plan left in the status; none where somebody wrote nonsense there."""
    try:
        known = ModelWorkerStatus.model_validate(status).hysteresis
    except ValidationError:
        return Memory()
    if known is None:
        return Memory()
    return Memory(known.target, _time(known.below_since), known.peak or 0, _time(known.better_since))


def _time(text: Any) -> datetime | None:
    """RFC 3339; None for what is none."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None


def _nodes(observation: Observation, pools: Mapping[str, ComputePoolSpec]) -> tuple[list[Node], dict[str, str]]:
    """Ready nodes, each of the first pool that selects it; and the pools that must share."""
    used = _used(observation)
    found: list[Node] = []
    overlaps: dict[str, str] = {}
    for node in observation.nodes:
        if not _ready(node):
            continue
        mine = [name for name in sorted(pools) if _selected(node, pools[name])]
        if not mine:
            continue
        name = node["metadata"]["name"]
        for other in mine[1:]:
            overlaps[other] = (
                f"pool {mine[0]} selects node {name} too, and has it: narrow nodes.selector of one of both"
            )
        spec = pools[mine[0]]
        resource = resource_of(spec)
        labels = node["metadata"].get("labels") or {}
        allocatable = (node.get("status") or {}).get("allocatable") or {}
        devices = _devices(allocatable, spec, resource)
        taken = min(devices, -int(-used[name, resource] // 1))
        found.append(Node(name, mine[0], devices, taken, labels.get(spec.nodes.topology_key, "")))
    return found, overlaps


def _devices(allocatable: Mapping[str, Any], spec: ComputePoolSpec, resource: str) -> int:
    count = int(_number(allocatable.get(resource)))
    if resource != "cpu":
        return count
    share = mebibytes(spec.accelerator.memory)
    return min(count, int(_mebibytes(allocatable.get("memory")) // share)) if share else count


def _ready(node: Manifest) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    up = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return up and not (node.get("spec") or {}).get("unschedulable")


def _selected(node: Manifest, spec: ComputePoolSpec) -> bool:
    labels = node["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in spec.nodes.selector.items())


def _used(observation: Observation) -> dict[tuple[str, str], float]:
    """(node, resource) → what pods that are nobody's worker asked for."""
    used: dict[tuple[str, str], float] = defaultdict(float)
    for pod in observation.pods:
        spec, labels = pod.get("spec") or {}, pod["metadata"].get("labels") or {}
        node = spec.get("nodeName")
        if node is None or WORKER_LABEL in labels or (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            continue
        for container in spec.get("containers") or ():
            for resource, amount in ((container.get("resources") or {}).get("requests") or {}).items():
                used[node, resource] += _number(amount)
    return used


def _number(value: Any) -> float:
    """A quantity without a binary unit: 4, "4", "500m"."""
    text = str(value or 0)
    try:
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return 0.0


def _mebibytes(value: Any) -> float:
    text = str(value or 0)
    number = text.rstrip("KMGTi")
    try:
        return float(number) * _UNITS.get(text[len(number) :], 0.0)
    except ValueError:
        return 0.0


def _pods(observation: Observation) -> tuple[Pod, ...]:
    found = []
    for pod in observation.pods:
        meta, status = pod["metadata"], pod.get("status") or {}
        labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
        worker, pool = labels.get(WORKER_LABEL), labels.get(POOL_LABEL)
        if worker is None or pool is None or status.get("phase") in ("Succeeded", "Failed"):
            continue
        ready = any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions") or ())
        busy = notes.get(BUSY)
        created = _time(meta.get("creationTimestamp"))
        if created is None:
            continue
        found.append(
            Pod(
                meta["name"],
                (meta["namespace"], worker),
                pool,
                created,
                (pod.get("spec") or {}).get("nodeName"),
                ready,
                None if busy is None else busy == "true",
                _time(notes[DRAINING]) if DRAINING in notes else None,
                meta.get("deletionTimestamp") is not None,
            )
        )
    return tuple(found)


def _replicas(
    observation: Observation, workers: Mapping[tuple[str, str], ModelWorkerSpec]
) -> dict[tuple[tuple[str, str], str], int]:
    """What each Deployment was told; those of the operator by their labels, a worker's own by its name."""
    found: dict[tuple[tuple[str, str], str], int] = {}
    own = {(key[0], spec.deployment.name): (key, spec.pools[0]) for key, spec in workers.items() if spec.deployment}
    for item in observation.deployments:
        namespace, name = _key(item)
        labels = item["metadata"].get("labels") or {}
        replicas = int((item.get("spec") or {}).get("replicas") or 0)
        if (namespace, name) in own:
            found[own[namespace, name]] = replicas
        elif WORKER_LABEL in labels and POOL_LABEL in labels:
            found[(namespace, labels[WORKER_LABEL]), labels[POOL_LABEL]] = replicas
    return found


def _refused(
    observation: Observation, workers: Mapping[tuple[str, str], ModelWorkerSpec]
) -> dict[tuple[str, str], str]:
    """What the last apply could not set, by the worker that it was for."""
    found = {}
    for key, spec in workers.items():
        names = {deployment_name(key, spec, pool) for pool in spec.pools}
        for ref, words in observation.refused.items():
            if ref.namespace == key[0] and ref.name in names:
                found[key] = words
    return found
