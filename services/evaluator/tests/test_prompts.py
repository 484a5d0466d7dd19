"""The prompt files."""

import hashlib
from importlib import resources

import pytest
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.domain.context import Language


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_prompt_has_every_part(language: Language) -> None:
    parts = load_prompts().get(language).parts
    assert parts.keys() == {"system", "rubric", "criterion", "anchor", "left_out", "question", "repair"}
    assert all(parts.values())


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_hash_is_that_of_the_file(language: Language) -> None:
    prompt = load_prompts().get(language)
    path = resources.files("viva_evaluator") / "prompts" / f"evaluate.{language}.v{prompt.version}.md"
    assert prompt.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
