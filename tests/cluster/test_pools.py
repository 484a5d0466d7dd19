"""The planner in the cluster: real lag on a real NATS, a forecast over gRPC, pods that kwok plays."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import nats
import pytest
from viva.session.v1 import session_pb2, session_pb2_grpc
from viva_core.bus.apply import apply
from viva_core.bus.permissions import inbox_prefix, nats_config
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import Role
from viva_operator.api.crds import crds
from viva_operator.resources import DEPLOYMENTS, NODES, PODS, POOLS, WORKERS
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.cluster import ControlPlane
from viva_testkit.nats import NatsServer

from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW
from tests.cluster.world import condition, placed, pool, worker

PASSWORDS = {role: f"{role}-secret" for role in Role}
Launch = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("gpus")


class Session(session_pb2_grpc.SessionServiceServicer):
    """The session service, as far as the operator asks it: who is live."""

    def __init__(self) -> None:
        self.live = 0

    async def GetForecast(self, request: Any, context: Any) -> Any:
        role = session_pb2.RoleForecast(role="evaluator", live=self.live)
        return session_pb2.GetForecastResponse(roles=[role])


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[NatsServer]:
    """With the generated users and rights: the operator may read how much waits, and nothing else."""
    server = NatsServer(tmp_path / "nats", config=nats_config(PASSWORDS))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def session() -> AsyncIterator[tuple[Session, str]]:
    """The service and its address."""
    server, servicer = grpc.aio.server(), Session()
    session_pb2_grpc.add_SessionServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield servicer, f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
async def waiting(bus: NatsServer) -> AsyncIterator[Any]:
    """Puts so many commands into the evaluators' queue."""
    factory = BusFactory(bus.url)
    admin = await factory.connect("admin", password=PASSWORDS[Role.ADMIN])
    await apply(admin.bus.api)
    inbox = inbox_prefix("admin").encode()
    client = await nats.connect(bus.url, user="admin", password=PASSWORDS[Role.ADMIN], inbox_prefix=inbox)
    stream = client.jetstream()

    async def wait(count: int) -> None:
        for _ in range(count):
            await stream.publish(command_subject("evaluator", uuid4(), uuid4()), b"an answer")

    async def purge() -> None:
        await stream.purge_stream("VIVA_COMMAND_V1")

    wait.purge = purge  # type: ignore[attr-defined]
    yield wait
    await client.close()
    await factory.close()


def asks(bus: NatsServer, target: str) -> dict[str, str]:
    """The operator's settings for both neighbours."""
    user = {"VIVA_NATS_USER": "operator", "VIVA_NATS_PASSWORD": PASSWORDS[Role.OPERATOR]}
    return {"VIVA_NATS_URL": bus.url, "VIVA_SESSION_TARGET": target, **user}


async def said(admin: Admin, name: str, kind: str, status: str) -> None:
    """Wait until a condition is so."""

    async def so() -> bool:
        return (await condition(admin, name, kind)).get("status") == status

    await eventually(so, within=SLOW)


async def pods(admin: Admin, name: str, count: int, *, busy: bool) -> None:
    """The pods that a Deployment controller would make, ready on the node."""
    made = await admin.find(DEPLOYMENTS, "default", f"{name}-gpu")
    assert made is not None
    template = made["spec"]["template"]
    notes = {"viva.dev/busy": "true" if busy else "false"}
    for index in range(count):
        meta = {"name": f"{name}-{index}", "namespace": "default", "labels": template["metadata"]["labels"]}
        spec = {"containers": template["spec"]["containers"], "nodeName": "gpu-0"}
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {**meta, "annotations": notes}, "spec": spec}
        await admin.apply(manifest, PODS.plural)


async def test_a_worker_is_sized_by_what_waits_and_who_is_live_and_frozen_when_nobody_knows(
    admin: Admin, launch: Launch, bus: NatsServer, waiting: Any, session: tuple[Session, str]
) -> None:
    service, target = session
    await admin.apply(worker("sized", 0), WORKERS.plural)
    await waiting(6)
    await launch(**asks(bus, target))
    await placed(admin, "sized", 3)  # two messages to a worker
    found = await admin.find(WORKERS, "default", "sized")
    assert found is not None
    assert found["status"]["lag"]["pending"] == 6
    assert "6 wait and 0 are in hand" in found["status"]["why"] or "of 3" in found["status"]["why"]
    await said(admin, "sized", "ScalingActive", "True")
    service.live = 20
    await placed(admin, "sized", 5)  # four interviews to a worker
    bus.kill()
    await said(admin, "sized", "Degraded", "True")
    service.live = 0
    await said(admin, "sized", "ScalingActive", "False")
    await placed(admin, "sized", 5)


