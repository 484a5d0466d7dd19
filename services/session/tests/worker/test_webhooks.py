"""Webhooks end to end: events on the real bus, the real database, a receiver on this machine's loopback."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import SecretStr
from viva.common.v1 import types_pb2 as common
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as api
from viva.session.v1 import webhook_pb2 as pb
from viva_core.errors import Denied, Invalid, NotFound, Refused
from viva_core.grpc import acting_as
from viva_core.ids import uuid7
from viva_testkit import steps
from viva_testkit.bus import eventually
from viva_testkit.session import Service

KEY = "w" * 32
EVERYTHING = [value.number for value in pb.WebhookEvent.DESCRIPTOR.values if value.number]


@dataclass
class Got:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass
class Receiver:
    """An HTTP server that answers as it is told, and remembers what came."""

    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    got: list[Got] = field(default_factory=list)
    port: int = 0
    server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens: by name, so that the name is resolved."""
        return f"http://localhost:{self.port}/hooks?a=1"

    async def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more."""
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()

    def told(self) -> list[str]:
        """The types of what came."""
        return [each.event["type"] for each in self.got]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.got.append(Got(headers, body))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def service(launch: Callable[..., Any]) -> Service:
    """A session service that may call this machine, without TLS."""
    started: Service = await launch(
        webhook_key=SecretStr(KEY), webhook_networks="127.0.0.0/8, ::1/128", webhook_http=True
    )
    await started.make_tenant()
    return started


async def subscribed(service: Service, url: str, events: list[int] | None = None) -> pb.CreateWebhookResponse:
    with acting_as(service.staff("admin")):
        made: pb.CreateWebhookResponse = await service.webhooks.CreateWebhook(
            pb.CreateWebhookRequest(url=url, description="ATS", events=events or EVERYTHING)
        )
    return made


async def invited(service: Service) -> str:
    """An interview, and with it an event."""
    staff = service.staff()
    interview_id, _ = await steps.invited(
        service.stub, staff, await steps.published_position(service.stub, staff), f"N{uuid7().hex} Kim"
    )
    return interview_id


async def shown(service: Service, webhook_id: str) -> pb.Webhook:
    with acting_as(service.staff("admin")):
        answer = await service.webhooks.GetWebhook(pb.GetWebhookRequest(webhook_id=webhook_id))
    webhook: pb.Webhook = answer.webhook
    return webhook


async def log(service: Service, webhook_id: str) -> list[pb.WebhookDelivery]:
    with acting_as(service.staff("admin")):
        answer = await service.webhooks.ListWebhookDeliveries(pb.ListWebhookDeliveriesRequest(webhook_id=webhook_id))
    return list(answer.deliveries)


async def replay(service: Service, webhook_id: str, **which: Any) -> int:
    with acting_as(service.staff("admin")):
        request = pb.ReplayWebhookDeliveriesRequest(webhook_id=webhook_id, **which)
        answer = await service.webhooks.ReplayWebhookDeliveries(request)
    return int(answer.replayed)


def signed_with(got: Got, secret: str) -> bool:
    """As a receiver checks it."""
    signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}" in got.headers["webhook-signature"].split(" ")


async def hurry(database_url: str) -> None:
    """What rests is due now."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute("UPDATE webhook_deliveries SET due_at = now()")
        await admin.execute("UPDATE webhooks SET rests_until = NULL")


