"""Webhooks over REST."""

from typing import Any
from uuid import UUID

import pytest
from viva.session.v1 import webhook_pb2 as api
from viva_core.errors import Invalid, Violation
from viva_gateway.domain.principal import Role

WEBHOOK = str(UUID(int=7))
BODY = {"url": "https://ats.example.com/viva", "events": ["report_ready"]}


def webhook(**changes: Any) -> api.Webhook:
    return api.Webhook(
        webhook_id=WEBHOOK,
        url=BODY["url"],
        events=[api.WEBHOOK_EVENT_REPORT_READY],
        state=api.WEBHOOK_STATE_ACTIVE,
        **changes,
    )


async def test_a_secret_is_shown_when_it_is_made_and_never_again(gateway: Any) -> None:
    gateway.neighbour.answers["CreateWebhook"] = api.CreateWebhookResponse(webhook=webhook(), secret="whsec_abc")
    gateway.neighbour.answers["GetWebhook"] = api.GetWebhookResponse(webhook=webhook(pending=2))
    gateway.neighbour.answers["RotateWebhookSecret"] = api.RotateWebhookSecretResponse(
        webhook=webhook(), secret="whsec_def"
    )
    client = await gateway.signed_in(Role.ADMIN)
    made = await client.post("/webhooks", json=BODY)
    assert (made.status_code, made.json()["secret"]) == (201, "whsec_abc")
    seen = await client.get(made.headers["location"].removeprefix("/api/v1"))
    assert "secret" not in seen.json()
    assert seen.json()["pending"] == 2
    rotated = await client.post(f"/webhooks/{WEBHOOK}/secret", json={"overlap_seconds": 60})
    assert rotated.json()["secret"] == "whsec_def"
    assert gateway.neighbour.called("RotateWebhookSecret")[0].request.overlap.seconds == 60


async def test_a_url_that_may_not_be_called_is_refused_by_its_field(gateway: Any) -> None:
    gateway.neighbour.answers["CreateWebhook"] = Invalid("url must begin with https://", [Violation("url", "https")])
    client = await gateway.signed_in(Role.ADMIN)
    refused = await client.post("/webhooks", json=BODY)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "url")
    assert (await client.post("/webhooks", json=BODY | {"events": []})).status_code == 422
    assert (await client.post("/webhooks", json=BODY | {"events": ["nothing"]})).status_code == 422


async def test_a_delivery_is_shown_with_its_attempts_and_sent_again(gateway: Any) -> None:
    attempt = api.DeliveryAttempt(number=1, status=500, error="STATUS", excerpt="oh")
    gateway.neighbour.answers["GetWebhookDelivery"] = api.GetWebhookDeliveryResponse(
        delivery=api.WebhookDelivery(
            delivery_id=str(UUID(int=8)),
            webhook_id=WEBHOOK,
            event=api.WEBHOOK_EVENT_REPORT_READY,
            state=api.DELIVERY_STATE_FAILED,
            attempts=1,
            last_attempt=attempt,
        ),
        body="{}",
        attempts=[attempt],
    )
    gateway.neighbour.answers["ReplayWebhookDeliveries"] = api.ReplayWebhookDeliveriesResponse(replayed=3)
    client = await gateway.signed_in(Role.ADMIN)
    shown = (await client.get(f"/webhooks/{WEBHOOK}/deliveries/{UUID(int=8)}")).json()
    assert (shown["state"], shown["log"][0]["error"], shown["body"]) == ("failed", "STATUS", "{}")
    path = f"/webhooks/{WEBHOOK}/replays"
    day = {"since": "2026-11-24T00:00:00Z", "until": "2026-11-25T00:00:00Z"}
    again = await client.post(path, json=day | {"failed_only": True})
    assert (again.status_code, again.json()) == (202, {"replayed": 3})
    for wrong in ({}, {"since": day["since"]}, day | {"delivery_id": str(UUID(int=8))}):
        assert (await client.post(path, json=wrong)).status_code == 422


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.REVIEWER])
async def test_webhooks_are_for_admins(gateway: Any, role: Role) -> None:
    client = await gateway.signed_in(role)
    assert (await client.get("/webhooks")).status_code == 403
    assert (await client.post("/webhooks", json=BODY)).status_code == 403
