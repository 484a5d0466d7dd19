"""The three charts on a real node with images of ours: a stack that comes up under the strictest pod security, holds
whole interviews while its pods go and while another version of it comes, and leaves nothing behind.

The node's network accepts NetworkPolicies and does not enforce them: nothing here says that one blocks anything.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.node.running import (
    EMAIL,
    FIGURES,
    SERVICES,
    Failed,
    Interview,
    Lines,
    Release,
    longest_wait,
    nothing_lost,
    until,
)

pytestmark = [pytest.mark.timeout(3600), pytest.mark.model]
"""A cold node on a loaded machine of two cores, not what anything takes."""

Start = Callable[[], Interview]


def test_every_pod_of_the_stack_runs_under_the_strictest_pod_security(release: Release) -> None:
    pods = release.node.get("-n", release.namespace, "pods")["items"]
    serving = {each["metadata"]["labels"].get("app.kubernetes.io/component") for each in pods}
    assert {*SERVICES.values(), "nats", "postgresql"} <= serving
    labels = release.node.get("namespace", release.namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    overrides = '{"spec": {"hostNetwork": true}}'
    with pytest.raises(Failed, match="violates PodSecurity"):
        release.kubectl("run", "bad", "--image", "viva.test/nats:1", "--overrides", overrides)


def test_helm_test_is_content(release: Release) -> None:
    assert "Succeeded" in release.helm("test", "viva", "--timeout", "5m")


def test_a_whole_interview_by_the_demo_through_a_port_forward(release: Release, tmp_path: Path) -> None:
    demo = (sys.executable, "-m", "viva_local", "demo", "--questions", "2")
    who = ("--email", EMAIL, "--password-file", str(release.password(tmp_path)))
    with release.forwarded() as url:
        command = release.node.command(*demo, "--url", url, *who)
        with Lines(command, VIVA_HOME=str(tmp_path / "home"), COLUMNS="1000") as said:
            said.until(lambda line: line.startswith("Viva "), 600)
            FIGURES.append(f"helm install to the first question: {time.monotonic() - release.began:.0f} s")
            said.ends(900)
    (path,) = (tmp_path / "home" / "reports").glob("*.json")
    report = json.loads(path.read_text())
    assert len(report["interview"]["turns"]) == 2
    assert all(turn["question"]["text"] and turn["answer"]["text"] for turn in report["interview"]["turns"])
    assert report["competencies"]


@pytest.mark.parametrize("component", [*SERVICES.values(), "nats", "postgresql"])
def test_an_interview_outlives_a_pod(component: str, release: Release, interview: Start) -> None:
    held = interview()
    held.event("answer")
    (before,) = release.pods(component)
    release.kubectl("delete", "pod", before["metadata"]["name"], "--wait=false")
    kind = "statefulset" if component in ("nats", "postgresql") else "deployment"
    uid = before["metadata"]["uid"]
    until(lambda: all(pod["metadata"]["uid"] != uid for pod in release.pods(component)), 300, f"the end of {component}")
    release.kubectl("rollout", "status", f"{kind}/viva-{component}", "--timeout=10m", within=700)
    told = held.done()
    nothing_lost(told)
    FIGURES.append(f"pod of {component} deleted: the candidate's longest wait {longest_wait([told]):.1f} s")


def test_an_interview_outlives_an_upgrade_and_a_rollback(release: Release, interview: Start) -> None:
    """The same image by another tag: every service's pod is replaced by one of the other revision, and back."""

    def images() -> set[str]:
        pods = [pod for component in SERVICES.values() for pod in release.pods(component)]
        return {container["image"].split(":")[-1] for pod in pods for container in pod["spec"]["containers"]}

    (now,) = images()
    for component in (*SERVICES.values(), "tools"):
        release.node.tag(f"viva.test/viva/{component}:{now}", f"viva.test/viva/{component}:next")
    revision = json.loads(release.helm("status", "viva", "-o", "json"))["version"]
    upgraded = interview()
    upgraded.event("answer")
    release.upgrade("--set", ",".join(f"{name}.image.tag=next" for name in (*SERVICES, "tools")))
    release.ready()
    assert images() == {"next"}
    told = upgraded.done()
    nothing_lost(told)
    FIGURES.append(f"helm upgrade of every service: the candidate's longest wait {longest_wait([told]):.1f} s")
    back = interview()
    back.event("answer")
    release.helm("rollback", "viva", str(revision), "--wait", "--timeout", "12m")
    release.ready()
    assert images() == {now}
    told = back.done()
    nothing_lost(told)
    FIGURES.append(f"helm rollback: the candidate's longest wait {longest_wait([told]):.1f} s")


def test_an_interview_outlives_a_drain(release: Release, interview: Start) -> None:
    """There is one node: all of it is away, the stores too, until the node takes pods again."""
    held = interview()
    held.event("answer")
    began = time.monotonic()
    try:
        drain = ("drain", "node", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=10m")
        release.node.kubectl(*drain, within=700)
        away = time.monotonic() - began
        assert not [pod for component in SERVICES.values() for pod in release.pods(component) if _runs(pod)]
    finally:
        release.node.kubectl("uncordon", "node")
    release.ready()
    FIGURES.append(f"drain {away:.0f} s, everything ready again {time.monotonic() - began:.0f} s after its begin")
    told = held.done()
    nothing_lost(told)
    FIGURES.append(f"node drained and uncordoned: the candidate's longest wait {longest_wait([told]):.1f} s")


def _runs(pod: dict[str, dict[str, str]]) -> bool:
    return pod["status"]["phase"] == "Running"


def test_uninstall_leaves_what_keep_says_and_what_is_somebody_else_s(release: Release) -> None:
    """The kinds are kept, which hold what the user wrote; so are the stores' claims, as of every StatefulSet. The Lease
    is the operator's own and not Helm's. `docs/install.md` names them."""
    release.uninstall()
    assert release.node.objects() - release.before == {
        "CustomResourceDefinition /computepools.viva.dev",
        "CustomResourceDefinition /modelworkers.viva.dev",
        "Lease viva/viva-operator",
        "PersistentVolumeClaim viva/data-viva-nats-0",
        "PersistentVolumeClaim viva/data-viva-postgresql-0",
    }
    assert release.before - release.node.objects() == set()
