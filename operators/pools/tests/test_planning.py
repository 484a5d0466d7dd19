"""What an observation becomes: Deployments, statuses, Events, and what KEDA, Karpenter and DRA are told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from viva_operator.api.pool import ComputePoolStatus
from viva_operator.api.worker import ModelWorkerStatus
from viva_operator.difference import same_status, stamped, within
from viva_operator.ports import Ahead, Capabilities, Lag, Ref
from viva_operator.resources import (
    CLAIM_TEMPLATES,
    DEPLOYMENTS,
    NODE_POOLS,
    PODS,
    POOLS,
    SCALED_OBJECTS,
    SLICES,
    WORKERS,
)

from operators.pools.tests.manifests import (
    NOBODY,
    NOW,
    QUIET,
    applied,
    conditions,
    deployment,
    node,
    of,
    planned,
    pod,
    pool,
    status,
    worker,
    world,
)

OWN = {"viva.dev/worker": "evaluator", "viva.dev/pool": "gpu"}
BUSY = {**QUIET, "evaluator": Lag(5, 1, 95.0)}


def test_what_waits_becomes_a_deployment_with_the_pools_devices_and_nodes() -> None:
    tolerations = [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]
    nodes = {"selector": {"viva.dev/pool": "gpu"}, "tolerations": tolerations}
    made = of(planned(world(lag=BUSY, pools=(pool(nodes=nodes),))), DEPLOYMENTS)["evaluator-gpu"]
    assert made["spec"]["replicas"] == 3  # six messages, two to a worker
    assert made["spec"]["selector"]["matchLabels"] == OWN
    spec = made["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"viva.dev/pool": "gpu"}
    assert spec["tolerations"] == tolerations
    assert spec["terminationGracePeriodSeconds"] == 300
    assert spec["containers"][0]["resources"]["limits"] == {"nvidia.com/gpu": "1"}
    assert OWN.items() <= made["spec"]["template"]["metadata"]["labels"].items()


def test_what_is_made_is_owned_by_its_worker_so_that_it_goes_with_it() -> None:
    made = of(planned(world(lag=BUSY)), DEPLOYMENTS)["evaluator-gpu"]
    owner = made["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("ModelWorker", "evaluator", "uid-modelworkers-evaluator")
    assert "blockOwnerDeletion" not in owner  # a deletion waits for nobody


def test_a_cpu_pool_gives_cores_and_their_share_of_memory() -> None:
    cores = {"kind": "cpu", "devicesPerPod": 8, "memory": "2Gi"}
    there = world(
        lag=BUSY, pools=(pool(accelerator={**cores, "vendor": None}),), nodes=(node(cpu="16", memory="64Gi"),)
    )
    there = replace(there, workers=(worker(model={"name": "small", "memory": "12Gi"}),))
    spec = of(planned(there), DEPLOYMENTS)["evaluator-gpu"]["spec"]
    assert spec["replicas"] == 2  # the node has sixteen cores
    assert spec["template"]["spec"]["containers"][0]["resources"]["requests"] == {"cpu": "8", "memory": "16384Mi"}


def test_the_plan_of_what_was_planned_changes_nothing() -> None:
    first = world(lag=BUSY)
    after = applied(first, planned(first))
    again = planned(after, NOW + timedelta(seconds=10))
    for _, manifest in again.manifests:
        assert within(stamped(manifest), after.deployments[0])
    for _, manifest in again.statuses:
        live = next(item for item in (*after.pools, *after.workers) if item["kind"] == manifest["kind"])
        assert same_status(manifest, live)
    assert again.deletions == ()
    assert again.hints == {}


def test_a_status_is_what_the_schema_takes_and_says_why() -> None:
    made = planned(world(lag=BUSY, pools=(pool(pricePerHour="2.5"),)))
    said = status(made, WORKERS, "evaluator")
    ModelWorkerStatus.model_validate(said)
    assert (said["desired"], said["replicas"], said["observedGeneration"]) == (3, 3, 3)
    assert said["lag"] == {"pending": 5, "ackPending": 1, "oldestSeconds": 60}
    assert said["costPerHour"] == "7.5"
    assert said["placements"] == [{"pool": "gpu", "replicas": 3}]
    assert said["explanation"][0].startswith("wants 3: 3 by lag")
    assert conditions(made, WORKERS, "evaluator")["WorkloadAvailable"]["reason"] == "PodsNotReady"
    of_pool = status(made, POOLS, "gpu")
    ComputePoolStatus.model_validate(of_pool)
    assert (of_pool["nodes"], of_pool["devicesTotal"], of_pool["largestFree"]) == (1, 4, 4)


def test_a_condition_keeps_the_time_at_which_it_began_to_be_so() -> None:
    first = world(lag=BUSY)
    after = applied(first, planned(first))
    later = conditions(planned(after, NOW + timedelta(hours=1)), WORKERS, "evaluator")
    assert later["Ready"]["lastTransitionTime"] == "2026-11-25T09:00:00Z"
    calm = conditions(planned(replace(after, lag=None), NOW + timedelta(hours=1)), WORKERS, "evaluator")
    assert calm["Degraded"]["lastTransitionTime"] == "2026-11-25T10:00:00Z"


def test_what_is_not_known_freezes_what_runs_and_says_so() -> None:
    runs = deployment("evaluator-gpu", 4, OWN)
    made = planned(world(lag=None, ahead=None, deployments=(runs,)))
    assert of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 4
    said = conditions(made, WORKERS, "evaluator")
    assert said["Degraded"]["status"] == "True"
    assert "lag" in said["Degraded"]["message"]
    assert said["ScalingActive"]["reason"] == "SignalUnknown"
    assert "lag" not in status(made, WORKERS, "evaluator")


def test_a_deployment_that_is_there_is_told_a_number_and_nothing_else() -> None:
    own = worker(deployment={"name": "viva-evaluator"})
    pods = tuple(pod(f"viva-evaluator-{i}", {"app": "viva-evaluator", "hash": "1"}) for i in range(2))
    made = planned(world(lag=BUSY, workers=(own,), deployments=(deployment("viva-evaluator", 2),), pods=pods))
    assert of(made, DEPLOYMENTS)["viva-evaluator"]["spec"] == {"replicas": 3}
    assert set(of(made, DEPLOYMENTS)["viva-evaluator"]["metadata"]) == {"name", "namespace"}
    said = status(made, WORKERS, "evaluator")
    assert (said["ready"], said["selector"]) == (2, "app=viva-evaluator")
    assert status(made, POOLS, "gpu")["devicesUsed"] == 2


def test_a_deployment_that_is_not_there_is_missed_by_name() -> None:
    made = planned(world(lag=BUSY, workers=(worker(deployment={"name": "viva-evaluator"}),)))
    assert made.manifests == ()
    said = conditions(made, WORKERS, "evaluator")["WorkloadAvailable"]
    assert said["status"] == "False"
    assert "there is no Deployment viva-evaluator in namespace viva" in said["message"]


@pytest.mark.parametrize(
    ("labels", "whose"),
    [({"app": "web"}, "not the operator's"), ({"viva.dev/worker": "a", "viva.dev/pool": "b"}, "worker a's on pool b")],
)
def test_a_deployment_of_somebody_else_with_the_same_name_is_not_touched(labels: dict[str, str], whose: str) -> None:
    others = deployment("evaluator-gpu", 1, labels)
    also = worker("a", pools=["b"]) if "viva.dev/worker" in labels else worker("other")
    made = planned(world(lag=BUSY, workers=(worker(), also), deployments=(others,)))
    assert "evaluator-gpu" not in of(made, DEPLOYMENTS)
    assert whose in conditions(made, WORKERS, "evaluator")["WorkloadAvailable"]["message"]


def test_what_belongs_to_a_worker_that_went_goes() -> None:
    orphan = deployment("gone-gpu", 2, {"viva.dev/worker": "gone", "viva.dev/pool": "gpu"})
    strange = deployment("web", 2, {"app": "web"})
    made = planned(world(deployments=(orphan, strange)))
    assert made.deletions == (Ref(DEPLOYMENTS, "viva", "gone-gpu"),)


def test_a_pool_that_a_worker_has_left_is_emptied_before_its_deployment_goes() -> None:
    old = {"viva.dev/worker": "evaluator", "viva.dev/pool": "old"}
    runs = deployment("evaluator-old", 1, old)
    there = world(lag=BUSY, pools=(pool(), pool("old")), deployments=(runs,))
    made = planned(there)
    assert made.deletions == ()
    assert of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] >= 2
    emptied = deployment("evaluator-old", 0, old)
    assert planned(replace(there, deployments=(emptied,))).deletions == (Ref(DEPLOYMENTS, "viva", "evaluator-old"),)


def test_a_pool_that_was_deleted_in_use_keeps_its_pods_until_they_run_elsewhere() -> None:
    old = {"viva.dev/worker": "evaluator", "viva.dev/pool": "old"}
    runs = deployment("evaluator-old", 3, old)
    made = planned(world(lag=BUSY, workers=(worker(pools=["old"]),), deployments=(runs,)))
    assert made.manifests == ()  # as it is
    said = conditions(made, WORKERS, "evaluator")["PoolResolved"]
    assert (said["status"], said["reason"]) == ("False", "PoolMissing")
    assert "there is no pool old" in said["message"]


def test_who_goes_is_marked_on_the_pod_with_a_cost_that_the_deployment_heeds() -> None:
    pods = tuple(pod(f"evaluator-gpu-{i}", OWN, annotations={"viva.dev/busy": "false"}) for i in range(2))
    idle = worker(scaleDownDelay="0s")
    there = world(workers=(idle,), pods=pods, deployments=(deployment("evaluator-gpu", 2, OWN),))
    made = planned(there)
    assert made.hints == {
        Ref(PODS, "viva", f"evaluator-gpu-{i}"): {
            "viva.dev/draining-since": "2026-11-25T09:00:00+00:00",
            "controller.kubernetes.io/pod-deletion-cost": "-1000",
        }
        for i in range(2)
    }
    assert of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 0
    assert {note.reason for note in made.notes} == {"ScaledDown", "DrainStarted"}


def test_each_decision_is_told_once_with_its_reason() -> None:
    made = planned(world(lag=BUSY))
    (note,) = [note for note in made.notes if note.reason == "ScaledUp"]
    assert note.about == Ref(WORKERS, "viva", "evaluator")
    assert note.message.startswith("0 to 3 on pool gpu: wants 3: 3 by lag")
    assert not note.warning


def test_no_room_is_a_warning_that_names_the_pool_and_the_number() -> None:
    made = planned(world(lag=BUSY, nodes=(node(**{"nvidia.com/gpu": "2"}),)))
    (note,) = [note for note in made.notes if note.about.resource is WORKERS and note.warning]
    assert note.reason == "DevicesExhausted"
    assert "pool gpu has 0 of 2 devices free" in note.message


def test_an_object_that_cannot_be_read_costs_nobody_else_a_turn() -> None:
    broken = worker("broken", role="juggler")
    runs = deployment("broken-gpu", 2, {"viva.dev/worker": "broken", "viva.dev/pool": "gpu"})
    made = planned(world(lag=BUSY, workers=(broken, worker()), deployments=(runs,)))
    assert "evaluator-gpu" in of(made, DEPLOYMENTS)
    assert "broken-gpu" not in of(made, DEPLOYMENTS)  # stays as it is
    assert made.deletions == ()
    said = conditions(made, WORKERS, "broken")["Ready"]
    assert (said["status"], said["reason"]) == ("False", "Unreadable")
    assert "spec.role" in said["message"]


def test_a_pool_that_cannot_be_read_freezes_its_workers() -> None:
    runs = deployment("evaluator-gpu", 2, OWN)
    made = planned(world(pools=(pool(packing="Throw"),), deployments=(runs,)))
    assert made.manifests == ()
    assert "pool gpu could not be read" in conditions(made, WORKERS, "evaluator")["Ready"]["message"]


def test_two_pools_that_select_the_same_node_are_told_so() -> None:
    both = pool("twin", nodes={"selector": {"viva.dev/pool": "gpu"}})
    made = planned(world(pools=(pool(), both)))
    assert conditions(made, POOLS, "twin")["NodesExclusive"]["reason"] == "Overlap"
    assert conditions(made, POOLS, "gpu")["NodesExclusive"]["status"] == "True"


def test_keda_gets_bounds_and_a_fallback_where_it_is_served_and_may_ask_nats() -> None:
    there = world(capabilities=Capabilities(keda=True), workers=(worker(minReplicas=1, maxReplicas=5),))
    assert of(planned(there), SCALED_OBJECTS) == {}  # nobody told where NATS can be asked
    spec = of(planned(there, monitoring="nats:8222"), SCALED_OBJECTS)["evaluator"]["spec"]
    assert spec["scaleTargetRef"]["kind"] == "ModelWorker"
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (1, 5)
    assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
    (trigger,) = spec["triggers"]
    assert trigger["metadata"]["consumer"] == "evaluator"
    assert trigger["metadata"]["natsServerMonitoringEndpoint"] == "nats:8222"


def test_keda_that_comes_or_goes_changes_nothing_that_runs() -> None:
    runs = deployment("evaluator-gpu", 3, OWN)
    there = world(lag=BUSY, deployments=(runs,))
    before = of(planned(there, monitoring="nats:8222"), DEPLOYMENTS)
    with_keda = replace(there, capabilities=Capabilities(keda=True))
    assert of(planned(with_keda, monitoring="nats:8222"), DEPLOYMENTS) == before


def test_a_worker_that_counts_itself_needs_keda_no_more() -> None:
    made = {"metadata": {"name": "evaluator", "namespace": "viva"}, "spec": {}}
    capable = Capabilities(keda=True)
    there = world(workers=(worker(scaler="Lag"),), capabilities=capable, optional={SCALED_OBJECTS: (made,)})
    assert planned(there, monitoring="nats:8222").deletions == (Ref(SCALED_OBJECTS, "viva", "evaluator"),)


def karpenter(**more: Any) -> dict[str, Any]:
    ref = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
    zones = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a", "b"]}
    given = {"nodeClassRef": ref, "requirements": [zones], "maxNodes": 3, "devicesPerNode": 2, **more}
    return {"mode": "Karpenter", "karpenter": given}


def test_karpenter_gets_a_node_pool_and_its_nodes_are_counted_on() -> None:
    selector = {"viva.dev/pool": "gpu", "kubernetes.io/arch": "amd64"}
    grown = pool(provisioning=karpenter(), nodes={"selector": selector})
    there = world(pools=(grown,), nodes=(), lag=BUSY, capabilities=Capabilities(karpenter=True))
    made = planned(there)
    spec = of(made, NODE_POOLS)["viva-gpu"]["spec"]
    assert spec["limits"] == {"nvidia.com/gpu": "6"}
    assert spec["template"]["metadata"]["labels"] == {"viva.dev/pool": "gpu"}
    keys = [each["key"] for each in spec["template"]["spec"]["requirements"]]
    assert keys == ["kubernetes.io/arch", "topology.kubernetes.io/zone"]
    assert spec["disruption"]["consolidationPolicy"] == "WhenEmpty"
    assert of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 3
    without = planned(replace(there, capabilities=Capabilities()))
    assert of(without, NODE_POOLS) == {}
    assert conditions(without, WORKERS, "evaluator")["CapacityAvailable"]["reason"] == "NoMatchingNode"


def test_a_pool_that_allocates_by_claim_counts_slices_and_claims_devices() -> None:
    by_claim = pool(allocation="DRA", deviceClassName="gpu.nvidia.com")
    driver = {"driver": "gpu.nvidia.com", "nodeName": "gpu-0"}
    old = {"spec": {**driver, "pool": {"generation": 1}, "devices": [{}, {}, {}]}}
    new = {"spec": {**driver, "pool": {"generation": 2}, "devices": [{}, {}]}}
    capable = Capabilities(dra=True)
    made = planned(world(pools=(by_claim,), lag=BUSY, capabilities=capable, optional={SLICES: (old, new)}))
    assert status(made, POOLS, "gpu")["devicesTotal"] == 2
    spec = of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]
    assert spec["replicas"] == 2
    assert spec["template"]["spec"]["resourceClaims"][0]["resourceClaimTemplateName"] == "evaluator-gpu-1"
    assert spec["template"]["spec"]["containers"][0]["resources"]["claims"] == [{"name": "devices"}]
    (request,) = of(made, CLAIM_TEMPLATES)["evaluator-gpu-1"]["spec"]["spec"]["devices"]["requests"]
    assert request["exactly"] == {"deviceClassName": "gpu.nvidia.com", "count": 1}
    unserved = planned(world(pools=(by_claim,), lag=BUSY))
    assert conditions(unserved, WORKERS, "evaluator")["PoolResolved"]["reason"] == "ClaimsNotServed"


def test_karpenter_that_goes_leaves_what_runs_and_what_waits_for_its_nodes() -> None:
    grown = pool(provisioning=karpenter())
    runs = deployment("evaluator-gpu", 3, OWN)
    there = world(pools=(grown,), lag=BUSY, deployments=(runs,), capabilities=Capabilities(karpenter=True))
    for nodes in ((node(),), ()):
        before = planned(replace(there, nodes=nodes))
        after = planned(replace(there, nodes=nodes, capabilities=Capabilities()))
        assert of(after, DEPLOYMENTS) == of(before, DEPLOYMENTS)
        assert of(after, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 3
        assert after.deletions == before.deletions == ()


def test_claims_that_are_served_no_more_leave_what_runs() -> None:
    by_claim = pool(allocation="DRA", deviceClassName="gpu.nvidia.com")
    runs = deployment("evaluator-gpu", 2, OWN)
    slices = {
        "spec": {"driver": "gpu.nvidia.com", "nodeName": "gpu-0", "pool": {"generation": 1}, "devices": [{}, {}, {}]}
    }
    busy = world(pools=(by_claim,), lag={**QUIET, "evaluator": Lag(4, 0, 1.0)}, deployments=(runs,))
    served = replace(busy, capabilities=Capabilities(dra=True), optional={SLICES: (slices,)})
    assert of(planned(served), DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 2
    made = planned(busy)
    assert of(made, DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 2
    assert made.deletions == ()
    assert conditions(made, WORKERS, "evaluator")["PoolResolved"]["reason"] == "ClaimsNotServed"


def test_who_runs_by_a_claim_that_is_served_no_more_is_not_moved_and_who_does_not_run_yet_is() -> None:
    by_claim = pool(allocation="DRA", deviceClassName="gpu.nvidia.com")
    there = world(
        pools=(by_claim, pool("rest")),
        nodes=(node(), node("rest-0", "rest")),
        workers=(worker(pools=["gpu", "rest"]),),
        pods=(pod("evaluator-gpu-0", OWN), pod("evaluator-gpu-1", OWN)),
        lag={**QUIET, "evaluator": Lag(4, 0, 1.0)},
        deployments=(deployment("evaluator-gpu", 2, OWN),),
    )
    made = of(planned(there), DEPLOYMENTS)
    assert {name: each["spec"]["replicas"] for name, each in made.items()} == {"evaluator-gpu": 2}
    homeless = pod("evaluator-gpu-1", OWN, ready=False)
    del homeless["spec"]["nodeName"]
    made = of(planned(replace(there, pods=(there.pods[0], homeless))), DEPLOYMENTS)
    assert made["evaluator-rest"]["spec"]["replicas"] == 1


def test_the_figures_count_devices_cost_and_interviews_that_met_no_ready_worker() -> None:
    live = {**NOBODY, "evaluator": Ahead(3, 0)}
    there = world(ahead=live, pools=(pool(pricePerHour="2"),))
    figures = planned(there).figures
    assert figures.devices["gpu", "free"] == 4
    assert figures.cold == {"evaluator": 3}
    warm = planned(replace(there, pods=(pod("evaluator-gpu-0", OWN),))).figures
    assert warm.cold == {"evaluator": 0}
    assert warm.cost == {"gpu": 2.0}
    assert warm.replicas["evaluator", "ready"] == 1


def test_what_is_not_well_is_counted_by_role_with_every_reason_for_want_of_room() -> None:
    two = {"name": "solar", "memory": "20Gi", "devices": 2}
    of_two = {"nvidia.com/gpu": "2"}
    nodes = (node("gpu-0", **of_two), node("gpu-1", **of_two), node("rest-0", "rest", **of_two))
    others = [pod(f"other-{each['metadata']['name']}", {}, each["metadata"]["name"]) for each in nodes]
    last = pod("other", {}, "rest-0")
    there = world(lag=BUSY, pools=(pool(), pool("rest")), nodes=nodes, pods=(*others, last))
    waits = replace(there, workers=(worker(model=two, pools=["gpu", "rest"]), worker("broken", role="juggler")))
    assert planned(waits).figures.conditions == {
        ("evaluator", "Ready", "DevicesExhausted"): 1,
        ("evaluator", "CapacityAvailable", "DevicesExhausted"): 1,
        ("evaluator", "CapacityAvailable", "Fragmented"): 1,
        ("unknown", "Ready", "Unreadable"): 1,
    }
    dear = world(lag=BUSY, pools=(pool(pricePerHour="2"),), workers=(worker(budgetPerHour="1"),))
    assert planned(dear).figures.conditions["evaluator", "CapacityAvailable", "BudgetReached"] == 1
    blind = planned(world(lag=None)).figures.conditions
    assert blind["evaluator", "Degraded", "SignalUnknown"] == 1
    assert planned(world()).figures.conditions == {}


def test_a_node_that_vanishes_takes_its_devices_out_of_the_plan() -> None:
    there = world(lag=BUSY)
    assert of(planned(there), DEPLOYMENTS)["evaluator-gpu"]["spec"]["replicas"] == 3
    cordoned = node()
    cordoned["spec"]["unschedulable"] = True
    for nodes in ((), (cordoned,)):
        made = planned(replace(there, nodes=nodes))
        assert conditions(made, WORKERS, "evaluator")["CapacityAvailable"]["reason"] == "NoMatchingNode"


def test_the_order_of_what_is_observed_does_not_matter() -> None:
    there = world(lag=BUSY, workers=(worker("a"), worker("b")), nodes=(node(), node("gpu-1")))
    turned = replace(there, workers=there.workers[::-1], nodes=there.nodes[::-1])
    assert of(planned(there), DEPLOYMENTS) == of(planned(turned), DEPLOYMENTS)
