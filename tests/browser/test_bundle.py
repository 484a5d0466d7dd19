"""What is served holds nothing that was made up: no sample of the gallery, no stand-in of a unit test."""

import re
from pathlib import Path

import pytest
from viva_testkit.walk import ROOT

SOURCES = ROOT / "services/web/src"
BUILD = ROOT / "services/web/dist/assets"
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.){12,})"')
_OURS = "/api/v1/candidate/interview"
"""In the pages' code: what is looked through is the build of it."""


def is_made_up(path: Path) -> bool:
    """Whether the module is a stand-in or of the gallery, and belongs in no build."""
    return path.name == "fakes.ts" or path.parent.name == "gallery"


@pytest.fixture(scope="module")
def made_up() -> set[str]:
    """Texts of 12 characters and more that only such modules hold."""
    files = [path for path in SOURCES.rglob("*.ts*") if path.is_file()]
    held = {
        kind: [path.read_text() for path in files if is_made_up(path) is kind and ".test." not in path.name]
        for kind in (True, False)
    }
    real = "\n".join([*held[False], *(path.read_text() for path in SOURCES.rglob("*.json"))])
    texts = {literal for source in held[True] for literal in _LITERAL.findall(source)}
    return {text for text in texts if text not in real}


def test_no_sample_is_in_what_is_served(made_up: set[str]) -> None:
    assert "Alexandra Papadopoulou-Featherstonehaugh" in made_up
    scripts = {path.name: path.read_text() for path in BUILD.glob("*.js")}
    assert any(_OURS in script for script in scripts.values())
    found = {(name, text) for name, script in scripts.items() for text in made_up if text in script}
    assert found == set()
