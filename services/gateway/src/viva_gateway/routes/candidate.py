"""The candidate's own interview. The session names it, so no address here holds an id that could be guessed."""

from fastapi import Request, Response, UploadFile
from viva.session.v1 import session_pb2 as api
from viva_core.errors import Invalid, NotFound, Violation
from viva_core.grpc import acting_as

from viva_gateway.adapters.limits import limit
from viva_gateway.domain.errors import TooLarge
from viva_gateway.domain.etags import demand_revision, etag
from viva_gateway.domain.principal import Principal
from viva_gateway.edge import cookies
from viva_gateway.edge.changes import building_on
from viva_gateway.edge.documents import Id, NeededIfMatch
from viva_gateway.edge.erasures import receipt_of
from viva_gateway.edge.gateway import Caller, Via
from viva_gateway.edge.guard import client_address, guarded_router
from viva_gateway.edge.identity import max_age
from viva_gateway.schemas.interviews import (
    AnswerIn,
    CandidateLink,
    Consents,
    Draft,
    DraftKept,
    Interview,
    RequestIn,
    Resume,
    Transcript,
    TranscriptRevision,
)
from viva_gateway.schemas.reports import ErasureReceipt

router = guarded_router("candidate")
_OWN = "/candidate/interview"
_CHUNK = 64 * 1024


def _own(caller: Principal) -> str:
    assert caller.interview_id is not None
    return str(caller.interview_id)


@router.post("/candidate/session")
async def open_candidate_session(request: Request, body: CandidateLink, gateway: Via) -> Interview:
    """Exchange the token of an invitation link, once, for the session cookie. With `attempt_id` the same device may
    make the same attempt again, because the answer with the cookie may have got lost."""
    await gateway.limits.hit(limit(gateway.settings.rate_redeem), "redeem", client_address(request))
    with acting_as(None):
        redeemed = await gateway.services.session.RedeemInvitation(body.to_message(api.RedeemInvitationRequest))
    opened = await gateway.sessions.open_candidate(redeemed.actor)
    assert opened.token is not None
    cookies.put(request.scope, "candidate", opened.token, gateway.settings.https, max_age(gateway, "candidate"))
    return Interview.of(redeemed.interview)


@router.delete("/candidate/session", status_code=204)
async def close_candidate_session(request: Request, caller: Caller, gateway: Via) -> Response:
    """End the session, on a shared computer for example. Coming back needs a new link."""
    await gateway.sessions.end(caller.login_id)
    cookies.drop(request.scope, "candidate", gateway.settings.https)
    return Response(status_code=204)


@router.get(_OWN)
async def get_own_interview(caller: Caller, gateway: Via) -> Interview:
    """The interview as it stands: after a reload, go on from here."""
    request = api.GetInterviewRequest(interview_id=_own(caller))
    return Interview.of((await gateway.services.session.GetInterview(request)).interview)


@router.post(f"{_OWN}/consents")
async def record_consents(body: Consents, caller: Caller, gateway: Via) -> Interview:
    """Say yes or no to purposes. Revocable at any time."""
    request = body.to_message(api.RecordConsentRequest)
    request.interview_id = _own(caller)
    return Interview.of((await gateway.services.session.RecordConsent(request)).interview)


@router.post(f"{_OWN}/resume")
async def upload_resume(file: UploadFile, caller: Caller, gateway: Via) -> Resume:
    """Send a résumé: PDF, DOCX or plain text, at most 5 MiB and 30 pages. Replaces the one before."""
    content = await _read(file, gateway.settings.max_resume_bytes)
    request = api.UploadResumeRequest(interview_id=_own(caller), file_name=_file_name(file), content=content)
    return Resume.of((await gateway.services.session.UploadResume(request)).resume)


async def _read(file: UploadFile, most: int) -> bytes:
    content = bytearray()
    while chunk := await file.read(_CHUNK):
        content += chunk
        if len(content) > most:
            raise TooLarge(f"the file is larger than {most} bytes")
    if not content:
        raise Invalid("the file is empty", [Violation("file", "is empty")])
    return bytes(content)


