"""What cannot work is refused by the API server itself, with a sentence that says what to change: no webhook."""

from copy import deepcopy
from typing import Any

import pytest
from viva_operator.api.crds import crds
from viva_operator.resources import POOLS, WORKERS, Resource
from viva_testkit.bus import eventually

from tests.cluster.admin import Admin
from tests.cluster.world import pool, worker

CPU = {"kind": "cpu", "memory": "2Gi"}
GPU = {"kind": "gpu", "vendor": "nvidia", "memory": "24Gi"}
REF = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
KARPENTER = {"nodeClassRef": REF, "maxNodes": 2, "devicesPerNode": 8}
POD = {"containers": [{"name": "model", "image": "worker:1"}]}
PRIVILEGED = {"name": "fetch", "image": "fetch:1", "securityContext": {"privileged": True}}
LISTENING = {"name": "fetch", "image": "fetch:1", "ports": [{"containerPort": 80, "hostPort": 80}]}

# (what it is about, the spec's fields that are taken, those that are refused, the words)
Case = tuple[str, dict[str, Any], dict[str, Any], str]
OF_POOLS: list[Case] = [
    ("vendor", {"accelerator": GPU}, {"accelerator": {"kind": "gpu", "memory": "24Gi"}}, "set accelerator.vendor"),
    (
        "sharing cores",
        {"accelerator": CPU},
        {"accelerator": {**CPU, "sharing": {"strategy": "MPS", "replicas": 2}}},
        "leave accelerator.sharing out of a CPU pool",
    ),
    (
        "MIG of another vendor",
        {"accelerator": {**GPU, "sharing": {"strategy": "MIG", "profile": "1g.10gb"}}},
        {"accelerator": {**GPU, "vendor": "amd", "sharing": {"strategy": "MIG", "profile": "1g.10gb"}}},
        "only NVIDIA's GPUs have MIG",
    ),
    (
        "MIG without a profile",
        {"accelerator": {**GPU, "sharing": {"strategy": "MIG", "profile": "1g.10gb"}}},
        {"accelerator": {**GPU, "sharing": {"strategy": "MIG"}}},
        "set sharing.profile",
    ),
    (
        "sharing without a number",
        {"accelerator": {**GPU, "sharing": {"strategy": "TimeSlicing", "replicas": 4}}},
        {"accelerator": {**GPU, "sharing": {"strategy": "TimeSlicing"}}},
        "set sharing.replicas",
    ),
    (
        "no memory",
        {"accelerator": {**GPU, "memory": "0.5Gi"}},
        {"accelerator": {**GPU, "memory": "0Gi"}},
        "accelerator.memory must be more than nothing",
    ),
    ("no label", {"nodes": {"selector": {"a": "b"}}}, {"nodes": {"selector": {}}}, "at least one label"),
    (
        "Karpenter",
        {"provisioning": {"mode": "Karpenter", "karpenter": KARPENTER}},
        {"provisioning": {"mode": "Karpenter"}},
        "set both or neither",
    ),
    (
        "DRA",
        {"allocation": "DRA", "deviceClassName": "gpu.nvidia.com"},
        {"allocation": "DRA"},
        "set deviceClassName",
    ),
    ("price", {"pricePerHour": "0.35"}, {"pricePerHour": "0"}, "pricePerHour must be more than 0"),
]
OF_WORKERS: list[Case] = [
    ("bounds", {"minReplicas": 2, "maxReplicas": 2}, {"minReplicas": 3, "maxReplicas": 2}, "minReplicas is above"),
    (
        "floor",
        {"warm": {"floor": 2}, "maxReplicas": 2},
        {"warm": {"floor": 3}, "maxReplicas": 2},
        "warm.floor is above maxReplicas",
    ),
    ("no workload", {}, {"template": None}, "set exactly one of both"),
    ("both workloads", {}, {"deployment": {"name": "viva-evaluator"}}, "set exactly one of both"),
    (
        "a Deployment on two pools",
        {"template": None, "deployment": {"name": "viva-evaluator"}},
        {"template": None, "deployment": {"name": "viva-evaluator"}, "pools": ["a", "b"]},
        "all pods of a Deployment lie on one pool",
    ),
    ("outside scaler", {"scaler": "External", "replicas": 2}, {"scaler": "External"}, "takes the number from replicas"),
    ("budget", {"budgetPerHour": "3"}, {"budgetPerHour": "0.0"}, "budgetPerHour must be more than 0"),
    ("a pool twice", {"pools": ["a", "b"]}, {"pools": ["a", "a"]}, "named twice in pools"),
    ("ahead", {"warm": {"beforeScheduled": "2h"}}, {"warm": {"beforeScheduled": "3h"}}, "between 0s and 2h"),
    ("delay", {"scaleDownDelay": "24h"}, {"scaleDownDelay": "25h"}, "between 0s and 24h"),
    ("drain", {"drainTime": "1h"}, {"drainTime": "61m"}, "between 0s and 1h"),
    ("network", {}, {"template": {"spec": {**POD, "hostNetwork": True}}}, "take hostNetwork out"),
    ("processes", {}, {"template": {"spec": {**POD, "hostPID": True}}}, "take hostPID out"),
    ("IPC", {}, {"template": {"spec": {**POD, "hostIPC": True}}}, "take hostIPC out"),
    (
        "host path",
        {"template": {"spec": {**POD, "volumes": [{"name": "tmp", "emptyDir": {}}]}}},
        {"template": {"spec": {**POD, "volumes": [{"name": "root", "hostPath": {"path": "/"}}]}}},
        "put what hostPath held into an image",
    ),
    (
        "privileged",
        {},
        {"template": {"spec": {"containers": [{**POD["containers"][0], "securityContext": {"privileged": True}}]}}},
        "take securityContext.privileged out",
    ),
    (
        "privileged before the others",
        {"template": {"spec": {**POD, "initContainers": [{"name": "fetch", "image": "fetch:1"}]}}},
        {"template": {"spec": {**POD, "initContainers": [PRIVILEGED]}}},
        "out of containers and initContainers",
    ),
    (
        "host port",
        {"template": {"spec": {"containers": [{**POD["containers"][0], "ports": [{"containerPort": 80}]}]}}},
        {"template": {"spec": {**POD, "initContainers": [LISTENING]}}},
        "take hostPort out of the ports",
    ),
]
# Rules that need an object that is there already: (kind, the change, the words).
FOR_GOOD = [
    (POOLS, {"accelerator": CPU}, "accelerator.kind cannot change"),
    (WORKERS, {"role": "vision"}, "role cannot change"),
]


