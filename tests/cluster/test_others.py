"""KEDA, Karpenter and DRA: what the operator makes is what their own schemas take, and their coming and going changes
nothing that runs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from viva_operator.resources import (
    CLAIM_TEMPLATES,
    DEPLOYMENTS,
    NODE_POOLS,
    PODS,
    POOLS,
    SCALED_OBJECTS,
    SLICES,
    WORKERS,
    Resource,
)
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from charts.generator.dashboards import BOARDS
from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW, Operator
from tests.cluster.world import placed, pool, reconciled_again, want, worker, written

Launch = Callable[..., Any]
Manifest = dict[str, Any]
pytestmark = pytest.mark.usefixtures("gpus")
MONITORING = "nats.viva:8222"
REF = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
ZONES = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a", "b"]}
KARPENTER = {
    "mode": "Karpenter",
    "karpenter": {"nodeClassRef": REF, "requirements": [ZONES], "maxNodes": 2, "devicesPerNode": 8},
}


async def there(admin: Admin, resource: Resource, namespace: str | None, name: str) -> Manifest:
    """Wait until an object is there."""
    found: list[Manifest] = []

    async def so() -> bool:
        one = await admin.find(resource, namespace, name)
        found[:] = [one] if one is not None else []
        return bool(found)

    await eventually(so, within=SLOW)
    return found[0]


async def taken(admin: Admin, resource: Resource, made: Manifest) -> str:
    """What the API server has against an object like this one, a field that it does not know included."""
    kept = {key: value for key, value in made["metadata"].items() if key in ("namespace", "labels")}
    again = {key: made[key] for key in ("apiVersion", "kind", "spec")}
    return await admin.refusal({**again, "metadata": {**kept, "name": "another"}}, resource.plural)


async def capable(operator: Operator, name: str, *, of: bool) -> None:
    """Wait until the operator has seen that an API is there, or is not."""
    figure = f'viva_operator_capability{{name="{name}"}}'
    await eventually(lambda: operator.figure(figure) == float(of), within=SLOW)


async def test_keda_and_karpenter_may_come_and_go(admin: Admin, launch: Launch, plane: ControlPlane) -> None:
    await admin.apply(pool("made", provisioning=KARPENTER), POOLS.plural)
    await want(admin, "steady", 2)
    operator = await launch(VIVA_NATS_MONITORING=MONITORING)
    await placed(admin, "steady", 2)
    before = len(written(plane))

    await admin.serve(SCALED_OBJECTS)
    await there(admin, SCALED_OBJECTS, "default", "steady")
    await admin.serve(NODE_POOLS)
    await there(admin, NODE_POOLS, None, "viva-made")
    await admin.unserve(SCALED_OBJECTS)
    await admin.unserve(NODE_POOLS)
    for name in ("keda", "karpenter"):
        await capable(operator, name, of=False)
    await reconciled_again(operator)
    assert not operator.ended
    touched = {line.split()[1] for line in written(plane)[before:]}
    assert "deployments" not in touched  # what runs was left alone


async def test_keda_takes_its_scaled_object_with_a_fallback_and_only_lag_is_its_own(
    admin: Admin, launch: Launch
) -> None:
    await admin.serve(SCALED_OBJECTS)
    try:
        await admin.apply(worker("counted", 2, minReplicas=1, maxReplicas=3), WORKERS.plural)
        operator = await launch(VIVA_NATS_MONITORING=MONITORING)
        made = await there(admin, SCALED_OBJECTS, "default", "counted")
        assert await taken(admin, SCALED_OBJECTS, made) == ""
        assert await taken(admin, SCALED_OBJECTS, {**made, "spec": {**made["spec"], "tirggers": []}}) != ""
        spec = made["spec"]
        assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (1, 3)
        assert spec["fallback"] == {"failureThreshold": 3, "replicas": 1, "behavior": "currentReplicasIfHigher"}
        await placed(admin, "counted", 2)  # warm.floor, which KEDA knows nothing of
        scale = WORKERS.path("default", "counted", "scale")
        for asked, becomes in ((3, 3), (9, 3), (0, 3)):  # within the bounds; nobody knows who is live: no fewer
            await admin.ask("PATCH", scale, {"spec": {"replicas": asked}}, media="application/merge-patch+json")
            await reconciled_again(operator)
            await placed(admin, "counted", becomes)
    finally:
        await admin.unserve(SCALED_OBJECTS)


async def test_karpenter_takes_its_node_pool(admin: Admin, launch: Launch) -> None:
    await admin.serve(NODE_POOLS)
    try:
        selector = {"viva.dev/pool": "grown", "kubernetes.io/arch": "amd64"}
        await admin.apply(pool("grown", provisioning=KARPENTER, nodes={"selector": selector}), POOLS.plural)
        await admin.apply(worker("awaited", pools=["grown"]), WORKERS.plural)
        await launch()
        made = await there(admin, NODE_POOLS, None, "viva-grown")
        assert await taken(admin, NODE_POOLS, made) == ""
        assert made["spec"]["limits"] == {"nvidia.com/gpu": "16"}
        assert made["spec"]["disruption"]["consolidationPolicy"] == "WhenEmpty"
        waits = await there(admin, DEPLOYMENTS, "default", "awaited-grown")  # for a node that Karpenter may make
        assert waits["spec"]["replicas"] == 1
    finally:
        await admin.unserve(NODE_POOLS)


async def test_a_pool_that_allocates_by_claim_counts_the_drivers_devices_and_claims_them(
    admin: Admin, launch: Launch
) -> None:
    await admin.node("claimed-0", of="claimed", devices=0)
    devices = {
        "apiVersion": SLICES.api_version,
        "kind": SLICES.kind,
        "metadata": {"name": "claimed-0-gpus"},
        "spec": {
            "driver": "gpu.nvidia.com",
            "nodeName": "claimed-0",
            "pool": {"name": "claimed-0", "generation": 1, "resourceSliceCount": 1},
            "devices": [{"name": f"gpu-{index}"} for index in range(3)],
        },
    }
    await admin.apply(devices, SLICES.plural)
    by_claim = pool("claimed", allocation="DRA", deviceClassName="gpu.nvidia.com")
    await admin.apply(by_claim, POOLS.plural)
    model = {"name": "solar", "memory": "20Gi", "devices": 2}
    await admin.apply(worker("claimer", 2, pools=["claimed"], model=model), WORKERS.plural)
    await launch()
    claim = await there(admin, CLAIM_TEMPLATES, "default", "claimer-claimed-2")
    assert await taken(admin, CLAIM_TEMPLATES, claim) == ""
    made = await there(admin, DEPLOYMENTS, "default", "claimer-claimed")
    assert made["spec"]["replicas"] == 1  # three devices hold one pod of two
    spec = made["spec"]["template"]["spec"]
    assert spec["resourceClaims"] == [{"name": "devices", "resourceClaimTemplateName": "claimer-claimed-2"}]
    assert spec["containers"][0]["resources"]["claims"] == [{"name": "devices"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {"name": "p", "namespace": "default"}}
    assert await taken(admin, PODS, pod) == ""


async def test_every_metric_that_board_and_alerts_name_is_the_operator_s(admin: Admin, launch: Launch) -> None:
    await want(admin, "watched")
    operator = await launch()
    await placed(admin, "watched")
    alerts = (Path(__file__).parents[2] / "charts/viva/files/alerts").glob("*.yaml")
    queries = [query for _, panels in BOARDS["Pools"] for panel in panels for query in panel.queries.values()]
    texts = [*queries, *(file.read_text() for file in alerts)]
    named = {name for text in texts for name in re.findall(r"viva_operator_[a-z0-9_]+", text)}
    assert len(named) > 10
    shown = operator.metrics()
    kinds = {name: re.search(rf"^# TYPE {name.removesuffix('_bucket')} ", shown, re.MULTILINE) for name in named}
    assert {name for name, kind in kinds.items() if kind is None} == set()
