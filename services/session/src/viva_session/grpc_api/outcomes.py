"""Reports, decisions, replay, audit and erasure."""

from datetime import datetime
from typing import Any
from uuid import UUID

from viva.evaluation.v1 import evaluation_pb2
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.db import transaction
from viva_core.errors import Refused
from viva_core.ids import IdFactory

from viva_session.adapters.records import AuditRow, Receipt
from viva_session.adapters.translate import commands, reports, values
from viva_session.adapters.translate import interviews as translate
from viva_session.application.erasure import Erasure
from viva_session.application.interviews import Interviews
from viva_session.domain import persons, report
from viva_session.domain.access import Action, Resource, authorize
from viva_session.domain.evaluation import HumanScore
from viva_session.domain.interview import Interview, Outcome
from viva_session.domain.report import View
from viva_session.domain.review import Review
from viva_session.domain.rules import Rules
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting, kind_value


class OutcomesApi:
    """The part of SessionService that comes after the interview."""

    def __init__(self, interviews: Interviews, erasure: Erasure, rules: Rules, new_id: IdFactory) -> None:
        self._interviews = interviews
        self._erasure = erasure
        self._rules = rules
        self._new_id = new_id

    async def GetReport(self, request: pb.GetReportRequest, context: Any) -> pb.GetReportResponse:
        """The report for one kind of reader; every read is kept in the audit log."""
        view = reports.view_of(request.view)
        action = Action.REPORT_READ_OWN if view is View.CANDIDATE else Action.REPORT_READ
        actor = acting()
        if view is View.CANDIDATE and actor.interview_id is None:
            action = Action.REPORT_READ  # staff may see what the candidate sees
        stored = await self._interviews.read(actor, action, UUID(request.interview_id), audited=True)
        if stored.interview.report_version == 0:
            raise Refused(f"there is no report yet: the interview is {stored.interview.state}", reason="NO_REPORT")
        built = report.build(stored.interview, view)
        now = self._interviews.clock.now()
        return pb.GetReportResponse(
            report=reports.report_message(
                built, stored.sequence, stored.tenant_name, now, reviews_for=translate.reader_of(actor)
            )
        )

    async def SubmitReview(self, request: pb.SubmitReviewRequest, context: Any) -> pb.SubmitReviewResponse:
        """A person decides."""
        actor = acting()
        review_id = self._new_id()
        stored = await self._interviews.change(
            actor,
            Action.REVIEW_WRITE,
            UUID(request.interview_id),
            lambda interview, now: self._rules.review(
                interview,
                Review(
                    review_id,
                    actor.subject_id,
                    actor.name,
                    translate.decision_of(request.decision),
                    request.reason,
                    request.report_version,
                    now,
                ),
            ),
            audited=True,
        )
        now = self._interviews.clock.now()
        return pb.SubmitReviewResponse(
            review=translate.review_message(stored.interview.reviews[-1]),
            interview=translate.interview_message(
                stored.interview, stored.sequence, stored.tenant_name, now, reader=actor.kind
            ),
        )

    async def ListReviews(self, request: pb.ListReviewsRequest, context: Any) -> pb.ListReviewsResponse:
        """The decisions, oldest first."""
        actor = acting()
        stored = await self._interviews.read(actor, Action.REVIEW_READ, UUID(request.interview_id), audited=True)
        reader = translate.reader_of(actor)
        return pb.ListReviewsResponse(reviews=translate.review_messages(stored.interview.reviews, reader))

    async def ScoreByHand(self, request: pb.ScoreByHandRequest, context: Any) -> pb.ScoreByHandResponse:
        """A person scores what the model left open."""
        actor, turn_id = acting(), UUID(request.turn_id)

        def command(interview: Interview, now: datetime) -> Outcome:
            given = HumanScore(
                request.criterion_id,
                request.score,
                request.reason,
                actor.subject_id,
                actor.name,
                interview.turn(turn_id).answer.revision,
                now,
            )
            return persons.score_by_hand(interview, turn_id, given)

        stored = await self._interviews.change(
            actor, Action.SCORE_WRITE, UUID(request.interview_id), command, audited=True
        )
        now = self._interviews.clock.now()
        return pb.ScoreByHandResponse(
            score=values.human_score_message(stored.interview.turn(turn_id).human_scores[-1]),
            interview=translate.interview_message(
                stored.interview, stored.sequence, stored.tenant_name, now, reader=actor.kind
            ),
        )

    async def ListEvaluations(self, request: pb.ListEvaluationsRequest, context: Any) -> pb.ListEvaluationsResponse:
        """What was asked of the evaluator, and what came of it."""
        stored = await self._interviews.read(acting(), Action.EVALUATION_READ, UUID(request.interview_id), audited=True)
        interview = stored.interview
        items = [
            evaluation_pb2.ReplayItem(
                request=commands.evaluate_request(
                    interview, turn, commands.evaluation_request_id(turn, turn.answer.revision)
                ),
                original=values.evaluation_message(turn.turn_id, turn.evaluation),
            )
            for turn in interview.turns
            if turn.evaluation is not None
        ]
        return pb.ListEvaluationsResponse(items=items)

    async def AuthorizeListening(
        self, request: pb.AuthorizeListeningRequest, context: Any
    ) -> pb.AuthorizeListeningResponse:
        """Whether the caller may hear an answer; kept in the audit log where there is something to hear."""
        actor, interview_id = acting(), UUID(request.interview_id)
        async with transaction(self._interviews.sessions) as session:  # what is refused takes its line of the log back
            stored = await self._interviews.find(session, actor, Action.RECORDING_READ, interview_id, audited=True)
            persons.check_recorded(stored.interview, UUID(request.turn_id))
        return pb.AuthorizeListeningResponse()

    async def ListAudit(self, request: pb.ListAuditRequest, context: Any) -> pb.ListAuditResponse:
        """The audit log, newest first."""
        actor = acting()
        authorize(actor, Action.AUDIT_READ, Resource(actor.tenant_id))
        size = paging.size_of(request.page_size)
        async with transaction(self._interviews.sessions) as session:
            rows = await self._interviews.records.audit(
                session,
                actor.tenant_id,
                limit=size + 1,
                before=paging.number_of(request.page_token),
                interview_id=UUID(request.interview_id) if request.interview_id else None,
            )
        token = paging.token_of(rows[size - 1].number) if len(rows) > size else ""
        return pb.ListAuditResponse(entries=[_entry(row) for row in rows[:size]], next_page_token=token)

    async def EraseInterview(self, request: pb.EraseInterviewRequest, context: Any) -> pb.EraseInterviewResponse:
        """Remove all personal data."""
        receipt = await self._erasure.erase(acting(), UUID(request.interview_id))
        return pb.EraseInterviewResponse(receipt=_receipt(receipt))

    async def GetErasureReceipt(
        self, request: pb.GetErasureReceiptRequest, context: Any
    ) -> pb.GetErasureReceiptResponse:
        """The proof of an erasure."""
        receipt = await self._erasure.receipt(acting(), UUID(request.interview_id))
        return pb.GetErasureReceiptResponse(receipt=_receipt(receipt))


def _entry(row: AuditRow) -> interview_pb2.AuditEntry:
    return interview_pb2.AuditEntry(
        at=wellknown.stamp(row.at),
        actor_kind=kind_value(row.actor_kind),
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        action=row.action,
        object=row.object,
        interview_id="" if row.interview_id is None else str(row.interview_id),
    )


def _receipt(receipt: Receipt) -> interview_pb2.ErasureReceipt:
    return interview_pb2.ErasureReceipt(
        receipt_id=str(receipt.receipt_id),
        interview_id=str(receipt.interview_id),
        erased_at=wellknown.stamp(receipt.erased_at),
        requested_by=kind_value(receipt.requested_by),
        stores=[
            interview_pb2.ErasedStore(store=store, what=what, removed=count) for store, what, count in receipt.stores
        ],
    )
