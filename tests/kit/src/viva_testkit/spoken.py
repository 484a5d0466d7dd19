"""An interview of one question that is answered by voice, for the rules of what is heard: no I/O, no clock."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from viva_session.domain.bank import load_bank
from viva_session.domain.evaluation import CriterionScore, Evaluation, ModelRef, Quote
from viva_session.domain.flow import Flow, Patience
from viva_session.domain.hearing import Hearing
from viva_session.domain.interview import Interview, Outcome
from viva_session.domain.line import Line
from viva_session.domain.outcome import AskQuestion, ReportReady, ScoreAnswer, Timer, TimerKind
from viva_session.domain.review import Decision, Review
from viva_session.domain.rules import Rules
from viva_session.domain.turn import Answer, Gap, Modality, Origin, Source, SpokenWord, Turn, Utterance

from viva_testkit.plans import plan_of, planned, ready

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
BANK = load_bank()
WORDS = "I led the migration of the ledger"
GOOD = Line(loss=0.001, jitter_ms=4.0, round_trip_ms=30.0, clipping=0.0, level_dbfs=-24.0)
BAD = Line(loss=0.08, jitter_ms=70.0, round_trip_ms=300.0, clipping=0.01, level_dbfs=-52.0)
SILENT = replace(GOOD, level_dbfs=-100.0)
GAP = Gap(7.0, 9.0, "ENGINE_AWAY")


@dataclass
class Spoken:
    """An interview of one question, and what its commands led to since it was asked."""

    interview: Interview
    flow: Flow
    now: datetime = START
    asked: list[AskQuestion] = field(default_factory=list)
    to_score: list[ScoreAnswer] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)

    @property
    def rules(self) -> Rules:
        return Rules(self.flow)

    @property
    def hearing(self) -> Hearing:
        return Hearing(self.flow)

    @property
    def turn(self) -> Turn:
        return self.interview.turns[0]

    @property
    def answer(self) -> Answer:
        return self.turn.answer

    def take(self, outcome: Outcome) -> None:
        self.interview = outcome.interview
        self.asked += [one for one in outcome.requests if isinstance(one, AskQuestion)]
        self.to_score += [one for one in outcome.requests if isinstance(one, ScoreAnswer)]
        self.timers += outcome.timers
        self.reports += [event.version for event in outcome.events if isinstance(event, ReportReady)]

    def done(self, modality: Modality = Modality.VOICE) -> None:
        self.take(self.rules.submit_answer(self.interview, self.turn.turn_id, "", modality, self.now))

    def complete(self) -> None:
        self.take(self.rules.complete(self.interview, self.now))

    def hear(self, text: str = WORDS, at: float = 0.0) -> None:
        spoken = tuple(SpokenWord(word, at + n, at + n + 0.5, 0.9) for n, word in enumerate(text.split()))
        passage = Utterance(UUID(int=int(at) + 1), spoken, ModelRef("moonshine", "onnx", "", False))
        self.take(self.hearing.heard(self.interview, self.turn.turn_id, passage, self.now))

    def miss(self) -> None:
        self.take(self.hearing.missed(self.interview, self.turn.turn_id, GAP))

    def measure(self, line: Line) -> None:
        self.take(self.hearing.line_measured(self.interview, self.turn.turn_id, line, self.now))

    def score(self) -> None:
        request = self.to_score[-1]
        text = self.answer.text[:10]
        score = CriterionScore("c0", 100, 4, None, (Quote(text, 0, len(text)),), "because")
        evaluation = Evaluation(request.revision, (score,), UUID(int=1), 1, "0" * 64)
        self.take(self.rules.answer_evaluated(self.interview, request.turn_id, evaluation, self.now))

    def fire(self, kind: TimerKind) -> None:
        timer = next(timer for timer in reversed(self.timers) if timer.kind is kind)
        self.now = max(self.now, timer.due_at)
        assert timer.turn_id is not None
        self.take(self.hearing.speech_overdue(self.interview, timer.turn_id, timer.revision, self.now))

    def decide(self, version: int) -> None:
        review = Review(UUID(int=9), "r", "Kim", Decision.ADVANCE, "a good reason", version, self.now)
        self.take(self.rules.review(self.interview, review))


def speaking() -> Spoken:
    """A question was put, and the candidate speaks."""
    ids = itertools.count(1)
    flow = Flow(BANK, Patience(), lambda: UUID(int=next(ids)))
    rules = Rules(flow)
    interview = ready(rules, plan_of(planned(0, 100), max_questions=1), START)
    held = Spoken(interview, flow)
    held.take(rules.start(interview, START))
    [request] = held.asked
    held.take(
        rules.question_generated(
            held.interview, request.turn_id, request.request_id, "What did you do?", Origin(Source.MODEL), START
        )
    )
    held.timers.clear()
    return held
