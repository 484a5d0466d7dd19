"""From objects to values: an Observation becomes what the planner sees.

An object that cannot be read costs its own turn only: it is left out, what runs of it stays, and its status says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
from viva_operator.inventory import POOL_LABEL, WORKER_LABEL, Key, Owned, key_of, nodes, owned
from viva_operator.ports import Manifest, Observation

BUSY, DRAINING = "viva.dev/busy", "viva.dev/draining-since"


@dataclass(frozen=True)
class Seen:
    """Everything that the planner sees, and what it came from."""

    specs: Specs
    snapshot: Snapshot
    pools: Mapping[str, ComputePoolSpec]
    workers: Mapping[Key, ModelWorkerSpec]
    broken: Mapping[Key, str]
    """(namespace or nothing, name) → why it could not be read."""


def seen(observation: Observation) -> Seen:
    """What the planner sees."""
    broken: dict[Key, str] = {}
    pools = {name: spec for (_, name), spec in _read(observation.pools, ComputePoolSpec, broken).items()}
    lost = {name for namespace, name in broken if not namespace}
    workers = _read(observation.workers, ModelWorkerSpec, broken)
    for key, spec in list(workers.items()):
        if unread := sorted(lost & set(spec.pools)):
            broken[key] = f"pool {unread[0]} could not be read: what runs stays as it is until it can"
            del workers[key]
    pods = owned(observation, workers)
    found, overlaps = nodes(observation, pools, pods)
    status = {key_of(item): item.get("status") or {} for item in observation.workers}
    specs = Specs(
        tuple(_pool(name, spec, found, observation) for name, spec in pools.items()),
        tuple(_worker(key, spec, status[key]) for key, spec in workers.items()),
        overlaps,
    )
    snapshot = Snapshot(
        nodes=tuple(found),
        pods=_pods(pods),
        replicas=_replicas(observation, workers),
        waits=_waits(observation),
        expected=_expected(observation),
        keda=observation.capabilities.keda,
        claims=observation.capabilities.dra,
        refused=_refused(observation, workers),
        jumped=(observation.jumped.at, observation.jumped.by) if observation.jumped is not None else None,
    )
    return Seen(specs, snapshot, pools, workers, broken)


def deployment_name(worker: Key, spec: ModelWorkerSpec, pool: str) -> str:
    """Of a worker on a pool."""
    return spec.deployment.name if spec.deployment is not None else f"{worker[1]}-{pool}"


def stranger(live: Manifest | None, worker: Key, pool: str) -> str:
    """Why a Deployment that has the name of a worker's is not to be touched; empty where it is."""
    if live is None:
        return ""
    labels = live["metadata"].get("labels") or {}
    whose = (labels.get(WORKER_LABEL), labels.get(POOL_LABEL))
    if whose == (worker[1], pool) or _selects(live, worker[1], pool):
        return ""
    name = live["metadata"]["name"]
    owner = f"worker {whose[0]}'s on pool {whose[1]}" if whose[0] else "not the operator's"
    return f"Deployment {name} is there and is {owner}: rename it, or the worker"


def _selects(live: Manifest, worker: str, pool: str) -> bool:
    """Its selector cannot be changed, so it tells whose it is although somebody took its labels away."""
    labels = (live["spec"].get("selector") or {}).get("matchLabels") or {}
    return (labels.get(WORKER_LABEL), labels.get(POOL_LABEL)) == (worker, pool)


def moment(text: Any) -> datetime | None:
    """RFC 3339; None for what is none."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _read(manifests: tuple[Manifest, ...], kind: type[Any], broken: dict[Key, str]) -> dict[Key, Any]:
    found = {}
    for manifest in manifests:
        try:
            found[key_of(manifest)] = kind.model_validate(manifest.get("spec") or {})
        except ValidationError as error:
            first = error.errors()[0]
            broken[key_of(manifest)] = f"spec.{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return found


def _pool(name: str, spec: ComputePoolSpec, found: list[Node], observation: Observation) -> Pool:
    karpenter = spec.provisioning.karpenter if observation.capabilities.karpenter else None
    there = sum(node.pool == name for node in found)
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


def _worker(key: Key, spec: ModelWorkerSpec, status: Manifest) -> Worker:
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
    return Memory(known.target, moment(known.below_since), known.peak or 0, moment(known.better_since))


def _waits(observation: Observation) -> dict[str, Waits] | None:
    if observation.lag is None:
        return None
    return {role: Waits(lag.pending, lag.ack_pending, lag.oldest) for role, lag in observation.lag.items()}


def _expected(observation: Observation) -> dict[str, Expected] | None:
    if observation.ahead is None:
        return None
    return {role: Expected(each.live, each.waiting, each.planned) for role, each in observation.ahead.items()}


def _pods(pods: Owned) -> tuple[Pod, ...]:
    found = []
    for pod, worker, pool in pods:
        meta, conditions = pod["metadata"], (pod.get("status") or {}).get("conditions") or ()
        notes = meta.get("annotations") or {}
        busy, created = notes.get(BUSY), moment(meta.get("creationTimestamp"))
        if created is None:
            continue
        found.append(
            Pod(
                meta["name"],
                worker,
                pool,
                created,
                (pod.get("spec") or {}).get("nodeName"),
                any(each["type"] == "Ready" and each["status"] == "True" for each in conditions),
                None if busy is None else busy == "true",
                moment(notes[DRAINING]) if DRAINING in notes else None,
                meta.get("deletionTimestamp") is not None,
            )
        )
    return tuple(found)


def _replicas(observation: Observation, workers: Mapping[Key, ModelWorkerSpec]) -> dict[tuple[Key, str], int]:
    """What each Deployment was told; those of the operator by their labels, a worker's own by its name."""
    found: dict[tuple[Key, str], int] = {}
    own = {(key[0], spec.deployment.name): (key, spec.pools[0]) for key, spec in workers.items() if spec.deployment}
    for item in observation.deployments:
        namespace, name = key_of(item)
        labels = (item["spec"].get("selector") or {}).get("matchLabels") or {}
        replicas = item["spec"].get("replicas")
        count = 1 if replicas is None else int(replicas)
        if (namespace, name) in own:
            found[own[namespace, name]] = count
        elif WORKER_LABEL in labels and POOL_LABEL in labels:
            key = (namespace, labels[WORKER_LABEL])
            if key not in workers or workers[key].deployment is None:
                found[key, labels[POOL_LABEL]] = count
    return found


def _refused(observation: Observation, workers: Mapping[Key, ModelWorkerSpec]) -> dict[Key, str]:
    """Why a worker's Deployment cannot be set: it is not there, it is another's, or the last apply was refused."""
    there = {key_of(item): item for item in observation.deployments}
    words = {(ref.namespace, ref.name): said for ref, said in observation.refused.items()}
    found: dict[Key, str] = {}
    for key, spec in workers.items():
        for pool in spec.pools:
            name = (key[0], deployment_name(key, spec, pool))
            if spec.deployment is not None:
                missing = f"there is no Deployment {name[1]} in namespace {key[0]}: make it, or use template"
                said = "" if name in there else missing
            else:
                said = stranger(there.get(name), key, pool)
            if said := said or words.get(name, ""):
                found[key] = said
    return found