async def test_events_reach_the_receiver_signed_and_hold_ids_states_and_links_alone(
    service: Service, receiver: Receiver
) -> None:
    made = await subscribed(service, receiver.url)
    staff = service.staff()
    await service.workers.start()
    position_id = await steps.published_position(service.stub, staff, max_questions=2)
    interview_id, token = await steps.invited(service.stub, staff, position_id)
    candidate = await steps.entered(service.stub, token)
    await steps.consented(service.stub, candidate)
    await steps.started(service.stub, candidate)
    while not (await steps.seen(service.stub, candidate, interview_id)).progress.asking_finished:
        turn = await steps.open_turn(service.stub, candidate)
        await steps.submit(service.stub, candidate, turn.turn_id, steps.ANSWER)
    with acting_as(candidate):
        await service.stub.CompleteInterview(api.CompleteInterviewRequest(interview_id=interview_id))
        await service.stub.SubmitCandidateRequest(
            api.SubmitCandidateRequestRequest(
                interview_id=interview_id,
                kind=interview_pb2.REQUEST_KIND_HUMAN_REVIEW,
                text="Read it yourself, please.",
            )
        )
    await eventually(lambda: "viva.report_ready" in receiver.told())
    with acting_as(staff):
        await service.stub.SubmitReview(
            api.SubmitReviewRequest(
                interview_id=interview_id,
                decision=common.REVIEW_DECISION_ADVANCE,
                reason="A reason that nobody else reads.",
                report_version=1,
            )
        )
    # An erasure removes what is still on its way, so that what came before has to have arrived.
    await eventually(lambda: "viva.review_submitted" in receiver.told())
    with acting_as(staff):
        await service.stub.EraseInterview(api.EraseInterviewRequest(interview_id=interview_id))
    wanted = {
        "viva.interview_created",
        "viva.interview_started",
        "viva.interview_completed",
        "viva.report_ready",
        "viva.candidate_requested",
        "viva.review_submitted",
        "viva.interview_erased",
    }
    await eventually(lambda: set(receiver.told()) == wanted)
    assert len(receiver.got) == len(wanted)
    for got in receiver.got:
        assert signed_with(got, made.secret)
        assert got.headers["webhook-id"] == got.event["id"]
        assert got.event["data"]["interview_id"] == interview_id
        assert got.event["data"]["links"]["interview"].endswith(f"/api/v1/interviews/{interview_id}")
        for private in ("Minsu", "minsu", "Hanbit", "Read it yourself", "nobody else reads", "advance", "score"):
            assert private not in got.body.decode()
    asked = next(got.event for got in receiver.got if got.event["type"] == "viva.candidate_requested")
    assert asked["data"]["request_kind"] == "human_review"


async def test_a_receiver_that_is_down_loses_nothing(service: Service, receiver: Receiver, database_url: str) -> None:
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    await receiver.stop()
    ids = {await invited(service) for _ in range(3)}

    async def failed() -> bool:
        found = await log(service, made.webhook.webhook_id)
        return len(found) == 3 and any(each.last_attempt.error == "CONNECTION_REFUSED" for each in found)

    await eventually(failed)
    assert (await shown(service, made.webhook.webhook_id)).HasField("failing_since")
    await receiver.start()

    async def all_there() -> bool:
        await hurry(database_url)
        return {got.event["data"]["interview_id"] for got in receiver.got} == ids

    await eventually(all_there)

    async def settled() -> bool:
        now = await shown(service, made.webhook.webhook_id)
        return now.pending == 0 and not now.HasField("failing_since") and now.HasField("last_success_at")

    await eventually(settled)


async def test_an_attempt_is_kept_with_its_status_and_a_short_printable_excerpt(
    service: Service, receiver: Receiver
) -> None:
    receiver.answer = b"HTTP/1.1 500 Oh\r\nContent-Length: 100000\r\n\r\n" + b"no\x00\x1b[31m way " * 8000
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_PING])
    with acting_as(service.staff("admin")):
        await service.webhooks.PingWebhook(pb.PingWebhookRequest(webhook_id=made.webhook.webhook_id))

    async def tried() -> bool:
        found = await log(service, made.webhook.webhook_id)
        return bool(found and found[0].HasField("last_attempt"))

    await eventually(tried)
    delivery = (await log(service, made.webhook.webhook_id))[0]
    assert (delivery.last_attempt.status, delivery.last_attempt.error) == (500, "STATUS")
    assert delivery.state == pb.DELIVERY_STATE_PENDING
    assert delivery.HasField("next_attempt_at")
    assert len(delivery.last_attempt.excerpt) <= 200
    assert delivery.last_attempt.excerpt.isprintable()
    with acting_as(service.staff("admin")):
        whole = await service.webhooks.GetWebhookDelivery(
            pb.GetWebhookDeliveryRequest(webhook_id=made.webhook.webhook_id, delivery_id=delivery.delivery_id)
        )
    assert [attempt.number for attempt in whole.attempts] == [1]
    assert whole.body == receiver.got[0].body.decode()


