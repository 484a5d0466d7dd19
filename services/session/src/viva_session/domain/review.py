"""The decision of a person. Nothing else decides."""

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
