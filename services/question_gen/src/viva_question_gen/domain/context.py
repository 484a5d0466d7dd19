"""What a question is made from. Plain values: the edges translate protobuf to these and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

Language = Literal["ko", "en"]


class Intent(StrEnum):
    """Why a question is asked."""

    MAIN = "main"
    FOLLOW_UP = "follow_up"


class FollowUp(StrEnum):
    """What a follow-up digs for."""

    THIN = "thin"
    NO_EXAMPLE = "no_example"
    NO_RESULT = "no_result"
    DEEPEN = "deepen"


@dataclass(frozen=True)
class Excerpt:
    """A passage of the résumé, in the candidate's words."""

    excerpt_id: str
    section: str
    text: str


@dataclass(frozen=True)
class PastTurn:
    """A question that was asked, and its answer; the answer may be empty."""

    number: int
    competency_id: str
    question: str
    answer: str


@dataclass(frozen=True)
class BankQuestion:
    """What to ask if the model cannot."""

    question_id: str
    text: str


@dataclass(frozen=True)
class AskContext:
    """All that is known when a question is asked for."""

    request_id: UUID
    turn_id: UUID
    language: Language
    position_title: str
    job_description: str
    competency_id: str
    competency_title: str
    competency_description: str
    intent: Intent
    follow_up: FollowUp | None
    excerpts: Sequence[Excerpt]
    history: Sequence[PastTurn]
    fallback: BankQuestion
    seed: int

    @property
    def last_answer(self) -> str:
        """The newest answer; empty at the start."""
        return self.history[-1].answer if self.history else ""
