"""The three charts on a real node with images of ours: a stack that comes up under the strictest pod security, and
holds whole interviews while its pods go, and while another version of it comes.

The node's network accepts NetworkPolicies and does not enforce them: nothing here says that one blocks anything."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.node.running import Failed, Interview, Release

pytestmark = [pytest.mark.timeout(3600), pytest.mark.model]
"""A cold node on a loaded machine of two cores, not what anything takes."""

Start = Callable[[], Interview]


def answered_and_scored(report: dict[str, Any]) -> None:
    """Both questions were asked, answered and scored, and nothing was lost on the way."""
    turns = report["interview"]["turns"]
    assert len(turns) == 2
    assert all(turn["question"]["text"] and turn["answer"]["text"] for turn in turns)
    assert report["competencies"]


def test_every_pod_of_the_stack_runs_under_the_strictest_pod_security(release: Release) -> None:
    pods = release.node.get("-n", release.namespace, "pods")["items"]
    serving = {each["metadata"]["labels"].get("app.kubernetes.io/component") for each in pods}
    assert {"session", "question-gen", "evaluator", "gateway", "nats", "postgresql"} <= serving
    labels = release.node.get("namespace", release.namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_namespace_refuses_a_pod_with_the_node_s_network(release: Release) -> None:
    overrides = '{"spec": {"hostNetwork": true}}'
    with pytest.raises(Failed, match="violates PodSecurity"):
        release.kubectl("run", "bad", "--image", "viva.test/nats:1", "--overrides", overrides)


def test_helm_test_is_content(release: Release) -> None:
    assert "Phase:" in release.helm("test", "viva", "--timeout", "5m")


def test_a_whole_interview_is_held(interview: Start) -> None:
    answered_and_scored(interview().report())


@pytest.mark.parametrize("component", ["question-gen", "evaluator", "session", "gateway", "nats", "postgresql"])
def test_an_interview_outlives_a_pod(component: str, release: Release, interview: Start) -> None:
    held = interview()
    held.until_answered()
    (before,) = release.pods(component)
    release.kubectl("delete", "pod", before["metadata"]["name"], "--wait=false")
    answered_and_scored(held.report())
    kind = "statefulset" if component in ("nats", "postgresql") else "deployment"
    release.kubectl("rollout", "status", f"{kind}/viva-{component}", "--timeout=10m", within=700)
    (after,) = release.pods(component)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
