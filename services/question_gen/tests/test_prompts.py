"""The prompt files."""

import hashlib
from importlib import resources

import pytest
from viva_question_gen.adapters.prompts import load_prompts
from viva_question_gen.domain.checks import Check
from viva_question_gen.domain.context import FollowUp, Language


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_prompt_has_every_part(language: Language) -> None:
    parts = load_prompts()[language].parts
    wanted = {"system", "next", "answer", "no_answer", "noted", "resume", "main", "again", "form"}
    wanted |= {f"follow_up_{follow_up}" for follow_up in FollowUp} | {f"fault_{check.lower()}" for check in Check}
    assert parts.keys() == wanted
    assert all(parts.values())


def test_the_hash_is_that_of_the_file() -> None:
    prompt = load_prompts()["en"]
    path = resources.files("viva_question_gen") / "prompts" / f"ask.en.v{prompt.version}.md"
    assert prompt.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
