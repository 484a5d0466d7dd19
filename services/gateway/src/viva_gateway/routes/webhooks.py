"""Webhooks: subscriptions, their secrets, and the log of what was delivered."""

from typing import Annotated

from fastapi import Query, Request, Response
from google.protobuf.message import Message
from viva.session.v1 import webhook_pb2 as api
from viva_core.errors import Invalid, Violation

from viva_gateway.edge.documents import Id
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Page
from viva_gateway.schemas.webhooks import (
    DeliveryState,
    ReplayDeliveries,
    Replayed,
    Rotation,
    Webhook,
    WebhookChange,
    WebhookDelivery,
    WebhookIn,
    Webhooks,
    WebhookWithSecret,
    WholeDelivery,
)

router = guarded_router("webhooks")


def _with_secret(webhook: Message, secret: str) -> WebhookWithSecret:
    return WebhookWithSecret.model_validate(wire.plain(webhook) | {"secret": secret})


@router.get("/webhooks")
async def list_webhooks(gateway: Via) -> Webhooks:
    """The tenant's webhooks, oldest first."""
    found = await gateway.services.webhooks.ListWebhooks(api.ListWebhooksRequest())
    return Webhooks(items=[Webhook.of(each) for each in found.webhooks])


@router.post("/webhooks", status_code=201)
async def create_webhook(body: WebhookIn, gateway: Via, response: Response) -> WebhookWithSecret:
    """Subscribe. The secret is shown this once."""
    made = await gateway.services.webhooks.CreateWebhook(body.to_message(api.CreateWebhookRequest))
    response.headers["Location"] = f"/api/v1/webhooks/{made.webhook.webhook_id}"
    return _with_secret(made.webhook, made.secret)


@router.get("/webhooks/{webhook_id}")
async def get_webhook(webhook_id: Id, gateway: Via) -> Webhook:
    """One webhook and how it fares."""
    request = api.GetWebhookRequest(webhook_id=str(webhook_id))
    return Webhook.of((await gateway.services.webhooks.GetWebhook(request)).webhook)


@router.put("/webhooks/{webhook_id}")
async def update_webhook(webhook_id: Id, body: WebhookChange, gateway: Via) -> Webhook:
    """Change it, pause it, or let it go on: then what has waited is sent."""
    request = body.to_message(api.UpdateWebhookRequest)
    request.webhook_id = str(webhook_id)
    return Webhook.of((await gateway.services.webhooks.UpdateWebhook(request)).webhook)


@router.delete("/webhooks/{webhook_id}", status_code=204)
async def delete_webhook(webhook_id: Id, gateway: Via) -> None:
    """Remove it with its deliveries."""
    await gateway.services.webhooks.DeleteWebhook(api.DeleteWebhookRequest(webhook_id=str(webhook_id)))


@router.post("/webhooks/{webhook_id}/secret")
async def rotate_webhook_secret(webhook_id: Id, body: Rotation, gateway: Via) -> WebhookWithSecret:
    """Make a new secret, shown this once. For the overlap each delivery bears both signatures."""
    request = body.to_message(api.RotateWebhookSecretRequest)
    request.webhook_id = str(webhook_id)
    made = await gateway.services.webhooks.RotateWebhookSecret(request)
    return _with_secret(made.webhook, made.secret)


@router.post("/webhooks/{webhook_id}/ping", status_code=202)
async def ping_webhook(webhook_id: Id, gateway: Via) -> WebhookDelivery:
    """Send a test; its delivery tells what came of it."""
    request = api.PingWebhookRequest(webhook_id=str(webhook_id))
    return WebhookDelivery.of((await gateway.services.webhooks.PingWebhook(request)).delivery)


@router.get("/webhooks/{webhook_id}/deliveries")
async def list_webhook_deliveries(
    webhook_id: Id,
    request: Request,
    response: Response,
    gateway: Via,
    limit: Limit = 50,
    cursor: Cursor = "",
    state: Annotated[DeliveryState | None, Query(description="Only those in this state")] = None,
) -> Page[WebhookDelivery]:
    """What was delivered and what waits, newest first; kept for 30 days."""
    wanted = api.ListWebhookDeliveriesRequest(
        webhook_id=str(webhook_id),
        page_size=limit,
        page_token=cursor,
        state=wire.number(api.DeliveryState.DESCRIPTOR, state),
    )
    found = await gateway.services.webhooks.ListWebhookDeliveries(wanted)
    items = [WebhookDelivery.of(each) for each in found.deliveries]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.get("/webhooks/{webhook_id}/deliveries/{delivery_id}")
async def get_webhook_delivery(webhook_id: Id, delivery_id: Id, gateway: Via) -> WholeDelivery:
    """One delivery with what is sent and each attempt."""
    request = api.GetWebhookDeliveryRequest(webhook_id=str(webhook_id), delivery_id=str(delivery_id))
    found = await gateway.services.webhooks.GetWebhookDelivery(request)
    log = [wire.plain(attempt) for attempt in found.attempts]
    return WholeDelivery.model_validate(wire.plain(found.delivery) | {"body": found.body, "log": log})


@router.post("/webhooks/{webhook_id}/replays", status_code=202)
async def replay_webhook_deliveries(webhook_id: Id, body: ReplayDeliveries, gateway: Via) -> Replayed:
    """Send again, under the same ids: one delivery, or those of events from `since` to before `until`."""
    ranged = body.since is not None and body.until is not None
    if (body.delivery_id is not None) == ranged:
        raise Invalid(
            "name one delivery, or a range of time",
            [Violation("delivery_id", "goes without since and until; without it, both are needed")],
        )
    request = body.to_message(api.ReplayWebhookDeliveriesRequest)
    request.webhook_id = str(webhook_id)
    return Replayed.of(await gateway.services.webhooks.ReplayWebhookDeliveries(request))