def made(resource: Resource, spec: dict[str, Any]) -> dict[str, Any]:
    manifest = deepcopy(pool("probe") if resource is POOLS else worker("probe"))
    manifest["spec"] = {key: value for key, value in (manifest["spec"] | spec).items() if value is not None}
    return manifest


@pytest.mark.parametrize(
    ("resource", "case"),
    [(POOLS, case) for case in OF_POOLS] + [(WORKERS, case) for case in OF_WORKERS],
    ids=lambda value: value[0].replace(" ", "-") if isinstance(value, tuple) else value.kind,
)
async def test_each_rule_takes_what_works_and_says_what_to_change(admin: Admin, resource: Resource, case: Case) -> None:
    _, taken, refused, words = case
    assert await admin.refusal(made(resource, taken), resource.plural) == ""
    assert words in await admin.refusal(made(resource, refused), resource.plural)


@pytest.mark.parametrize(("resource", "change", "words"), FOR_GOOD, ids=lambda value: getattr(value, "kind", None))
async def test_what_cannot_change_says_what_to_do_instead(
    admin: Admin, resource: Resource, change: dict[str, Any], words: str
) -> None:
    await admin.apply(made(resource, {}), resource.plural)
    with pytest.raises(AssertionError, match=words):
        await admin.apply(made(resource, change), resource.plural)


def rules(schema: Any) -> list[str]:
    """The words of every rule in a schema."""
    if isinstance(schema, list):
        return [words for each in schema for words in rules(each)]
    if not isinstance(schema, dict):
        return []
    own = [each["message"] for each in schema.get("x-kubernetes-validations", ()) if "message" in each]
    return own + [words for key, each in schema.items() if key != "x-kubernetes-validations" for words in rules(each)]


def test_every_rule_of_the_schema_is_in_the_tables() -> None:
    tried = [case[3] for case in (*OF_POOLS, *OF_WORKERS)] + [words for _, _, words in FOR_GOOD]
    without = [words for words in rules(crds()) if not any(each in words for each in tried)]
    assert without == []


async def test_kubectl_scale_reaches_a_worker(admin: Admin) -> None:
    await admin.apply(made(WORKERS, {}), WORKERS.plural)
    path = WORKERS.path("default", "probe", "scale")
    await admin.ask("PATCH", path, {"spec": {"replicas": 4}}, media="application/merge-patch+json")

    async def asked() -> bool:
        found = await admin.find(WORKERS, "default", "probe")
        return found is not None and found["spec"].get("replicas") == 4

    await eventually(asked, within=30)
