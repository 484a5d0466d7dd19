"""The folder of a stack: secrets, state, and what a reset may delete."""

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner
from viva_core.errors import Refused
from viva_local.cli import app
from viva_local.home import Home, RunningStack


def running(pid: int) -> RunningStack:
    return RunningStack(
        pid, "http://localhost:1", "nats://localhost:2", "postgresql:///x", "a:1", "b:2", "t", "e", True
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("VIVA_HOME", str(tmp_path / "viva"))
    made = Home.from_environment()
    made.create()
    return made


def test_a_secret_is_made_once_and_is_its_owners(home: Home) -> None:
    path = home.secret("token-key")
    first = path.read_text()
    assert len(first) == 43
    assert home.secret("token-key").read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_second_stack_is_refused(home: Home) -> None:
    home.announce(running(os.getppid()))
    with pytest.raises(Refused, match="`viva down` stops it"):
        home.announce(running(os.getpid()))


def test_a_dead_stack_does_not_run(home: Home) -> None:
    (home.root / "running.json").write_text(json.dumps({**vars(running(2**22 - 1))}))
    assert home.running() is None


@pytest.mark.parametrize("content", ["", "{", "{}", '{"pid": "x"}', "[]"])
def test_a_damaged_state_is_no_state(home: Home, content: str) -> None:
    (home.root / "running.json").write_text(content)
    assert home.running() is None


def test_down_without_a_stack_says_so(home: Home) -> None:
    result = CliRunner().invoke(app, ["down"])
    assert (result.exit_code, "no stack runs" in result.output) == (0, True)


def test_status_without_a_stack_fails(home: Home) -> None:
    assert CliRunner().invoke(app, ["status"]).exit_code == 1


def test_reset_deletes_a_folder_of_vivas(home: Home) -> None:
    (home.root / "tenant").write_text("x")
    assert CliRunner().invoke(app, ["reset", "--yes"]).exit_code == 0
    assert not home.root.exists()


def test_reset_deletes_no_other_folder(home: Home) -> None:
    (home.root / "precious").write_text("x")
    assert CliRunner().invoke(app, ["reset", "--yes"]).exit_code == 1
    assert (home.root / "precious").exists()


def test_reset_asks_first(home: Home) -> None:
    (home.root / "tenant").write_text("x")
    assert CliRunner().invoke(app, ["reset"], input="n\n").exit_code == 1
    assert home.root.exists()


def test_a_limited_licence_is_named_before_anything_is_pulled(home: Home) -> None:
    result = CliRunner().invoke(app, ["models", "pull", "solar-10.7b-instruct-q8_0"])
    assert result.exit_code != 0
    unknown = CliRunner().invoke(app, ["models", "pull", "no-such-model"])
    assert unknown.exit_code == 1
