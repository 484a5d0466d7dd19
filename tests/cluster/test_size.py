"""A thousand nodes and two hundred workers: what it costs is printed; that nothing needless is sent is asserted."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

from viva_operator.resources import DEPLOYMENTS, NODES, POOLS, WORKERS
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.replica import Operator
from tests.cluster.world import pool, reconciled_again, worker, written

NODE_COUNT, WORKER_COUNT = 1000, 200
PATIENCE = 300.0


async def together(steps: list[Any]) -> None:
    """Sixteen at a time."""
    slots = asyncio.Semaphore(16)

    async def one(step: Any) -> None:
        async with slots:
            await step

    await asyncio.gather(*map(one, steps))


def node(index: int) -> dict[str, Any]:
    """Ready as it is: no kubelet has to say so."""
    resources = {"cpu": "64", "memory": "512Gi", "pods": "200", "nvidia.com/gpu": "8"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}
    return {
        "apiVersion": NODES.api_version,
        "kind": NODES.kind,
        "metadata": {"name": f"large-{index}", "labels": {"viva.dev/pool": "large"}},
        "status": {"allocatable": resources, "capacity": resources, "conditions": [ready]},
    }


def longest_step(operator: Operator, step: str, times: float) -> str:
    """The bound, seconds, of the metric's bucket that the longest one is in."""
    name = "viva_operator_reconcile_seconds_bucket"
    bounds = re.findall(rf'^{name}{{le="([^"]+)",step="{step}"}}', operator.metrics(), re.MULTILINE)
    return next(bound for bound in bounds if operator.figure(f'{name}{{le="{bound}",step="{step}"}}') == times)


async def test_a_thousand_nodes_and_two_hundred_workers(
    admin: Admin, launch: Callable[..., Any], plane: ControlPlane, record_property: Callable[[str, object], None]
) -> None:
    await admin.apply(pool("large"), POOLS.plural)
    nodes = [node(index) for index in range(NODE_COUNT)]
    workers = [worker(f"size-{index}", 2, pools=["large"]) for index in range(WORKER_COUNT)]
    await together([admin.ask("POST", NODES.path(), each) for each in nodes])
    await together([admin.apply(each, WORKERS.plural) for each in workers])
    begin = len(written(plane))  # by the tests before this one
    operator = await launch()

    async def placed() -> bool:
        names = {item["metadata"]["name"] for item in await admin.list(DEPLOYMENTS)}
        found = [item for item in await admin.list(WORKERS) if (item.get("status") or {}).get("replicas") == 2]
        return len(found) == WORKER_COUNT and {f"size-{index}-large" for index in range(WORKER_COUNT)} <= names

    try:
        await eventually(placed, within=PATIENCE)
        await reconciled_again(operator, 3)
        made = [line for line in written(plane)[begin:] if "events" not in line]
        # One Deployment and one status for each worker, and a few again once it is known that nothing is ready yet.
        assert len(made) <= 2 * WORKER_COUNT + 50
        before = len(written(plane))
        await reconciled_again(operator, 3)
        assert written(plane)[before:] == []
        for step in ("observe", "plan", "apply"):
            total = operator.figure(f'viva_operator_reconcile_seconds_sum{{step="{step}"}}')
            times = operator.figure(f'viva_operator_reconcile_seconds_count{{step="{step}"}}')
            record_property(f"{step}_seconds", round(total / times, 3))
            longest = longest_step(operator, step, times)
            record_property(f"{step}_seconds_at_most", longest)
            print(f"{step}: {total / times * 1000:.0f} ms on average, {times:.0f} times, at most {longest} s")
        record_property("memory_mib", round(operator.memory))
        print(f"memory: {operator.memory:.0f} MiB; writes for {WORKER_COUNT} workers: {len(made)}")
    finally:
        operator.end()
        await together([admin.delete(NODES.path(None, each["metadata"]["name"])) for each in nodes])
        await together([admin.delete(DEPLOYMENTS.path("default", f"size-{n}-large")) for n in range(WORKER_COUNT)])
