"""From settings to a model; and what the catalogue that ships with Viva promises."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from viva_core.errors import Invalid, NotFound
from viva_core.models import TextModelSettings, open_model
from viva_core.models.catalogue import Catalogue, catalogue
from viva_core.models.llama_cpp import LlamaCpp
from viva_core.models.openai_chat import OpenAIChat
from viva_core.models.settings import default_folder, default_hub, default_index


def test_the_default_model_is_in_the_catalogue() -> None:
    assert catalogue().get(TextModelSettings().model_id).engine == "llama.cpp"


@pytest.mark.parametrize("role", ["question_gen", "evaluator"])
@pytest.mark.parametrize("engine", ["llama.cpp", "vllm"])
def test_each_role_has_two_judges_without_limits_of_use(role: str, engine: str) -> None:
    free = [
        model
        for model in catalogue()
        if role in model.roles and model.engine == engine and model.judge and not model.licence.limits_use
    ]
    assert len(free) >= 2


def test_who_limits_use() -> None:
    assert {model.id for model in catalogue() if model.licence.limits_use} == {
        "solar-10.7b-instruct-q8_0",
        "llama-3.1-8b-instruct",
    }


def test_every_file_has_a_source_and_every_served_model_a_repository() -> None:
    for model in catalogue():
        assert (model.repository is not None) == (model.engine == "vllm")
        assert (model.file is not None and bool(model.sources)) == (model.engine != "vllm")


def test_an_unknown_model_is_answered_with_those_that_exist() -> None:
    with pytest.raises(NotFound, match=r"smollm2-135m-instruct"):
        catalogue().get("gpt-9")


def test_a_typo_in_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="licence_url"):
        Catalogue.parse('[[model]]\nid = "x"\nlicence_url = "y"\n')


async def test_opens_a_file_in_this_process(small_model_path: Path) -> None:
    settings = TextModelSettings(
        model_id="smollm2-135m-instruct", model_folder=small_model_path.parent, model_context=1024, model_threads=1
    )
    model = open_model(settings)
    assert isinstance(model, LlamaCpp)
    assert (model.info.id, model.info.judge, model.info.context_tokens) == ("smollm2-135m-instruct", False, 1024)
    await model.loaded()
    await model.aclose()


async def test_a_file_of_ones_own_is_no_judge(small_model_path: Path) -> None:
    model = open_model(TextModelSettings(model_id="solar-10.7b-instruct-q8_0", model_file=small_model_path))
    assert (model.info.id, model.info.judge) == ("smollm2-135m-instruct.q4_1", False)
    await model.aclose()


async def test_opens_a_served_model() -> None:
    settings = TextModelSettings(
        model_engine="openai", model_id="qwen2.5-7b-instruct", model_api_key=SecretStr("k"), model_served_name="judge"
    )
    model = open_model(settings)
    assert isinstance(model, OpenAIChat)
    assert (model.info.id, model.info.engine, model.info.judge) == ("qwen2.5-7b-instruct", "vllm", True)
    await model.aclose()


async def test_a_served_model_that_nobody_knows_is_no_judge() -> None:
    model = open_model(TextModelSettings(model_engine="openai", model_id="in-house-70b"))
    assert (model.info.judge, model.info.licence) == (False, "unknown")
    await model.aclose()


def test_a_missing_file_is_answered_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="viva models pull smollm2-135m-instruct"):
        open_model(TextModelSettings(model_id="smollm2-135m-instruct", model_folder=tmp_path))
    with pytest.raises(NotFound, match="VIVA_MODEL_FILE"):
        open_model(TextModelSettings(model_file=tmp_path / "none.gguf"))


def test_engine_and_model_must_fit() -> None:
    with pytest.raises(Invalid, match="VIVA_MODEL_ENGINE=openai"):
        open_model(TextModelSettings(model_id="llama-3.1-8b-instruct"))
    with pytest.raises(Invalid, match="VIVA_MODEL_ENGINE=llama"):
        open_model(TextModelSettings(model_engine="openai", model_id="smollm2-135m-instruct"))


def test_folder_index_and_hub_follow_the_users_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIVA_CACHE", "XDG_CACHE_HOME", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert default_folder() == Path.home() / ".cache/viva/models"
    assert (default_index(), default_hub()) == ("https://pypi.org/simple", "https://huggingface.co")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple?a=b")
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example")
    assert default_folder() == Path("/x/viva/models")
    assert (default_index(), default_hub()) == ("https://mirror.example/simple?a=b", "https://hub.example")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "house=https://house.example/simple")
    assert default_index() == "https://house.example/simple"
    monkeypatch.setenv("VIVA_CACHE", "/v")
    assert default_folder() == Path("/v/models")
