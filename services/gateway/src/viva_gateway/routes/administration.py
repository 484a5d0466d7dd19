"""The audit log, and erasing a person's data."""

from typing import Annotated

from fastapi import Query, Request, Response
from viva.session.v1 import session_pb2 as api

from viva_gateway.edge.documents import Id
from viva_gateway.edge.erasures import receipt_of
from viva_gateway.edge.gateway import Caller, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas.base import Page, Uuid
from viva_gateway.schemas.reports import AuditEntry, ErasureReceipt

router = guarded_router("administration")


@router.get("/audit")
async def list_audit(
    request: Request,
    response: Response,
    gateway: Via,
    limit: Limit = 50,
    cursor: Cursor = "",
    interview_id: Annotated[Uuid | None, Query(description="Only of this interview")] = None,
) -> Page[AuditEntry]:
    """Who read and decided what, newest first."""
    wanted = api.ListAuditRequest(
        page_size=limit,
        page_token=cursor,
        interview_id=str(interview_id) if interview_id is not None else "",
    )
    found = await gateway.services.session.ListAudit(wanted)
    items = [AuditEntry.of(each) for each in found.entries]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.post("/interviews/{interview_id}/erasure")
async def erase_interview(interview_id: Id, caller: Caller, gateway: Via) -> ErasureReceipt:
    """Remove all personal data of an interview everywhere, and tell what was removed where. Twice gives the same
    receipt."""
    request = api.EraseInterviewRequest(interview_id=str(interview_id))
    receipt = (await gateway.services.session.EraseInterview(request)).receipt
    # Only after the session service has said that the interview is the caller's to erase.
    removed = await gateway.erasures.erase(caller.tenant_id, interview_id)
    return receipt_of(receipt, removed)


@router.get("/interviews/{interview_id}/erasure")
async def get_erasure(interview_id: Id, caller: Caller, gateway: Via) -> ErasureReceipt:
    """The receipt of an erasure."""
    request = api.GetErasureReceiptRequest(interview_id=str(interview_id))
    receipt = (await gateway.services.session.GetErasureReceipt(request)).receipt
    return receipt_of(receipt, await gateway.erasures.find(caller.tenant_id, interview_id))
