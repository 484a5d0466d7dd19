"""The operator on a real node: answers that wait bring a second evaluator, which goes again, and none is lost."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.cluster.node.running import FIGURES, MODEL, Failed, Interview, Release, longest_wait, nothing_lost, until

pytestmark = [pytest.mark.timeout(3600), pytest.mark.model]

SEAT = "viva.test/seat"
"""The device that a worker takes. The node has two cores, so it is made up, and said to be there; the pods are real."""
POOL = {
    "apiVersion": "viva.dev/v1alpha1",
    "kind": "ComputePool",
    "metadata": {"name": "seats"},
    "spec": {
        "accelerator": {"kind": "gpu", "vendor": "nvidia", "resourceName": SEAT, "memory": "4Gi"},
        "nodes": {"selector": {"kubernetes.io/os": "linux"}},
    },
}
WORKER = {
    "apiVersion": "viva.dev/v1alpha1",
    "kind": "ModelWorker",
    "metadata": {"name": "evaluator", "namespace": "viva"},
    "spec": {
        "role": "evaluator",
        "model": {"name": MODEL, "memory": "1Gi"},
        "pools": ["seats"],
        "minReplicas": 1,
        "maxReplicas": 2,
        "lagPerReplica": 1,
        "warm": {"whileInterviewsLive": False},  # lag alone
        "scaleDownDelay": "10s",
        "deployment": {"name": "viva-evaluator"},
    },
}


@pytest.fixture
def handed_over(release: Release) -> Iterator[Release]:
    """The number of evaluators is the operator's, and there is room for two."""
    seats = json.dumps({"status": {"capacity": {SEAT: "2"}, "allocatable": {SEAT: "2"}}})
    release.node.kubectl("patch", "node", "node", "--subresource=status", "--type=merge", "--patch", seats)
    small = ",".join(f"{name}.resources.requests.cpu=100m" for name in ("questionGen", "evaluator"))
    release.node.apply(POOL, WORKER)
    release.upgrade("--set", f"evaluator.scaledByOperator=true,{small}")
    yield release
    for kind in ("modelworker/evaluator", "computepool/seats"):
        with suppress(Failed):
            release.kubectl("delete", kind)
    release.upgrade()


def wanted(release: Release) -> Any:
    """How many evaluators there should be."""
    return release.node.get("-n", release.namespace, "deployment", "viva-evaluator")["spec"]["replicas"]


def test_answers_that_wait_bring_a_worker_which_goes_again(
    handed_over: Release, interview: Callable[[], Interview]
) -> None:
    until(lambda: wanted(handed_over) == 1, 120, "one evaluator while nothing waits")
    held = [interview() for _ in range(3)]
    until(lambda: wanted(handed_over) == 2, 300, "a second evaluator for what waits")
    handed_over.ready()
    assert len(handed_over.pods("evaluator")) == 2
    told = [each.done() for each in held]
    for each in told:
        nothing_lost(each)
    until(lambda: wanted(handed_over) == 1, 300, "one evaluator when nothing waits any more")
    handed_over.ready()
    FIGURES.append(f"the operator scaled evaluators 1 → 2 → 1 on lag: the longest wait {longest_wait(told):.1f} s")
