"""WebhookService."""

from typing import Any
from uuid import UUID

from viva.session.v1 import webhook_pb2 as pb
from viva.session.v1 import webhook_pb2_grpc
from viva_core import wellknown
from viva_core.errors import Invalid, Violation

from viva_session.adapters.translate import values
from viva_session.application.webhooks import Webhooks
from viva_session.domain.webhook import Attempt, Delivery, DeliveryState, Event, State, Webhook
from viva_session.grpc_api import paging
from viva_session.grpc_api.actors import acting

WEBHOOK_SERVICE = "viva.session.v1.WebhookService"
_EVENTS = {event: pb.WebhookEvent.Value(f"WEBHOOK_EVENT_{event.name}") for event in Event}
_OF_EVENT = {value: event for event, value in _EVENTS.items()}
_STATES = {state: pb.WebhookState.Value(f"WEBHOOK_STATE_{state.name}") for state in State}
_DELIVERY_STATES = {state: pb.DeliveryState.Value(f"DELIVERY_STATE_{state.name}") for state in DeliveryState}
_OF_DELIVERY_STATE = {value: state for state, value in _DELIVERY_STATES.items()}


class WebhookApi(webhook_pb2_grpc.WebhookServiceServicer):
    """Translate, call, translate."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    async def CreateWebhook(self, request: pb.CreateWebhookRequest, context: Any) -> pb.CreateWebhookResponse:
        """A subscription and its secret."""
        made, secret = await self._webhooks.create(acting(), request.url, request.description, _events(request.events))
        return pb.CreateWebhookResponse(webhook=_webhook(made), secret=secret)

    async def GetWebhook(self, request: pb.GetWebhookRequest, context: Any) -> pb.GetWebhookResponse:
        """One."""
        return pb.GetWebhookResponse(webhook=_webhook(await self._webhooks.get(acting(), UUID(request.webhook_id))))

    async def ListWebhooks(self, request: pb.ListWebhooksRequest, context: Any) -> pb.ListWebhooksResponse:
        """All of the tenant's."""
        return pb.ListWebhooksResponse(webhooks=[_webhook(each) for each in await self._webhooks.all(acting())])

    async def UpdateWebhook(self, request: pb.UpdateWebhookRequest, context: Any) -> pb.UpdateWebhookResponse:
        """Change it."""
        changed = await self._webhooks.update(
            acting(),
            UUID(request.webhook_id),
            request.url,
            request.description,
            _events(request.events),
            active=request.active,
        )
        return pb.UpdateWebhookResponse(webhook=_webhook(changed))

    async def DeleteWebhook(self, request: pb.DeleteWebhookRequest, context: Any) -> pb.DeleteWebhookResponse:
        """Remove it."""
        await self._webhooks.remove(acting(), UUID(request.webhook_id))
        return pb.DeleteWebhookResponse()

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Any
    ) -> pb.RotateWebhookSecretResponse:
        """Another secret."""
        changed, secret = await self._webhooks.rotate(acting(), UUID(request.webhook_id), request.overlap.ToTimedelta())
        return pb.RotateWebhookSecretResponse(webhook=_webhook(changed), secret=secret)

    async def PingWebhook(self, request: pb.PingWebhookRequest, context: Any) -> pb.PingWebhookResponse:
        """A test."""
        made = await self._webhooks.ping(acting(), UUID(request.webhook_id))
        return pb.PingWebhookResponse(delivery=_delivery(made))

    async def ListWebhookDeliveries(
        self, request: pb.ListWebhookDeliveriesRequest, context: Any
    ) -> pb.ListWebhookDeliveriesResponse:
        """Newest first."""
        size = paging.size_of(request.page_size)
        found = await self._webhooks.deliveries(
            acting(),
            UUID(request.webhook_id),
            limit=size + 1,
            before=paging.number_of(request.page_token),
            state=_OF_DELIVERY_STATE.get(request.state),
        )
        token = paging.token_of(found[size - 1].number) if len(found) > size else ""
        return pb.ListWebhookDeliveriesResponse(
            deliveries=[_delivery(each) for each in found[:size]], next_page_token=token
        )

    async def GetWebhookDelivery(
        self, request: pb.GetWebhookDeliveryRequest, context: Any
    ) -> pb.GetWebhookDeliveryResponse:
        """One with its attempts."""
        found, attempts = await self._webhooks.delivery(acting(), UUID(request.webhook_id), UUID(request.delivery_id))
        return pb.GetWebhookDeliveryResponse(
            delivery=_delivery(found), body=found.body, attempts=[_attempt(each) for each in attempts]
        )

    async def ReplayWebhookDeliveries(
        self, request: pb.ReplayWebhookDeliveriesRequest, context: Any
    ) -> pb.ReplayWebhookDeliveriesResponse:
        """Send again."""
        webhook_id = UUID(request.webhook_id)
        ranged = request.HasField("since") and request.HasField("until")
        if bool(request.delivery_id) == ranged:
            raise Invalid(
                "name one delivery, or a range of time",
                [Violation("delivery_id", "goes without since and until; without it, both are needed")],
            )
        if request.delivery_id:
            count = await self._webhooks.replay_one(acting(), webhook_id, UUID(request.delivery_id))
        else:
            since, until = values.time_of(request.since), values.time_of(request.until)
            count = await self._webhooks.replay_range(
                acting(), webhook_id, since, until, failed_only=request.failed_only
            )
        return pb.ReplayWebhookDeliveriesResponse(replayed=count)


def _events(given: Any) -> tuple[Event, ...]:
    return tuple(_OF_EVENT[value] for value in given)


def _webhook(webhook: Webhook) -> pb.Webhook:
    message = pb.Webhook(
        webhook_id=str(webhook.webhook_id),
        url=webhook.url,
        description=webhook.description,
        events=[_EVENTS[event] for event in webhook.events],
        state=_STATES[webhook.state],
        created_at=wellknown.stamp(webhook.created_at),
        pending=webhook.pending,
    )
    for name in ("last_success_at", "failing_since", "old_secret_until"):
        at = getattr(webhook, name)
        if at is not None:
            getattr(message, name).CopyFrom(wellknown.stamp(at))
    return message


def _attempt(attempt: Attempt) -> pb.DeliveryAttempt:
    return pb.DeliveryAttempt(
        number=attempt.number,
        at=wellknown.stamp(attempt.at),
        status=attempt.status,
        latency=wellknown.seconds(attempt.latency),
        error=attempt.error,
        excerpt=attempt.excerpt,
    )


def _delivery(delivery: Delivery) -> pb.WebhookDelivery:
    return pb.WebhookDelivery(
        delivery_id=str(delivery.delivery_id),
        webhook_id=str(delivery.webhook_id),
        event=_EVENTS[delivery.event],
        interview_id="" if delivery.interview_id is None else str(delivery.interview_id),
        state=_DELIVERY_STATES[delivery.state],
        occurred_at=wellknown.stamp(delivery.occurred_at),
        created_at=wellknown.stamp(delivery.created_at),
        next_attempt_at=None if delivery.due_at is None else wellknown.stamp(delivery.due_at),
        attempts=delivery.attempts,
        last_attempt=None if delivery.last is None else _attempt(delivery.last),
    )