async def test_a_busy_pod_is_marked_and_goes_when_its_work_is_done(
    admin: Admin, launch: Launch, bus: NatsServer, waiting: Any, session: tuple[Session, str]
) -> None:
    _, target = session
    await admin.apply(worker("drained", 0, scaleDownDelay="0s", drainTime="1h"), WORKERS.plural)
    await waiting(4)
    await launch(**asks(bus, target))
    await placed(admin, "drained", 2)
    await pods(admin, "drained", 2, busy=True)
    await said(admin, "drained", "WorkloadAvailable", "True")
    await waiting.purge()
    await said(admin, "drained", "Draining", "True")

    async def marked() -> bool:
        found = [await admin.find(PODS, "default", f"drained-{index}") for index in range(2)]
        return all("viva.dev/draining-since" in each["metadata"]["annotations"] for each in found if each)

    await eventually(marked, within=SLOW)
    await placed(admin, "drained", 2)  # both still work
    idle = {"metadata": {"annotations": {"viva.dev/busy": "false"}}}
    await admin.merge(PODS, "default", "drained-1", idle)
    await placed(admin, "drained", 1)
    await admin.merge(PODS, "default", "drained-0", idle)
    await placed(admin, "drained", 0)


async def test_what_is_missing_is_said_on_the_objects_with_its_number(
    admin: Admin, launch: Launch, plane: ControlPlane
) -> None:
    await admin.apply(pool("bare"), POOLS.plural)
    await admin.apply(worker("many", 70, maxReplicas=70), WORKERS.plural)
    await admin.apply(worker("lost", pools=["nowhere"]), WORKERS.plural)
    await admin.apply(worker("huge", model={"name": "big", "memory": "80Gi"}), WORKERS.plural)
    await admin.apply(worker("absent", deployment={"name": "none"}, template=None), WORKERS.plural)
    await launch()

    async def says(name: str, kind: str, reason: str, words: str) -> bool:
        found = await condition(admin, name, kind)
        return found.get("reason") == reason and words in found["message"]

    for name, kind, reason, words in (
        ("many", "CapacityAvailable", "DevicesExhausted", "pool gpu has 0 of 64 devices free"),
        ("lost", "PoolResolved", "PoolMissing", "there is no pool nowhere"),
        ("huge", "PoolResolved", "ModelTooLarge", "57344 MiB missing"),
        ("absent", "WorkloadAvailable", "ApplyRefused", "there is no Deployment none in namespace default"),
    ):
        await eventually(lambda a=name, b=kind, c=reason, d=words: says(a, b, c, d), within=SLOW)

    async def bare() -> bool:
        found = (await admin.find(POOLS, None, "bare") or {}).get("status") or {}
        return "pool bare has no ready node" in found.get("why", "")

    await eventually(bare, within=SLOW)
    command = [sys.executable, "-m", "viva_local", "pools", "explain", "many", "--namespace", "default"]
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig())}
    explained = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=True, timeout=SLOW
    )
    assert "wants 70: 70 by warm.floor" in explained.stdout
    assert "CapacityAvailable=False DevicesExhausted" in explained.stdout


async def test_a_crd_that_is_applied_again_keeps_the_objects_and_their_stored_version(admin: Admin) -> None:
    await admin.apply(worker("kept"), WORKERS.plural)
    for manifest in crds():
        await admin.apply(manifest, "customresourcedefinitions", keep=True)
        path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{manifest['metadata']['name']}"
        found = await admin.ask("GET", path)
        assert found["status"]["storedVersions"] == ["v1alpha1"]
    assert await admin.find(WORKERS, "default", "kept") is not None


async def test_nodes_that_vanish_send_a_worker_to_its_next_pool_and_the_empty_pool_says_so(
    admin: Admin, launch: Launch, bus: NatsServer, session: tuple[Session, str]
) -> None:
    await admin.apply(pool("spot"), POOLS.plural)
    await admin.node("spot-0", of="spot")
    await admin.apply(worker("moved", 1, pools=["spot", "gpu"]), WORKERS.plural)
    factory = BusFactory(bus.url)
    await apply((await factory.connect("admin", password=PASSWORDS[Role.ADMIN])).bus.api)
    await factory.close()
    await launch(**asks(bus, session[1]))

    async def runs_on(where: str) -> bool:
        found = await admin.find(DEPLOYMENTS, "default", f"moved-{where}")
        return found is not None and found["spec"]["replicas"] == 1

    await eventually(lambda: runs_on("spot"), within=SLOW)
    await admin.delete(NODES.path(None, "spot-0"))
    # The pod that ran there is gone with its node, and the one that takes its place waits: nothing schedules it.
    template = ((await admin.find(DEPLOYMENTS, "default", "moved-spot")) or {})["spec"]["template"]
    meta = {"name": "moved-anew", "namespace": "default", "labels": template["metadata"]["labels"]}
    waits = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [{"name": "m", "image": "i"}]}}
    await admin.apply(waits, PODS.plural)
    await eventually(lambda: runs_on("gpu"), within=2 * SLOW)
    status = ((await admin.find(POOLS, None, "spot")) or {})["status"]
    assert (status["nodes"], status["devicesTotal"]) == (0, 0)
    assert status["why"].startswith("pool spot has no ready node: label a node")

    async def told() -> bool:
        moved = ((await admin.find(WORKERS, "default", "moved")) or {})["status"]
        return bool(moved["pool"] == "gpu" and moved["placements"] == [{"pool": "gpu", "replicas": 1}])

    await eventually(told, within=SLOW)
