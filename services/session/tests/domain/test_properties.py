"""What holds for every plan, actor, ledger and rubric, and not only for the ones that somebody thought of."""

import contextlib
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from viva_core.errors import Denied, Invalid, NotFound
from viva_session.domain.access import Action, Actor, Kind, Resource, Role, authorize
from viva_session.domain.bank import load_bank
from viva_session.domain.consent import Consent, Purpose, check_applies, holds, is_complete, purposes_of
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.interview import Interview
from viva_session.domain.outcome import AskQuestion
from viva_session.domain.planner import FOLLOW_UP_TAKES, LEAST_TIME, MAX_FOLLOW_UPS, next_step, seed_of
from viva_session.domain.position import CompetencySpec, Mode, Plan, PositionSpec, publish
from viva_session.domain.rubric import Criterion, Rubric, canonical_hash, check_publishable
from viva_session.domain.rules import Rules
from viva_session.domain.turn import Intent, Modality, Origin, Source, Turn
from viva_testkit.plans import criteria, plan_of, planned, ready, weights

BANK = load_bank()
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ANSWERS = st.sampled_from(
    [
        "",
        "I don't know.",
        "Short.",
        "We talk about it in the team and then we usually find a way that works well for everybody. " * 3,
        "When I joined in 2021 I led the migration of the ledger to partitioned tables, measured every step, rolled it "
        "out behind a flag and as a result the nightly batch fell from 40 minutes to 6 while nobody noticed a thing.",
    ]
)
PACE = st.integers(5, 400)
"""Seconds that an answer takes."""


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 6))
    shares = draw(weights(count))
    return plan_of(
        *(planned(number, share) for number, share in enumerate(shares)),
        language=draw(st.sampled_from(["en", "ko"])),
        duration=timedelta(minutes=draw(st.integers(5, 90))),
        max_questions=draw(st.one_of(st.just(0), st.integers(count, 12))),
    )


def held(plan: Plan, answers: Sequence[str], paces: Sequence[int]) -> Interview:
    """An interview that is asked and answered until asking ends."""
    ids = itertools.count(1)
    rules = Rules(Flow(BANK, Patience(), lambda: UUID(int=next(ids))))
    outcome, now = rules.start(ready(rules, plan, START), START), START
    for answer, pace in zip(itertools.cycle(answers), itertools.cycle(paces), strict=False):
        asked = [request for request in outcome.requests if isinstance(request, AskQuestion)]
        if not asked:
            return outcome.interview
        [request] = asked
        question = f"Question {len(outcome.interview.turns)}?"
        interview = rules.question_generated(
            outcome.interview, request.turn_id, request.request_id, question, Origin(Source.MODEL), now
        ).interview
        now += timedelta(seconds=pace)
        if now >= START + plan.duration:
            return interview
        outcome = rules.submit_answer(interview, request.turn_id, answer, Modality.TEXT, now)
    raise AssertionError("an interview does not go on for ever")


def topics(turns: Sequence[Turn]) -> list[list[Turn]]:
    """The turns by topic: a main question and its follow-ups."""
    found: list[list[Turn]] = []
    for turn in turns:
        if turn.intent is Intent.MAIN:
            found.append([])
        found[-1].append(turn)
    return found


@given(plans(), st.lists(ANSWERS, min_size=1, max_size=6), st.lists(PACE, min_size=1, max_size=6))
def test_an_interview_covers_the_heaviest_first_and_never_presses_on(
    plan: Plan, answers: list[str], paces: list[int]
) -> None:
    interview = held(plan, answers, paces)
    by_topic = topics(interview.turns)
    begun = [topic[0].competency_id for topic in by_topic]
    assert len(begun) == len(set(begun)), "no competency is begun twice"
    shares = [plan.competency(competency_id).weight for competency_id in begun]
    assert shares == sorted(shares, reverse=True)
    assert not plan.max_questions or len(interview.turns) <= plan.max_questions
    for topic in by_topic:
        assert len(topic) <= 1 + MAX_FOLLOW_UPS
        assert topic[0].follow_up is None
        for turn in topic[1:]:
            assert turn.competency_id == topic[0].competency_id
            assert turn.intent is Intent.FOLLOW_UP
            assert turn.follow_up is not None, "each follow-up says why"


