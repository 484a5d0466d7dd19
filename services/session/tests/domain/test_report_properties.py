"""What holds for every report: its numbers come from what was scored; a candidate's tells no more than is theirs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from viva_session.adapters.translate import reports
from viva_session.adapters.translate.interviews import interview_message
from viva_session.domain import access
from viva_session.domain.evaluation import CriterionScore, Evaluation, ModelRef, PromptRef, Quote, Unscored, verified
from viva_session.domain.interview import Candidate, Interview, State
from viva_session.domain.position import PlannedCompetency
from viva_session.domain.report import GAP_UP_TO, STRENGTH_FROM, Report, View, build
from viva_session.domain.review import Decision, Reader, Review
from viva_session.domain.rubric import Criterion, Rubric
from viva_session.domain.turn import (
    Answer,
    AnswerState,
    FailedAttempt,
    Fallback,
    Intent,
    Modality,
    Origin,
    Question,
    QuestionState,
    Revision,
    Source,
    Turn,
)
from viva_testkit.plans import criteria, plan_of, planned, weights

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTLED = settings(derandomize=True, deadline=None, max_examples=80)
# Beyond the basic plane and combined: spans are code points, neither bytes nor UTF-16.
TEXTS = st.text(st.sampled_from("ab 가나다🙂é\u0301\n"), min_size=4, max_size=20)
ANSWERS = st.one_of(TEXTS, TEXTS, TEXTS, st.sampled_from(["", "   "]))
MODELS = st.sampled_from(
    [
        None,
        ModelRef("judge-a", "vllm", "a", True),
        ModelRef("judge-b", "vllm", "b", True),
        ModelRef("c", "x", "c", False),
    ]
)


NOBODY = Reader("", decides=False)


@st.composite
def rubrics(draw: st.DrawFn, number: int) -> Rubric:
    shares = draw(weights(draw(st.sampled_from([3, 1, 2, 4]))))
    return Rubric(UUID(int=100 + number), 1, criteria(shares))


@st.composite
def quotes(draw: st.DrawFn, answer: str) -> Quote:
    """A passage of the answer, or one that is not there."""
    start = draw(st.integers(0, max(0, len(answer) - 1)))
    end = draw(st.integers(min(start + 1, len(answer)), len(answer)))
    shift = draw(st.sampled_from([0, 0, 0, 0, 0, 1]))
    return Quote(answer[start:end], start + shift, end + shift)


@st.composite
def scores(draw: st.DrawFn, criterion: Criterion, answer: str) -> CriterionScore:
    # What a worker says: with scores out of range, weights of its own and quotes that it made up.
    score = draw(st.sampled_from([1, 2, 3, 4, 5, 1, 5, None, None, 0, 6]))
    return CriterionScore(
        criterion_id=criterion.criterion_id,
        weight=draw(st.integers(0, 100)),
        score=score,
        unscored=draw(st.sampled_from(Unscored)) if score is None else None,
        quotes=tuple(draw(st.lists(quotes(answer), min_size=draw(st.sampled_from([1, 1, 1, 0])), max_size=2))),
        rationale="said so",
    )


@st.composite
def turns(draw: st.DrawFn, number: int, competency: PlannedCompetency) -> Turn:
    asked = draw(st.sampled_from([True, True, True, False]))
    question = Question(QuestionState.REQUESTED, UUID(int=300 + number), START)
    turn = Turn(
        turn_id=UUID(int=200 + number),
        number=number,
        competency_id=competency.competency_id,
        intent=Intent.MAIN,
        follow_up=None,
        fallback=Fallback("bank-1", "Tell me."),
        question=question,
    )
    if not asked:
        return turn
    text = draw(ANSWERS)
    found = None
    if draw(st.sampled_from([True, True, True, False])):
        every = competency.rubric.criteria
        criteria = draw(st.one_of(st.just(every), st.lists(st.sampled_from(every), unique=True)))
        said = Evaluation(
            1,
            tuple(draw(scores(criterion, text)) for criterion in criteria),
            competency.rubric.rubric_id,
            1,
            competency.rubric.sha256,
            draw(MODELS),
            PromptRef("score", 1, "p"),
        )
        found = verified(said, competency.rubric, text)
    state = AnswerState.SUBMITTED
    if found is not None:
        state = AnswerState.EVALUATED if found.scored else AnswerState.UNSCORED
    return Turn(
        turn_id=turn.turn_id,
        number=number,
        competency_id=turn.competency_id,
        intent=turn.intent,
        follow_up=None,
        fallback=turn.fallback,
        question=Question(
            QuestionState.ASKED,
            question.request_id,
            START,
            "What then?",
            Origin(Source.MODEL, model=draw(MODELS)),
            START,
        ),
        answer=Answer(state, (Revision(text, START),), Modality.TEXT, submitted_at=START),
        evaluation=found,
    )


@st.composite
def interviews(draw: st.DrawFn) -> Interview:
    shares = draw(weights(draw(st.sampled_from([3, 1, 2, 4]))))
    competencies = tuple(planned(number, share, draw(rubrics(number))) for number, share in enumerate(shares))
    plan = plan_of(*competencies)
    topics = draw(st.lists(st.sampled_from(competencies), min_size=draw(st.sampled_from([3, 1, 0])), max_size=6))
    review = Review(UUID(int=5), "r1", "Reviewer Han", Decision.HOLD, "a reason for people", 1, START)
    return Interview(
        interview_id=UUID(int=1),
        tenant_id=UUID(int=2),
        position_id=UUID(int=3),
        plan=plan,
        candidate=Candidate("Minsu Kim", "minsu@example.com"),
        created_at=START,
        invitation_expires_at=START + timedelta(days=1),
        state=State.DECIDED,
        turns=tuple(draw(turns(number, topic)) for number, topic in enumerate(topics, start=1)),
        started_at=START,
        ends_at=START + timedelta(minutes=30),
        completed_at=START,
        report_version=1,
        reviews=(review,),
    )


def mean(parts: Sequence[tuple[int, Fraction | None]]) -> Fraction | None:
    """The weighted mean of what there is, exactly."""
    there = [(weight, value) for weight, value in parts if value is not None]
    if not there:
        return None
    return sum((weight * value for weight, value in there), Fraction()) / sum(weight for weight, _ in there)


def criterion_mean(interview: Interview, competency_id: str, criterion_id: str) -> Fraction | None:
    """The mean of a criterion's scores over its turns, from the turns alone."""
    found = [
        score.score
        for turn in interview.turns
        if turn.competency_id == competency_id and turn.evaluation is not None
        for score in turn.evaluation.scores
        if score.criterion_id == criterion_id and score.score is not None
    ]
    return Fraction(sum(found), len(found)) if found else None


