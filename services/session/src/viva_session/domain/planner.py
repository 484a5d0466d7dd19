"""What to ask next. Deterministic: the same interview, time and seed give the same step.

Every competency gets its main question, heaviest first, before follow-ups may eat its time. A topic has at most two
follow-ups. An answer that says nothing is let be. When time or questions run short, asking ends.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from viva_session.domain.bank import Bank, Difficulty, ProbeKind
from viva_session.domain.language import follow_up_for, says_nothing, topic_words
from viva_session.domain.position import Plan, PlannedCompetency
from viva_session.domain.resume import Excerpt
from viva_session.domain.turn import Fallback, FollowUp, Intent, Turn

MAX_FOLLOW_UPS = 2
MAIN_TAKES = timedelta(seconds=150)
"""What a main question with its answer takes, as a rule: 2-3 minutes."""
FOLLOW_UP_TAKES = timedelta(seconds=90)
LEAST_TIME = timedelta(seconds=45)
"""With less than this left no new question is fair."""
_EXCERPTS = 4


@dataclass(frozen=True)
class Step:
    """What to ask."""

    competency_id: str
    intent: Intent
    follow_up: FollowUp | None


def next_step(plan: Plan, turns: Sequence[Turn], time_left: timedelta) -> Step | None:
    """The next question's topic and reason; None when asking is over."""
    asked = [turn for turn in turns if turn.asked]
    if time_left < LEAST_TIME or (plan.max_questions and len(asked) >= plan.max_questions):
        return None
    waiting = _not_begun(plan, asked)
    follow_up = _follow_up(plan, asked, waiting, time_left)
    if follow_up is not None:
        return follow_up
    if waiting:
        return Step(waiting[0].competency_id, Intent.MAIN, None)
    return None


def _not_begun(plan: Plan, asked: Sequence[Turn]) -> list[PlannedCompetency]:
    """Competencies without a question, heaviest first; equal ones in the position's order."""
    begun = {turn.competency_id for turn in asked}
    return sorted((c for c in plan.competencies if c.competency_id not in begun), key=lambda c: -c.weight)


def _follow_up(
    plan: Plan, asked: Sequence[Turn], waiting: Sequence[PlannedCompetency], time_left: timedelta
) -> Step | None:
    if not asked:
        return None
    last = asked[-1]
    answer = last.answer.text
    if says_nothing(answer, plan.language):
        return None
    done = _follow_ups_on(last.competency_id, asked)
    reason = follow_up_for(answer, plan.language)
    if done >= MAX_FOLLOW_UPS or (done and reason in (FollowUp.DEEPEN, last.follow_up)):
        return None  # the second one only digs for something that is still missing
    questions_left = plan.max_questions - len(asked) if plan.max_questions else None
    if questions_left is not None and questions_left <= len(waiting):
        return None
    if time_left < FOLLOW_UP_TAKES + len(waiting) * MAIN_TAKES:
        return None
    return Step(last.competency_id, Intent.FOLLOW_UP, reason)


def _follow_ups_on(competency_id: str, asked: Sequence[Turn]) -> int:
    """Follow-ups since the competency's newest main question."""
    count = 0
    for turn in reversed(asked):
        if turn.competency_id != competency_id or turn.intent is Intent.MAIN:
            break
        count += 1
    return count


def seed_of(interview_id: UUID, number: int) -> int:
    """A seed for one turn: the same at every redelivery, another for every turn and interview. Below 2**31."""
    digest = hashlib.sha256(f"{interview_id}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def fallback_for(bank: Bank, plan: Plan, step: Step, turns: Sequence[Turn], seed: int) -> Fallback:
    """The bank's question for a step: one that was not asked in this interview, as far as the bank goes."""
    used = {turn.fallback.question_id for turn in turns} | {
        turn.question.origin.bank_question_id for turn in turns if turn.question.origin is not None
    }
    if step.follow_up is not None:
        kind = ProbeKind(step.follow_up.value.lower())
        probe = bank.probe(kind, plan.language, exclude_ids=used, seed=seed) or bank.probe(
            kind, plan.language, seed=seed
        )
        assert probe is not None, "the bank holds probes of every kind"
        return Fallback(probe.question_id, probe.text)
    competency = plan.competency(step.competency_id)
    if bank.holds(competency.competency_id):
        first = not any(turn.asked for turn in turns)
        prefer = Difficulty.WARMUP if first else Difficulty.CORE
        question = bank.pick(competency.competency_id, plan.language, used, seed, prefer=prefer)
        if question is not None:
            return Fallback(question.question_id, question.text)
    opening = bank.probe(
        ProbeKind.OPENING, plan.language, competency_title=competency.title, exclude_ids=used, seed=seed
    ) or bank.probe(ProbeKind.OPENING, plan.language, competency_title=competency.title, seed=seed)
    assert opening is not None, "the bank holds openings"
    return Fallback(opening.question_id, opening.text)


def excerpts_for(competency: PlannedCompetency, excerpts: Sequence[Excerpt]) -> tuple[Excerpt, ...]:
    """The passages that share most words with the competency and its criteria, best first."""
    about = " ".join(
        [competency.title, competency.description]
        + [f"{criterion.title} {criterion.description}" for criterion in competency.rubric.criteria]
    )
    wanted = topic_words(about)
    ranked = sorted(excerpts, key=lambda excerpt: -_overlap(wanted, excerpt))
    return tuple(ranked[:_EXCERPTS])


_TELLING = ("experience", "projects", "경력", "프로젝트")


def _overlap(wanted: frozenset[str], excerpt: Excerpt) -> float:
    words = topic_words(excerpt.text)
    shared = len(wanted & words) / (len(words) ** 0.5) if words else 0.0
    # Work that was done makes a better question than a list of skills.
    return shared + (0.5 if excerpt.section.casefold() in _TELLING else 0.0)
