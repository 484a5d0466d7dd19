"""What a plan makes in the cluster: Deployments, claims for devices, bounds for KEDA, pools of nodes for Karpenter.

Each is owned by the object that it is for, so that Kubernetes takes it away with it, also when the operator is gone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from viva_core.bus.topology import WATCHES, Role

from viva_operator.api.base import duration, mebibytes
from viva_operator.api.pool import ComputePoolSpec, Karpenter
from viva_operator.api.worker import ModelWorkerSpec
from viva_operator.inventory import POOL_LABEL, WORKER_LABEL, Key, key_of, resource_of
from viva_operator.ports import Manifest, Observation, Ref
from viva_operator.resources import (
    CLAIM_TEMPLATES,
    DEPLOYMENTS,
    MANAGER,
    NODE_POOLS,
    SCALED_OBJECTS,
    Resource,
)
from viva_operator.translate import Seen, deployment_name, stranger

MANAGED = "app.kubernetes.io/managed-by"
_ACCOUNT = "VIVA"
_KARPENTERS_OWN = ("kubernetes.io", "k8s.io", "karpenter.sh")
"""Domains of labels that Karpenter sets itself and takes as requirements only."""
Made = tuple[Resource, Manifest]


class Workloads:
    """Makes the manifests of one plan."""

    def __init__(self, observation: Observation, seen: Seen, monitoring: str) -> None:
        self._observation = observation
        self._seen = seen
        self._monitoring = monitoring
        self._live = {key_of(item): item for item in observation.deployments}
        self._objects = {key_of(item): item for item in observation.workers}
        self._pools = {key_of(item)[1]: item for item in observation.pools}

    def made(self, replicas: Mapping[Key, Mapping[str, int]]) -> Iterator[Made]:
        """Everything that should be there; `replicas` are each worker's, by pool."""
        for name, pool in self._seen.pools.items():
            if pool.provisioning.karpenter is not None and self._observation.capabilities.karpenter:
                yield NODE_POOLS, _node_pool(self._pools[name], pool, pool.provisioning.karpenter)
        for key, spec in self._seen.workers.items():
            if spec.deployment is not None:
                yield from self._told(key, spec, replicas[key])
            else:
                yield from self._own(key, spec, replicas[key])
            if self._keda(spec):
                yield SCALED_OBJECTS, _scaled_object(self._objects[key], spec, self._monitoring)

    def superfluous(self, replicas: Mapping[Key, Mapping[str, int]]) -> Iterator[Ref]:
        """Our Deployments of workers that went, and of pools that their worker has left; what KEDA needs no more."""
        for item in self._observation.deployments:
            labels = (item["spec"].get("selector") or {}).get("matchLabels") or {}
            worker, pool = labels.get(WORKER_LABEL), labels.get(POOL_LABEL)
            if worker is None or pool is None:
                continue
            key = (item["metadata"]["namespace"], worker)
            spec = self._seen.workers.get(key)
            other = spec is not None and spec.template is None
            left = spec is not None and pool not in spec.pools and not replicas[key].get(pool) and _empty(item)
            if key not in self._objects or other or left:
                yield Ref.of(DEPLOYMENTS, item)
        for item in self._observation.optional.get(SCALED_OBJECTS, ()):
            key = key_of(item)
            spec = self._seen.workers.get(key)
            if key not in self._objects or (spec is not None and not self._keda(spec)):
                yield Ref.of(SCALED_OBJECTS, item)

    def _keda(self, spec: ModelWorkerSpec) -> bool:
        return spec.scaler == "Auto" and bool(self._monitoring) and self._observation.capabilities.keda

    def _told(self, key: Key, spec: ModelWorkerSpec, replicas: Mapping[str, int]) -> Iterator[Made]:
        """A Deployment that is another's: the number, and nothing else of it."""
        assert spec.deployment is not None
        if (key[0], spec.deployment.name) in self._live:
            manifest = {
                "apiVersion": DEPLOYMENTS.api_version,
                "kind": DEPLOYMENTS.kind,
                "metadata": {"name": spec.deployment.name, "namespace": key[0]},
                "spec": {"replicas": replicas.get(spec.pools[0], 0)},
            }
            yield DEPLOYMENTS, manifest

    def _own(self, key: Key, spec: ModelWorkerSpec, replicas: Mapping[str, int]) -> Iterator[Made]:
        there = {pool for worker, pool in self._seen.snapshot.replicas if worker == key}
        for name in sorted({*replicas, *there}):
            live = self._live.get((key[0], deployment_name(key, spec, name)))
            pool = self._seen.pools.get(name)
            if stranger(live, key, name):
                continue
            if pool is None or name not in spec.pools:
                if live is not None and replicas.get(name, 0) != live["spec"].get("replicas"):
                    yield DEPLOYMENTS, _only_fewer(live, replicas.get(name, 0))
                continue
            if pool.allocation == "DRA":
                yield CLAIM_TEMPLATES, _claim(self._objects[key], spec, name, pool)
            yield DEPLOYMENTS, _deployment(self._objects[key], spec, name, pool, replicas.get(name, 0))


