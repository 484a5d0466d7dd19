"""Settings from the environment, secrets from files."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from viva_core import settings
from viva_core.errors import Invalid


class _Settings(settings.DatabaseSettings, settings.NatsSettings, settings.ServiceSettings):
    """As a service composes it."""


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_DATABASE_URL", "postgresql://viva:hunter2@db/viva")


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("s3cret\n")
    monkeypatch.setenv("VIVA_NATS_PASSWORD_FILE", str(path))
    assert settings.load(_Settings).nats_password == SecretStr("s3cret")


def test_a_variable_and_its_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIVA_NATS_PASSWORD", "a")
    monkeypatch.setenv("VIVA_NATS_PASSWORD_FILE", str(tmp_path / "b"))
    with pytest.raises(Invalid, match="VIVA_NATS_PASSWORD_FILE are set: keep one"):
        settings.load(_Settings)


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VIVA_NATS_PASSWORD_FILE", str(tmp_path / "none"))
    with pytest.raises(Invalid, match=r"VIVA_NATS_PASSWORD_FILE: .*none: No such file"):
        settings.load(_Settings)


def test_a_wrong_value_names_its_variable_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_LOG_FORMAT", "hunter2")
    monkeypatch.setenv("VIVA_GRACE", "-1")
    with pytest.raises(Invalid) as caught:
        settings.load(_Settings)
    assert {violation.field for violation in caught.value.violations} == {"VIVA_LOG_FORMAT", "VIVA_GRACE"}
    assert "hunter2" not in caught.value.message


def test_printed_settings_hide_secrets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("VIVA_NATS_PASSWORD", "hunter2")
    settings.print_settings(settings.load(_Settings))
    output = capsys.readouterr().out
    assert "hunter2" not in output
    shown = json.loads(output)
    assert shown["VIVA_DATABASE_URL"]["value"] == "**********"
    assert shown["VIVA_NATS_URL"] == {
        "value": "nats://127.0.0.1:4222",
        "set": False,
        "description": "nats-server's URL; several, separated by commas",
    }


def test_every_field_is_described() -> None:
    assert [name for name, field in _Settings.model_fields.items() if not field.description] == []


def test_a_file_that_is_no_text_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("VIVA_NATS_PASSWORD_FILE", str(path))
    with pytest.raises(Invalid, match=r"VIVA_NATS_PASSWORD_FILE: .*cannot be read as text"):
        settings.load(_Settings)


def test_credentials_in_a_url_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_NATS_URL", "nats://viva:hunter2@a:4222,nats://t0ken@b:4222,nats://c:4222")
    shown = settings.describe(settings.load(_Settings))["VIVA_NATS_URL"]["value"]
    assert shown == "nats://**********@a:4222,nats://**********@b:4222,nats://c:4222"


def test_variables_of_other_services_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_TOKEN_KEY_FILE", "/nowhere")
    assert settings.load(_Settings).log_level == "info"
