"""The table that compares candidates, as a spreadsheet has it: one row a candidate, four columns a competency."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2 as pb

_FIXED = (
    "interview_id",
    "position_title",
    "candidate_name",
    "candidate_email",
    "state",
    "completed_at",
    "score",
    "scored_weight_percent",
    "criteria_unscored",
    "criteria_scored_by_hand",
    "demo",
    "decision",
    "reviewers",
)
_OF_EACH = ("score", "lowest", "highest", "scored_weight_percent")


@dataclass(frozen=True)
class Column:
    """A competency."""

    competency_id: str
    title: str


def columns(rows: Sequence[pb.CandidateRow]) -> list[Column]:
    """The competencies that any of the rows has, in the order in which they come."""
    found: dict[str, Column] = {}
    for row in rows:
        for cell in row.competencies:
            found.setdefault(cell.competency_id, Column(cell.competency_id, cell.title))
    return list(found.values())


def heading(competencies: Sequence[Column]) -> list[str]:
    """The first line."""
    return [*_FIXED, *(f"{column.competency_id}_{name}" for column in competencies for name in _OF_EACH)]


def cells(row: pb.CandidateRow, competencies: Sequence[Column]) -> list[object]:
    """One line; None where there is nothing to tell."""
    reported = row.report_version > 0
    line: list[object] = [
        row.interview_id,
        row.position_title,
        row.candidate.name or None,
        row.candidate.email or None,
        _word(pb.InterviewState.Name(row.state), "INTERVIEW_STATE_"),
        row.completed_at.ToDatetime(tzinfo=UTC).isoformat() if row.HasField("completed_at") else None,
        score_of(row.total),
        round(row.total.scored_weight, 1) if reported else None,
        row.coverage.criteria_unscored if reported else None,
        row.coverage.criteria_human if reported else None,
        row.demo if reported else None,
        "sealed" if row.sealed else _word(common.ReviewDecision.Name(row.decision), "REVIEW_DECISION_"),
        row.reviewers,
    ]
    by_id = {cell.competency_id: cell for cell in row.competencies}
    for column in competencies:
        cell = by_id.get(column.competency_id)
        if cell is None:
            line += [None] * len(_OF_EACH)
            continue
        line += [score_of(cell.total), _optional(cell, "lowest"), _optional(cell, "highest")]
        line.append(round(cell.total.scored_weight, 1))
    return line


def score_of(total: common.WeightedTotal) -> float | None:
    """With two decimals; None without."""
    return round(total.score, 2) if total.HasField("score") else None


def _optional(message: Message, field: str) -> Any:
    return getattr(message, field) if message.HasField(field) else None


def _word(name: str, prefix: str) -> str | None:
    word = name.removeprefix(prefix).lower()
    return None if word == "unspecified" else word
