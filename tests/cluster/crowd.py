"""A thousand nodes and two hundred workers before an operator: for the test of what it sends, and for `make bench`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

from viva_operator.resources import DEPLOYMENTS, NODES, POOLS, WORKERS
from viva_testkit.bus import eventually

from tests.cluster.admin import Admin
from tests.cluster.world import pool, worker

NODE_COUNT, WORKER_COUNT = 1000, 200
PATIENCE = 300.0
_AT_ONCE = 16


async def _together(steps: Sequence[Coroutine[Any, Any, Any]]) -> None:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(step: Coroutine[Any, Any, Any]) -> None:
        async with slots:
            await step

    await asyncio.gather(*map(one, steps))


def _node(index: int) -> dict[str, Any]:
    """Ready as it is: no kubelet has to say so."""
    resources = {"cpu": "64", "memory": "512Gi", "pods": "200", "nvidia.com/gpu": "8"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
    return {
        "apiVersion": NODES.api_version,
        "kind": NODES.kind,
        "metadata": {"name": f"large-{index}", "labels": {"viva.dev/pool": "large"}},
        "status": {"allocatable": resources, "capacity": resources, "conditions": [ready]},
    }


@contextlib.asynccontextmanager
async def crowd(admin: Admin) -> AsyncIterator[None]:
    """The pool, its nodes and workers of two replicas each, until the block ends; then the nodes and what an operator
    made go, and the rest goes with the admin."""
    await admin.apply(pool("large"), POOLS.plural)
    await _together([admin.ask("POST", NODES.path(), _node(index)) for index in range(NODE_COUNT)])
    workers = [worker(f"size-{index}", 2, pools=["large"]) for index in range(WORKER_COUNT)]
    await _together([admin.apply(each, WORKERS.plural) for each in workers])
    try:
        yield
    finally:
        await _together([admin.delete(NODES.path(None, f"large-{index}")) for index in range(NODE_COUNT)])
        made = [DEPLOYMENTS.path("default", f"size-{index}-large") for index in range(WORKER_COUNT)]
        await _together([admin.delete(path) for path in made])


async def all_placed(admin: Admin) -> None:
    """Return once each worker has its Deployment and its status says so."""

    async def placed() -> bool:
        names = {item["metadata"]["name"] for item in await admin.list(DEPLOYMENTS)}
        found = [item for item in await admin.list(WORKERS) if (item.get("status") or {}).get("replicas") == 2]
        return len(found) == WORKER_COUNT and {f"size-{index}-large" for index in range(WORKER_COUNT)} <= names

    await eventually(placed, within=PATIENCE)
