"""The consent ledger under redelivery: what comes again, or in another order of the same moment, changes no answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from viva_core.errors import Invalid
from viva_session.domain.bank import load_bank
from viva_session.domain.consent import Consent, Purpose, holds, is_complete, newest, purposes_of
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.interview import Candidate, Interview
from viva_session.domain.position import Mode
from viva_session.domain.rules import Rules
from viva_testkit.plans import plan_of, planned

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTLED = settings(derandomize=True, deadline=None, max_examples=100)
RULES = Rules(Flow(load_bank(), Patience(), lambda: UUID(int=1)))

BATCH = st.dictionaries(st.sampled_from(Purpose), st.booleans(), min_size=1)
"""What is said in one call: each purpose once."""
BATCHES = st.lists(BATCH, max_size=5)


def rows(batch: dict[Purpose, bool], minute: int) -> list[Consent]:
    """A batch in the ledger: all of one moment."""
    at = START + timedelta(minutes=minute)
    return [Consent(purpose, granted, "2026-11", at) for purpose, granted in batch.items()]


def ledger_of(batches: list[dict[Purpose, bool]]) -> list[Consent]:
    return [row for minute, batch in enumerate(batches) for row in rows(batch, minute)]


def invited(mode: Mode) -> Interview:
    return RULES.invite(
        interview_id=UUID(int=7),
        tenant_id=UUID(int=8),
        position_id=UUID(int=9),
        plan=plan_of(planned(0, 100), mode=mode),
        candidate=Candidate("Minsu Kim", "minsu@example.com"),
        now=START,
        expires_at=START + timedelta(days=1),
    ).interview


@SETTLED
@given(BATCHES, BATCH, st.randoms(use_true_random=False))
def test_the_order_within_one_moment_does_not_matter(
    before: list[dict[Purpose, bool]], batch: dict[Purpose, bool], shuffler: Random
) -> None:
    ledger, last = ledger_of(before), rows(batch, len(before))
    mixed = list(last)
    shuffler.shuffle(mixed)
    assert newest([*ledger, *mixed]) == newest([*ledger, *last])


@SETTLED
@given(BATCHES, BATCH, st.integers(1, 3))
def test_a_batch_that_comes_again_changes_no_answer(
    before: list[dict[Purpose, bool]], batch: dict[Purpose, bool], times: int
) -> None:
    once = [*ledger_of(before), *rows(batch, len(before))]
    again = once + rows(batch, len(before)) * times
    assert newest(again) == newest(once)
    for mode in Mode:
        assert is_complete(again, mode) == is_complete(once, mode)


@SETTLED
@given(BATCHES, st.sampled_from(Mode))
def test_an_interview_may_what_its_candidate_said_last_and_never_look_at_expressions_in_hiring(
    batches: list[dict[Purpose, bool]], mode: Mode
) -> None:
    interview, said = invited(mode), dict[Purpose, bool]()
    for minute, batch in enumerate(batches):
        kept = interview
        try:
            interview = RULES.record_consent(interview, rows(batch, minute), START).interview
            said.update(batch)
        except Invalid:
            assert mode is Mode.HIRING
            assert batch[Purpose.EXPRESSIONS]
            assert interview is kept, "a batch counts whole or not at all"
        for purpose in Purpose:
            assert interview.may(purpose) == said.get(purpose, False)
    if mode is Mode.HIRING:
        assert not interview.may(Purpose.EXPRESSIONS)


@SETTLED
@given(st.sampled_from(Mode), st.data())
def test_a_revocation_counts_at_once_and_the_ledger_keeps_both_words(mode: Mode, data: st.DataObject) -> None:
    yes = rows(dict.fromkeys(sorted(purposes_of(mode)), True), 0)
    interview = RULES.record_consent(invited(mode), yes, START).interview
    purpose = data.draw(st.sampled_from(sorted(purposes_of(mode))))
    revoked = RULES.record_consent(interview, rows({purpose: False}, 1), START).interview
    assert interview.may(purpose)
    assert not revoked.may(purpose)
    assert [row.granted for row in revoked.consents if row.purpose is purpose] == [True, False]
    for other in purposes_of(mode) - {purpose}:
        assert holds(revoked.consents, other)


@SETTLED
@given(BATCHES, BATCH)
def test_what_is_sent_again_because_its_answer_got_lost_is_no_second_row(
    batches: list[dict[Purpose, bool]], batch: dict[Purpose, bool]
) -> None:
    interview = invited(Mode.PRACTICE)
    for minute, before in enumerate(batches):
        interview = RULES.record_consent(interview, rows(before, minute), START).interview
    once = RULES.record_consent(interview, rows(batch, len(batches)), START).interview
    again = RULES.record_consent(once, rows(batch, len(batches) + 1), START)
    assert again.interview == once
    assert again.events == ()
    other = [replace(row, text_version="2027-01") for row in rows(batch, len(batches) + 2)]
    assert len(RULES.record_consent(once, other, START).interview.consents) == len(once.consents) + len(batch)


def test_expressions_are_not_even_asked_for_in_hiring() -> None:
    assert Purpose.EXPRESSIONS not in purposes_of(Mode.HIRING)
    assert Purpose.EXPRESSIONS in purposes_of(Mode.PRACTICE)
    with pytest.raises(Invalid):
        RULES.record_consent(invited(Mode.HIRING), rows({Purpose.EXPRESSIONS: True}, 0), START)
    # A no is no harm.
    RULES.record_consent(invited(Mode.HIRING), rows({Purpose.EXPRESSIONS: False}, 0), START)
