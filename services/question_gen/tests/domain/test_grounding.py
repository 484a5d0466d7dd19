"""What a question builds on."""

from dataclasses import replace

from viva_question_gen.domain.context import AskContext, FollowUp, Intent
from viva_question_gen.domain.grounding import find_grounding


def test_a_question_names_the_passage_it_builds_on(english: AskContext) -> None:
    found = find_grounding("How did you come to partition the ledger table for the settlement batch?", english)
    assert found is not None
    assert (found.excerpt_id, found.turn_number) == ("r1", 0)
    assert "ledger" in found.shared
    assert found.text == english.excerpts[0].text


def test_korean_particles_do_not_hide_a_word(korean: AskContext) -> None:
    found = find_grounding("정산 배치의 파티셔닝은 어떻게 시험하셨나요?", korean)
    assert found is not None
    assert found.excerpt_id == "r1"


def test_a_follow_up_builds_on_the_answer(english: AskContext) -> None:
    context = replace(english, intent=Intent.FOLLOW_UP, follow_up=FollowUp.DEEPEN)
    found = find_grounding("Why did you call the merchants yourself about the outage?", context)
    assert found is not None
    assert (found.excerpt_id, found.turn_number) == ("", 1)


def test_a_question_on_the_job_alone_builds_on_nothing(english: AskContext) -> None:
    assert find_grounding("What makes system design hard?", english) is None
