"""Dead letters and retention, asked of a running service: seen by the admins of their tenant, without what they hold,
and each look, replay and removal in the audit log."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from viva.session.v1 import administration_pb2 as pb
from viva.session.v1 import session_pb2
from viva_core.bus.dead import dead_headers
from viva_core.bus.subjects import command_subject, dead_subject, event_subject
from viva_core.bus.topology import COMMANDS, EVALUATOR, EVENTS, FRAMES, SESSION
from viva_core.errors import Denied, NotFound, Permanent, Refused
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.session import Service

SECRET = b"what a candidate said"


@pytest.fixture
async def admin(service: Service, buses: BusFactory) -> BusProbe:
    """Somebody with every right on the bus, and the running service's stack under it."""
    return await buses.connect("admin")


async def die(probe: BusProbe, tenant: UUID, interview: UUID, **more: str) -> UUID:
    """Put a dead letter of the session's worker on the stream; the id of its message."""
    event_id = uuid7()
    headers = dead_headers(
        {"ce-id": str(event_id), "ce-type": "viva.event.v1.QuestionStarted", "Own-Words": "what a candidate said"}
        | more,
        Permanent("a reader is older than its writer", reason="UNKNOWN_VERSION"),
        stream=EVENTS.name,
        consumer=SESSION.durable,
        subject=event_subject(tenant, interview, "question-started"),
        sequence=1,
        attempts=3,
        moment=datetime.now(UTC),
    )
    await probe.bus.publisher.publish(dead_subject(EVENTS.name, SESSION.durable), SECRET, headers)
    return event_id


async def page(service: Service, size: int = 0, token: str = "") -> pb.ListDeadLettersResponse:
    request = pb.ListDeadLettersRequest(page_size=size, page_token=token)
    with acting_as(service.staff("admin")):
        found: pb.ListDeadLettersResponse = await service.administration.ListDeadLetters(request)
    return found


async def actions(service: Service) -> list[tuple[str, str]]:
    """(what, about what) of the audit log, oldest first."""
    with acting_as(service.staff("admin")):
        found = await service.stub.ListAudit(session_pb2.ListAuditRequest())
    return [(entry.action, entry.object) for entry in reversed(found.entries)]


async def test_only_the_tenants_own_are_listed_page_by_page(service: Service, admin: BusProbe) -> None:
    interview = uuid7()
    ids = [str(await die(admin, service.tenant, interview)) for _ in range(3)]
    await die(admin, uuid7(), interview)
    first = await page(service, 2)
    rest = await page(service, 2, first.next_page_token)
    assert [letter.message_id for letter in (*first.dead_letters, *rest.dead_letters)] == ids
    assert rest.next_page_token == ""
    letter = first.dead_letters[0]
    assert (letter.reason, letter.consumer, letter.attempts) == ("UNKNOWN_VERSION", "session", 3)
    assert letter.interview_id == str(interview)
    assert letter.ages_out_at.seconds - letter.died_at.seconds == timedelta(days=30).total_seconds()


async def test_one_is_shown_with_how_it_travelled_and_never_with_what_it_holds(
    service: Service, admin: BusProbe
) -> None:
    event_id = await die(admin, service.tenant, uuid7())
    number = (await page(service)).dead_letters[0].number
    with acting_as(service.staff("admin")):
        shown = await service.administration.GetDeadLetter(pb.GetDeadLetterRequest(number=number))
    headers = {header.name: header.value for header in shown.headers}
    assert headers["ce-id"] == str(event_id)
    assert headers["Viva-Dead-Reason"] == "UNKNOWN_VERSION"
    assert "Own-Words" not in headers
    assert SECRET not in shown.SerializeToString()
    assert ("dead_letter.read", f"dead-letter/{number}") in await actions(service)


async def test_one_of_another_tenant_is_not_there(service: Service, admin: BusProbe) -> None:
    await die(admin, uuid7(), uuid7())
    for call, kind in _calls(service):
        with acting_as(service.staff("admin")), pytest.raises(NotFound, match="there is no dead letter 1"):
            await call(kind(number=1))
        with acting_as(service.staff("admin")), pytest.raises(NotFound, match="there is no dead letter 2"):
            await call(kind(number=2))
    assert [action for action, _ in await actions(service) if action.startswith("dead_letter")] == []


async def test_none_is_for_others_than_admins(service: Service, admin: BusProbe) -> None:
    await die(admin, service.tenant, uuid7())
    for call, kind in _calls(service):
        with acting_as(service.staff("recruiter", "reviewer")), pytest.raises(Denied):
            await call(kind(number=1))
    for role in ("recruiter", "reviewer"):
        with acting_as(service.staff(role)), pytest.raises(Denied):
            await service.administration.ListDeadLetters(pb.ListDeadLettersRequest())
        with acting_as(service.staff(role)), pytest.raises(Denied):
            await service.administration.GetRetention(pb.GetRetentionRequest())


