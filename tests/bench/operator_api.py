"""The operator as a process against a real kube-apiserver and etcd, with a thousand nodes and two hundred workers.

The binaries are those of `make test-cluster`; `make bench` has them built.
"""

import asyncio
import tempfile
from pathlib import Path

from viva_operator import rbac
from viva_operator.api import crds
from viva_operator.resources import POOLS, RIGHTS, WORKERS
from viva_testkit.cluster import ControlPlane

from tests.bench.rows import Row, row
from tests.cluster.admin import Admin
from tests.cluster.crowd import NODE_COUNT, WORKER_COUNT, all_placed, crowd
from tests.cluster.replica import Operator
from tests.cluster.world import reconciled_again, written

_USER = "viva-operator"
_SECONDS = "viva_operator_reconcile_seconds"
_MORE = 5  # reconciles in which nothing is to be done


def run() -> list[Row]:
    """The rows."""
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        plane = ControlPlane(Path(name))
        try:
            plane.start()
            return asyncio.run(_measured(plane, Path(name)))
        finally:
            plane.stop()


async def _measured(plane: ControlPlane, folder: Path) -> list[Row]:
    async with Admin(plane.kubeconfig()) as admin:
        for manifest in crds.crds():
            await admin.apply(manifest, "customresourcedefinitions", keep=True)
        for resource in (POOLS, WORKERS):
            await admin.served(resource)
        subject = {"kind": "User", "name": _USER}
        for manifest in rbac.manifests(namespace="default", subject=subject, rights=RIGHTS, name=_USER):
            await admin.apply(manifest, keep=True)
        async with crowd(admin):
            operator = Operator("operator-a", plane.kubeconfig(_USER), folder)
            operator.start()
            try:
                return await _figures(plane, admin, operator)
            finally:
                operator.end()


async def _figures(plane: ControlPlane, admin: Admin, operator: Operator) -> list[Row]:
    await all_placed(admin)
    await reconciled_again(operator, 3)
    busy, times = operator.figure(f"{_SECONDS}_sum"), operator.figure(f'{_SECONDS}_count{{step="apply"}}')
    made = [line for line in written(plane) if "events" not in line]
    before = len(written(plane))
    await reconciled_again(operator, _MORE)
    idle, more = operator.figure(f"{_SECONDS}_sum"), operator.figure(f'{_SECONDS}_count{{step="apply"}}')
    usual = (idle - busy) / (more - times)
    size = f"{NODE_COUNT:,} nodes x {WORKER_COUNT} workers, real API server"
    # What the reconciles that placed them took beyond those that found nothing to do, and one of these.
    full = busy - usual * (times - 1)
    changed = 2 * WORKER_COUNT  # a Deployment and a status for each
    return [
        row(f"full reconcile, {size}", "s", full, 5),
        row(f"reconcile with nothing to do, {size}", "s", usual),
        row("requests an object changed", "", len(made) / changed, 2),
        row(f"requests in {_MORE} reconciles of unchanged objects", "", len(written(plane)) - before, 0),
        row("memory of the operator at that size (RSS)", "MB", operator.memory * 1.048576, 300),
    ]