async def test_a_redirect_is_not_followed(service: Service, receiver: Receiver) -> None:
    elsewhere = Receiver()
    await elsewhere.start()
    receiver.answer = f"HTTP/1.1 307 Go\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode()
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    await invited(service)

    async def refused() -> bool:
        found = await log(service, made.webhook.webhook_id)
        return bool(found and found[0].last_attempt.error == "REDIRECT_REFUSED")

    await eventually(refused)
    assert elsewhere.got == []
    await elsewhere.stop()


async def test_an_address_inside_is_refused_when_it_is_connected_to(
    launch: Callable[..., Any], receiver: Receiver
) -> None:
    service: Service = await launch(webhook_key=SecretStr(KEY), webhook_http=True)  # and no network is allowed
    await service.make_tenant()
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    await invited(service)

    async def refused() -> bool:
        found = await log(service, made.webhook.webhook_id)
        return bool(found and found[0].last_attempt.error == "ADDRESS_REFUSED")

    await eventually(refused)
    assert receiver.got == []


async def test_a_rotated_secret_signs_beside_the_old_one(service: Service, receiver: Receiver) -> None:
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    webhook_id = made.webhook.webhook_id

    async def rotated(seconds: int) -> str:
        with acting_as(service.staff("admin")):
            request = pb.RotateWebhookSecretRequest(webhook_id=webhook_id, overlap=Duration(seconds=seconds))
            return str((await service.webhooks.RotateWebhookSecret(request)).secret)

    second = await rotated(3600)
    await invited(service)
    await eventually(lambda: len(receiver.got) == 1)
    assert signed_with(receiver.got[0], made.secret)
    assert signed_with(receiver.got[0], second)
    third = await rotated(0)
    await invited(service)
    await eventually(lambda: len(receiver.got) == 2)
    assert signed_with(receiver.got[1], third)
    assert not signed_with(receiver.got[1], second)


async def test_a_delivery_and_a_range_of_time_are_sent_again_under_their_old_ids(
    service: Service, receiver: Receiver
) -> None:
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    webhook_id = made.webhook.webhook_id
    for _ in range(2):
        await invited(service)
    await eventually(lambda: len(receiver.got) == 2)

    async def delivered() -> bool:
        found = await log(service, webhook_id)
        return [each.state for each in found] == [pb.DELIVERY_STATE_DELIVERED] * 2

    await eventually(delivered)
    newest = (await log(service, webhook_id))[0]
    assert await replay(service, webhook_id, delivery_id=newest.delivery_id) == 1
    await eventually(lambda: len(receiver.got) == 3)
    assert receiver.got[2].headers["webhook-id"] == newest.delivery_id
    assert receiver.got[2].body in {receiver.got[0].body, receiver.got[1].body}
    since, until = Timestamp(seconds=0), Timestamp(seconds=4_000_000_000)
    await eventually(delivered)
    assert await replay(service, webhook_id, since=since, until=until, failed_only=True) == 0
    assert await replay(service, webhook_id, since=since, until=until) == 2
    await eventually(lambda: len(receiver.got) == 5)
    with pytest.raises(Invalid):
        await replay(service, webhook_id)
    with pytest.raises(NotFound):
        await replay(service, webhook_id, delivery_id=str(uuid7()))


async def test_what_is_paused_waits_and_comes_when_it_goes_on(service: Service, receiver: Receiver) -> None:
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])

    async def switched(*, active: bool) -> pb.Webhook:
        with acting_as(service.staff("admin")):
            request = pb.UpdateWebhookRequest(
                webhook_id=made.webhook.webhook_id,
                url=receiver.url,
                events=[pb.WEBHOOK_EVENT_INTERVIEW_CREATED],
                active=active,
            )
            answer = await service.webhooks.UpdateWebhook(request)
        webhook: pb.Webhook = answer.webhook
        return webhook

    assert (await switched(active=False)).state == pb.WEBHOOK_STATE_PAUSED
    interview_id = await invited(service)

    async def waits() -> bool:
        return (await shown(service, made.webhook.webhook_id)).pending == 1

    await eventually(waits)
    assert receiver.got == []
    assert (await switched(active=True)).state == pb.WEBHOOK_STATE_ACTIVE
    await eventually(lambda: [got.event["data"]["interview_id"] for got in receiver.got] == [interview_id])


