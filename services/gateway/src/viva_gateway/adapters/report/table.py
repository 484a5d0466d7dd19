"""The table of candidates as PDF: landscape sheets, the names of its columns on each.

It says what a reader must know of such numbers: how much was scored, and that a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from viva.session.v1 import interview_pb2 as pb

from viva_gateway.adapters.report.texts import TEXTS, Language
from viva_gateway.domain.comparison import Column, score_of
from viva_gateway.schemas import wire

_MOST_COLUMNS = 12


@dataclass(frozen=True)
class CandidateTable:
    """What is drawn."""

    language: Language
    columns: Sequence[Column]
    rows: Sequence[pb.CandidateRow]
    made_at: datetime

    @property
    def title(self) -> str:
        """The heading."""
        return TEXTS[self.language]["title_candidates"]

    @property
    def notes(self) -> list[str]:
        """What stands under it."""
        texts = TEXTS[self.language]
        notes = [f"{self.made_at:%Y-%m-%d %H:%M} UTC · {texts['human']}", texts["table_note"]]
        if any(row.demo for row in self.rows):
            notes.append(f"{texts['demo_heading']}. {texts['demo']}")
        return notes

    def lines(self) -> list[list[str]]:
        """The heading of the columns, then a line a candidate."""
        texts = TEXTS[self.language]
        shown = self.columns[:_MOST_COLUMNS]
        first = [texts["candidate"], texts["state"], texts["overall"], *(column.title for column in shown)]
        return [[*first, texts["reviews"]], *(self._line(row, shown) for row in self.rows)]

    def _line(self, row: pb.CandidateRow, shown: Sequence[Column]) -> list[str]:
        texts = TEXTS[self.language]
        by_id = {cell.competency_id: cell for cell in row.competencies}
        state = wire.word(pb.InterviewState.DESCRIPTOR, row.state) or ""
        decision = wire.plain(row)["decision"]
        total = "" if row.report_version == 0 else _points(score_of(row.total), row.total.scored_weight)
        line = [row.candidate.name or texts["erased"], texts[f"state_{state}"], total]
        for column in shown:
            cell = by_id.get(column.competency_id)
            spread = f" [{cell.lowest}-{cell.highest}]" if cell is not None and cell.scores else ""
            line.append("" if cell is None else _points(score_of(cell.total), cell.total.scored_weight) + spread)
        sealed = texts["sealed"] if row.sealed else ""
        return [*line, texts[f"decision_{decision}"] if decision else sealed]


def _points(score: float | None, weight: float) -> str:
    return "-" if score is None else f"{score:.1f} ({weight:.0f} %)"