def _empty(live: Manifest) -> bool:
    return not (live["spec"].get("replicas") or (live.get("status") or {}).get("replicas"))


def _meta(owner: Manifest, name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    meta = owner["metadata"]
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}
    return {
        "name": name,
        **({"namespace": meta["namespace"]} if meta.get("namespace") else {}),
        "labels": {MANAGED: MANAGER, **labels},
        "ownerReferences": [{**reference, "controller": True}],
    }


def _deployment(worker: Manifest, spec: ModelWorkerSpec, name: str, pool: ComputePoolSpec, replicas: int) -> Manifest:
    """The worker's pods on one pool."""
    own = {WORKER_LABEL: worker["metadata"]["name"], POOL_LABEL: name}
    template = worker["spec"]["template"]
    meta = template.get("metadata") or {}
    labels = {**(meta.get("labels") or {}), **own, "viva.dev/role": spec.role}
    notes = {"annotations": meta["annotations"]} if meta.get("annotations") else {}
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": _meta(worker, f"{worker['metadata']['name']}-{name}", own),
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 3,
            # No surge: a pod more than was planned would take the devices that another worker's were promised.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
            "selector": {"matchLabels": own},
            "template": {
                "metadata": {"labels": labels, **notes},
                "spec": _pod(template["spec"], worker["metadata"]["name"], spec, name, pool),
            },
        },
    }


def _pod(given: Manifest, worker: str, spec: ModelWorkerSpec, name: str, pool: ComputePoolSpec) -> Manifest:
    devices = spec.model.devices or pool.accelerator.devices_per_pod
    first, *others = given["containers"]
    pod = {
        "terminationGracePeriodSeconds": max(1, int(duration(spec.drain_time).total_seconds())),
        **given,
        "nodeSelector": {**(given.get("nodeSelector") or {}), **pool.nodes.selector},
        "containers": [_with_devices(first, devices, pool), *others],
    }
    tolerations = [each.model_dump(by_alias=True, exclude_none=True) for each in pool.nodes.tolerations]
    if tolerations or given.get("tolerations"):
        pod["tolerations"] = [*(given.get("tolerations") or []), *tolerations]
    if pool.allocation == "DRA":
        pod["resourceClaims"] = [
            *(given.get("resourceClaims") or []),
            {"name": "devices", "resourceClaimTemplateName": _claim_name(worker, name, devices)},
        ]
    if pool.packing == "Spread" and "topologySpreadConstraints" not in given:
        pod["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": pool.nodes.topology_key,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {WORKER_LABEL: worker}},
            }
        ]
    return pod


def _with_devices(container: Manifest, devices: int, pool: ComputePoolSpec) -> Manifest:
    """The container that computes, with what the pool gives a pod."""
    resources = container.get("resources") or {}
    limits, requests = dict(resources.get("limits") or {}), dict(resources.get("requests") or {})
    if pool.allocation == "DRA":
        resources = {**resources, "claims": [*(resources.get("claims") or []), {"name": "devices"}]}
    elif pool.accelerator.kind == "gpu":
        limits[resource_of(pool)] = requests[resource_of(pool)] = str(devices)
    else:
        memory = f"{mebibytes(pool.accelerator.memory) * devices}Mi"
        requests = {"memory": memory, **requests, "cpu": str(devices)}
        limits = {"memory": memory, **limits}
    both = {key: value for key, value in (("limits", limits), ("requests", requests)) if value}
    return {**container, "resources": {**resources, **both}}


