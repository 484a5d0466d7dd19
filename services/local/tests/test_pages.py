"""Which pages a stack serves."""

from pathlib import Path

import pytest
from viva_local.stack.pages import pages


def test_pages_that_were_built_are_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIVA_WEB_FOLDER", raising=False)
    assert pages(tmp_path) == {}
    built = tmp_path / "services" / "web" / "dist"
    built.mkdir(parents=True)
    (built / "index.html").write_text("")
    assert pages(tmp_path) == {"VIVA_WEB_FOLDER": str(built)}


def test_a_folder_of_ones_own_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_WEB_FOLDER", str(tmp_path))
    assert pages() == {}