@given(plans(), st.lists(ANSWERS, min_size=1, max_size=4), st.integers(5, 60))
def test_with_time_enough_every_competency_is_asked(plan: Plan, answers: list[str], pace: int) -> None:
    interview = held(plan, answers, [pace])
    needed = len(plan.competencies) * (1 + MAX_FOLLOW_UPS) * timedelta(seconds=pace) + LEAST_TIME + FOLLOW_UP_TAKES
    if plan.duration > needed:
        assert {turn.competency_id for turn in interview.turns} == {one.competency_id for one in plan.competencies}


@given(plans(), st.integers(0, int(LEAST_TIME.total_seconds()) - 1))
def test_nothing_is_asked_when_there_is_no_time_to_answer(plan: Plan, seconds: int) -> None:
    assert next_step(plan, (), timedelta(seconds=seconds)) is None


@given(plans(), st.lists(ANSWERS, min_size=1, max_size=4), st.lists(PACE, min_size=1, max_size=4))
def test_the_same_answers_lead_to_the_same_interview(plan: Plan, answers: list[str], paces: list[int]) -> None:
    assert held(plan, answers, paces) == held(plan, answers, paces)


@given(st.uuids(), st.integers(1, 100))
def test_a_seed_belongs_to_its_turn(interview_id: UUID, number: int) -> None:
    assert seed_of(interview_id, number) == seed_of(interview_id, number) < 2**31
    assert seed_of(interview_id, number) != seed_of(interview_id, number + 1)


# Who may do what


ACTORS = st.builds(
    Actor,
    kind=st.sampled_from(Kind),
    tenant_id=st.sampled_from([UUID(int=1), UUID(int=2)]),
    subject_id=st.just("somebody"),
    name=st.just("Kim"),
    roles=st.frozensets(st.sampled_from(Role)),
    interview_id=st.sampled_from([None, UUID(int=11), UUID(int=12)]),
)
RESOURCES = st.one_of(
    st.none(),
    st.builds(
        Resource,
        tenant_id=st.sampled_from([UUID(int=1), UUID(int=2)]),
        interview_id=st.sampled_from([None, UUID(int=11), UUID(int=12)]),
    ),
)


@given(ACTORS, st.sampled_from(Action), RESOURCES)
def test_nothing_of_anothers_is_there(actor: Actor, action: Action, resource: Resource | None) -> None:
    foreign = resource is None or resource.tenant_id != actor.tenant_id
    if actor.kind is Kind.CANDIDATE and resource is not None:
        foreign = foreign or resource.interview_id is None or resource.interview_id != actor.interview_id
    if foreign:
        with pytest.raises(NotFound) as refused:
            authorize(actor, action, resource)
        assert refused.value.message == "there is nothing here by that id"
        return
    with contextlib.suppress(Denied):  # theirs, and perhaps not their part: NotFound would be wrong now
        authorize(actor, action, resource)


@pytest.mark.parametrize("action", list(Action))
def test_a_person_without_a_role_may_do_nothing_and_more_roles_never_take_away(action: Action) -> None:
    own = Resource(UUID(int=1), UUID(int=11))

    def may(*roles: Role) -> bool:
        try:
            authorize(Actor(Kind.STAFF, UUID(int=1), "s", "Kim", frozenset(roles)), action, own)
        except Denied:
            return False
        return True

    assert not may()
    for count in range(1, len(Role) + 1):
        for roles in itertools.combinations(Role, count):
            assert may(*roles) == any(may(role) for role in roles)


def test_what_decides_about_a_person_is_for_people_alone() -> None:
    own = Resource(UUID(int=1), UUID(int=11))
    for action in (Action.REVIEW_WRITE, Action.REPORT_READ, Action.REVIEW_READ):
        for kind in (Kind.CANDIDATE, Kind.SERVICE):
            with pytest.raises(Denied):
                authorize(Actor(kind, UUID(int=1), "x", "", interview_id=UUID(int=11)), action, own)


# Consent


