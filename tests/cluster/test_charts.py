"""What the charts render, asked of a real API server: strictly, kinds of other projects by their own schemas, and every
pod in a namespace with the level `restricted` of Pod Security."""

from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest
from viva_operator.resources import SCALED_OBJECTS, Resource

from tests.charts.rendering import CASES, of_kind, pods, render, rendered_operator, setting
from tests.cluster.admin import Admin

Manifest = dict[str, Any]
NAMESPACE = "viva-charts"
MONITORING = "monitoring.coreos.com"
OTHERS = (
    SCALED_OBJECTS,
    Resource(MONITORING, "v1", "ServiceMonitor", "servicemonitors"),
    Resource(MONITORING, "v1", "PodMonitor", "podmonitors"),
    Resource(MONITORING, "v1", "PrometheusRule", "prometheusrules"),
    Resource("cert-manager.io", "v1", "Certificate", "certificates"),
    Resource("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
)
"""Kinds that the charts make where they are served."""


@pytest.fixture
async def namespace(admin: Admin) -> str:
    """As docs/install.md makes one. It stays: nobody here would take away what is in it."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    await admin.apply(manifest, "namespaces", keep=True)
    priority = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "interviews"}}
    await admin.apply({**priority, "value": 1000}, "priorityclasses", keep=True)
    return NAMESPACE


@pytest.fixture
async def others(admin: Admin) -> AsyncIterator[None]:
    """The other projects' kinds are served, and go again."""
    try:
        for resource in OTHERS:
            await admin.serve(resource)
        yield
    finally:
        for resource in OTHERS:
            await admin.unserve(resource)


class Asked:
    """Asks for objects without making them."""

    def __init__(self, admin: Admin, namespace: str) -> None:
        self._admin = admin
        self._namespace = namespace
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}

    async def refusal(self, manifest: Manifest) -> str:
        """What the API server has against it; empty where it takes it."""
        version = manifest["apiVersion"]
        if version not in self._kinds:
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            served = (await self._admin.ask("GET", root))["resources"]
            self._kinds[version] = {
                each["kind"]: (each["name"], each["namespaced"]) for each in served if "/" not in each["name"]
            }
        plural, namespaced = self._kinds[version][manifest["kind"]]
        one = deepcopy(manifest)
        one["metadata"].pop("namespace", None)
        if namespaced:
            one["metadata"]["namespace"] = self._namespace
        return await self._admin.refusal(one, plural)


@pytest.mark.parametrize("case", CASES)
async def test_the_api_server_takes_every_object_of_the_stack(
    case: str, admin: Admin, namespace: str, others: None
) -> None:
    manifests = render(case)
    asked = Asked(admin, namespace)
    refused = {f"{each['kind']}/{each['metadata']['name']}": await asked.refusal(each) for each in manifests}
    assert {name: words for name, words in refused.items() if words} == {}
    if case == "gpu":  # the one with everything
        kinds = {each["kind"] for each in manifests}
        assert kinds >= {each.kind for each in OTHERS if each.kind != "PodMonitor"} | {"ModelWorker"}


async def test_the_api_server_takes_every_object_of_the_operator(admin: Admin, namespace: str, others: None) -> None:
    manifests = rendered_operator(setting("podMonitor.enabled", True))
    asked = Asked(admin, namespace)
    refused = {f"{each['kind']}/{each['metadata']['name']}": await asked.refusal(each) for each in manifests}
    assert {name: words for name, words in refused.items() if words} == {}
    assert "PodMonitor" in {each["kind"] for each in manifests}


async def test_every_pod_may_run_in_a_restricted_namespace(admin: Admin, namespace: str) -> None:
    asked = Asked(admin, namespace)
    refused = {}
    for case in CASES:
        manifests = [*render(case), *rendered_operator()]
        claims = {
            f"StatefulSet/{each['metadata']['name']}": [
                {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-one"}}
                for name in (claim["metadata"]["name"] for claim in each["spec"].get("volumeClaimTemplates", ()))
            ]
            for each in of_kind(manifests, "StatefulSet")
        }
        for where, meta, spec in pods(manifests):
            labels = {"labels": meta.get("labels", {})}
            volumes = [*spec.get("volumes", ()), *claims.get(where, ())]  # the StatefulSet's controller adds the claims
            whole = {**spec, "volumes": volumes}
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", **labels}, "spec": whole}
            refused[f"{case} {where}"] = await asked.refusal(pod)
    assert refused
    assert {name: words for name, words in refused.items() if words} == {}


async def test_the_namespace_refuses_what_it_should(admin: Admin, namespace: str) -> None:
    spec = {"hostNetwork": True, "containers": [{"name": "c", "image": "c:1"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": spec}
    assert 'violates PodSecurity "restricted' in await Asked(admin, namespace).refusal(pod)
