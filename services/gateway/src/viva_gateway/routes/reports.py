"""Reports: HTML for people, PDF for files, JSON (the contract's message as proto JSON) for programs."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import Header, Query, Response
from google.protobuf.json_format import MessageToJson
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api

from viva_gateway.adapters.report.page import page_of
from viva_gateway.domain.negotiation import choose
from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Caller, Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.schemas.reports import ReportFormat, View

router = guarded_router("reports")
_TYPES: dict[ReportFormat, str] = {"html": "text/html", "json": "application/json", "pdf": "application/pdf"}
_VIEWS: dict[View, interview_pb2.ReportView.ValueType] = {
    "recruiter": interview_pb2.REPORT_VIEW_RECRUITER,
    "candidate": interview_pb2.REPORT_VIEW_CANDIDATE,
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object", "title": "viva.session.v1.Report as proto JSON"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
Format = Annotated[ReportFormat | None, Query(description="Without it, what Accept prefers; HTML if it does not care")]
Accept = Annotated[str, Header(include_in_schema=False)]  # OpenAPI describes it by the media types of the answer


@router.get("/interviews/{interview_id}/report", response_class=Response, responses=_RESPONSES)
async def get_report(
    interview_id: Id,
    gateway: Via,
    format: Format = None,
    view: Annotated[View, Query(description="For whom")] = "recruiter",
    accept: Accept = "*/*",
) -> Response:
    """The report on an interview, with the passages that justify each score."""
    return await _report(gateway, str(interview_id), _VIEWS[view], format, accept)


@router.get("/candidate/report", response_class=Response, responses=_RESPONSES)
async def get_own_report(caller: Caller, gateway: Via, format: Format = None, accept: Accept = "*/*") -> Response:
    """The candidate's own feedback."""
    return await _report(gateway, str(caller.interview_id), interview_pb2.REPORT_VIEW_CANDIDATE, format, accept)


async def _report(
    gateway: Gateway,
    interview_id: str,
    view: interview_pb2.ReportView.ValueType,
    wanted: ReportFormat | None,
    accept: str,
) -> Response:
    form: ReportFormat = wanted or choose(accept, _TYPES)
    request = api.GetReportRequest(interview_id=interview_id, view=view)
    report = (await gateway.services.session.GetReport(request)).report
    if form == "json":
        text = MessageToJson(
            report, preserving_proto_field_name=True, always_print_fields_with_no_presence=True, ensure_ascii=False
        )
        return Response(text, media_type="application/json", headers=_named(report, "json", inline=True))
    page = page_of(report)
    if form == "pdf":
        return Response(
            await gateway.pdf.render(page), media_type="application/pdf", headers=_named(report, "pdf", inline=False)
        )
    text = await asyncio.to_thread(gateway.html.render, page)
    headers = _named(report, "html", inline=True) | {"Content-Security-Policy": gateway.html.policy}
    return Response(text, media_type="text/html", headers=headers)


def _named(report: interview_pb2.Report, suffix: Literal["html", "json", "pdf"], *, inline: bool) -> dict[str, str]:
    how = "inline" if inline else "attachment"
    return {
        "Content-Disposition": f'{how}; filename="viva-report-{report.interview_id}-v{report.version}.{suffix}"',
        "Vary": "Accept",
    }