ROWS = st.lists(
    st.builds(
        Consent,
        purpose=st.sampled_from(Purpose),
        granted=st.booleans(),
        text_version=st.just("2026-11"),
        recorded_at=st.just(START),
    ),
    max_size=12,
)


@given(ROWS, st.sampled_from(Purpose))
def test_the_last_word_on_a_purpose_counts(ledger: list[Consent], purpose: Purpose) -> None:
    said = [row.granted for row in ledger if row.purpose is purpose]
    assert holds(ledger, purpose) == (bool(said) and said[-1])


@given(ROWS, st.sampled_from(Purpose))
def test_a_revocation_counts_at_once_and_is_no_gap(ledger: list[Consent], purpose: Purpose) -> None:
    revoked = [*ledger, Consent(purpose, False, "2026-11", START)]
    assert not holds(revoked, purpose)
    for other in Purpose:
        if other is not purpose:
            assert holds(revoked, other) == holds(ledger, other)


@given(ROWS, st.sampled_from(Mode))
def test_a_ledger_is_complete_when_everything_was_answered_and_answers_may_be_kept(
    ledger: list[Consent], mode: Mode
) -> None:
    answered = {row.purpose for row in ledger} >= purposes_of(mode)
    assert is_complete(ledger, mode) == (answered and holds(ledger, Purpose.TRANSCRIBE))


@given(ROWS)
def test_a_hiring_interview_never_takes_a_yes_to_expressions(rows: list[Consent]) -> None:
    once = list({row.purpose: row for row in rows}.values())
    yes = any(row.purpose is Purpose.EXPRESSIONS and row.granted for row in once)
    if yes:
        with pytest.raises(Invalid) as refused:
            check_applies(once, Mode.HIRING)
        index = next(n for n, row in enumerate(once) if row.purpose is Purpose.EXPRESSIONS)
        assert [one.field for one in refused.value.violations] == [f"consents[{index}].purpose"]
    else:
        check_applies(once, Mode.HIRING)
    check_applies(once, Mode.PRACTICE)


# Rubrics and positions


SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=8)


@given(SHARES)
def test_a_rubric_is_published_when_its_weights_sum_to_100(shares: list[int]) -> None:
    if sum(shares) == 100:
        check_publishable(criteria(shares))
        return
    with pytest.raises(Invalid) as refused:
        check_publishable(criteria(shares))
    [violation] = refused.value.violations
    assert violation.field == "criteria"
    assert str(sum(shares)) in violation.description


@given(st.integers(2, 6).flatmap(weights))
def test_the_hash_of_a_rubric_is_that_of_its_content(shares: list[int]) -> None:
    same = criteria(shares)
    assert canonical_hash(same) == canonical_hash(list(criteria(shares)))
    other = (*same[:-1], Criterion("other", "C", "", same[-1].weight, ("a",) * 5))
    assert canonical_hash(other) != canonical_hash(same)


@given(SHARES, st.integers(0, 8))
def test_a_position_is_published_whole_or_says_everything_that_is_missing(shares: list[int], most: int) -> None:
    rubrics = {(UUID(int=n), 0): Rubric(UUID(int=n), 1, criteria([100])) for n in range(0, len(shares), 2)}
    spec = PositionSpec(
        title="Engineer",
        job_description="",
        language="en",
        mode=Mode.HIRING,
        duration=timedelta(minutes=30),
        patience=timedelta(seconds=3),
        accommodations="",
        competencies=tuple(
            CompetencySpec(f"k{n}", f"K{n}", "", share, UUID(int=n), 0) for n, share in enumerate(shares)
        ),
        min_confidence=0.0,
        max_questions=most,
    )
    wanted = {f"competencies[{n}].rubric_id" for n in range(1, len(shares), 2)}
    if sum(shares) != 100:
        wanted.add("competencies")
    if 0 < most < len(shares):
        wanted.add("max_questions")
    if wanted:
        with pytest.raises(Invalid) as refused:
            publish(spec, rubrics)
        assert {violation.field for violation in refused.value.violations} == wanted
    else:
        assert sum(one.weight for one in publish(spec, rubrics).competencies) == 100
