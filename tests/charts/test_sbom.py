"""Each image has an SBOM, made from the lock file by which it is installed."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.charts.test_images import DOCKERFILE, ROOT, images

UV = os.environ.get("UV", str(ROOT / ".tools/uv/bin/uv"))
LOCKED = {
    package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
}


@pytest.fixture(scope="module")
def boms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every image's, as `make sbom` writes them."""
    into = tmp_path_factory.mktemp("sbom")
    done = write(into)
    assert done.returncode == 0, done.stderr
    return {name: json.loads((into / f"{name}.cdx.json").read_text(encoding="utf-8")) for name in images()}


def write(into: Path, *names: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "UV": UV, "INTO": str(into)}
    command = [str(ROOT / "images/sbom.sh"), *names]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def packages(bom: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What came from an index, by name."""
    return {each["name"]: each for each in bom["components"] if "purl" in each}


@pytest.mark.parametrize("name", images())
def test_it_is_cyclonedx_and_about_the_image_s_package(name: str, boms: dict[str, dict[str, Any]]) -> None:
    bom = boms[name]
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5")
    about = bom["metadata"]["component"]
    assert about["name"] == ("viva-local" if name == "tools" else f"viva-{name}")
    assert about["version"] == LOCKED[about["name"]]["version"]
    known = {each["bom-ref"] for each in bom["components"]} | {about["bom-ref"]}
    for each in bom["dependencies"]:
        assert {each["ref"], *each.get("dependsOn", ())} <= known


@pytest.mark.parametrize("name", images())
def test_every_package_is_the_locked_one_with_the_hashes_of_its_files(
    name: str, boms: dict[str, dict[str, Any]]
) -> None:
    found = packages(boms[name])
    assert found
    for package, component in found.items():
        locked = LOCKED[package]
        assert component["version"] == locked["version"]
        assert component["purl"] == f"pkg:pypi/{package}@{locked['version']}"
        files = [*locked.get("wheels", ()), *([locked["sdist"]] if "sdist" in locked else [])]
        listed = {
            digest["content"] for reference in component["externalReferences"] for digest in reference.get("hashes", ())
        }
        assert listed
        assert listed <= {file["hash"].removeprefix("sha256:") for file in files}


def test_each_image_lists_what_it_alone_has_and_not_what_it_has_not(boms: dict[str, dict[str, Any]]) -> None:
    listed = {name: set(packages(bom)) for name, bom in boms.items()}
    assert "llama-cpp-python" in listed["evaluator"]
    assert "llama-cpp-python" not in listed["session"]
    assert "aiortc" in listed["media"]
    assert "kopf" in listed["operator"]
    for name, found in listed.items():
        assert not found & {"pytest", "mypy", "ruff", "celery"}, name  # what only developers install


def test_extras_are_those_that_the_dockerfile_installs(boms: dict[str, dict[str, Any]]) -> None:
    given = re.findall(r'"\$\{PACKAGE\}" = (viva-[a-z-]+) \]; then set -- --extra (\w+)', DOCKERFILE)
    assert given == [("viva-media", "s3")]
    with_extra = {each["name"] for each in LOCKED["viva-media"]["optional-dependencies"]["s3"]}
    assert with_extra <= set(packages(boms["media"]))


def test_an_image_that_there_is_not_is_refused(tmp_path: Path) -> None:
    done = write(tmp_path, "browser")
    assert done.returncode == 2
    assert "there is no image browser; there are: session" in done.stderr
