"""What the planner decides, step by step, without the rest of the interview: time, topics, follow-ups, languages."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from viva_session.domain.bank import Language, load_bank
from viva_session.domain.language import follow_up_for, says_nothing
from viva_session.domain.planner import (
    FOLLOW_UP_TAKES,
    LEAST_TIME,
    MAIN_TAKES,
    Step,
    fallback_for,
    next_step,
    seed_of,
)
from viva_session.domain.position import Plan
from viva_session.domain.turn import (
    Answer,
    AnswerState,
    Fallback,
    FollowUp,
    Intent,
    Question,
    QuestionState,
    Revision,
    Turn,
)
from viva_testkit.plans import plan_of, planned, weights

BANK = load_bank()
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTLED = settings(derandomize=True, deadline=None, max_examples=120)

# An answer of each kind, in both languages: what it lacks first, None when it says nothing.
ANSWERS: dict[Language, dict[FollowUp | None, str]] = {
    "en": {
        None: "I don't know.",
        FollowUp.THIN: "We talked.",
        FollowUp.NO_EXAMPLE: "People talk about it and usually find a way that works well for everybody. " * 4,
        FollowUp.NO_RESULT: "For example, people on my side talk about it and usually find some way onwards. " * 4,
        FollowUp.DEEPEN: "For example, I led the move of the ledger and as a result the batch fell to 6 minutes. " * 4,
    },
    "ko": {
        None: "잘 모르겠습니다.",
        FollowUp.THIN: "이야기했습니다.",
        FollowUp.NO_EXAMPLE: "여러 사람과 이야기하면서 모두에게 맞는 방법을 찾으려고 노력하는 편입니다. " * 5,
        FollowUp.NO_RESULT: "예를 들어 여러 사람과 이야기하면서 모두에게 맞는 방법을 찾으려고 노력하는 편입니다. " * 5,
        FollowUp.DEEPEN: "예를 들어 원장 이전을 제가 직접 이끌었고 그 결과 야간 배치가 6분으로 줄었습니다. " * 5,
    },
}
LANGUAGES: list[Language] = ["en", "ko"]
LACKS = st.sampled_from([None, *FollowUp])
PACES = st.integers(5, 400)


def plan_with(shares: Sequence[int], language: Language, minutes: int, most: int = 0) -> Plan:
    return plan_of(
        *(planned(number, share) for number, share in enumerate(shares)),
        language=language,
        duration=timedelta(minutes=minutes),
        max_questions=most,
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    shares = draw(weights(draw(st.sampled_from([4, 1, 2, 3, 5, 6]))))
    most = draw(st.one_of(st.just(0), st.integers(len(shares), 15)))
    return plan_with(shares, draw(st.sampled_from(LANGUAGES)), draw(st.integers(5, 60)), most)


@dataclass(frozen=True)
class Asked:
    """One step with what was known when it was taken."""

    step: Step
    before: tuple[Turn, ...]
    time_left: timedelta


def asked(plan: Plan, lacks: Sequence[FollowUp | None], paces: Sequence[int]) -> list[Asked]:
    """The steps of an interview in which answers lack this and take so many seconds, over and over."""
    turns: tuple[Turn, ...] = ()
    steps: list[Asked] = []
    left = plan.duration
    for lack, pace in zip(itertools.cycle(lacks), itertools.cycle(paces), strict=False):
        step = next_step(plan, turns, left)
        if step is None:
            return steps
        steps.append(Asked(step, turns, left))
        number = len(turns) + 1
        fallback = fallback_for(BANK, plan, step, turns, seed_of(UUID(int=7), number))
        turns = (*turns, turn_of(number, step, fallback, ANSWERS[plan.language][lack]))
        left = max(left - timedelta(seconds=pace), timedelta())
    raise AssertionError("an interview does not go on for ever")


def turn_of(number: int, step: Step, fallback: Fallback, text: str) -> Turn:
    return Turn(
        turn_id=UUID(int=100 + number),
        number=number,
        competency_id=step.competency_id,
        intent=step.intent,
        follow_up=step.follow_up,
        fallback=fallback,
        question=Question(QuestionState.ASKED, UUID(int=200 + number), START, "What then?", asked_at=START),
        answer=Answer(AnswerState.SUBMITTED, (Revision(text, START),)),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_of_these_tests_are_what_they_are_taken_for(language: Language) -> None:
    for lack, text in ANSWERS[language].items():
        assert says_nothing(text, language) == (lack is None)
        if lack is not None:
            assert follow_up_for(text, language) is lack


@SETTLED
@given(plans(), st.lists(LACKS, min_size=1, max_size=6), st.lists(PACES, min_size=1, max_size=6))
def test_each_question_is_planned_within_the_time_and_number_that_are_left(
    plan: Plan, lacks: list[FollowUp | None], paces: list[int]
) -> None:
    steps = asked(plan, lacks, paces)
    assert not plan.max_questions or len(steps) <= plan.max_questions
    for one in steps:
        assert one.time_left >= LEAST_TIME
        waiting = {c.competency_id for c in plan.competencies} - {t.competency_id for t in one.before}
        if one.step.intent is Intent.FOLLOW_UP:
            assert one.time_left >= FOLLOW_UP_TAKES + len(waiting) * MAIN_TAKES, "it takes nobody's main question away"
            assert not plan.max_questions or plan.max_questions - len(one.before) > len(waiting)


@SETTLED
@given(plans(), st.lists(LACKS, min_size=1, max_size=6), st.lists(PACES, min_size=1, max_size=6))
def test_a_follow_up_says_what_the_answer_before_it_lacks(
    plan: Plan, lacks: list[FollowUp | None], paces: list[int]
) -> None:
    in_a_row = 0
    for one in asked(plan, lacks, paces):
        if one.step.intent is Intent.MAIN:
            in_a_row = 0
            assert one.step.follow_up is None
            assert all(turn.competency_id != one.step.competency_id for turn in one.before)
            continue
        in_a_row += 1
        last = one.before[-1]
        assert in_a_row <= 2
        assert one.step.competency_id == last.competency_id
        assert not says_nothing(last.answer.text, plan.language), "who has nothing to say is not pressed"
        assert one.step.follow_up is follow_up_for(last.answer.text, plan.language)
        assert one.step.follow_up is not last.follow_up, "nobody is asked for the same thing twice in a row"


@SETTLED
@given(plans(), LACKS, PACES)
def test_with_answers_alike_the_heavier_gets_no_more_than_one_turn_less(
    plan: Plan, lack: FollowUp | None, pace: int
) -> None:
    count = Counter(one.step.competency_id for one in asked(plan, [lack], [pace]))
    for heavy, light in itertools.permutations(plan.competencies, 2):
        if heavy.weight > light.weight:
            assert count[heavy.competency_id] >= count[light.competency_id] - 1
            assert count[heavy.competency_id] or not count[light.competency_id], "heaviest first"


@SETTLED
@given(plans(), st.lists(LACKS, min_size=1, max_size=6))
def test_when_everybody_needs_what_is_usual_each_competency_is_asked(plan: Plan, lacks: list[FollowUp | None]) -> None:
    pace = int(FOLLOW_UP_TAKES.total_seconds())  # within what a follow-up may take: none eats a main question's time
    steps = asked(plan, lacks, [pace])
    begun = {one.step.competency_id for one in steps}
    if plan.duration >= len(plan.competencies) * MAIN_TAKES:
        assert begun == {one.competency_id for one in plan.competencies}


@SETTLED
@given(plans(), st.lists(LACKS, min_size=1, max_size=4), st.lists(PACES, min_size=1, max_size=4))
def test_the_same_input_gives_the_same_steps_and_fallbacks_in_the_plans_language(
    plan: Plan, lacks: list[FollowUp | None], paces: list[int]
) -> None:
    steps = asked(plan, lacks, paces)
    assert steps == asked(plan, lacks, paces)
    hangul = [any("가" <= letter <= "힣" for letter in turn.fallback.text) for one in steps for turn in one.before]
    assert all(korean == (plan.language == "ko") for korean in hangul)


@SETTLED
@given(weights(4), st.integers(5, 60), st.lists(LACKS, min_size=1, max_size=6), st.lists(PACES, min_size=1, max_size=4))
def test_both_languages_are_asked_alike(
    shares: list[int], minutes: int, lacks: list[FollowUp | None], paces: list[int]
) -> None:
    english, korean = (asked(plan_with(shares, language, minutes), lacks, paces) for language in LANGUAGES)
    assert [one.step for one in english] == [one.step for one in korean]
