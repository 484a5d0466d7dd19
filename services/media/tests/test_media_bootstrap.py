"""Settings become engines, servers and a spool; what is missing is named."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from viva_core.errors import Invalid
from viva_core.settings import describe, load
from viva_media.adapters.deepgram import Deepgram
from viva_media.adapters.moonshine import Moonshine
from viva_media.bootstrap import speech_engines, spools
from viva_media.metrics import MediaMetrics
from viva_media.settings import Settings
from viva_media.store import look_at, recordings
from viva_testkit.nats import free_port

KEY = SecretStr("a token key of sixteen")


def test_the_embedded_engine_is_the_default() -> None:
    (engine,) = speech_engines(Settings(media_token_key=KEY))
    assert isinstance(engine, Moonshine)
    assert engine.model.languages == ("en",)


def test_deepgram_has_the_embedded_engine_behind_it() -> None:
    settings = Settings(media_token_key=KEY, speech_engine="deepgram", deepgram_key=SecretStr("key"))
    first, second = speech_engines(settings)
    assert isinstance(first, Deepgram)
    assert first.model.languages == ("en", "ko")
    assert isinstance(second, Moonshine)
    (alone,) = speech_engines(settings.model_copy(update={"speech_fallback": False}))
    assert isinstance(alone, Deepgram)


def test_deepgram_without_a_key_says_which_is_missing() -> None:
    with pytest.raises(Invalid, match="VIVA_DEEPGRAM_KEY_FILE"):
        speech_engines(Settings(media_token_key=KEY, speech_engine="deepgram"))


def test_no_secret_is_shown() -> None:
    shown = str(describe(Settings(media_token_key=KEY, deepgram_key=SecretStr("dg-secret"), turn_secret=KEY)))
    assert "a token key" not in shown
    assert "dg-secret" not in shown


def test_a_token_key_is_demanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIVA_MEDIA_TOKEN_KEY", raising=False)
    with pytest.raises(Invalid, match="VIVA_MEDIA_TOKEN_KEY"):
        load(Settings)


def test_the_spool_folder_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "spool"
    spools(Settings(media_token_key=KEY, spool_folder=folder, spool_key=KEY), MediaMetrics(CollectorRegistry()))
    assert folder.stat().st_mode & 0o077 == 0


def test_nothing_is_recorded_unless_a_folder_and_a_key_are_set(tmp_path: Path) -> None:
    assert recordings(Settings(media_token_key=KEY)) is None
    with pytest.raises(Invalid, match="VIVA_RECORDING_KEY_FILE"):
        recordings(Settings(media_token_key=KEY, recording_folder=tmp_path / "kept"))
    assert recordings(Settings(media_token_key=KEY, recording_folder=tmp_path / "kept", recording_key=KEY))
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_recordings_go_to_a_bucket_when_one_is_named() -> None:
    bucket = Settings(
        media_token_key=KEY,
        recording_key=KEY,
        recording_s3_bucket="recordings",
        recording_s3_endpoint="https://s3.example.com:9000",
        recording_s3_access_key=SecretStr("access"),
        recording_s3_secret_key=SecretStr("s3-secret"),
    )
    assert recordings(bucket) is not None
    assert "s3-secret" not in str(describe(bucket))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"recording_key": None}, "VIVA_RECORDING_KEY_FILE"),
        ({"recording_folder": Path("kept")}, "VIVA_RECORDING_FOLDER and VIVA_RECORDING_S3_BUCKET"),
        ({"recording_s3_secret_key": None}, "VIVA_RECORDING_S3_SECRET_KEY_FILE"),
        ({"recording_s3_access_key": None}, "VIVA_RECORDING_S3_ACCESS_KEY_FILE"),
    ],
)
def test_settings_of_a_bucket_that_do_not_fit_together_name_the_one_to_mend(
    changes: dict[str, Any], named: str
) -> None:
    whole: dict[str, Any] = {
        "recording_key": KEY,
        "recording_s3_bucket": "recordings",
        "recording_s3_access_key": SecretStr("access"),
        "recording_s3_secret_key": SecretStr("secret"),
    }
    with pytest.raises(Invalid, match=named):
        recordings(Settings(media_token_key=KEY, **(whole | changes)))


@pytest.mark.parametrize("endpoint", ["s3.example.com", "ftp://s3.example.com", "https://s3.example.com/bucket"])
def test_an_endpoint_that_is_no_address_is_named(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIVA_MEDIA_TOKEN_KEY", KEY.get_secret_value())
    monkeypatch.setenv("VIVA_RECORDING_S3_ENDPOINT", endpoint)
    with pytest.raises(Invalid, match="VIVA_RECORDING_S3_ENDPOINT"):
        load(Settings)


async def test_a_store_that_is_away_ends_nothing_at_the_start_and_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(
        media_token_key=KEY,
        recording_key=KEY,
        recording_s3_bucket="recordings",
        recording_s3_endpoint=f"http://127.0.0.1:{free_port()}",
        recording_s3_access_key=SecretStr("access"),
        recording_s3_secret_key=SecretStr("secret"),
    )
    await look_at(recordings(settings))
    assert "OBJECTS_AWAY" in capsys.readouterr().out
    await look_at(None)
