"""The two ends of webhooks: events of the bus become deliveries, and deliveries are sent until they are taken.

Both live in the database between, so a receiver that is down, a session that restarts and a bus that redelivers lose
nothing and double nothing but a delivery whose answer was lost: its id tells the receiver.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from prometheus_client import CollectorRegistry, Counter
from viva.event.v1 import events_pb2 as pb
from viva_core.bus import Delivery as BusDelivery
from viva_core.db import transaction
from viva_core.errors import Refused, Transient
from viva_core.health import Health
from viva_core.telemetry.logs import get_logger

from viva_session.adapters.translate import values
from viva_session.adapters.webhook_client import WebhookClient
from viva_session.adapters.webhooks import Due, Sent
from viva_session.application.webhooks import Webhooks
from viva_session.domain.webhook import KEPT, Attempt, DeliveryState, Event, State, headers, rest_after

_PART = "webhooks"
_LEASE = timedelta(seconds=60)
_PROBE = timedelta(seconds=30)
"""A receiver that fails is tried so often, with one delivery, whatever else waits for it."""
_LOOK_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0
_GONE = 410
_log = get_logger("viva.webhooks")


class WebhookEvents:
    """Handles events of the bus. `told` is called when there may be something to send."""

    def __init__(self, webhooks: Webhooks, told: Callable[[], None]) -> None:
        self._webhooks = webhooks
        self._told = told

    async def handle(self, delivery: BusDelivery) -> None:
        """Make the deliveries of one event. Raises Transient when the database is away."""
        message: Any = delivery.message
        event = _event_of(message)
        async with transaction(self._webhooks.sessions) as session:
            count = await self._webhooks.happened(
                session,
                UUID(delivery.tenant_id),
                UUID(delivery.interview_id),
                event,
                delivery.envelope.id,
                values.time_of(message.occurred_at),
                _more(message),
            )
        if count:
            self._told()


def _event_of(message: Message) -> Event:
    return Event[_upper(message.DESCRIPTOR.name)]


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() and place else letter for place, letter in enumerate(name)).upper()


def _more(message: Message) -> dict[str, Any]:
    """What of an event is told beside the interview: ids, and what program needs to choose. No word of a person."""
    match message:
        case pb.ReportReady():
            return {"report_version": message.version}
        case pb.CandidateRequested():
            return {"request_id": message.request_id, "request_kind": message.kind}
        case pb.InterviewErased():
            return {"receipt_id": message.receipt_id}
    return {}


@dataclass(frozen=True)
class Limits:
    """`pause_after`: a receiver that fails for so long is paused. `slots`: deliveries that are sent at once."""

    pause_after: timedelta
    slots: int


class WebhookSender:
    """Sends what is due. Several processes share the work (SKIP LOCKED), and none of them holds a transaction while a
    receiver thinks: a delivery is leased, and one whose process died is due again when the lease is over."""

    def __init__(
        self,
        webhooks: Webhooks,
        client: WebhookClient,
        health: Health,
        registry: CollectorRegistry,
        limits: Limits,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._webhooks = webhooks
        self._client = client
        self._health = health
        self._limits = limits
        self._chance = chance
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        self._attempts = Counter("viva_webhook_attempts_total", "Attempts to deliver", ["outcome"], registry=registry)

    def look(self) -> None:
        """There may be something to send."""
        self._wake.set()

    async def run(self) -> None:
        """Send until `stop`."""
        async with asyncio.TaskGroup() as slots:
            for _ in range(self._limits.slots):
                slots.create_task(self._slot())
            slots.create_task(self._sweep())

    async def stop(self, _: float = 0) -> None:
        """Begin no more; what is being sent is finished."""
        self._stopping.set()
        self._wake.set()

    async def _slot(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and await self.send_one():
                    pass
                self._health.set(_PART, True)
            except Transient as error:
                self._health.set(_PART, False, error.message)
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)

    async def send_one(self) -> bool:
        """Send the delivery that is due longest; False when none is. Raises Transient when the database is away."""
        clock, store = self._webhooks.clock, self._webhooks.store
        async with transaction(self._webhooks.sessions) as session:
            due = await store.take(session, clock.now(), _LEASE)
        if due is None:
            return False
        attempt = await self._attempt(due)
        sent = self._after(due, attempt)
        async with transaction(self._webhooks.sessions) as session:
            await store.keep(session, due, attempt, sent)
        self._attempts.labels("taken" if attempt.taken else attempt.error).inc()
        if sent.webhook_state is State.FAILING:
            _log.warning(
                "a webhook was paused: its receiver fails", webhook_id=str(due.webhook_id), reason=attempt.error
            )
        return True

    async def _attempt(self, due: Due) -> Attempt:
        now = self._webhooks.clock.now()
        try:
            secrets = self._webhooks.store.secrets(due, now)
        except Refused as error:
            return Attempt(due.attempt, now, 0, 0.0, error.reason)
        body = due.body.encode()
        answer = await self._client.send(due.url, headers(secrets, str(due.delivery_id), now, body), body)
        return Attempt(due.attempt, now, answer.status, answer.latency, answer.error, answer.excerpt)

    def _after(self, due: Due, attempt: Attempt) -> Sent:
        """What follows from an attempt."""
        if attempt.taken:
            return Sent(DeliveryState.DELIVERED, None)
        failing_since = due.failing_since or attempt.at
        too_long = attempt.at - failing_since >= self._limits.pause_after
        pause = State.FAILING if too_long or attempt.status == _GONE else None
        due_at = self._webhooks.clock.now() + rest_after(due.attempt, self._chance())
        if due_at >= due.give_up_at:
            return Sent(DeliveryState.FAILED, None, pause)
        return Sent(DeliveryState.PENDING, due_at, pause, min(due_at, self._webhooks.clock.now() + _PROBE))

    async def _sweep(self) -> None:
        """Remove old deliveries, now and then."""
        while not self._stopping.is_set():
            with contextlib.suppress(Transient):
                async with transaction(self._webhooks.sessions) as session:
                    await self._webhooks.store.forget(session, self._webhooks.clock.now() - KEPT)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _SWEEP_SECONDS)
