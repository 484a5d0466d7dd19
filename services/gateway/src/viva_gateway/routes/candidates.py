"""Candidates as rows: the status board, and the table that compares them by competency."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import StringConstraints
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Invalid, Violation

from viva_gateway.adapters.report.table import CandidateTable
from viva_gateway.domain import comparison
from viva_gateway.domain.spreadsheet import csv_lines
from viva_gateway.edge.gateway import Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Language, Text, Uuid
from viva_gateway.schemas.candidates import CandidateOrder, CandidatePage, CandidateRow
from viva_gateway.schemas.interviews import InterviewState
from viva_gateway.schemas.reports import Decision

router = guarded_router("candidates")
MOST = 1_000
"""Rows of one page, and of an export's."""
_EXPORT_MOST = 5_000
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/CandidateRow"}}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
PositionId = Annotated[Uuid | None, Query(description="Only of this position")]
States = Annotated[list[InterviewState], Query(max_length=10, description="Only those in one of these states")]
ByDecision = Annotated[Decision | None, Query(description="Only those with this newest decision, if you may see it")]
Search = Annotated[Text, Query(max_length=200, description="Only those whose name or address holds this")]
MinWeightScored = Annotated[
    int,
    Query(
        ge=0,
        le=100,
        description="Only those of whom at least so much of the competencies' weight was scored, percent; "
        "above 0 nobody without a report",
    ),
]
Order = Annotated[CandidateOrder | None, Query(description="What they are sorted by; newest invitation first without")]
CompetencyId = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")] | None,
    Query(description="The competency that they are sorted by"),
]


def _wanted(
    position_id: Uuid | None,
    states: list[InterviewState],
    decision: Decision | None,
    search: str,
    min_weight_scored: int,
    order: CandidateOrder | None,
    competency_id: str | None,
    descending: bool,
) -> api.ListCandidatesRequest:
    if (order == "competency") != (competency_id is not None):
        raise Invalid(
            "name the competency to sort by, or another order",
            [Violation("competency_id", "goes with the order `competency`, and with no other")],
        )
    return api.ListCandidatesRequest(
        position_id=str(position_id) if position_id is not None else "",
        states=[wire.number(interview_pb2.InterviewState.DESCRIPTOR, state) for state in dict.fromkeys(states)],
        decision=wire.number(common.ReviewDecision.DESCRIPTOR, decision),
        search=search,
        min_weight_scored=min_weight_scored,
        order=wire.number(api.CandidateOrder.DESCRIPTOR, order),
        competency_id=competency_id or "",
        descending=descending,
    )


@router.get("/candidates")
async def list_candidates(
    request: Request,
    response: Response,
    gateway: Via,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most")] = 50,
    cursor: Cursor = "",
    position_id: PositionId = None,
    state: States = [],  # noqa: B006 - FastAPI copies it
    decision: ByDecision = None,
    search: Search = "",
    min_weight_scored: MinWeightScored = 0,
    order: Order = None,
    competency_id: CompetencyId = None,
    descending: Annotated[bool, Query(description="The highest first; who has no score comes last either way")] = False,
) -> CandidatePage:
    """The tenant's candidates, or those of a position, with scores by competency once there are reports. Pages count
    from the first row, so ask for all at once where the order may change meanwhile."""
    wanted = _wanted(position_id, state, decision, search, min_weight_scored, order, competency_id, descending)
    wanted.page_size, wanted.page_token = limit, cursor
    found = await gateway.services.session.ListCandidates(wanted)
    return CandidatePage(
        items=[CandidateRow.of(row) for row in found.candidates],
        next_cursor=link_next(request, response, found.next_page_token),
        total=found.total,
        changes_after=str(found.cursor),
    )


@router.get("/exports/candidates", response_class=Response, responses=_TABLE)
async def export_candidates(
    gateway: Via,
    format: Annotated[Literal["csv", "json", "pdf"], Query()] = "csv",
    language: Annotated[Language, Query(description="Of the PDF's words")] = "en",
    position_id: PositionId = None,
    state: States = [],  # noqa: B006 - FastAPI copies it
    decision: ByDecision = None,
    search: Search = "",
    min_weight_scored: MinWeightScored = 0,
    order: Order = None,
    competency_id: CompetencyId = None,
    descending: Annotated[bool, Query(description="The highest first")] = False,
) -> Response:
    """The same table as a file, at most 5,000 rows: a column for each competency's score, lowest, highest and scored
    weight."""
    wanted = _wanted(position_id, state, decision, search, min_weight_scored, order, competency_id, descending)
    rows = await _all(gateway, wanted)
    disposition = {"Content-Disposition": f'attachment; filename="viva-candidates.{format}"'}
    if format == "json":
        text = f"[{','.join(CandidateRow.of(row).model_dump_json() for row in rows)}]"
        return Response(text, media_type="application/json", headers=disposition)
    columns = comparison.columns(rows)
    if format == "pdf":
        table = CandidateTable(language, columns, rows, gateway.clock.now())
        return Response(await gateway.pdf.table(table), media_type="application/pdf", headers=disposition)
    lines = csv_lines(comparison.heading(columns), (comparison.cells(row, columns) for row in rows))
    return Response(lines, media_type="text/csv", headers=disposition)


async def _all(gateway: Gateway, wanted: api.ListCandidatesRequest) -> list[interview_pb2.CandidateRow]:
    rows: list[interview_pb2.CandidateRow] = []
    wanted.page_size = MOST
    while True:
        page = await gateway.services.session.ListCandidates(wanted)
        if page.total > _EXPORT_MOST:
            raise Invalid(
                f"more than {_EXPORT_MOST} candidates: export one position at a time",
                [Violation("position_id", "name a position")],
            )
        rows += page.candidates
        wanted.page_token = page.next_page_token
        if not page.next_page_token:
            return rows
