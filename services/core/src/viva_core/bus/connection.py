"""The connection of one process to the bus.

It reconnects for ever. While it is away nothing is buffered: a publish fails at once as Transient, so that the caller
knows, and the outbox keeps what must not be lost. Only a server that turns the client away for good (its user was
removed) closes it; then `closed` is set, and the process should end and be started anew.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Self
from uuid import UUID

import nats.errors
from google.protobuf.message import Message
from nats.aio.client import Client
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Tracer
from prometheus_client import CollectorRegistry

from viva_core.bus import tracing
from viva_core.bus.backup import StreamBackups
from viva_core.bus.codec import MessageTypes, encode
from viva_core.bus.envelope import EXPECTED_SUBJECT, EXPECTED_SUBJECT_SEQUENCE, new_envelope
from viva_core.bus.history import History
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.live import LiveSubscription
from viva_core.bus.metrics import BusMetrics
from viva_core.bus.permissions import inbox_prefix
from viva_core.bus.publisher import PubAck, Publisher, stream_label
from viva_core.clock import Clock, SystemClock
from viva_core.health import Health
from viva_core.settings import NatsSettings
from viva_core.telemetry.logs import get_logger

_PART = "bus"
_DENIED_PUBLISH = re.compile(r'permissions violation for publish to "([^"]+)"', re.IGNORECASE)

_log = get_logger("viva.bus")

ConnectionListener = Callable[[bool], None]


class Bus:
    """Publishes, and carries the workers' pulls. Build it with `await Bus.connect(...)`."""

    def __init__(
        self, *, source: str, metrics: BusMetrics, health: Health, clock: Clock, tracer: Tracer, timeout: float
    ) -> None:
        self.source = source
        self.metrics = metrics
        self.clock = clock
        self.tracer = tracer
        self.client = Client()
        self.closed = asyncio.Event()
        """Set once the connection will not come back."""
        self.publisher = Publisher(self.client, metrics, clock, timeout=timeout)
        self._health = health
        self._listeners: set[ConnectionListener] = set()
        self._closing = False

    @classmethod
    async def connect(
        cls,
        settings: NatsSettings,
        *,
        source: str,
        health: Health,
        registry: CollectorRegistry,
        clock: Clock | None = None,
        tracer: Tracer | None = None,
        ack_timeout: float = 5.0,
    ) -> Self:
        """Connect, waiting for the server as long as it takes (bound it with `asyncio.timeout`).

        Args:
            settings: address and user.
            source: the role that speaks here; the `ce-source` of what it publishes.
            health: told about the part "bus".
            registry: where the metrics go.
            clock: expiry and times; the machine's by default.
            tracer: OpenTelemetry's; the global one by default, which does nothing until tracing is configured.
            ack_timeout: seconds to wait for a PubAck.
        """
        bus = cls(
            source=source,
            metrics=BusMetrics(registry),
            health=health,
            clock=clock or SystemClock(),
            tracer=tracer or trace.get_tracer("viva.bus"),
            timeout=ack_timeout,
        )
        await bus._connect(settings)
        return bus

    async def _connect(self, settings: NatsSettings) -> None:
        user = settings.nats_user
        password = settings.nats_password
        self._health.set(_PART, False, "connecting")
        self.metrics.connected.set(0)
        await self.client.connect(
            servers=settings.nats_url.split(","),
            name=self.source,
            user=user,
            password=password.get_secret_value() if password is not None else None,
            inbox_prefix=inbox_prefix(user or self.source),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,  # type: ignore[arg-type]  # annotated int, but handed to asyncio.sleep
            connect_timeout=5,
            ping_interval=20,
            max_outstanding_pings=2,
            drain_timeout=10,
            pending_size=0,  # no buffer while disconnected
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
            closed_cb=self._on_closed,
        )
        await self.publisher.start()
        self._tell(True)

    @property
    def connected(self) -> bool:
        """Whether the server can be reached now."""
        return self.client.is_connected

    @property
    def api(self) -> JetStreamApi:
        """JetStream's management API, for whoever holds the rights: `apply`, `DeadLetters`, `erase_interview`."""
        return JetStreamApi(self.client)

    @property
    def history(self) -> History:
        """What a stream holds, read back in order."""
        return History(self.client, self.api)

    @property
    def backups(self) -> StreamBackups:
        """Whole streams into a folder and back, for whoever holds the rights of the role admin."""
        return StreamBackups(self.client)

    def listen(self, listener: ConnectionListener) -> Callable[[], None]:
        """Call `listener(connected)` whenever the connection comes or goes; returns how to stop."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def publish(
        self,
        subject: str,
        message: Message,
        *,
        event_id: UUID | str | None = None,
        source: str | None = None,
        expires_at: datetime | None = None,
        expected_last_subject_sequence: int | None = None,
        expected_subject: str | None = None,
        causation_id: UUID | str | None = None,
    ) -> PubAck:
        """Check the message, publish it to a stream and await the PubAck.

        Args:
            subject: from `viva_core.bus.subjects`.
            message: a protobuf message; its full name becomes the type.
            event_id: the same id twice is stored once (inside the stream's duplicate window); new by default.
            source: who says it; the bus's own role by default.
            expires_at: a worker drops the message from then on.
            expected_last_subject_sequence: refuse with Conflict unless the subject's last message has this stream
                sequence (0: there is none).
            expected_subject: the subject that this is asked of; the message's own by default.
            causation_id: the id of the message that led to this one.

        Raises: Invalid, Transient, Exhausted, Conflict, Denied.
        """
        payload = encode(message)
        name = message.DESCRIPTOR.full_name
        with self.tracer.start_as_current_span(
            f"publish {stream_label(subject)}",
            kind=SpanKind.PRODUCER,
            attributes={"messaging.system": "nats", "messaging.destination.name": subject, "messaging.type": name},
            record_exception=False,  # a validation error's text may hold what was said in the interview
        ) as span:
            headers = new_envelope(
                subject,
                name,
                source=source or self.source,
                clock=self.clock,
                event_id=event_id,
                expires_at=expires_at,
                causation_id=causation_id,
                trace=tracing.inject(span),
            ).headers()
            if expected_last_subject_sequence is not None:
                headers[EXPECTED_SUBJECT_SEQUENCE] = str(expected_last_subject_sequence)
                if expected_subject is not None:
                    headers[EXPECTED_SUBJECT] = expected_subject
            return await self.publisher.publish(subject, payload, headers)

    async def publish_live(self, subject: str, message: Message) -> None:
        """Say something to whoever listens now, on core NATS. Nothing is stored; while the server is away it is
        dropped. Raises Invalid only.
        """
        payload = encode(message)
        envelope = new_envelope(
            subject,
            message.DESCRIPTOR.full_name,
            source=self.source,
            clock=self.clock,
            trace=tracing.inject(trace.get_current_span()),
        )
        try:
            await self.client.publish(subject, payload, headers=envelope.headers())
        except (nats.errors.Error, OSError):
            self.metrics.published.labels("live", "dropped").inc()
        else:
            self.metrics.published.labels("live", "sent").inc()

    def subscribe_live(self, subject: str, types: MessageTypes, *, limit: int = 256) -> LiveSubscription:
        """Listen to a live subject: `async with bus.subscribe_live(…) as messages: async for message in messages`.
        Survives a reconnect; what was said meanwhile is lost.
        """
        return LiveSubscription(self.client, subject, types, limit=limit, dropped=self.metrics.live_dropped.inc)

    async def watch(self) -> None:
        """Return when the connection is closed for good: a service that has not asked for that should end."""
        await self.closed.wait()

    async def close(self) -> None:
        """Send what is pending and close. Stop the workers first."""
        self._closing = True
        try:
            if self.client.is_connected:
                await self.client.drain()
            elif not self.client.is_closed:
                await self.client.close()
        except (nats.errors.Error, OSError, TimeoutError):
            with suppress(Exception):  # the server went in the middle of it: there is nothing left to save
                await self.client.close()
        self.closed.set()

    def _tell(self, connected: bool, why: str = "") -> None:
        self.metrics.connected.set(connected)
        self._health.set(_PART, connected, why)
        for listener in tuple(self._listeners):
            listener(connected)

    async def _on_disconnected(self) -> None:
        self.publisher.disconnected()
        if not self._closing:
            _log.warning("the bus is away")
        self._tell(False, "not connected to the message bus")

    async def _on_reconnected(self) -> None:
        self.metrics.reconnects.inc()
        _log.info("the bus is back")
        self._tell(True)

    async def _on_closed(self) -> None:
        self.publisher.disconnected()
        if not self._closing:
            _log.error("the bus turned this client away", reason=type(self.client.last_error).__name__)
        self._tell(False, "the message bus turned this client away")
        self.closed.set()

    async def _on_error(self, error: Exception) -> None:
        denied = _DENIED_PUBLISH.search(str(error))
        if denied is not None:
            self.publisher.denied(denied[1])
            _log.error("the bus denied a publish", subject=denied[1])
        elif not self._closing:
            _log.warning("the bus connection failed", reason=type(error).__name__)
