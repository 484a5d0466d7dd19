"""Objects as the API server gives them, for tests of what is made of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from viva_operator.difference import stamped
from viva_operator.planning import Planning
from viva_operator.ports import Ahead, Capabilities, Lag, Manifest, Observation, Plan
from viva_operator.resources import DEPLOYMENTS, PODS, POOLS, WORKERS, Resource

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ROLES = ("question-gen", "evaluator", "vision", "media")
QUIET: Mapping[str, Lag] = {role: Lag(0, 0, None) for role in ROLES}
NOBODY: Mapping[str, Ahead] = {role: Ahead(0, 0) for role in ROLES}


def _object(resource: Resource, name: str, spec: Any, namespace: str | None = "viva", **meta: Any) -> Manifest:
    where = {"namespace": namespace} if resource.namespaced else {}
    known = {"uid": f"uid-{resource.plural}-{name}", "generation": 3, "resourceVersion": "7"}
    metadata = {"name": name, **where, **known, "creationTimestamp": "2026-11-25T08:00:00Z", **meta}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, "spec": spec}


def pool(name: str = "gpu", *, accelerator: Any = None, **spec: Any) -> Manifest:
    gpu = {"kind": "gpu", "vendor": "nvidia", "memory": "24Gi", **(accelerator or {})}
    return _object(POOLS, name, {"accelerator": gpu, "nodes": {"selector": {"viva.dev/pool": name}}, **spec})


def worker(name: str = "evaluator", **spec: Any) -> Manifest:
    pod = {"containers": [{"name": "model", "image": "viva/evaluator:1"}]}
    given = {"role": "evaluator", "model": {"name": "solar", "memory": "20Gi"}, "pools": ["gpu"], **spec}
    if "deployment" not in given and "template" not in given:
        given["template"] = {"spec": pod}
    return _object(WORKERS, name, given)


def node(name: str = "gpu-0", of: str = "gpu", **allocatable: str) -> Manifest:
    resources = allocatable or {"nvidia.com/gpu": "4"}
    ready = {"conditions": [{"type": "Ready", "status": "True"}], "allocatable": resources}
    return {"metadata": {"name": name, "labels": {"viva.dev/pool": of}}, "spec": {}, "status": ready}


def pod(name: str, labels: Mapping[str, str], node: str = "gpu-0", *, ready: bool = True, **meta: Any) -> Manifest:
    spec = {"nodeName": node, "containers": [{"resources": {"requests": {"nvidia.com/gpu": "1"}}}]}
    made = _object(PODS, name, spec, labels=dict(labels), **meta)
    return {**made, "status": {"conditions": [{"type": "Ready", "status": "True" if ready else "False"}]}}


def deployment(name: str, replicas: int, labels: Mapping[str, str] | None = None, **meta: Any) -> Manifest:
    wanted = dict(labels or {"app": name})
    spec = {"replicas": replicas, "selector": {"matchLabels": wanted}, "template": {"metadata": {"labels": wanted}}}
    return _object(DEPLOYMENTS, name, spec, **{"labels": wanted, **meta})


def world(**given: Any) -> Observation:
    """One GPU node and nothing that waits; `given` replaces fields."""
    usual: dict[str, Any] = {
        "pools": (pool(),),
        "workers": (worker(),),
        "nodes": (node(),),
        "pods": (),
        "deployments": (),
        "optional": {},
        "lag": QUIET,
        "ahead": NOBODY,
        "capabilities": Capabilities(),
    }
    return Observation(**{**usual, **given})


def planned(observation: Observation, now: datetime = NOW, monitoring: str = "") -> Plan:
    return Planning(monitoring)(observation, now)


def of(plan: Plan, resource: Resource) -> dict[str, Manifest]:
    """The manifests of a kind, by name."""
    return {manifest["metadata"]["name"]: manifest for kind, manifest in plan.manifests if kind is resource}


def status(plan: Plan, resource: Resource, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        manifest["status"]
        for kind, manifest in plan.statuses
        if kind is resource and manifest["metadata"]["name"] == name
    )
    return found


def conditions(plan: Plan, resource: Resource, name: str) -> dict[str, dict[str, Any]]:
    return {each["type"]: each for each in status(plan, resource, name)["conditions"]}


def applied(observation: Observation, plan: Plan) -> Observation:
    """The cluster after the plan: what an API server keeps, with nothing scheduled yet."""
    made = {}
    for resource, manifest in plan.manifests:
        meta = stamped(manifest)["metadata"]
        known = {"uid": f"uid-{meta['name']}", "generation": 1, "resourceVersion": "9"}
        made[resource, meta.get("namespace"), meta["name"]] = {**manifest, "metadata": {**known, **meta}}
    old = {
        (DEPLOYMENTS, item["metadata"]["namespace"], item["metadata"]["name"]): item for item in observation.deployments
    }
    gone = {(ref.resource, ref.namespace, ref.name) for ref in plan.deletions}
    kept = {key: item for key, item in {**old, **made}.items() if key not in gone}
    said = {(kind, m["metadata"].get("namespace"), m["metadata"]["name"]): m["status"] for kind, m in plan.statuses}
    return replace(
        observation,
        deployments=tuple(item for key, item in sorted(kept.items(), key=str) if key[0] is DEPLOYMENTS),
        pools=tuple(_told(POOLS, item, said) for item in observation.pools),
        workers=tuple(_told(WORKERS, item, said) for item in observation.workers),
    )


def _told(resource: Resource, item: Manifest, said: Mapping[Any, Any]) -> Manifest:
    meta = item["metadata"]
    return {**item, "status": said[resource, meta.get("namespace"), meta["name"]]}
