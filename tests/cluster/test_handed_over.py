"""Who says how many pods a Deployment has, where Helm, a person and the operator all could: what the charts render, and
Helm itself, on a real API server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from typing import Any

import pytest
from viva_operator.resources import DEPLOYMENTS, EVENTS, WORKERS
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from tests.charts.rendering import CHART, helm, named, render, setting, values_file
from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW
from tests.cluster.world import condition, placed, want, worker

Launch = Callable[..., Any]
Upgrade = Callable[..., Awaitable[None]]
Manifest = dict[str, Any]
pytestmark = pytest.mark.usefixtures("gpus")
NAME = "viva-evaluator"
LEFT = (setting("evaluator.scaledByOperator", True), setting("apis.viva", "served"))
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "viva-secrets", "namespace": "default"}}


def rendered(*settings: str) -> Manifest:
    """The evaluator's Deployment as the chart has it, for the namespace that there is."""
    made = deepcopy(named(render("cpu", *settings), "Deployment", NAME))
    made["metadata"]["namespace"] = "default"
    return made


async def sizes(admin: Admin, name: str, replicas: int) -> None:
    """A worker of so many pods, of a Deployment that is there. More than there are, in these tests: while nobody tells
    what waits, the operator shrinks nothing."""
    await admin.apply(worker(name, replicas, template=None, deployment={"name": NAME}), WORKERS.plural)


async def number(admin: Admin, name: str = NAME) -> int:
    found = await admin.find(DEPLOYMENTS, "default", name)
    assert found is not None
    replicas: int = found["spec"]["replicas"]
    return replicas


async def becomes(admin: Admin, replicas: int, name: str = NAME) -> None:
    """Wait until the Deployment has so many."""

    async def so() -> bool:
        return await number(admin, name) == replicas

    await eventually(so, within=SLOW)


async def refused(admin: Admin, name: str, *, of: bool = True) -> str:
    """Wait until the worker says that its Deployment cannot be set, or no longer; what it says."""
    said: list[str] = [""]

    async def so() -> bool:
        found = await condition(admin, name, "WorkloadAvailable")
        said[0] = found.get("message", "")
        return "reason" in found and (found["reason"] == "ApplyRefused") is of

    await eventually(so, within=SLOW)
    return said[0]


async def scale(admin: Admin, name: str, replicas: int) -> None:
    """As `kubectl scale` does it."""
    path = DEPLOYMENTS.path("default", name, "scale")
    patch = {"spec": {"replicas": replicas}}
    await admin.ask("PATCH", path, patch, manager="kubectl", media="application/merge-patch+json")


@pytest.fixture
async def upgrade(admin: Admin, plane: ControlPlane) -> AsyncIterator[Upgrade]:
    """Helm itself, which installs the chart or changes its values; without hooks, for which nothing runs here."""
    where = ("--namespace", "default", "--kubeconfig", str(plane.kubeconfig()), "--no-hooks")

    async def run(*settings: str) -> None:
        given = ("--values", values_file("cpu"), setting("models.existingClaim", "models"), *settings)
        done = await asyncio.to_thread(helm, "upgrade", "--install", "viva", str(CHART), *where, *given)
        assert done.code == 0, done.stderr

    await admin.apply(SECRET, "secrets")
    yield run
    done = await asyncio.to_thread(helm, "uninstall", "viva", *where)
    assert done.code == 0, done.stderr


async def test_a_number_that_the_chart_leaves_is_the_operator_s_and_stays_so(admin: Admin, launch: Launch) -> None:
    """By server-side apply: Helm 4, Argo CD. Where the chart had it before, it is 1 until the operator looks."""
    await admin.apply(rendered(setting("evaluator.replicas", 2)), DEPLOYMENTS.plural, manager="helm")
    await admin.apply(rendered(*LEFT), DEPLOYMENTS.plural, manager="helm")
    assert await number(admin) == 1
    await sizes(admin, "left", 3)
    await launch()
    await becomes(admin, 3)
    longer = setting("evaluator.drainSeconds", 90)
    await admin.apply(rendered(*LEFT, longer), DEPLOYMENTS.plural, manager="helm")
    assert await number(admin) == 3
    assert await refused(admin, "left", of=False) != ""