def _only_fewer(live: Manifest, replicas: int) -> Manifest:
    """A Deployment whose pool went, as it is but for the number: what it would look like on no pool, nobody knows."""
    meta = live["metadata"]
    kept = {key: meta[key] for key in ("name", "namespace", "labels", "ownerReferences") if key in meta}
    return {
        "apiVersion": DEPLOYMENTS.api_version,
        "kind": DEPLOYMENTS.kind,
        "metadata": kept,
        "spec": {**live["spec"], "replicas": replicas},
    }


def _claim_name(worker: str, pool: str, devices: int) -> str:
    """With the number, since what is in a claim's template cannot be changed."""
    return f"{worker}-{pool}-{devices}"


def _claim(worker: Manifest, spec: ModelWorkerSpec, name: str, pool: ComputePoolSpec) -> Manifest:
    devices = spec.model.devices or pool.accelerator.devices_per_pod
    exactly = {"deviceClassName": pool.device_class_name, "count": devices}
    own = {WORKER_LABEL: worker["metadata"]["name"], POOL_LABEL: name}
    return {
        "apiVersion": CLAIM_TEMPLATES.api_version,
        "kind": CLAIM_TEMPLATES.kind,
        "metadata": _meta(worker, _claim_name(worker["metadata"]["name"], name, devices), own),
        "spec": {"spec": {"devices": {"requests": [{"name": "devices", "exactly": exactly}]}}},
    }


def _scaled_object(worker: Manifest, spec: ModelWorkerSpec, monitoring: str) -> Manifest:
    """KEDA counts what waits and writes the worker's spec.replicas; all else stays the operator's. What KEDA cannot
    know shrinks nothing."""
    consumer = next(each for each in WATCHES[Role.OPERATOR] if each.durable == spec.role)
    return {
        "apiVersion": SCALED_OBJECTS.api_version,
        "kind": SCALED_OBJECTS.kind,
        "metadata": _meta(worker, worker["metadata"]["name"], {WORKER_LABEL: worker["metadata"]["name"]}),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": worker["apiVersion"],
                "kind": worker["kind"],
                "name": worker["metadata"]["name"],
            },
            "minReplicaCount": spec.min_replicas,
            "maxReplicaCount": spec.max_replicas,
            "fallback": {
                "failureThreshold": 3,
                "replicas": spec.min_replicas,
                "behavior": "currentReplicasIfHigher",
            },
            "triggers": [
                {
                    "type": "nats-jetstream",
                    "metadata": {
                        "natsServerMonitoringEndpoint": monitoring,
                        "account": _ACCOUNT,
                        "stream": consumer.stream,
                        "consumer": consumer.durable,
                        "lagThreshold": str(spec.lag_per_replica),
                    },
                }
            ],
        },
    }


def _node_pool(pool: Manifest, spec: ComputePoolSpec, karpenter: Karpenter) -> Manifest:
    """Nodes that carry the pool's labels, as many as it may have."""
    own = {key: value for key, value in spec.nodes.selector.items() if not _is_karpenters(key)}
    required = [
        {"key": key, "operator": "In", "values": [value]}
        for key, value in sorted(spec.nodes.selector.items())
        if _is_karpenters(key)
    ]
    more = [each.model_dump(by_alias=True, mode="json") for each in karpenter.requirements]
    return {
        "apiVersion": NODE_POOLS.api_version,
        "kind": NODE_POOLS.kind,
        "metadata": _meta(pool, f"viva-{pool['metadata']['name']}", {POOL_LABEL: pool["metadata"]["name"]}),
        "spec": {
            "template": {
                "metadata": {"labels": own},
                "spec": {
                    "nodeClassRef": karpenter.node_class_ref.model_dump(by_alias=True),
                    "requirements": [*required, *more],
                },
            },
            "limits": {resource_of(spec): str(karpenter.max_nodes * karpenter.devices_per_node)},
            "disruption": {
                "consolidationPolicy": "WhenEmpty",  # a node with a worker on it is the operator's to empty
                "consolidateAfter": karpenter.consolidate_after,
                "budgets": [{"nodes": karpenter.max_disrupted}],
            },
        },
    }


def _is_karpenters(label: str) -> bool:
    domain = label.partition("/")[0]
    return any(domain == own or domain.endswith(f".{own}") for own in _KARPENTERS_OWN)
