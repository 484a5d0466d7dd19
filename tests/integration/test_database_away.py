"""PostgreSQL is away when a service starts: one sentence for the engineer, and an end that a supervisor restarts."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from viva_testkit.folders import open_folder
from viva_testkit.postgres import Postgres

_STARTS = {
    "session": ["viva_session"],
    "session-migrate": ["viva_session", "migrate"],
    "gateway": ["viva_gateway"],
    "gateway-migrate": ["viva_gateway", "migrate"],
    "gateway-account": ["viva_gateway", "create-account", "--tenant", "0190b6a0-0000-7000-8000-00000000000a"],
}
_PASSWORD = "hunter2-hunter2"


@pytest.fixture(scope="module")
def stopped() -> Iterator[str]:
    """The URL of a PostgreSQL that ran, and was stopped."""
    with open_folder("stopped") as folder:
        server = Postgres(folder)
        url = server.admin_url
        server.stop()
        yield url.replace("postgres:@", f"postgres:{_PASSWORD}@")


def _start(arguments: list[str], url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    secret = folder / "secret"
    secret.write_text("k" * 43)
    if "create-account" in arguments:
        account = ["--email", "kim@example.com", "--roles", "admin", "--password-file", str(secret)]
        arguments = [*arguments, "--tenant-name", "Acme", *account]
    changes = {
        "VIVA_DATABASE_URL": url,
        "VIVA_TOKEN_KEY_FILE": str(secret),
        "VIVA_METRICS_PORT": "-1",
        "VIVA_HEALTH_PORT": "-1",
        "VIVA_HTTP_PORT": "0",
        "VIVA_GRPC_PORT": "0",
    }
    return subprocess.run(
        [sys.executable, "-m", *arguments], env={**os.environ, **changes}, capture_output=True, text=True, timeout=240
    )


@pytest.mark.parametrize("start", _STARTS)
def test_a_database_that_was_stopped_is_one_sentence_and_not_a_traceback(
    start: str, stopped: str, tmp_path: Path
) -> None:
    ended = _start(_STARTS[start], stopped, tmp_path)
    said = ended.stderr.splitlines()
    assert (ended.returncode, len(said)) == (1, 1), ended.stderr
    assert said[0].startswith("PostgreSQL is not available (connection to server on socket")
    assert "see that it runs" in said[0]
    assert "VIVA_DATABASE_URL" in said[0]
    assert _PASSWORD not in ended.stderr + ended.stdout


@pytest.mark.parametrize("start", ["session", "gateway"])
def test_a_database_that_is_not_there_is_named_with_the_setting(start: str, database_url: str, tmp_path: Path) -> None:
    ended = _start(_STARTS[start], database_url.replace("?", "-of-somebody?"), tmp_path)
    assert ended.returncode == 1
    assert '-of-somebody" does not exist): see that' in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("start", ["session", "gateway"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("hunter2-hunter2", "VIVA_DATABASE_URL: want postgresql://user:password@host:port/database"),
        ("postgresql://viva:x@hunter2-hunter2@db.invalid/viva", "its host's name is not known"),
    ],
)
def test_an_address_that_cannot_be_right_is_not_quoted(start: str, url: str, said: str, tmp_path: Path) -> None:
    ended = _start(_STARTS[start], url, tmp_path)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert _PASSWORD not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
