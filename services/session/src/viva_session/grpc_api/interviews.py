"""What candidates do, and what staff see of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.db import transaction
from viva_core.ids import IdFactory

from viva_session.adapters.interviews import Stored
from viva_session.adapters.resume import ResumeReader
from viva_session.adapters.translate import interviews as translate
from viva_session.adapters.translate import values
from viva_session.application.interviews import Command, Interviews
from viva_session.application.invitations import Invitations, Invitee, Link
from viva_session.domain import persons
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.interview import Candidate
from viva_session.domain.request import CandidateRequest
from viva_session.domain.rules import Rules
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting, actor_message


class InterviewsApi:
    """The part of SessionService that interviews are held with."""

    def __init__(
        self,
        interviews: Interviews,
        invitations: Invitations,
        rules: Rules,
        resumes: ResumeReader,
        new_id: IdFactory,
    ) -> None:
        self._new_id = new_id
        self._interviews = interviews
        self._invitations = invitations
        self._rules = rules
        self._resumes = resumes

    async def CreateInvitations(
        self, request: pb.CreateInvitationsRequest, context: Any
    ) -> pb.CreateInvitationsResponse:
        """Invite all, or nobody."""
        invitees = [
            Invitee(
                Candidate(row.candidate.name, row.candidate.email),
                values.time_of(row.scheduled_at) if row.HasField("scheduled_at") else None,
                row.extra_time_percent,
            )
            for row in request.invitations
        ]
        links = await self._invitations.create(
            acting(), UUID(request.position_id), invitees, request.valid_for.ToTimedelta()
        )
        return pb.CreateInvitationsResponse(invitations=[_link(link) for link in links])

    async def ReissueInvitation(
        self, request: pb.ReissueInvitationRequest, context: Any
    ) -> pb.ReissueInvitationResponse:
        """A new link."""
        interview_id = UUID(request.interview_id)
        link = await self._invitations.reissue(acting(), interview_id, request.valid_for.ToTimedelta())
        return pb.ReissueInvitationResponse(invitation=_link(link))

    async def RevokeInvitation(self, request: pb.RevokeInvitationRequest, context: Any) -> pb.RevokeInvitationResponse:
        """Void the link."""
        actor = acting()
        stored = await self._invitations.revoke(actor, UUID(request.interview_id))
        return pb.RevokeInvitationResponse(interview=self._shown(actor, stored))

    async def RedeemInvitation(self, request: pb.RedeemInvitationRequest, context: Any) -> pb.RedeemInvitationResponse:
        """Exchange a link's token, once; the same attempt may be made again."""
        actor, stored = await self._invitations.redeem(request.token, request.attempt_id)
        return pb.RedeemInvitationResponse(actor=actor_message(actor), interview=self._shown(actor, stored))

    async def GetInterview(self, request: pb.GetInterviewRequest, context: Any) -> pb.GetInterviewResponse:
        """One interview; that staff looked is kept."""
        actor = acting()
        audited = actor.interview_id is None
        stored = await self._interviews.read(actor, Action.INTERVIEW_READ, UUID(request.interview_id), audited=audited)
        return pb.GetInterviewResponse(interview=self._shown(actor, stored))

    async def ListInterviews(self, request: pb.ListInterviewsRequest, context: Any) -> pb.ListInterviewsResponse:
        """Interviews without their turns."""
        actor = acting()
        authorize(actor, Action.INTERVIEW_LIST, Resource(actor.tenant_id))
        size = paging.size_of(request.page_size)
        async with transaction(self._interviews.sessions) as session:
            found = await self._interviews.store.page(
                session,
                actor.tenant_id,
                limit=size + 1,
                before=paging.uuid_of(request.page_token),
                position_id=UUID(request.position_id) if request.position_id else None,
                state=translate.state_of(request.state),
            )
        token = paging.token_of(found[size - 1].interview.interview_id) if len(found) > size else ""
        shown = [self._shown(actor, stored, turns=False) for stored in found[:size]]
        return pb.ListInterviewsResponse(interviews=shown, next_page_token=token)

    async def RecordConsent(self, request: pb.RecordConsentRequest, context: Any) -> pb.RecordConsentResponse:
        """Yes or no to purposes."""
        interview = await self._take(
            request.interview_id,
            lambda interview, now: self._rules.record_consent(
                interview, [translate.consent_of(consent, now) for consent in request.consents], now
            ),
        )
        return pb.RecordConsentResponse(interview=interview)

    async def UploadResume(self, request: pb.UploadResumeRequest, context: Any) -> pb.UploadResumeResponse:
        """A résumé. Who may send it is asked before it is read."""
        actor, interview_id = acting(), UUID(request.interview_id)
        await self._interviews.read(actor, Action.RESUME_WRITE, interview_id)
        resume = await self._resumes.read(request.file_name, request.content, self._interviews.clock.now())
        await self._interviews.change(
            actor,
            Action.RESUME_WRITE,
            interview_id,
            lambda interview, _: self._rules.attach_resume(interview, resume),
            audited=True,
        )
        return pb.UploadResumeResponse(resume=translate.resume_message(resume, with_text=True))

    async def GetResume(self, request: pb.GetResumeRequest, context: Any) -> pb.GetResumeResponse:
        """The résumé with its text; empty when none was sent."""
        stored = await self._interviews.read(acting(), Action.RESUME_READ, UUID(request.interview_id), audited=True)
        resume = stored.interview.resume
        if resume is None:
            return pb.GetResumeResponse()
        return pb.GetResumeResponse(resume=translate.resume_message(resume, with_text=True))

    async def MarkReady(self, request: pb.MarkReadyRequest, context: Any) -> pb.MarkReadyResponse:
        """The candidate is ready."""
        interview = await self._take(request.interview_id, lambda interview, _: self._rules.mark_ready(interview))
        return pb.MarkReadyResponse(interview=interview)

    async def StartInterview(self, request: pb.StartInterviewRequest, context: Any) -> pb.StartInterviewResponse:
        """Start the clock."""
        return pb.StartInterviewResponse(interview=await self._take(request.interview_id, self._rules.start))

    async def SaveDraft(self, request: pb.SaveDraftRequest, context: Any) -> pb.SaveDraftResponse:
        """Keep what is typed."""
        turn_id = UUID(request.turn_id)
        stored = await self._interviews.change(
            acting(),
            Action.INTERVIEW_TAKE,
            UUID(request.interview_id),
            lambda interview, _: self._rules.save_draft(
                interview, turn_id, request.text, request.draft_revision, passages_seen=_seen(request)
            ),
        )
        return pb.SaveDraftResponse(draft_revision=stored.interview.turn(turn_id).answer.draft_revision)

    async def SubmitAnswer(self, request: pb.SubmitAnswerRequest, context: Any) -> pb.SubmitAnswerResponse:
        """Close an answer."""
        modality = translate.modality_of(request.modality)
        interview = await self._take(
            request.interview_id,
            lambda interview, now: self._rules.submit_answer(
                interview, UUID(request.turn_id), request.text, modality, now, passages_seen=_seen(request)
            ),
        )
        return pb.SubmitAnswerResponse(interview=interview)

    async def ReviseTranscript(self, request: pb.ReviseTranscriptRequest, context: Any) -> pb.ReviseTranscriptResponse:
        """Correct an answer."""
        interview = await self._take(
            request.interview_id,
            lambda interview, now: self._rules.revise_transcript(
                interview, UUID(request.turn_id), request.text, request.expected_revision, request.remark, now
            ),
        )
        return pb.ReviseTranscriptResponse(interview=interview)

    async def SubmitCandidateRequest(
        self, request: pb.SubmitCandidateRequestRequest, context: Any
    ) -> pb.SubmitCandidateRequestResponse:
        """The candidate asks for a person, or for an accommodation."""
        actor = acting()
        kind, text, request_id = translate.request_kind_of(request.kind), request.text.strip(), self._new_id()
        stored = await self._interviews.change(
            actor,
            Action.REQUEST_WRITE,
            UUID(request.interview_id),
            lambda interview, now: persons.submit_request(interview, CandidateRequest(request_id, kind, text, now)),
            audited=True,
        )
        return pb.SubmitCandidateRequestResponse(interview=self._shown(actor, stored))

    async def ResolveCandidateRequest(
        self, request: pb.ResolveCandidateRequestRequest, context: Any
    ) -> pb.ResolveCandidateRequestResponse:
        """A person says what becomes of it."""
        actor = acting()
        stored = await self._interviews.change(
            actor,
            Action.REQUEST_RESOLVE,
            UUID(request.interview_id),
            lambda interview, now: persons.resolve_request(
                interview, UUID(request.request_id), actor.name, request.answer.strip(), now
            ),
            audited=True,
        )
        return pb.ResolveCandidateRequestResponse(interview=self._shown(actor, stored))

    async def CompleteInterview(
        self, request: pb.CompleteInterviewRequest, context: Any
    ) -> pb.CompleteInterviewResponse:
        """The candidate is done."""
        return pb.CompleteInterviewResponse(interview=await self._take(request.interview_id, self._rules.complete))

    async def _take(self, interview_id: str, command: Command) -> interview_pb2.Interview:
        """Something that only the candidate does."""
        actor = acting()
        stored = await self._interviews.change(actor, Action.INTERVIEW_TAKE, UUID(interview_id), command)
        return self._shown(actor, stored)

    def _shown(self, actor: Actor, stored: Stored, *, turns: bool = True) -> interview_pb2.Interview:
        now: datetime = self._interviews.clock.now()
        return translate.interview_message(
            stored.interview, stored.sequence, stored.tenant_name, now, reader=actor.kind, turns=turns
        )


def _link(link: Link) -> pb.CreatedInvitation:
    return pb.CreatedInvitation(
        interview_id=str(link.interview_id),
        token=link.token,
        expires_at=wellknown.stamp(link.expires_at),
        candidate=interview_pb2.Candidate(name=link.candidate.name, email=link.candidate.email),
    )


def _seen(request: pb.SaveDraftRequest | pb.SubmitAnswerRequest) -> int | None:
    return request.passages_seen if request.HasField("passages_seen") else None
