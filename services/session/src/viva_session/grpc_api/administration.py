"""AdministrationService."""

from datetime import timedelta
from typing import Any

from viva.common.v1 import types_pb2 as common
from viva.session.v1 import administration_pb2 as pb
from viva.session.v1 import administration_pb2_grpc
from viva_core import wellknown
from viva_core.bus.dead import DeadLetter
from viva_core.bus.topology import DEAD

from viva_session.application.dead_letters import DeadLetterDesk
from viva_session.application.retention import Retention
from viva_session.domain.retention import End, Rule, Subject
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting

ADMINISTRATION_SERVICE = "viva.session.v1.AdministrationService"
_KEPT = timedelta(seconds=DEAD.max_age)
_SUBJECTS = {one: pb.RetentionSubject.Value(f"RETENTION_SUBJECT_{one.name}") for one in Subject}
_ENDS = {one: pb.RetentionEnd.Value(f"RETENTION_END_{one.name}") for one in End}


class AdministrationApi(administration_pb2_grpc.AdministrationServiceServicer):
    """Translate, call, translate."""

    def __init__(self, desk: DeadLetterDesk, retention: Retention) -> None:
        self._desk = desk
        self._retention = retention

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersResponse:
        """Oldest first."""
        found, go_on = await self._desk.page(
            acting(), limit=paging.size_of(request.page_size), after=paging.number_of(request.page_token) or 0
        )
        token = "" if go_on is None else paging.token_of(go_on)
        return pb.ListDeadLettersResponse(dead_letters=[_letter(each) for each in found], next_page_token=token)

    async def GetDeadLetter(self, request: pb.GetDeadLetterRequest, context: Any) -> pb.GetDeadLetterResponse:
        """One with its headers."""
        letter, headers = await self._desk.read(acting(), request.number)
        return pb.GetDeadLetterResponse(
            dead_letter=_letter(letter),
            headers=[pb.MessageHeader(name=name, value=value) for name, value in headers.items()],
        )

    async def RetryDeadLetter(self, request: pb.RetryDeadLetterRequest, context: Any) -> pb.RetryDeadLetterResponse:
        """Send it again."""
        await self._desk.retry(acting(), request.number)
        return pb.RetryDeadLetterResponse()

    async def DeleteDeadLetter(self, request: pb.DeleteDeadLetterRequest, context: Any) -> pb.DeleteDeadLetterResponse:
        """Remove it."""
        await self._desk.delete(acting(), request.number)
        return pb.DeleteDeadLetterResponse()

    async def GetRetention(self, request: pb.GetRetentionRequest, context: Any) -> pb.GetRetentionResponse:
        """Each kind of data once."""
        return pb.GetRetentionResponse(rules=[_rule(*each) for each in await self._retention.rules(acting())])


def _letter(letter: DeadLetter) -> pb.DeadLetter:
    return pb.DeadLetter(
        number=letter.number,
        message_id=letter.message_id,
        message_type=letter.message_type,
        stream=letter.stream,
        consumer=letter.consumer,
        interview_id="" if letter.address is None else letter.address.interview_id,
        attempts=letter.attempts,
        retries=letter.retries,
        reason=letter.reason,
        cause=letter.cause,
        died_at=wellknown.stamp(letter.died_at),
        ages_out_at=wellknown.stamp(letter.died_at + _KEPT),
        size_bytes=len(letter.payload),
    )


def _rule(rule: Rule, due: int | None) -> pb.RetentionRule:
    message = pb.RetentionRule(
        subject=_SUBJECTS[rule.subject],
        purpose=(
            common.CONSENT_PURPOSE_UNSPECIFIED
            if rule.purpose is None
            else common.ConsentPurpose.Value(f"CONSENT_PURPOSE_{rule.purpose.name}")
        ),
        ends=[_ENDS[end] for end in rule.ends],
        kept_for=None if rule.kept_for is None else wellknown.duration(rule.kept_for),
    )
    if due is not None:
        message.due = due
    return message
