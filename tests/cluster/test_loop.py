"""The loop on a real API server: what is wanted comes true, and stays so through bad days."""

import signal
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from viva_operator.resources import (
    DEPLOYMENTS,
    EVENTS,
    MANAGER,
    WORKERS,
)
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW
from tests.cluster.world import condition, gone, placed, reconciled_again, want, worker, written

Launch = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("gpus")


async def test_a_worker_gets_its_deployment_its_status_and_an_event(admin: Admin, launch: Launch) -> None:
    await want(admin, "first", 2)
    operator = await launch()
    await placed(admin, "first", 2)

    async def told() -> bool:
        events = await admin.list(EVENTS)
        return any(event["regarding"]["name"] == "first" and event["reason"] == "ScaledUp" for event in events)

    await eventually(told, within=SLOW)
    await want(admin, "first", 3)
    await placed(admin, "first", 3)
    await eventually(lambda: operator.healthz() == 200, within=SLOW)
    await admin.delete(WORKERS.path("default", "first"))
    await gone(admin, "first")
    assert operator.end() == 0


async def test_nothing_is_sent_for_what_is_as_it_should_be(admin: Admin, launch: Launch, plane: ControlPlane) -> None:
    for index in range(5):
        await want(admin, f"quiet-{index}")
    operator = await launch()
    for index in range(5):
        await placed(admin, f"quiet-{index}")
    await reconciled_again(operator)
    before = len(written(plane))
    await reconciled_again(operator, 4)
    assert written(plane)[before:] == []
    await want(admin, "quiet-3", 2)
    await placed(admin, "quiet-3", 2)
    await reconciled_again(operator, 3)
    changes = [line for line in written(plane)[before:] if not line.startswith("create events")]
    assert changes == ["patch deployments 200", "patch modelworkers/status 200"]  # two for the one that changed


async def test_what_was_changed_by_hand_is_put_back(admin: Admin, launch: Launch) -> None:
    await want(admin, "handled", 2)
    await launch()
    await placed(admin, "handled", 2)
    await admin.delete(DEPLOYMENTS.path("default", "handled-gpu"))
    await placed(admin, "handled", 2)
    await admin.merge(DEPLOYMENTS, "default", "handled-gpu", {"metadata": {"labels": {"viva.dev/worker": None}}})

    async def labelled() -> bool:
        found = await admin.find(DEPLOYMENTS, "default", "handled-gpu")
        return found is not None and found["metadata"]["labels"].get("viva.dev/worker") == "handled"

    await eventually(labelled, within=SLOW)


async def test_a_field_that_another_manager_owns_is_left_to_it_and_reported(admin: Admin, launch: Launch) -> None:
    await want(admin, "contested", 2)
    await launch()
    await placed(admin, "contested", 2)
    await admin.merge(DEPLOYMENTS, "default", "contested-gpu", {"spec": {"replicas": 1}}, manager="somebody-else")

    async def reported() -> bool:
        said = await condition(admin, "contested", "WorkloadAvailable")
        return said.get("reason") == "ApplyRefused" and "somebody-else" in said["message"]

    await eventually(reported, within=SLOW)
    found = await admin.find(DEPLOYMENTS, "default", "contested-gpu")
    assert found is not None
    assert found["spec"]["replicas"] == 1
    await want(admin, "uncontested")  # and holds up no other object
    await placed(admin, "uncontested")


async def test_it_goes_on_when_the_api_server_was_away(admin: Admin, launch: Launch, plane: ControlPlane) -> None:
    await want(admin, "before")
    operator = await launch()
    await placed(admin, "before")
    plane.stop_apiserver()
    plane.start_apiserver()
    await want(admin, "after", 2)
    await placed(admin, "after", 2)
    assert not operator.ended


async def test_it_goes_on_after_410_gone_and_misses_nothing(admin: Admin, launch: Launch, plane: ControlPlane) -> None:
    """What went while every watch was down is told by no watch."""
    await want(admin, "old", 2)
    operator = await launch()
    await placed(admin, "old", 2)
    plane.stop_apiserver()
    with plane.side_door() as url:
        async with Admin(plane.kubeconfig(), url) as aside:
            await aside.delete(WORKERS.path("default", "old"))
            for index in range(20):
                await aside.apply(worker(f"new-{index}"), WORKERS.plural)
        plane.compact()
    plane.start_apiserver()
    await placed(admin, "new-19")
    await gone(admin, "old")
    assert not operator.ended
    for index in range(20):
        await admin.delete(WORKERS.path("default", f"new-{index}"))


async def test_it_goes_on_after_429(admin: Admin, launch: Launch) -> None:
    await want(admin, "calm")
    operator = await launch()
    await placed(admin, "calm")
    level = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "PriorityLevelConfiguration",
        "metadata": {"name": "none-at-all"},
        "spec": {
            "type": "Limited",
            "limited": {
                "nominalConcurrencyShares": 0,
                "lendablePercent": 0,
                "limitResponse": {"type": "Reject"},
                "borrowingLimitPercent": 0,
            },
        },
    }
    rule = {
        "subjects": [{"kind": "User", "user": {"name": MANAGER}}],
        "resourceRules": [
            {"verbs": ["create", "patch"], "apiGroups": ["apps"], "resources": ["deployments"], "namespaces": ["*"]}
        ],
    }
    schema = {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "FlowSchema",
        "metadata": {"name": "operator-is-refused"},
        "spec": {
            "priorityLevelConfiguration": {"name": "none-at-all"},
            "matchingPrecedence": 2,
            "distinguisherMethod": {"type": "ByUser"},
            "rules": [rule],
        },
    }
    await admin.apply(level, "prioritylevelconfigurations")
    await admin.apply(schema, "flowschemas")
    images = count(1)

    async def rushed() -> bool:
        """One request at a time is let through still: it takes several at once to be refused."""
        pod = {"spec": {"containers": [{"name": "model", "image": f"worker:{next(images)}"}]}}
        for index in range(8):
            await admin.apply(worker(f"rushed-{index}", template=pod), WORKERS.plural)
        return bool(operator.figure('viva_operator_errors_total{kind="throttled"}') > 0)

    await eventually(rushed, within=SLOW)
    await admin.delete("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/operator-is-refused")
    for index in range(8):
        await placed(admin, f"rushed-{index}")
    assert not operator.ended


async def test_a_deletion_does_not_wait_for_an_operator_that_is_gone(admin: Admin, launch: Launch) -> None:
    await want(admin, "orphan")
    operator = await launch()
    await placed(admin, "orphan")
    operator.end(signal.SIGKILL)
    found = await admin.find(WORKERS, "default", "orphan")
    assert found is not None
    assert "finalizers" not in found["metadata"]
    await admin.delete(WORKERS.path("default", "orphan"))
    assert await admin.find(WORKERS, "default", "orphan") is None