def competency_mean(interview: Interview, subject: PlannedCompetency) -> Fraction | None:
    return mean(
        [(c.weight, criterion_mean(interview, subject.competency_id, c.criterion_id)) for c in subject.rubric.criteria]
    )


def _scored_only(evaluation: Evaluation) -> Evaluation:
    return replace(evaluation, scores=tuple(score for score in evaluation.scores if score.score is not None))


def same(score: float | None, exact: Fraction | None) -> bool:
    if score is None or exact is None:
        return score is None and exact is None
    return score == pytest.approx(float(exact))


def scored(report: Report) -> list[CriterionScore]:
    """Each score of each turn that a report shows."""
    return [t.score for one in report.competencies for criterion in one.criteria for t in criterion.turns]


@SETTLED
@given(interviews())
def test_totals_are_the_weighted_mean_of_what_was_scored(interview: Interview) -> None:
    report = build(interview, View.RECRUITER)
    for competency in report.competencies:
        subject = competency.competency
        assert same(competency.total.score, competency_mean(interview, subject))
        for criterion in competency.criteria:
            exact = criterion_mean(interview, subject.competency_id, criterion.criterion.criterion_id)
            assert same(criterion.score, exact)
        there = sum(c.criterion.weight for c in competency.criteria if c.score is not None)
        assert competency.total.scored_weight == pytest.approx(there)
    exact = mean([(c.weight, competency_mean(interview, c)) for c in interview.plan.competencies])
    assert same(report.total.score, exact)
    assert report.total.score is None or 1.0 <= report.total.score <= 5.0


@SETTLED
@given(interviews())
def test_what_is_unscored_enters_no_number(interview: Interview) -> None:
    """Taking every unscored criterion out of the turns changes no total, no strength and no gap."""
    bare = tuple(
        turn if turn.evaluation is None else replace(turn, evaluation=_scored_only(turn.evaluation))
        for turn in interview.turns
    )
    report = build(interview, View.RECRUITER)
    without = build(replace(interview, turns=bare), View.RECRUITER)
    assert report.total == without.total
    assert [c.total for c in report.competencies] == [c.total for c in without.competencies]
    assert report.strengths == without.strengths
    assert report.gaps == without.gaps
    assert all((score.score is None) == (score.unscored is not None) for score in scored(report)), "always with why"


@SETTLED
@given(interviews(), st.sampled_from(View))
def test_a_report_is_marked_demo_when_any_model_is_no_judge(interview: Interview, view: View) -> None:
    report = build(interview, view)
    judged = {turn.evaluation.model for turn in interview.turns if turn.evaluation is not None} - {None}
    assert report.demo == any(model is not None and not model.judge for model in judged)
    assert set(report.judge_models) == judged
    assert len(report.judge_models) == len(judged)


