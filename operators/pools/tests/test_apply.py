"""Only what differs is sent, in the right order; a refusal holds up no other object; who is deposed writes nothing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry
from viva_core.errors import Invalid, Transient
from viva_operator.adapters.kubernetes import FieldConflict
from viva_operator.apply import Applier, Deposed
from viva_operator.metrics import OperatorMetrics
from viva_operator.ownership import Held
from viva_operator.ports import Manifest, Note, Plan, Ref
from viva_operator.resources import DEPLOYMENTS, PODS, WORKERS, Resource
from viva_operator.view import View
from viva_testkit.clock import FakeClock

from operators.pools.tests.manifests import NOW

ID = UUID("01890000-0000-7000-8000-000000000001")
Make = Callable[..., Applier]


class Cluster:
    """The API server as far as writes go; `fails` are objects' names and what is said to them."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails: dict[str, Exception] = {}
        self.failed: Callable[[], None] = lambda: None
        self._version = 100

    def _became(self, verb: str, resource: Resource, manifest: Manifest) -> Manifest:
        name = manifest["metadata"]["name"]
        self.calls.append(f"{verb} {resource.plural} {name}")
        if name in self.fails and "by force" not in verb:
            self.failed()
            raise self.fails[name]
        self._version += 1
        known = {"uid": name, "resourceVersion": str(self._version)}
        return {**manifest, "metadata": {**manifest["metadata"], **known}}

    async def apply(self, resource: Resource, manifest: Manifest, *, subresource: str = "", force: bool = False) -> Any:
        verb = f"apply{'/' if subresource else ''}{subresource}"
        return self._became(f"{verb} by force" if force and not subresource else verb, resource, manifest)

    async def merge(self, resource: Resource, namespace: str, name: str, patch: Manifest) -> Manifest:
        return self._became("merge", resource, {"metadata": {"name": name, **patch["metadata"]}})

    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        return self._became("create", resource, {**manifest, "metadata": {"name": manifest["reason"]}})

    async def delete(self, resource: Resource, namespace: str | None, name: str) -> None:
        self.calls.append(f"delete {resource.plural} {name}")


def deployment(name: str = "a", replicas: int = 1, version: str = "1") -> Manifest:
    meta = {"name": name, "namespace": "viva", "uid": name, "resourceVersion": version}
    return {"metadata": meta, "spec": {"replicas": replicas}}


def wanted(name: str = "a", replicas: int = 1) -> tuple[Resource, Manifest]:
    return DEPLOYMENTS, {"metadata": {"name": name, "namespace": "viva"}, "spec": {"replicas": replicas}}


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def leading() -> list[bool]:
    return [True]


@pytest.fixture
def applier(cluster: Cluster, leading: list[bool]) -> Make:
    """An applier on a cluster that holds these objects."""

    def make(*there: tuple[Resource, Manifest]) -> Applier:
        view = View(FakeClock())
        for resource, manifest in there:
            view.put(Ref.of(resource, manifest), manifest)
        client: Any = cluster
        return Applier(client, view, OperatorMetrics(CollectorRegistry()), lambda: any(leading), lambda: ID, "one")

    return make


async def test_what_was_applied_once_is_not_sent_again(cluster: Cluster, applier: Make) -> None:
    made = applier()
    plan = Plan(manifests=(wanted(),))
    assert (await made.apply(plan, NOW)).changed == 1
    again = await made.apply(plan, NOW)
    assert (again.changed, again.unchanged) == (0, 1)
    assert cluster.calls == ["apply deployments a"]


async def test_who_goes_is_marked_before_there_are_fewer_and_said_after(cluster: Cluster, applier: Make) -> None:
    pod = {"metadata": {"name": "a-1", "namespace": "viva", "uid": "p", "resourceVersion": "1"}}
    worker = {"metadata": {"name": "w", "namespace": "viva", "uid": "w", "resourceVersion": "1"}, "status": {}}
    made = applier((PODS, pod), (WORKERS, worker), (DEPLOYMENTS, deployment("a", 2)), (DEPLOYMENTS, deployment("old")))
    await made.apply(
        Plan(
            manifests=(wanted("a", 1),),
            deletions=(Ref(DEPLOYMENTS, "viva", "old"),),
            statuses=((WORKERS, {"metadata": {"name": "w", "namespace": "viva"}, "status": {"ready": 1}}),),
            hints={Ref(PODS, "viva", "a-1"): {"controller.kubernetes.io/pod-deletion-cost": "-1000"}},
            notes=(Note(Ref(WORKERS, "viva", "w"), "ScaledDown", "2 to 1"),),
        ),
        NOW,
    )
    assert cluster.calls == [
        "merge pods a-1",
        "apply deployments a",
        "delete deployments old",
        "apply/status modelworkers w",
        "create events ScaledDown",
    ]


