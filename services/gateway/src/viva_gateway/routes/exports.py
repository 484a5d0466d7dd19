"""Exports: interviews with their results as a table, and everything about one interview."""

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from pydantic_core import to_jsonable_python
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Invalid, NotFound, Violation

from viva_gateway.domain.spreadsheet import csv_lines
from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Uuid

router = guarded_router("exports")
MOST = 2_000
_AT_ONCE = 4
_HEADING = (
    "interview_id",
    "position_id",
    "position_title",
    "candidate_name",
    "candidate_email",
    "state",
    "mode",
    "language",
    "created_at",
    "started_at",
    "completed_at",
    "score",
    "scored_weight_percent",
    "demo",
    "decision",
    "decided_by",
)
_HAS_REPORT = (interview_pb2.INTERVIEW_STATE_REPORTED, interview_pb2.INTERVIEW_STATE_DECIDED)
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}
_WHOLE: dict[int | str, dict[str, Any]] = {
    200: {"description": "Everything", "content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.get("/exports/interviews", response_class=Response, responses=_TABLE)
async def export_interviews(
    gateway: Via,
    format: Annotated[Literal["csv", "json"], Query()] = "csv",
    position_id: Annotated[Uuid | None, Query(description="Only of this position")] = None,
) -> Response:
    """A table of interviews with their totals and decisions, newest first; at most 2,000: narrow it by position."""
    interviews = await _all(gateway, str(position_id) if position_id is not None else "")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def row(interview: interview_pb2.Interview) -> dict[str, Any]:
        async with gate:
            return _row(interview, await _report(gateway, interview))

    rows = await asyncio.gather(*(row(interview) for interview in interviews))
    disposition = {"Content-Disposition": f'attachment; filename="viva-interviews.{format}"'}
    if format == "json":
        text = json.dumps(to_jsonable_python(rows), ensure_ascii=False)
        return Response(text, media_type="application/json", headers=disposition)
    table = csv_lines(_HEADING, ([each[name] for name in _HEADING] for each in rows))
    return Response(table, media_type="text/csv", headers=disposition)


async def _all(gateway: Gateway, position_id: str) -> list[interview_pb2.Interview]:
    found: list[interview_pb2.Interview] = []
    token = ""
    while True:
        wanted = api.ListInterviewsRequest(page_size=200, page_token=token, position_id=position_id)
        page = await gateway.services.session.ListInterviews(wanted)
        found += page.interviews
        if len(found) > MOST:
            raise Invalid(
                f"more than {MOST} interviews: export one position at a time",
                [Violation("position_id", "name a position")],
            )
        token = page.next_page_token
        if not token:
            return found


async def _report(gateway: Gateway, interview: interview_pb2.Interview) -> interview_pb2.Report | None:
    if interview.state not in _HAS_REPORT:
        return None
    request = api.GetReportRequest(interview_id=interview.interview_id, view=interview_pb2.REPORT_VIEW_RECRUITER)
    return (await gateway.services.session.GetReport(request)).report


def _row(interview: interview_pb2.Interview, report: interview_pb2.Report | None) -> dict[str, Any]:
    shown = wire.plain(interview)
    candidate = shown["candidate"] or {}
    last = report.reviews[-1] if report is not None and report.reviews else None
    score = report.total.score if report is not None and report.total.HasField("score") else None
    moments = {name: shown[name] for name in ("created_at", "started_at", "completed_at")}
    return {
        "interview_id": interview.interview_id,
        "position_id": interview.position_id,
        "position_title": interview.position_title,
        "candidate_name": candidate.get("name"),
        "candidate_email": candidate.get("email"),
        "state": shown["state"],
        "mode": shown["mode"],
        "language": shown["language"],
        **{name: moment.isoformat() if moment is not None else None for name, moment in moments.items()},
        "score": round(score, 2) if score is not None else None,
        "scored_weight_percent": round(report.total.scored_weight, 1) if report is not None else None,
        "demo": report.demo if report is not None else None,
        "decision": wire.plain(last)["decision"] if last is not None else None,
        "decided_by": last.reviewer_name if last is not None else None,
    }


@router.get("/interviews/{interview_id}/export", response_class=Response, responses=_WHOLE)
async def export_interview(interview_id: Id, gateway: Via) -> Response:
    """Everything about one interview, as proto JSON: for a person's request for their data, and for archives."""
    session, named = gateway.services.session, {"interview_id": str(interview_id)}
    interview = (await session.GetInterview(api.GetInterviewRequest(**named))).interview
    parts: dict[str, Any] = {"interview": _json(interview)}
    if interview.HasField("resume"):
        parts["resume"] = _json((await session.GetResume(api.GetResumeRequest(**named))).resume)
    reviews = await session.ListReviews(api.ListReviewsRequest(**named))
    parts["reviews"] = [_json(review) for review in reviews.reviews]
    try:
        report = await _report(gateway, interview)
    except NotFound:
        report = None
    parts["report"] = _json(report) if report is not None else None
    return Response(
        json.dumps(parts, ensure_ascii=False),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="viva-interview-{interview_id}.json"'},
    )


def _json(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)
