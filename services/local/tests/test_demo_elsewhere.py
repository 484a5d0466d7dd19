"""`viva demo --url`: an interview on a stack elsewhere. What it needs, and how it says so."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from viva_local.cli import app


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "home"))
    path = tmp_path / "password"
    path.write_text("correct horse\n")
    return path


def demo(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["demo", *arguments])


def test_an_address_without_an_account_is_refused(password: Path) -> None:
    refused = demo("--url", "http://127.0.0.1:8080")
    assert refused.exit_code == 2
    assert "--email" in refused.output
    assert "--password-file" in refused.output


def test_an_address_that_is_none_is_named(password: Path) -> None:
    refused = demo("--url", "viva.example.org", "--email", "a@example.org", "--password-file", str(password))
    assert refused.exit_code == 2
    assert "viva.example.org" in refused.output


@pytest.mark.parametrize("more", [["--voice"], ["--model", "smollm2-135m-instruct"]])
def test_what_belongs_to_a_stack_of_one_s_own_is_refused(password: Path, more: list[str]) -> None:
    account = ["--email", "a@example.org", "--password-file", str(password)]
    refused = demo("--url", "http://127.0.0.1:8080", *account, *more)
    assert refused.exit_code == 2
    assert "--url" in refused.output