async def test_a_number_that_the_chart_renders_is_left_to_it_and_the_worker_names_the_value(
    admin: Admin, launch: Launch
) -> None:
    await admin.apply(rendered(), DEPLOYMENTS.plural, manager="helm")
    await sizes(admin, "rendered", 3)
    await launch()
    words = await refused(admin, "rendered")
    assert 'conflict with "helm"' in words
    assert "set evaluator.scaledByOperator: true in the chart viva's values of release viva" in words
    assert await number(admin) == 1
    await admin.apply(rendered(*LEFT), DEPLOYMENTS.plural, manager="helm")  # what it says
    await becomes(admin, 3)
    await refused(admin, "rendered", of=False)


async def test_a_release_that_begins_to_leave_the_number_dips_to_one_until_the_operator_looks(
    admin: Admin, launch: Launch, upgrade: Upgrade
) -> None:
    """Helm 3, as UPGRADING.md says it."""
    await upgrade(setting("evaluator.replicas", 2))
    await sizes(admin, "begun", 3)
    operator = await launch()
    assert 'conflict with "helm"' in await refused(admin, "begun")
    assert await number(admin) == 2
    operator.end()  # nobody looks
    await upgrade(*LEFT)
    assert await number(admin) == 1
    again = await launch()
    await becomes(admin, 3)
    await refused(admin, "begun", of=False)
    again.end()
    await upgrade(*LEFT, setting("evaluator.drainSeconds", 90))
    assert await number(admin) == 3  # from then on Helm leaves it alone, also while nobody looks


async def test_helm_3_owns_a_number_that_it_left_out_and_the_operator_takes_it_still(
    admin: Admin, launch: Launch, upgrade: Upgrade
) -> None:
    await upgrade(*LEFT)
    found = await admin.find(DEPLOYMENTS, "default", NAME)
    assert found is not None
    owners = [
        each["manager"] for each in found["metadata"]["managedFields"] if "f:replicas" in each["fieldsV1"]["f:spec"]
    ]
    assert owners == ["helm"]
    await sizes(admin, "fresh", 3)
    await launch()
    await becomes(admin, 3)


async def test_what_a_person_scaled_while_the_operator_was_gone_is_the_operator_s_again(
    admin: Admin, launch: Launch
) -> None:
    await admin.apply(rendered(*LEFT), DEPLOYMENTS.plural, manager="helm")
    await sizes(admin, "absent", 3)
    operator = await launch()
    await becomes(admin, 3)
    operator.end()
    await scale(admin, NAME, 2)
    assert await number(admin) == 2
    await launch()
    await becomes(admin, 3)

    async def told() -> bool:
        events = [each for each in await admin.list(EVENTS) if each["reason"] == "ReplicasTaken"]
        return any("kubectl had set spec.replicas to 2: it is 3" in each["note"] for each in events)

    await eventually(told, within=SLOW)
    await refused(admin, "absent", of=False)


async def test_a_deployment_of_the_operator_s_own_that_a_person_scaled_comes_back_by_the_command_that_is_said(
    admin: Admin, launch: Launch
) -> None:
    await want(admin, "own", 2)
    await launch()
    await placed(admin, "own", 2)
    await scale(admin, "own-gpu", 1)
    words = await refused(admin, "own")
    assert await number(admin, "own-gpu") == 1
    command = "kubectl -n default annotate deployment own-gpu viva.dev/replicas=operator"
    assert words.endswith(f"see that kubectl writes spec.replicas no more, then {command}")
    note = {"metadata": {"annotations": {"viva.dev/replicas": "operator"}}}
    await admin.merge(DEPLOYMENTS, "default", "own-gpu", note, manager="kubectl-annotate")
    await becomes(admin, 2, "own-gpu")
    await refused(admin, "own", of=False)
