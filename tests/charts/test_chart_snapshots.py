"""What each value that matters changes in the manifests: the difference from the trial, as it was when last looked at.

After a change that is meant, `UPDATE_SNAPSHOTS=1` writes them anew; the review reads the difference of the differences.
"""

import difflib
import os
from pathlib import Path

import pytest
import yaml

from tests.charts.rendering import render, setting

SNAPSHOTS = Path(__file__).parent / "snapshots"
CASES: dict[str, dict[str, object]] = {
    "replicas": {"gateway.replicas": 3},
    "drain": {"evaluator.drainSeconds": 300, "defaults.preStopSeconds": 15},
    "settings": {"session.settings": {"question_timeout": 45, "slots": 8}},
    "digest": {"session.image.digest": f"sha256:{'c' * 64}"},
    "registry": {"global.imageRegistry": "mirror.internal:5000", "global.imagePullSecrets": ["mirror"]},
    "scheduling": {
        "defaults.tolerations": [{"key": "interviews", "operator": "Exists"}],
        "evaluator.nodeSelector": {"pool": "cpu"},
    },
    "ingress": {
        "ingress.enabled": True,
        "ingress.host": "a.example.org",
        "ingress.tlsSecret": "tls",
        "gateway.publicUrl": "https://a.example.org",
    },
    "external-nats": {"nats.bundled": False, "nats.external.url": "nats://n:4222", "nats.streamReplicas": 3},
    "external-postgresql": {"postgresql.bundled": False, "postgresql.external.port": 6432},
    "vision": {"vision.enabled": True},
    "own-models": {"models.existingClaim": "models", "models.pull": False},
    "traces": {"telemetry.otlpEndpoint": "http://collector:4317"},
    "scaled-by-operator": {"evaluator.scaledByOperator": True, "apis.viva": "served"},
    "autoscaling": {"evaluator.autoscaling.enabled": True, "apis.keda": "served"},
}


def _texts(*arguments: str) -> dict[str, str]:
    return {
        f"{each['kind']}/{each['metadata']['name']}": yaml.dump(each, Dumper=yaml.CSafeDumper, width=200)
        for each in render("cpu", *arguments)
    }


def _difference(values: dict[str, object]) -> str:
    before, after = _texts(), _texts(*(setting(path, value) for path, value in values.items()))
    lines: list[str] = []
    lines += [f"== {name} is gone" for name in sorted(before.keys() - after.keys())]
    for name in sorted(after):
        old, new = before.get(name, "").splitlines(), after[name].splitlines()
        found = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
        if found:
            lines += [f"== {name}", *(line for line in found if not line.startswith("@@"))]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_a_value_changes_what_it_should_and_no_more(case: str) -> None:
    difference = _difference(CASES[case])
    file = SNAPSHOTS / f"{case}.diff"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(difference)
    assert file.read_text() == difference


def test_there_is_no_snapshot_without_its_case() -> None:
    assert {file.stem for file in SNAPSHOTS.iterdir()} == set(CASES)