async def test_a_refusal_is_kept_for_the_next_plan_and_holds_up_no_other_object(
    cluster: Cluster, applier: Make
) -> None:
    cluster.fails = {"a": FieldConflict('conflict with "helm"'), "b": Invalid("spec.template: no")}
    done = await applier().apply(Plan(manifests=(wanted("a"), wanted("b"), wanted("c"))), NOW)
    assert done.refused == {
        Ref(DEPLOYMENTS, "viva", "a"): 'conflict with "helm"',
        Ref(DEPLOYMENTS, "viva", "b"): "spec.template: no",
    }
    assert done.changed == 1


async def test_a_refusal_by_another_manager_says_what_would_cure_it(cluster: Cluster, applier: Make) -> None:
    cluster.fails = {"a": FieldConflict('conflict with "helm"', [Held(".spec.replicas", "helm")])}
    done = await applier((DEPLOYMENTS, deployment("a", 3))).apply(Plan(manifests=(wanted("a"),)), NOW)
    assert done.refused[Ref(DEPLOYMENTS, "viva", "a")] == (
        'conflict with "helm"; to leave the number to the operator, see that helm writes spec.replicas no more, then '
        "kubectl -n viva annotate deployment a viva.dev/replicas=operator"
    )
    assert cluster.calls == ["apply deployments a"]


async def test_a_number_that_was_handed_over_is_taken_back_and_said(cluster: Cluster, applier: Make) -> None:
    cluster.fails = {"a": FieldConflict('conflict with "kubectl"', [Held(".spec.replicas", "kubectl")])}
    live = deployment("a", 1)
    live["metadata"]["annotations"] = {"viva.dev/replicas": "operator"}
    done = await applier((DEPLOYMENTS, live)).apply(Plan(manifests=(wanted("a", 3),)), NOW)
    assert cluster.calls == ["apply deployments a", "apply by force deployments a", "create events ReplicasTaken"]
    assert (done.changed, done.refused) == (1, {})
    (note,) = done.taken
    assert note.message == "kubectl had set spec.replicas to 1: it is 3, by viva.dev/replicas=operator"


async def test_who_is_deposed_between_takes_nothing_back(cluster: Cluster, applier: Make, leading: list[bool]) -> None:
    cluster.fails = {"a": FieldConflict('conflict with "kubectl"', [Held(".spec.replicas", "kubectl")])}
    cluster.failed = leading.clear
    live = deployment("a", 1)
    live["metadata"]["annotations"] = {"viva.dev/replicas": "operator"}
    with pytest.raises(Deposed):
        await applier((DEPLOYMENTS, live)).apply(Plan(manifests=(wanted("a", 3),)), NOW)
    assert cluster.calls == ["apply deployments a"]


async def test_an_api_server_that_is_away_ends_the_reconcile(cluster: Cluster, applier: Make) -> None:
    cluster.fails = {"a": Transient("the API server did not answer")}
    with pytest.raises(Transient):
        await applier().apply(Plan(manifests=(wanted("a"), wanted("b"))), NOW)
    assert "apply deployments b" in cluster.calls


async def test_who_leads_no_more_writes_nothing(cluster: Cluster, applier: Make, leading: list[bool]) -> None:
    leading[0] = False
    with pytest.raises(Deposed):
        await applier().apply(Plan(manifests=(wanted(),)), NOW)
    assert cluster.calls == []


async def test_a_decision_is_told_once_while_it_stands_and_again_when_it_comes_back(
    cluster: Cluster, applier: Make
) -> None:
    made = applier()
    told = Plan(notes=(Note(Ref(WORKERS, "viva", "w"), "DevicesExhausted", "2 missing", warning=True),))
    for plan in (told, told, Plan(), told):
        await made.apply(plan, NOW)
    assert cluster.calls == ["create events DevicesExhausted"] * 2
    worse = Plan(notes=(Note(Ref(WORKERS, "viva", "w"), "DevicesExhausted", "3 missing", warning=True),))
    await made.apply(worse, NOW)
    assert len(cluster.calls) == 3
