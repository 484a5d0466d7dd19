"""What a candidate asks of the employer beside the interview: a person, or an accommodation."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MOST = 20
"""Requests of one interview: more are no requests any more."""


class RequestKind(StrEnum):
    """What is asked for."""

    HUMAN_REVIEW = "human_review"
    ACCOMMODATION = "accommodation"


@dataclass(frozen=True)
class CandidateRequest:
    """One request in the candidate's words, and what a person said became of it."""

    request_id: UUID
    kind: RequestKind
    text: str
    created_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""
    answer: str = ""

    @property
    def open(self) -> bool:
        """Whether nobody has answered it yet."""
        return self.resolved_at is None
