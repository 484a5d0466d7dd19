"""The decision of a person. Nothing else decides.

Two people who judge the same candidate must not follow each other: until a second person has written, whoever may
decide and has not is told who has, and neither what nor why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Decision(StrEnum):
    """What a person decides."""

    ADVANCE = "advance"
    HOLD = "hold"
    DECLINE = "decline"


@dataclass(frozen=True)
class Review:
    """One decision with its reason and the report that was read."""

    review_id: UUID
    reviewer_id: str
    reviewer_name: str
    decision: Decision
    reason: str
    report_version: int
    created_at: datetime


OPENED_BY = 2
"""So many different persons must have written before everybody reads what they wrote."""


@dataclass(frozen=True)
class Reader:
    """Who reads decisions, and whether they may make one."""

    account: str
    decides: bool


def is_sealed(reviewers: Iterable[str], reader: Reader) -> bool:
    """Whether what the reviewers decided is kept from the reader."""
    written = set(reviewers)
    return bool(written) and len(written) < OPENED_BY and reader.decides and reader.account not in written
