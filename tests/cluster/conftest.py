"""A control plane for the whole session, and operators as processes of their own against it."""

import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lightkube.config.kubeconfig import KubeConfig
from prometheus_client import CollectorRegistry
from viva_operator import rbac
from viva_operator.adapters.kubernetes import Cluster
from viva_operator.api import crds
from viva_operator.metrics import OperatorMetrics
from viva_operator.resources import POOLS, RIGHTS, WORKERS, Right
from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.replica import Operator
from tests.cluster.world import pool


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several slow waits fit into one test here."""
    for item in items:
        if item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane; what each part took is in the report."""
    made = ControlPlane(tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        print("control plane:", ", ".join(f"{part} {seconds:.1f} s" for part, seconds in made.took.items()))
        yield made
    finally:
        made.stop()


@pytest.fixture
async def admin(plane: ControlPlane) -> AsyncIterator[Admin]:
    """Who may do everything. What a test made is deleted behind it."""
    async with Admin(plane.kubeconfig()) as made:
        for manifest in crds.crds():
            await made.apply(manifest, "customresourcedefinitions", keep=True)
        for resource in (POOLS, WORKERS):
            await made.served(resource)
        yield made
        await made.clean()


@pytest.fixture
async def granted(admin: Admin) -> Callable[..., Any]:
    """Grants a user exactly these rights."""

    async def grant(user: str, rights: tuple[Right, ...] = RIGHTS) -> None:
        subject = {"kind": "User", "name": user}
        for manifest in rbac.manifests(namespace="default", subject=subject, rights=rights, name=user):
            await admin.apply(manifest)

    return grant


@pytest.fixture
def launch(plane: ControlPlane, granted: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts operators with exactly the operator's rights; each is ended behind the test."""
    started: list[Operator] = []

    async def start(
        name: str = "operator-a", *, user: str = "", rights: tuple[Right, ...] = RIGHTS, **settings: str
    ) -> Operator:
        user = user or "viva-operator"
        await granted(user, rights)
        operator = Operator(name, plane.kubeconfig(user), tmp_path, **settings)
        started.append(operator)
        operator.start()
        return operator

    yield start
    for operator in started:
        if not operator.ended:
            operator.end(signal.SIGKILL)


@pytest.fixture
async def cluster(plane: ControlPlane) -> AsyncIterator[Callable[..., Cluster]]:
    """The operator's own client, as any user."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Cluster] = []

        def connect(user: str) -> Cluster:
            config = KubeConfig.from_file(plane.kubeconfig(user)).get()
            assert config is not None
            client = Cluster(config, OperatorMetrics(CollectorRegistry()))
            stack.push_async_exit(client)
            made.append(client)
            return client

        yield connect


@pytest.fixture
async def gpus(admin: Admin) -> None:
    """A pool of one node with 64 GPUs."""
    await admin.apply(pool(), POOLS.plural)
    await admin.node("gpu-0")