@SETTLED
@given(interviews(), st.sampled_from(View))
def test_every_quote_stands_where_it_says_in_its_answer(interview: Interview, view: View) -> None:
    report = build(interview, view)
    for competency in report.competencies:
        for criterion in competency.criteria:
            for entry in criterion.turns:
                if entry.score.score is not None:
                    assert entry.score.quotes, "no score without evidence"
                for quote in entry.score.quotes:
                    assert entry.turn.answer.text[quote.start : quote.end] == quote.text
                    assert quote.text.strip()
    answers = {turn.number: turn.answer.text for turn in interview.turns}
    for finding in (*report.strengths, *report.gaps):
        assert answers[finding.turn_number][finding.quote.start : finding.quote.end] == finding.quote.text


@SETTLED
@given(interviews())
def test_strengths_and_gaps_are_the_scored_extremes_in_order(interview: Interview) -> None:
    report = build(interview, View.RECRUITER)
    rows = [(c.competency.competency_id, e.criterion, e.score) for c in report.competencies for e in c.criteria]
    high = {(i, c.criterion_id) for i, c, score in rows if score is not None and score >= STRENGTH_FROM}
    low = {(i, c.criterion_id) for i, c, score in rows if score is not None and score <= GAP_UP_TO}
    assert {(f.competency_id, f.criterion.criterion_id) for f in report.strengths} == high
    assert {(f.competency_id, f.criterion.criterion_id) for f in report.gaps} == low
    assert [f.score for f in report.strengths] == sorted((f.score for f in report.strengths), reverse=True)
    assert [f.score for f in report.gaps] == sorted(f.score for f in report.gaps)


@SETTLED
@given(interviews())
def test_coverage_counts_what_was_asked_answered_and_scored(interview: Interview) -> None:
    coverage = build(interview, View.RECRUITER).coverage
    said = {turn.competency_id for turn in interview.turns if turn.answer.text.strip()}
    rows = [score for turn in interview.turns if turn.evaluation is not None for score in turn.evaluation.scores]
    there = [c.weight for c in interview.plan.competencies if competency_mean(interview, c) is not None]
    assert coverage.competencies_planned == len(interview.plan.competencies)
    assert coverage.competencies_answered == len(said) <= coverage.competencies_planned
    assert coverage.weight_scored == pytest.approx(sum(there))
    assert coverage.criteria_total == len(rows)
    assert coverage.criteria_unscored == sum(row.score is None for row in rows)


@SETTLED
@given(interviews())
def test_a_candidates_report_has_no_overall_number_and_no_decision(interview: Interview) -> None:
    own, full = build(interview, View.CANDIDATE), build(interview, View.RECRUITER)
    assert own.total.score is None
    assert own.reviews == ()
    assert own.competencies == full.competencies, "all else is what the recruiter read"
    assert full.reviews == interview.reviews
    message = reports.report_message(own, 9, "Hanbit", START, reviews_for=NOBODY)
    assert not message.total.HasField("score")
    assert not message.reviews
    for trace in (b"a reason for people", b"Reviewer Han"):
        assert trace not in message.SerializeToString()
    assert not any(turn.HasField("evaluation") for turn in message.interview.turns)


@SETTLED
@given(interviews(), st.sampled_from(View))
def test_the_same_interview_gives_the_same_report(interview: Interview, view: View) -> None:
    assert build(interview, view) == build(interview, view)


def test_a_candidates_report_tells_no_more_of_a_question_than_the_interview_did() -> None:
    plan = plan_of(planned(0, 100))
    origin = Origin(
        Source.MODEL,
        failed_attempts=(FailedAttempt(1, ("ROLE",)),),
        prompt=PromptRef("ask", 3, "p"),
        model=ModelRef("m", "vllm", "sha", True),
    )
    turn = Turn(
        UUID(int=4),
        1,
        "k0",
        Intent.MAIN,
        None,
        Fallback("b", "t"),
        Question(QuestionState.ASKED, UUID(int=5), START, "Why?", origin, START),
        Answer(AnswerState.UNSCORED, (Revision("x", START),), Modality.TEXT),
    )
    interview = Interview(
        interview_id=UUID(int=1),
        tenant_id=UUID(int=2),
        position_id=UUID(int=3),
        plan=plan,
        candidate=Candidate("Minsu", "minsu@example.com"),
        created_at=START,
        invitation_expires_at=START,
        state=State.REPORTED,
        turns=(turn,),
        report_version=1,
    )
    shown = interview_message(interview, 1, "Hanbit", START, reader=access.Kind.CANDIDATE).turns[0]
    told = reports.report_message(
        build(interview, View.CANDIDATE), 1, "Hanbit", START, reviews_for=NOBODY
    ).interview.turns[0]
    assert told.question == shown.question
    assert not told.question.origin.failed_attempts
    assert told.answer.state == shown.answer.state
    recruiters = reports.report_message(
        build(interview, View.RECRUITER), 1, "Hanbit", START, reviews_for=NOBODY
    ).interview.turns[0]
    assert recruiters.question.origin.failed_attempts
