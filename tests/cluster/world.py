"""Pools and workers, and waiting for what should become of them."""

import json
from typing import Any

from viva_operator.resources import DEPLOYMENTS, MANAGER, POOLS, WORKERS
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW, Operator

_NOTHING_WRITTEN = ("leases", "selfsubjectaccessreviews")


def worker(name: str, replicas: int = 1, **spec: Any) -> dict[str, Any]:
    """Of `replicas` workers at any time: nobody tells what waits or who is live in most of these tests. A field that is
    None is left out."""
    pod = {"spec": {"containers": [{"name": "model", "image": "worker:1"}]}}
    given = {"role": "evaluator", "model": {"name": "solar", "memory": "20Gi"}, "pools": ["gpu"], "template": pod}
    given["warm"] = {"floor": replicas}
    return {
        "apiVersion": WORKERS.api_version,
        "kind": WORKERS.kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {name: value for name, value in {**given, **spec}.items() if value is not None},
    }


def pool(name: str = "gpu", **spec: Any) -> dict[str, Any]:
    """Of the nodes with its label."""
    gpu = {"kind": "gpu", "vendor": "nvidia", "memory": "24Gi"}
    return {
        "apiVersion": POOLS.api_version,
        "kind": POOLS.kind,
        "metadata": {"name": name},
        "spec": {"accelerator": gpu, "nodes": {"selector": {"viva.dev/pool": name}}, **spec},
    }


async def want(admin: Admin, name: str, replicas: int = 1) -> None:
    """A worker is wanted."""
    await admin.apply(worker(name, replicas), WORKERS.plural)


async def condition(admin: Admin, name: str, kind: str) -> dict[str, Any]:
    """One condition of a worker; empty where it has none yet."""
    status = ((await admin.find(WORKERS, "default", name)) or {}).get("status") or {}
    return next((each for each in status.get("conditions", ()) if each["type"] == kind), {})


async def placed(admin: Admin, name: str, replicas: int = 1) -> None:
    """Wait until its Deployment is as wanted and its status says so."""

    async def so() -> bool:
        found = await admin.find(DEPLOYMENTS, "default", f"{name}-gpu")
        status = ((await admin.find(WORKERS, "default", name)) or {}).get("status") or {}
        return found is not None and found["spec"]["replicas"] == replicas and status.get("replicas") == replicas

    await eventually(so, within=SLOW)


async def gone(admin: Admin, name: str) -> None:
    """Wait until its Deployment is gone."""

    async def so() -> bool:
        return await admin.find(DEPLOYMENTS, "default", f"{name}-gpu") is None

    await eventually(so, within=SLOW)


def written(plane: ControlPlane, user: str = MANAGER) -> list[str]:
    """Every write that the API server answered to a user, as "verb resource/subresource status": all but the Lease,
    and questions about rights, which are creations that create nothing."""
    found = []
    for line in plane.audit_log.read_text().splitlines():
        entry = json.loads(line)
        about = entry.get("objectRef") or {}
        if entry["user"]["username"] != user or about.get("resource") in _NOTHING_WRITTEN:
            continue
        if entry["verb"] in ("create", "update", "patch", "delete"):
            subresource = f"/{about['subresource']}" if "subresource" in about else ""
            found.append(f"{entry['verb']} {about['resource']}{subresource} {entry['responseStatus']['code']}")
    return found


async def reconciled_again(operator: Operator, times: int = 2) -> None:
    """Wait until so many more reconciles have ended."""
    name = 'viva_operator_reconcile_seconds_count{step="apply"}'
    before = operator.figure(name)
    await eventually(lambda: operator.figure(name) >= before + times, within=SLOW)
