"""Interviews, as staff see them."""

from typing import Annotated

from fastapi import Query, Request, Response
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api

from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Page, Uuid
from viva_gateway.schemas.interviews import Interview, InterviewState, RequestAnswer, Resume

router = guarded_router("interviews")


@router.get("/interviews")
async def list_interviews(
    request: Request,
    response: Response,
    gateway: Via,
    limit: Limit = 50,
    cursor: Cursor = "",
    position_id: Annotated[Uuid | None, Query(description="Only of this position")] = None,
    state: Annotated[InterviewState | None, Query(description="Only those in this state")] = None,
) -> Page[Interview]:
    """Interviews without their turns, newest first."""
    wanted = api.ListInterviewsRequest(
        page_size=limit,
        page_token=cursor,
        position_id=str(position_id) if position_id is not None else "",
        state=wire.number(interview_pb2.InterviewState.DESCRIPTOR, state),
    )
    found = await gateway.services.session.ListInterviews(wanted)
    items = [Interview.of(each) for each in found.interviews]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.get("/interviews/{interview_id}")
async def get_interview(interview_id: Id, gateway: Via) -> Interview:
    """One interview with its turns."""
    request = api.GetInterviewRequest(interview_id=str(interview_id))
    return Interview.of((await gateway.services.session.GetInterview(request)).interview)


@router.post("/interviews/{interview_id}/requests/{request_id}/resolve")
async def resolve_request(interview_id: Id, request_id: Id, body: RequestAnswer, gateway: Via) -> Interview:
    """Say what becomes of a candidate's request for a person or for an accommodation; the candidate reads it."""
    request = body.to_message(api.ResolveCandidateRequestRequest)
    request.interview_id, request.request_id = str(interview_id), str(request_id)
    return Interview.of((await gateway.services.session.ResolveCandidateRequest(request)).interview)


@router.get("/interviews/{interview_id}/resume")
async def get_resume(interview_id: Id, gateway: Via) -> Resume:
    """The résumé with its text."""
    request = api.GetResumeRequest(interview_id=str(interview_id))
    return Resume.of((await gateway.services.session.GetResume(request)).resume)