async def test_one_that_is_sent_again_is_handled_under_its_old_id_and_leaves_the_list(
    service: Service, admin: BusProbe
) -> None:
    tenant, interview, event_id = service.tenant, uuid7(), uuid7()
    subject = event_subject(tenant, interview, "question-started")
    # The worker itself gives up what it cannot read.
    unknown = {"ce-specversion": "1.0", "ce-id": str(event_id), "ce-source": "test", "ce-type": "viva.event.v1.Later"}
    await admin.bus.publisher.publish(subject, b"", unknown | {"ce-time": "2026-11-25T12:00:00Z"})

    async def listed() -> bool:
        return [letter.message_id for letter in (await page(service)).dead_letters] == [str(event_id)]

    await eventually(listed, within=60)
    number = (await page(service)).dead_letters[0].number
    with acting_as(service.staff("admin")):
        await service.administration.RetryDeadLetter(pb.RetryDeadLetterRequest(number=number))

    async def back() -> bool:  # nothing has changed, so the worker gives it up again, knowing that it was here
        letters = (await page(service)).dead_letters
        return [(letter.message_id, letter.retries) for letter in letters] == [(str(event_id), 1)]

    await eventually(back, within=60)
    assert (await page(service)).dead_letters[0].number > number
    assert ("dead_letter.retry", f"dead-letter/{number}") in await actions(service)


@pytest.mark.parametrize("agrees", [True, False])
async def test_an_answer_is_sent_to_be_scored_again_where_the_candidate_still_agrees(
    service: Service, admin: BusProbe, agrees: bool
) -> None:
    candidate = await steps.in_progress(service.stub, service.staff())
    await steps.scoring_consented(service.stub, candidate, granted=agrees)
    subject = command_subject("evaluator", service.tenant, candidate.interview_id)
    headers = dead_headers(
        {"ce-id": str(uuid7()), "ce-type": "viva.evaluation.v1.EvaluateRequest"},
        Permanent("the model is broken"),
        stream=COMMANDS.name,
        consumer=EVALUATOR.durable,
        subject=subject,
        sequence=1,
        attempts=20,
        moment=datetime.now(UTC),
    )
    await admin.bus.publisher.publish(dead_subject(COMMANDS.name, EVALUATOR.durable), SECRET, headers)
    number = (await page(service)).dead_letters[0].number
    refusal = contextlib.nullcontext() if agrees else pytest.raises(Refused, match="does not agree")
    with acting_as(service.staff("admin")), refusal:
        await service.administration.RetryDeadLetter(pb.RetryDeadLetterRequest(number=number))
    assert await admin.bus.api.subjects(COMMANDS.name, subject) == ([subject] if agrees else [])


async def test_one_that_is_removed_is_gone(service: Service, admin: BusProbe) -> None:
    await die(admin, service.tenant, uuid7())
    number = (await page(service)).dead_letters[0].number
    with acting_as(service.staff("admin")):
        await service.administration.DeleteDeadLetter(pb.DeleteDeadLetterRequest(number=number))
        with pytest.raises(NotFound):
            await service.administration.DeleteDeadLetter(pb.DeleteDeadLetterRequest(number=number))
    assert (await page(service)).dead_letters == []
    assert (await actions(service)).count(("dead_letter.read", "dead-letters")) == 2
    assert ("dead_letter.delete", f"dead-letter/{number}") in await actions(service)


async def test_retention_names_each_kind_of_data_once_with_what_ends_it(service: Service) -> None:
    with acting_as(service.staff("admin")):
        found = await service.administration.GetRetention(pb.GetRetentionRequest())
    rules = {rule.subject: rule for rule in found.rules}
    known = set(pb.RetentionSubject.values()) - {pb.RETENTION_SUBJECT_UNSPECIFIED}
    assert set(rules) == known
    assert len(found.rules) == len(known)
    assert rules[pb.RETENTION_SUBJECT_FRAMES].kept_for.seconds == 30
    # Being read removes a message from a work queue alone.
    read_away = [rule.subject for rule in found.rules if pb.RETENTION_END_HANDLED in rule.ends]
    assert read_away == [pb.RETENTION_SUBJECT_COMMANDS]
    assert (COMMANDS.retention, FRAMES.retention) == ("workqueue", "limits")
    assert rules[pb.RETENTION_SUBJECT_DEAD_LETTERS].kept_for.ToTimedelta() == timedelta(days=30)
    assert rules[pb.RETENTION_SUBJECT_RECORDINGS].ends == [pb.RETENTION_END_ERASURE, pb.RETENTION_END_REVOCATION]
    assert [rule.subject for rule in found.rules if rule.HasField("due")] == [pb.RETENTION_SUBJECT_WEBHOOK_DELIVERIES]


def _calls(service: Service) -> list[tuple[Callable[..., Any], type[Any]]]:
    return [
        (service.administration.GetDeadLetter, pb.GetDeadLetterRequest),
        (service.administration.RetryDeadLetter, pb.RetryDeadLetterRequest),
        (service.administration.DeleteDeadLetter, pb.DeleteDeadLetterRequest),
    ]
