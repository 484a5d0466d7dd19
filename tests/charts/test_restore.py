"""The commands of docs/production.md's restore, held against what the charts install: who writes is stopped and nobody
else, nobody brings them back meanwhile, and all of them come back."""

import re
import shlex

import pytest
from viva_core.network import SERVICES

from tests.charts.rendering import CASES, CHART, Manifest, named, of_kind, render, rendered_operator, setting

DOCUMENT = CHART.parents[1] / "docs" / "production.md"
WRITERS = set(SERVICES)


def _recipe() -> list[list[str]]:
    """The commands, in their order, with the shell's variables filled in."""
    (section,) = re.findall(r"^### Restore\n(.*?)^Then erase again", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    variables: dict[str, str] = {}
    commands = []
    for line in "\n".join(re.findall(r"```\n(.*?)```", section, re.DOTALL)).splitlines():
        words = shlex.split(re.sub(r"\$(\w+)", lambda found: variables[found[1]], line))
        if len(words) == 1 and "=" in words[0]:
            name, value = words[0].split("=", 1)
            variables[name] = value
        else:
            commands.append(words)
    return commands


def _position(*words: str) -> int:
    """Of the one command that has all these words."""
    (found,) = [place for place, command in enumerate(_recipe()) if set(words) <= set(command)]
    return found


def _after(flag: str, command: list[str]) -> str:
    return command[command.index(flag) + 1]


def _selects(selector: str, manifest: Manifest) -> bool:
    """Whether a label selector takes it, as kubectl reads `name=value` and `name in (…)`."""
    labels = manifest["metadata"].get("labels", {})
    wanted = re.findall(r"([\w./-]+)(?:=([\w.-]+)| in \(([^)]*)\))", selector)
    assert wanted
    return all(labels.get(name) in (one, *several.split(",")) for name, one, several in wanted)


def _scaled() -> str:
    return _after("-l", _recipe()[_position("deployment,statefulset")])


@pytest.mark.parametrize("case", CASES)
def test_the_restore_stops_who_writes_and_nobody_else(case: str) -> None:
    manifests = render(case, setting("vision.enabled", True))
    workloads = of_kind([*manifests, *rendered_operator()], "Deployment", "StatefulSet")
    stopped = {
        each["metadata"]["labels"]["app.kubernetes.io/component"] for each in workloads if _selects(_scaled(), each)
    }
    there = {each["metadata"]["labels"].get("app.kubernetes.io/component") for each in workloads}
    assert stopped == WRITERS & there
    assert _after("-l", _recipe()[_position("wait")]) == _scaled()  # and their pods are gone before


def test_nobody_makes_streams_anew_while_they_are_restored() -> None:
    made = {each["metadata"]["name"] for each in of_kind(render("cpu"), "CronJob")}
    assert made == {"viva-streams-again"}
    assert all(_position("delete", "cronjob", name) < _position("restore") for name in made)
    assert _position("helm", "upgrade", "viva") > _position("pg_restore")  # brings back what was deleted


def test_keda_is_paused_before_and_goes_on_after() -> None:
    (scaled,) = of_kind(render("gpu"), "ScaledObject")
    annotation = "autoscaling.keda.sh/paused-replicas"
    pause, resume = _position("annotate", f"{annotation}=0"), _position("annotate", f"{annotation}-")
    assert all(_selects(_after("-l", _recipe()[place]), scaled) for place in (pause, resume))
    assert pause < _position("deployment,statefulset")
    assert resume > _position("helm", "upgrade", "viva")


def test_the_operator_is_stopped_first_and_started_last() -> None:
    operator = named(rendered_operator(), "Deployment", "viva-operator")
    stop, start = _position("scale", "viva-operator", "0"), _position("scale", "viva-operator", "2")
    assert stop < _position("deployment,statefulset") < _position("helm", "upgrade", "viva") < start
    assert _after("--replicas", _recipe()[start]) == str(operator["spec"]["replicas"])
