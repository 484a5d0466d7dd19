"""The prompt files."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib import resources

import pytest
from viva_question_gen.adapters.prompts import load_prompts
from viva_question_gen.domain.checks import Check, failed_checks
from viva_question_gen.domain.context import AskContext, FollowUp, Intent, Language, PastTurn
from viva_question_gen.domain.prompt import build_messages


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_prompt_has_every_part(language: Language) -> None:
    parts = load_prompts().get(language).parts
    wanted = {"system", "asked", "topic", "turn", "no_answer", "resume", "main", "again", "form"}
    wanted |= {f"example_{number}_{half}" for number in (1, 2) for half in ("task", "question")}
    wanted |= {f"follow_up_{follow_up}" for follow_up in FollowUp} | {f"fault_{check.lower()}" for check in Check}
    assert parts.keys() == wanted
    assert all(parts.values())


def test_the_hash_is_that_of_the_file() -> None:
    prompt = load_prompts().get("en")
    path = resources.files("viva_question_gen") / "prompts" / f"ask.en.v{prompt.version}.md"
    assert prompt.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_worked_examples_are_what_is_asked_for(language: Language, context_in: Callable[[str], AskContext]) -> None:
    prompt = load_prompts().get(language)
    context = context_in(language)
    first, second = prompt.parts["example_1_task"], prompt.parts["example_2_task"]
    assert prompt.parts["main"].splitlines()[-1] in first
    assert prompt.parts["follow_up_no_result"] in second
    for task in (first, second):
        assert task.endswith(prompt.parts["form"])
    for number in (1, 2):
        sources = replace(context, history=(PastTurn(1, "problem_solving", "", f"{first} {second}"),))
        assert failed_checks(prompt.parts[f"example_{number}_question"], sources) == ()


def test_all_tries_share_the_beginning_of_the_prompt(english: AskContext) -> None:
    prompt = load_prompts().get("en")
    follow_up = replace(english, intent=Intent.FOLLOW_UP, follow_up=FollowUp.THIN)
    one, other = build_messages(prompt, english), build_messages(prompt, follow_up, (Check.ENDING,))
    assert one[:-1] == other[:-1]
    assert one[-1] != other[-1]


def test_a_follow_up_shows_the_turns_of_its_topic_alone(english: AskContext) -> None:
    history = (*english.history, PastTurn(2, english.competency_id, "Why partitions?", "They are small enough."))
    context = replace(english, intent=Intent.FOLLOW_UP, follow_up=FollowUp.DEEPEN, history=history)
    task = build_messages(load_prompts().get("en"), context)[-1].content
    assert "They are small enough." in task
    assert english.history[0].answer not in task
