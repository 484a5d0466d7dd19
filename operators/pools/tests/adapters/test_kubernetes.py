"""What the operator sends to an API server, and what it makes of each answer: kmock's server on loopback."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from kmock import KubernetesScaffold
from lightkube.config import models
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from prometheus_client import CollectorRegistry
from viva_core.errors import Conflict, Denied, Invalid, NotFound, Permanent, Transient, VivaError
from viva_operator.adapters.kubernetes import Cluster, FieldConflict, Throttled
from viva_operator.metrics import OperatorMetrics
from viva_operator.ownership import Held
from viva_operator.resources import DEPLOYMENTS, LEASES, NODES, Verb
from viva_testkit.nats import free_port

# It answers what a test says, and keeps no objects of its own.
pytestmark = pytest.mark.kmock(cls=KubernetesScaffold)

_DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"namespace": "here", "name": "solar"},
    "spec": {"replicas": 2},
}
_PATH = "/apis/apps/v1/namespaces/here/deployments/solar"
_LEASE = "/apis/coordination.k8s.io/v1/namespaces/here/leases/operator"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.fixture
def figures() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def cluster(kmock: KubernetesScaffold, figures: CollectorRegistry) -> AsyncIterator[Cluster]:
    async with Cluster(_at(str(kmock.url)), OperatorMetrics(figures)) as cluster:
        yield cluster


def _at(url: str) -> SingleConfig:
    config = KubeConfig.from_one(cluster=models.Cluster(server=url), user=models.User(token="of-the-operator")).get()
    assert config is not None
    return config


def _refusal(code: int, words: str, **more: Any) -> dict[str, Any]:
    """As the API server says it."""
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": words, **more}


def _counted(figures: CollectorRegistry, kind: str) -> float | None:
    return figures.get_sample_value("viva_operator_errors_total", {"kind": kind})


async def test_a_list_goes_on_to_its_last_page(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock["get /api/v1/nodes", kmock.params({"continue": "more"})] << {
        "items": [{"metadata": {"name": "second"}}],
        "metadata": {"resourceVersion": "7"},
    }
    kmock["get /api/v1/nodes"] << {"items": [{"metadata": {"name": "first"}}], "metadata": {"continue": "more"}}
    assert [item["metadata"]["name"] for item in await cluster.list(NODES, label_selector="a=b")] == ["first", "second"]
    asked = [dict(request.params) for request in kmock["get /api/v1/nodes"]]
    assert asked == [
        {"limit": "500", "labelSelector": "a=b"},
        {"limit": "500", "labelSelector": "a=b", "continue": "more"},
    ]


async def test_an_apply_is_a_server_side_apply_of_ours_that_takes_nothing_by_force(
    kmock: KubernetesScaffold, cluster: Cluster
) -> None:
    kmock[f"patch {_PATH}"] << _DEPLOYMENT
    assert await cluster.apply(DEPLOYMENTS, _DEPLOYMENT) == _DEPLOYMENT
    [request] = kmock[f"patch {_PATH}"]
    assert dict(request.params) == {"fieldManager": "viva-operator", "force": "false"}
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert request.data == _DEPLOYMENT


async def test_a_field_of_another_manager_is_a_conflict_that_names_both(
    kmock: KubernetesScaffold, cluster: Cluster, figures: CollectorRegistry
) -> None:
    words = 'Apply failed with 1 conflict: conflict with "helm" using apps/v1: .spec.replicas'
    causes = [{"reason": "FieldManagerConflict", "message": 'conflict with "helm"', "field": ".spec.replicas"}]
    kmock[f"patch {_PATH}"] << 409 << _refusal(409, words, details={"causes": causes})
    with pytest.raises(FieldConflict, match="conflict with") as refused:
        await cluster.apply(DEPLOYMENTS, _DEPLOYMENT)
    assert refused.value.held == (Held(".spec.replicas", "helm"),)
    assert _counted(figures, "conflict") == 1


@pytest.mark.parametrize(
    ("code", "expected", "kind"),
    [
        (400, Invalid, "invalid"),
        (401, Transient, "away"),
        (403, Denied, "forbidden"),
        (404, NotFound, "gone"),
        (405, Permanent, "other"),
        (409, Conflict, "conflict"),
        (422, Invalid, "invalid"),
        (429, Throttled, "throttled"),
        (500, Transient, "away"),
        (503, Transient, "away"),
    ],
)
async def test_each_refusal_is_one_of_our_errors_in_the_servers_words_and_is_counted(
    kmock: KubernetesScaffold,
    cluster: Cluster,
    figures: CollectorRegistry,
    code: int,
    expected: type[VivaError],
    kind: str,
) -> None:
    kmock[f"patch {_PATH}"] << code << _refusal(code, "these are its words")
    with pytest.raises(VivaError, match=r"patch deployments\.apps: these are its words") as refused:
        await cluster.apply(DEPLOYMENTS, _DEPLOYMENT)
    assert type(refused.value) is expected
    assert _counted(figures, kind) == 1


async def test_an_answer_that_is_no_status_is_told_by_its_code(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock[f"patch {_PATH}"] << 502 << b"<html>a proxy in between</html>"
    with pytest.raises(Transient, match="Bad Gateway"):
        await cluster.apply(DEPLOYMENTS, _DEPLOYMENT)


async def test_a_server_that_does_not_answer_is_away(figures: CollectorRegistry) -> None:
    async with Cluster(_at(f"http://127.0.0.1:{free_port()}"), OperatorMetrics(figures)) as cluster:
        with pytest.raises(Transient, match="did not answer") as away:
            await cluster.list(NODES)
    assert away.value.reason == "API_AWAY"
    assert _counted(figures, "away") == 1


async def test_what_is_not_there_is_none_and_its_deletion_no_error(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock[f"get {_LEASE}"] << 404 << _refusal(404, 'leases.coordination.k8s.io "operator" not found')
    assert await cluster.get(LEASES, "here", "operator") is None
    kmock[f"delete {_PATH}"] << 404 << _refusal(404, 'deployments.apps "solar" not found')
    await cluster.delete(DEPLOYMENTS, "here", "solar")
    [deletion] = kmock[f"delete {_PATH}"]
    assert deletion.data["propagationPolicy"] == "Background"


async def test_a_lease_that_was_changed_meanwhile_is_not_replaced(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock[f"put {_LEASE}"] << 409 << _refusal(409, "the object has been modified")
    lease = {"metadata": {"namespace": "here", "name": "operator", "resourceVersion": "4"}}
    with pytest.raises(Conflict, match="has been modified") as refused:
        await cluster.replace(LEASES, lease)
    assert not isinstance(refused.value, FieldConflict)


async def test_a_right_that_is_missing_is_asked_for_and_told(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock[f"post {_REVIEWS}"] << {"status": {"allowed": False}}
    with pytest.raises(Denied, match="cannot list nodes"):
        await cluster.must(Verb.LIST, NODES)
    [review] = kmock[f"post {_REVIEWS}"]
    assert review.data["spec"]["resourceAttributes"] == {"group": "", "resource": "nodes", "verb": "list"}


async def test_what_is_served_is_every_version_of_every_group(kmock: KubernetesScaffold, cluster: Cluster) -> None:
    kmock["get /apis"] << {
        "groups": [
            {"name": "apps", "versions": [{"groupVersion": "apps/v1"}]},
            {"name": "keda.sh", "versions": [{"groupVersion": "keda.sh/v1alpha1"}, {"groupVersion": "keda.sh/v2"}]},
        ]
    }
    assert await cluster.served() == {"apps/v1", "keda.sh/v1alpha1", "keda.sh/v2"}
