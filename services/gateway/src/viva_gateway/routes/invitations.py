"""Invitations: a batch as JSON or as a spreadsheet, new links, and revoking."""

from typing import Annotated, Any

from fastapi import Query, Request
from google.protobuf.duration_pb2 import Duration
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Invalid

from viva_gateway.domain import invitations_csv
from viva_gateway.domain.errors import UnsupportedMedia
from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.schemas import wire
from viva_gateway.schemas.interviews import Interview
from viva_gateway.schemas.invitations import CreatedInvitation, CreatedInvitations, Invitations, Reissue

router = guarded_router("invitations")
_WEEK = 604_800
_CSV = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string", "minLength": 1},
                "example": "name,email,extra_time_percent\nKim Minji,minji@example.com,25\n",
            }
        },
    }
}


def _shown(made: api.CreatedInvitation, gateway: Gateway) -> CreatedInvitation:
    # Behind #: a browser keeps the fragment to itself, so the token reaches no log, no proxy and no Referer.
    url = f"{gateway.settings.public_url}/interview#{made.token}"
    return CreatedInvitation.model_validate(wire.plain(made) | {"url": url})


async def _create(request: api.CreateInvitationsRequest, gateway: Gateway) -> CreatedInvitations:
    made = await gateway.services.session.CreateInvitations(request)
    return CreatedInvitations(items=[_shown(each, gateway) for each in made.invitations])


@router.post("/positions/{position_id}/invitations", status_code=201)
async def create_invitations(position_id: Id, body: Invitations, gateway: Via) -> CreatedInvitations:
    """Invite candidates: all of them, or none with a fault for each wrong entry."""
    request = body.to_message(api.CreateInvitationsRequest)
    request.position_id = str(position_id)
    return await _create(request, gateway)


@router.post("/positions/{position_id}/invitations/import", status_code=201, openapi_extra=_CSV)
async def import_invitations(
    position_id: Id,
    request: Request,
    gateway: Via,
    valid_for_seconds: Annotated[int, Query(ge=60, le=7_776_000)] = _WEEK,
) -> CreatedInvitations:
    """Invite candidates from a CSV file with the columns name, email, scheduled_at, extra_time_percent: all of them, or
    none with a fault for each wrong row."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise UnsupportedMedia("send the file as text/csv")
    rows = invitations_csv.parse(await request.body())
    wanted = api.CreateInvitationsRequest(position_id=str(position_id), valid_for=Duration(seconds=valid_for_seconds))
    for row in rows:
        entry: dict[str, Any] = {
            "candidate": {"name": row.name, "email": row.email},
            "scheduled_at": row.scheduled_at,
            "extra_time_percent": row.extra_time_percent,
        }
        wanted.invitations.append(wire.message(api.NewInvitation, entry))
    try:
        return await _create(wanted, gateway)
    except Invalid as error:
        raise Invalid(error.message, invitations_csv.as_rows(error.violations), reason=error.reason) from error


@router.post("/interviews/{interview_id}/invitation/reissue")
async def reissue_invitation(interview_id: Id, body: Reissue, gateway: Via) -> CreatedInvitation:
    """Make a new link; the old one is void."""
    request = body.to_message(api.ReissueInvitationRequest)
    request.interview_id = str(interview_id)
    return _shown((await gateway.services.session.ReissueInvitation(request)).invitation, gateway)


@router.post("/interviews/{interview_id}/invitation/revoke")
async def revoke_invitation(interview_id: Id, gateway: Via) -> Interview:
    """Void a link that was not used; the interview expires."""
    request = api.RevokeInvitationRequest(interview_id=str(interview_id))
    return Interview.of((await gateway.services.session.RevokeInvitation(request)).interview)
