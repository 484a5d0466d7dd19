"""What stands on a report's page, in the words of its language; HTML and PDF draw the same page.

The totals and scores are the session service's; nothing is computed here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.question.v1 import question_pb2 as question
from viva.session.v1 import interview_pb2 as pb

from viva_gateway.adapters.report.speech import Caution, cautions_of, gaps_of, line_of, spoken_at
from viva_gateway.adapters.report.texts import TEXTS, Language
from viva_gateway.domain.quoting import Mark, Segment, segments
from viva_gateway.schemas import wire


@dataclass(frozen=True)
class QuoteLine:
    """A quote; `anchor` is where it is marked in the transcript, empty when it is not; `spoken_at` when in the answer
    it was spoken, empty when it was typed."""

    text: str
    anchor: str
    spoken_at: str


@dataclass(frozen=True)
class HandLine:
    """A score by a person: whose and how much, and why."""

    head: str
    reason: str


@dataclass(frozen=True)
class ScoreLine:
    """One answer's score on a criterion; `unscored` is the reason when there is none. `by_hand` stands beside it."""

    turn_number: int
    score: int | None
    unscored: str
    rationale: str
    quotes: tuple[QuoteLine, ...]
    by_hand: tuple[HandLine, ...]


@dataclass(frozen=True)
class CriterionBlock:
    """One criterion over all answers."""

    title: str
    weight: int
    score: str
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True)
class CompetencyBlock:
    """One competency."""

    title: str
    weight: int
    score: str
    criteria: tuple[CriterionBlock, ...]


@dataclass(frozen=True)
class FindingLine:
    """A strength or a gap."""

    title: str
    score: str
    rationale: str
    quote: str
    turn_number: int
    spoken_at: str


@dataclass(frozen=True)
class TurnBlock:
    """A question and its answer, cut where quotes begin and end; `gaps` are what was spoken and is not in it."""

    number: int
    competency: str
    question: str
    notes: tuple[str, ...]
    answer: tuple[Segment, ...]
    gaps: tuple[str, ...]
    remark: str


@dataclass(frozen=True)
class ReviewLine:
    """The decision of a person."""

    who: str
    decision: str
    reason: str
    at: str


@dataclass(frozen=True)
class Page:
    """A whole report."""

    language: Language
    texts: Mapping[str, str]
    for_candidate: bool
    demo: bool
    title: str
    facts: tuple[tuple[str, str], ...]
    cautions: tuple[Caution, ...]
    score: str
    weight_scored: str
    coverage: str
    competencies: tuple[CompetencyBlock, ...]
    strengths: tuple[FindingLine, ...]
    gaps: tuple[FindingLine, ...]
    turns: tuple[TurnBlock, ...]
    reviews: tuple[ReviewLine, ...]
    provenance: tuple[tuple[str, tuple[str, ...]], ...]


def page_of(report: pb.Report) -> Page:
    """The page of a report."""
    language: Language = "ko" if report.interview.language == common.LANGUAGE_KO else "en"
    return _Builder(report, language).page()


def number(value: float | None) -> str:
    """A score with one decimal; empty for none."""
    return "" if value is None else f"{value:.1f}"