async def test_a_receiver_that_fails_for_days_is_paused_and_loses_nothing(
    service: Service, receiver: Receiver, database_url: str
) -> None:
    receiver.answer = b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n"
    made = await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    await invited(service)
    await eventually(lambda: len(receiver.got) == 1)

    async def failing() -> bool:
        return (await shown(service, made.webhook.webhook_id)).HasField("failing_since")

    await eventually(failing)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute("UPDATE webhooks SET failing_since = now() - interval '4 days'")

    async def paused() -> bool:
        await hurry(database_url)
        return (await shown(service, made.webhook.webhook_id)).state == pb.WEBHOOK_STATE_FAILING

    await eventually(paused)
    assert (await shown(service, made.webhook.webhook_id)).pending == 1


async def test_two_services_share_the_work_and_send_each_delivery_once(
    service: Service, launch: Callable[..., Any], receiver: Receiver
) -> None:
    await launch(webhook_key=SecretStr(KEY), webhook_networks="127.0.0.0/8, ::1/128", webhook_http=True)
    await subscribed(service, receiver.url, [pb.WEBHOOK_EVENT_INTERVIEW_CREATED])
    staff = service.staff()
    position_id = await steps.published_position(service.stub, staff)
    people = [
        api.NewInvitation(candidate=interview_pb2.Candidate(name=f"Kim {each}", email=f"k{each}@example.com"))
        for each in range(40)
    ]
    with acting_as(staff):
        request = api.CreateInvitationsRequest(
            position_id=position_id, invitations=people, valid_for=steps.span(days=1)
        )
        await service.stub.CreateInvitations(request)
    await eventually(lambda: len({got.headers["webhook-id"] for got in receiver.got}) == 40)
    assert len(receiver.got) == 40


async def test_only_admins_and_only_of_the_tenant_see_a_webhook(service: Service, receiver: Receiver) -> None:
    made = await subscribed(service, receiver.url)
    webhook_id = made.webhook.webhook_id
    ids = {"webhook_id": webhook_id, "delivery_id": str(uuid7())}
    filled: dict[str, dict[str, Any]] = {
        "CreateWebhook": {"url": receiver.url, "events": EVERYTHING},
        "UpdateWebhook": {"url": receiver.url, "events": EVERYTHING},
        "RotateWebhookSecret": {"overlap": Duration(seconds=1)},
    }
    stranger = service.staff("admin", "recruiter", "reviewer")
    stranger.tenant_id = str(uuid7())
    service_actor = common.Actor(kind=common.ACTOR_KIND_SERVICE, tenant_id=str(service.tenant), subject_id="gateway")
    for method in pb.DESCRIPTOR.services_by_name["WebhookService"].methods:
        fields = method.input_type.fields_by_name
        given = {name: value for name, value in ids.items() if name in fields} | filled.get(method.name, {})
        request = getattr(pb, method.input_type.name)(**given)
        call = getattr(service.webhooks, method.name)
        for actor in (service.staff("recruiter", "reviewer"), service_actor):
            with acting_as(actor), pytest.raises(Denied):
                await call(request)
        if "webhook_id" in fields:
            with acting_as(stranger), pytest.raises(NotFound):
                await call(request)
    with acting_as(stranger):
        assert not (await service.webhooks.ListWebhooks(pb.ListWebhooksRequest())).webhooks
    kept = await shown(service, webhook_id)
    assert kept.url == receiver.url
    with acting_as(service.staff("admin")):
        await service.webhooks.DeleteWebhook(pb.DeleteWebhookRequest(webhook_id=webhook_id))
        assert not (await service.webhooks.ListWebhooks(pb.ListWebhooksRequest())).webhooks


async def test_secrets_are_sealed_at_rest_and_without_a_key_webhooks_are_off(
    service: Service, launch: Callable[..., Any], receiver: Receiver, database_url: str
) -> None:
    made = await subscribed(service, receiver.url)
    async with await psycopg.AsyncConnection.connect(database_url) as admin:
        row = await (await admin.execute("SELECT secret, webhook_id FROM webhooks")).fetchone()
    assert row is not None
    assert made.secret.encode() not in row[0]
    assert base64.b64decode(made.secret.removeprefix("whsec_")) not in row[0]
    assert row[1] == UUID(made.webhook.webhook_id)
    off: Service = await launch()
    await off.make_tenant()
    with pytest.raises(Refused) as refused:
        await subscribed(off, "https://hooks.example.com/")
    assert refused.value.reason == "WEBHOOKS_OFF"
