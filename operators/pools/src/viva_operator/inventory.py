"""What the cluster holds: whose each pod is, which node is of which pool, and what is taken on it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from viva_operator.api.base import mebibytes
from viva_operator.api.pool import ComputePoolSpec
from viva_operator.api.worker import ModelWorkerSpec
from viva_operator.domain.model import Node
from viva_operator.ports import Manifest, Observation
from viva_operator.resources import SLICES

WORKER_LABEL, POOL_LABEL = "viva.dev/worker", "viva.dev/pool"
ENDED = ("Succeeded", "Failed")
Key = tuple[str, str]
Owned = list[tuple[Manifest, Key, str]]
"""(pod, its worker, its pool)."""

_UNITS = {"Ki": 1 / 1024, "Mi": 1.0, "Gi": 1024.0, "Ti": 1024.0 * 1024, "": 1 / (1024 * 1024)}
_OF_VENDOR = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "intel": "gpu.intel.com/i915"}


def key_of(manifest: Manifest) -> Key:
    """Namespace (or nothing) and name."""
    meta = manifest["metadata"]
    return meta.get("namespace") or "", meta["name"]


def resource_of(spec: ComputePoolSpec) -> str:
    """The resource that a pod of the pool asks a node for."""
    accelerator = spec.accelerator
    if accelerator.kind == "cpu":
        return "cpu"
    if accelerator.resource_name:
        return accelerator.resource_name
    if accelerator.sharing.strategy == "MIG":
        return f"nvidia.com/mig-{accelerator.sharing.profile}"
    return _OF_VENDOR[accelerator.vendor or "nvidia"]


def owned(observation: Observation, workers: Mapping[Key, ModelWorkerSpec]) -> Owned:
    """The pods of workers that have not ended: those of the operator's Deployments by their labels, those of a
    Deployment that was there by its selector."""
    selectors = list(_selectors(observation, workers))
    first: dict[tuple[str, str, str], list[tuple[dict[str, str], Key, str]]] = defaultdict(list)
    for wanted, key, pool in selectors:
        label, value = min(wanted.items())
        first[key[0], label, value].append((wanted, key, pool))
    found: Owned = []
    for pod in observation.pods:
        if (pod.get("status") or {}).get("phase") in ENDED:
            continue
        namespace, labels = pod["metadata"]["namespace"], pod["metadata"].get("labels") or {}
        if WORKER_LABEL in labels and POOL_LABEL in labels:
            found.append((pod, (namespace, labels[WORKER_LABEL]), labels[POOL_LABEL]))
            continue
        for pair in labels.items():
            for wanted, key, pool in first.get((namespace, *pair), ()):
                if wanted.items() <= labels.items():
                    found.append((pod, key, pool))
    return found


def _selectors(
    observation: Observation, workers: Mapping[Key, ModelWorkerSpec]
) -> Iterator[tuple[dict[str, str], Key, str]]:
    """Of each Deployment that a worker names: its pods' labels, the worker and its pool."""
    there = {key_of(item): item for item in observation.deployments}
    for key, spec in workers.items():
        item = there.get((key[0], spec.deployment.name)) if spec.deployment is not None else None
        labels = (item["spec"].get("selector") or {}).get("matchLabels") if item is not None else None
        if labels:
            yield labels, key, spec.pools[0]


def nodes(
    observation: Observation, pools: Mapping[str, ComputePoolSpec], pods: Owned
) -> tuple[list[Node], dict[str, str]]:
    """Ready nodes, each of the first pool that selects it; and of each pool that must share, with whom."""
    used = _used(observation, pods)
    claimable = _claimable(observation)
    found: list[Node] = []
    overlaps: dict[str, str] = {}
    for node in observation.nodes:
        mine = [name for name in sorted(pools) if _selected(node, pools[name])] if _ready(node) else []
        if not mine:
            continue
        name = node["metadata"]["name"]
        for other in mine[1:]:
            overlaps[other] = (
                f"pool {mine[0]} selects node {name} too, and has it: narrow nodes.selector of one of both"
            )
        spec = pools[mine[0]]
        labels = node["metadata"].get("labels") or {}
        if spec.allocation == "DRA":
            devices, taken = claimable[name, spec.device_class_name or ""], 0
        else:
            resource = resource_of(spec)
            devices = _devices((node.get("status") or {}).get("allocatable") or {}, spec, resource)
            taken = min(devices, -int(-used[name, resource] // 1))
        found.append(Node(name, mine[0], devices, taken, labels.get(spec.nodes.topology_key, "")))
    return found, overlaps


def _claimable(observation: Observation) -> dict[tuple[str, str], int]:
    """(node, driver) → devices that DRA can give there, by each driver's newest word."""
    newest: dict[tuple[str, str], int] = defaultdict(int)
    slices = [item["spec"] for item in observation.optional.get(SLICES, ()) if item["spec"].get("nodeName")]
    for spec in slices:
        key = (spec["nodeName"], spec["driver"])
        newest[key] = max(newest[key], spec["pool"]["generation"])
    found: dict[tuple[str, str], int] = defaultdict(int)
    for spec in slices:
        key = (spec["nodeName"], spec["driver"])
        if spec["pool"]["generation"] == newest[key]:
            found[key] += len(spec.get("devices") or ())
    return found


def _devices(allocatable: Mapping[str, Any], spec: ComputePoolSpec, resource: str) -> int:
    count = int(number(allocatable.get(resource)))
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


def _used(observation: Observation, pods: Owned) -> dict[tuple[str, str], float]:
    """(node, resource) → what pods that are nobody's worker asked for."""
    of_workers = {key_of(pod) for pod, _, _ in pods}
    used: dict[tuple[str, str], float] = defaultdict(float)
    for pod in observation.pods:
        spec = pod.get("spec") or {}
        node = spec.get("nodeName")
        if node is None or key_of(pod) in of_workers or (pod.get("status") or {}).get("phase") in ENDED:
            continue
        for container in spec.get("containers") or ():
            for resource, amount in ((container.get("resources") or {}).get("requests") or {}).items():
                used[node, resource] += number(amount)
    return used


def number(value: Any) -> float:
    """A quantity without a binary unit: 4, "4", "500m"."""
    text = str(value or 0)
    try:
        return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        return 0.0


def _mebibytes(value: Any) -> float:
    text = str(value or 0)
    digits = text.rstrip("KMGTi")
    try:
        return float(digits) * _UNITS.get(text[len(digits) :], 0.0)
    except ValueError:
        return 0.0