class _Builder:
    def __init__(self, report: pb.Report, language: Language) -> None:
        self._report = report
        self._language = language
        self._texts = TEXTS[language]
        self._answers = {turn.turn_id: turn.answer.text for turn in report.interview.turns}
        self._numbers = {turn.turn_id: turn.number for turn in report.interview.turns}
        self._marks: dict[str, list[Mark]] = {}

    def page(self) -> Page:
        report, texts = self._report, self._texts
        for_candidate = report.view == pb.REPORT_VIEW_CANDIDATE
        competencies = tuple(self._competency(each) for each in report.competencies)
        coverage = report.coverage
        return Page(
            language=self._language,
            texts=texts,
            for_candidate=for_candidate,
            demo=report.demo,
            title=texts["title_candidate" if for_candidate else "title_recruiter"],
            facts=tuple(self._facts()),
            cautions=tuple(each for turn in report.interview.turns for each in cautions_of(turn, texts)),
            score=number(_score(report.total)),
            weight_scored=texts["weight_scored"].format(percent=round(report.total.scored_weight)),
            coverage=texts["coverage_text"].format(
                answered=coverage.competencies_answered,
                planned=coverage.competencies_planned,
                unscored=coverage.criteria_unscored,
                total=coverage.criteria_total,
            )
            + (texts["coverage_human"].format(human=coverage.criteria_human) if coverage.criteria_human else ""),
            competencies=competencies,
            strengths=tuple(self._finding(each) for each in report.strengths),
            gaps=tuple(self._finding(each) for each in report.gaps),
            turns=tuple(self._turn(each) for each in report.interview.turns),  # after the scores: they make the marks
            reviews=tuple(self._review(each) for each in report.reviews),
            provenance=tuple((heading, lines) for heading, lines in self._provenance() if lines),
        )

    def _facts(self) -> Iterator[tuple[str, str]]:
        interview, texts = self._report.interview, self._texts
        yield texts["position"], interview.position_title
        if interview.tenant_name:
            yield texts["employer"], interview.tenant_name
        yield texts["candidate"], interview.candidate.name or texts["erased"]
        if interview.HasField("started_at"):
            yield texts["held"], _moment(interview.started_at.ToDatetime(tzinfo=UTC))
        practice = interview.mode == common.INTERVIEW_MODE_PRACTICE
        yield texts["mode"], texts["practice" if practice else "hiring"]
        created = _moment(self._report.created_at.ToDatetime(tzinfo=UTC))
        yield texts["version"], f"{self._report.version} ({created})"

    def _competency(self, block: pb.CompetencyReport) -> CompetencyBlock:
        return CompetencyBlock(
            title=block.competency.title,
            weight=block.weight,
            score=number(_score(block.total)),
            criteria=tuple(self._criterion(each) for each in block.criteria),
        )

    def _criterion(self, block: pb.CriterionReport) -> CriterionBlock:
        return CriterionBlock(
            title=block.criterion.title,
            weight=block.criterion.weight,
            score=number(block.score if block.HasField("score") else None),
            lines=tuple(self._line(turn) for turn in block.turns),
        )

    def _line(self, turn: pb.TurnScore) -> ScoreLine:
        score = turn.score
        scored = score.HasField("score")
        reason = wire.word(evaluation.UnscoredReason.DESCRIPTOR, score.unscored_reason) or ""
        return ScoreLine(
            turn_number=turn.turn_number,
            score=score.score if scored else None,
            unscored="" if scored else self._texts.get(f"unscored_{reason}", self._texts["unscored_"]),
            rationale=score.rationale,
            quotes=tuple(self._quote(turn, quote) for quote in score.quotes),
            by_hand=tuple(self._by_hand(given) for given in turn.human_scores),
        )

    def _by_hand(self, given: pb.HumanScore) -> HandLine:
        texts = self._texts
        who = texts["by_hand"].format(name=given.reviewer_name) if given.reviewer_name else texts["by_a_person"]
        return HandLine(f"{who}: {given.score} {texts['of_five']}", given.reason)

    def _quote(self, turn: pb.TurnScore, quote: common.Quote) -> QuoteLine:
        """Mark it in the answer, unless the answer does not hold it there."""
        span, answer = quote.span, self._answers.get(turn.turn_id, "")
        if not quote.text or answer[span.start : span.end] != quote.text:
            return QuoteLine(quote.text, "", spoken_at(quote))
        marks = self._marks.setdefault(turn.turn_id, [])
        anchor = f"quote-{turn.turn_number}-{len(marks) + 1}"
        marks.append(Mark(span.start, span.end, anchor))
        return QuoteLine(quote.text, anchor, spoken_at(quote))

    def _finding(self, finding: pb.Finding) -> FindingLine:
        return FindingLine(
            title=finding.title,
            score=number(finding.score),
            rationale=finding.rationale,
            quote=finding.quote.text,
            turn_number=finding.turn_number,
            spoken_at=spoken_at(finding.quote),
        )

    def _turn(self, turn: pb.Turn) -> TurnBlock:
        return TurnBlock(
            number=turn.number,
            competency=turn.competency.title,
            question=turn.question.text,
            notes=tuple(self._notes(turn)),
            answer=tuple(segments(turn.answer.text, self._marks.get(turn.turn_id, ()))) if turn.answer.text else (),
            gaps=gaps_of(turn.answer, self._texts),
            remark=turn.answer.remark,
        )

    def _notes(self, turn: pb.Turn) -> Iterator[str]:
        texts, origin = self._texts, turn.question.origin
        if turn.intent == question.QUESTION_INTENT_FOLLOW_UP:
            yield texts["follow_up"]
        if origin.source == question.QUESTION_SOURCE_BANK:
            reason = wire.word(question.BankReason.DESCRIPTOR, origin.bank_reason)
            why = texts.get(f"bank_{reason}", "")
            yield f"{texts['from_bank']}: {why}" if why else texts["from_bank"]
        elif origin.source == question.QUESTION_SOURCE_MODEL:
            yield texts["from_model"]
        if len(turn.answer.revisions) > 1:
            yield texts["revised"].format(count=len(turn.answer.revisions))
        if line := line_of(turn.answer, texts):
            yield line

    def _review(self, review: pb.Review) -> ReviewLine:
        decision = wire.word(common.ReviewDecision.DESCRIPTOR, review.decision) or ""
        return ReviewLine(
            who=review.reviewer_name,
            decision=self._texts["sealed"] if review.sealed else self._texts.get(f"decision_{decision}", ""),
            reason=review.reason,
            at=_moment(review.created_at.ToDatetime(tzinfo=UTC)),
        )

    def _provenance(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        report, texts = self._report, self._texts
        yield texts["judge_models"], tuple(self._model(model, judging=True) for model in report.judge_models)
        yield texts["question_models"], tuple(self._model(model, judging=False) for model in report.question_models)
        yield texts["prompts"], tuple(f"{p.id} v{p.version} · sha256 {p.sha256}" for p in report.prompts)
        yield texts["rubrics"], tuple(_rubric(each) for each in report.competencies if each.HasField("rubric"))

    def _model(self, model: common.ModelRef, *, judging: bool) -> str:
        parts = [model.id, model.engine, f"sha256 {model.sha256}" if model.sha256 else ""]
        if judging:
            parts.append(self._texts["is_judge" if model.judge else "is_demo"])
        return " · ".join(part for part in parts if part)


def _rubric(block: pb.CompetencyReport) -> str:
    rubric = block.rubric
    return f"{block.competency.title}: v{rubric.version} · {rubric.rubric_id} · sha256 {rubric.sha256}"


def _score(total: common.WeightedTotal) -> float | None:
    return total.score if total.HasField("score") else None


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M UTC")
