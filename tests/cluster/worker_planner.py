"""The operator with a planner that fits on a page, as a process: `python tests/cluster/worker_planner.py`.

The tests here are of the loop, the rights and the leader: each ModelWorker gets one Deployment of `spec.replicas`,
and a status that says what could not be set and what the cluster serves.
"""

import sys
from datetime import datetime
from typing import Any

from viva_core.main import main
from viva_core.runtime import run
from viva_operator.bootstrap import bootstrap
from viva_operator.observe import OURS
from viva_operator.ports import Manifest, Note, Observation, Plan, Ref
from viva_operator.resources import DEPLOYMENTS, WORKERS
from viva_operator.settings import Settings


def deployment(worker: Manifest) -> Manifest:
    """What runs for a worker."""
    meta, spec = worker["metadata"], worker["spec"]
    key, _, value = OURS.partition("=")
    labels = {"viva.dev/worker": meta["name"]}
    container = {
        "name": "worker",
        "image": spec.get("image", "worker:1"),
        "resources": {"limits": {"memory": "1024Mi", "cpu": "1000m"}},  # not in the API server's canonical form
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": meta["name"], "namespace": meta["namespace"], "labels": {key: value, **labels}},
        "spec": {
            "replicas": spec.get("replicas", 1),
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def status(worker: Manifest, observation: Observation) -> Manifest:
    """What is said of a worker."""
    ref = Ref.of(DEPLOYMENTS, worker)
    meta = worker["metadata"]
    known: dict[str, Any] = {
        "observedGeneration": meta["generation"],
        "refused": observation.refused.get(ref, ""),
        "keda": observation.capabilities.keda,
        "karpenter": observation.capabilities.karpenter,
    }
    return {
        "apiVersion": WORKERS.api_version,
        "kind": WORKERS.kind,
        "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
        "status": known,
    }


def plan(observation: Observation, _: datetime) -> Plan:
    """A Deployment each, those of workers that went deleted."""
    wanted = {Ref.of(DEPLOYMENTS, worker) for worker in observation.workers}
    key, _, value = OURS.partition("=")
    ours = [item for item in observation.deployments if (item["metadata"].get("labels") or {}).get(key) == value]
    return Plan(
        manifests=tuple((DEPLOYMENTS, deployment(worker)) for worker in observation.workers),
        deletions=tuple(ref for ref in (Ref.of(DEPLOYMENTS, item) for item in ours) if ref not in wanted),
        statuses=tuple((WORKERS, status(worker, observation)) for worker in observation.workers),
        notes=tuple(
            Note(Ref.of(WORKERS, worker), "Placed", f"{worker['spec'].get('replicas', 1)} replicas")
            for worker in observation.workers
        ),
    )


async def _run(settings: Settings) -> int:
    env, parts = await bootstrap(settings, plan)
    return await run(env, parts)


if __name__ == "__main__":
    sys.exit(main("operator", Settings, _run))