def _file_name(file: UploadFile) -> str:
    """The last part of the name, without what a terminal or a path would act on."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    printable = "".join(character for character in name if character.isprintable()).strip()
    return printable[-255:] or "resume"


@router.get(f"{_OWN}/resume")
async def get_own_resume(caller: Caller, gateway: Via) -> Resume:
    """The résumé as Viva reads it."""
    return Resume.of((await gateway.services.session.GetResume(api.GetResumeRequest(interview_id=_own(caller)))).resume)


@router.post(f"{_OWN}/ready")
async def mark_ready(caller: Caller, gateway: Via) -> Interview:
    """The notes are read; the interview may start."""
    request = api.MarkReadyRequest(interview_id=_own(caller))
    return Interview.of((await gateway.services.session.MarkReady(request)).interview)


@router.post(f"{_OWN}/start")
async def start_interview(caller: Caller, gateway: Via) -> Interview:
    """Start the clock and ask for the first question; it comes on the live socket."""
    request = api.StartInterviewRequest(interview_id=_own(caller))
    return Interview.of((await gateway.services.session.StartInterview(request)).interview)


@router.put(f"{_OWN}/turns/{{turn_id}}/draft")
async def save_draft(turn_id: Id, body: Draft, caller: Caller, gateway: Via) -> DraftKept:
    """Keep what is typed so far."""
    request = body.to_message(api.SaveDraftRequest)
    request.interview_id, request.turn_id = _own(caller), str(turn_id)
    kept = await gateway.services.session.SaveDraft(request)
    return DraftKept(draft_revision=kept.draft_revision)


@router.post(f"{_OWN}/turns/{{turn_id}}/answer")
async def submit_answer(turn_id: Id, body: AnswerIn, caller: Caller, gateway: Via) -> Interview:
    """Close an answer. The same text twice is no error; another text is a conflict, and what was kept stays."""
    request = body.to_message(api.SubmitAnswerRequest)
    request.interview_id, request.turn_id = _own(caller), str(turn_id)
    return Interview.of((await gateway.services.session.SubmitAnswer(request)).interview)


@router.get(f"{_OWN}/turns/{{turn_id}}/transcript")
async def get_transcript(turn_id: Id, caller: Caller, gateway: Via, response: Response) -> Transcript:
    """The transcript of one answer, with its revisions."""
    request = api.GetInterviewRequest(interview_id=_own(caller))
    return _transcript(
        Interview.of((await gateway.services.session.GetInterview(request)).interview), turn_id, response
    )


@router.put(f"{_OWN}/turns/{{turn_id}}/transcript")
async def revise_transcript(
    turn_id: Id,
    body: TranscriptRevision,
    caller: Caller,
    gateway: Via,
    response: Response,
    if_match: NeededIfMatch,
) -> Transcript:
    """Correct a transcript until the report is made; the original stays."""
    request = body.to_message(api.ReviseTranscriptRequest)
    request.interview_id, request.turn_id = _own(caller), str(turn_id)
    request.expected_revision = demand_revision(if_match)
    with building_on():
        revised = await gateway.services.session.ReviseTranscript(request)
    return _transcript(Interview.of(revised.interview), turn_id, response)


def _transcript(interview: Interview, turn_id: Id, response: Response) -> Transcript:
    turn = next((turn for turn in interview.turns if turn.turn_id == str(turn_id)), None)
    if turn is None or turn.answer is None or not turn.answer.revisions:
        raise NotFound("there is no transcript of this turn")
    revision = turn.answer.revisions[-1].revision
    response.headers["ETag"] = etag(revision)
    return Transcript(
        turn_id=turn.turn_id,
        revision=revision,
        text=turn.answer.text,
        remark=turn.answer.remark,
        revisions=turn.answer.revisions,
    )


@router.post(f"{_OWN}/requests", status_code=201)
async def submit_request(body: RequestIn, caller: Caller, gateway: Via) -> Interview:
    """Ask for a person, or for an accommodation, at any time. The employer sees it, and the answer stands here."""
    request = body.to_message(api.SubmitCandidateRequestRequest)
    request.interview_id = _own(caller)
    return Interview.of((await gateway.services.session.SubmitCandidateRequest(request)).interview)


@router.post(f"{_OWN}/complete")
async def complete_interview(caller: Caller, gateway: Via) -> Interview:
    """The candidate is done."""
    request = api.CompleteInterviewRequest(interview_id=_own(caller))
    return Interview.of((await gateway.services.session.CompleteInterview(request)).interview)


@router.post(f"{_OWN}/erasure")
async def erase_own_interview(request: Request, caller: Caller, gateway: Via) -> ErasureReceipt:
    """Remove everything of the candidate's everywhere, and tell what was removed where. The session ends with it, so
    keep the receipt."""
    erase = api.EraseInterviewRequest(interview_id=_own(caller))
    receipt = (await gateway.services.session.EraseInterview(erase)).receipt
    assert caller.interview_id is not None
    removed = await gateway.erasures.erase(caller.tenant_id, caller.interview_id)
    cookies.drop(request.scope, "candidate", gateway.settings.https)
    return receipt_of(receipt, removed)
