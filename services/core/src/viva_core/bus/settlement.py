"""From a raw message to its end: read it, run the handler inside its limits, settle it.

The one place where a failure becomes a nak, a dead letter or a drop.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from opentelemetry.trace import SpanKind, Status, StatusCode

from viva_core.bus import tracing
from viva_core.bus.codec import MessageTypes, decode
from viva_core.bus.connection import Bus
from viva_core.bus.dead import dead_headers
from viva_core.bus.delivery import Delivery, Handler
from viva_core.bus.envelope import Envelope
from viva_core.bus.subjects import dead_subject, parse
from viva_core.bus.topology import ConsumerSpec
from viva_core.errors import Expired, Permanent, Transient, VivaError
from viva_core.telemetry.logs import get_logger

_log = get_logger("viva.bus.worker")

_UNSENT = (NatsError, OSError)
"""The connection went before the settlement was sent: the server gives the message out again after ack_wait."""


class Abandoned(Exception):
    """The worker is stopping and its grace is over."""


class Settlement:
    """Handles and settles one consumer's messages; holds nothing between them but what runs now."""

    def __init__(
        self,
        bus: Bus,
        consumer: ConsumerSpec,
        handler: Handler,
        types: MessageTypes,
        chance: Callable[[], float],
    ) -> None:
        self._bus = bus
        self._consumer = consumer
        self._handler = handler
        self._types = types
        self._chance = chance
        self._abandoning = False
        self._running: set[asyncio.Timeout] = set()
        self._beats: set[asyncio.Task[None]] = set()
        self._span = f"process {consumer.durable}"
        labels = (consumer.stream, consumer.durable)
        metrics = bus.metrics
        self._outcomes = {
            outcome: metrics.handled.labels(*labels, outcome)
            for outcome in ("done", "retried", "dead", "expired", "released")
        }
        self._seconds = metrics.handle_seconds.labels(*labels)
        self._redelivered = metrics.redelivered.labels(*labels)
        self._in_progress = metrics.in_progress.labels(*labels)

    def abandon(self) -> None:
        """Interrupt the handlers that run; their messages are given back for another worker."""
        self._abandoning = True
        now = asyncio.get_running_loop().time()
        for limit in self._running:
            if not limit.expired():
                limit.reschedule(now)

    async def release(self, raw: Msg) -> None:
        """Give a message back untouched, at once."""
        self._outcomes["released"].inc()
        with suppress(*_UNSENT):
            await raw.nak()

    async def settle(self, raw: Msg) -> None:
        """Handle one message to its end. Never raises for the message's sake."""
        attempt = raw.metadata.num_delivered
        if attempt > 1:
            self._redelivered.inc()
        self._in_progress.inc()
        beat = _Heartbeat(raw, self._consumer.ack_wait / 3, self._beats)
        try:
            await self._attempt(raw, attempt)
        except Abandoned:
            await self.release(raw)
        except Expired:
            await self._drop(raw)
        except Transient as error:
            if attempt >= self._consumer.max_attempts:
                await self._bury(raw, error, attempt)
            else:
                await self._retry(raw, attempt, error.retry_after)
        except VivaError as error:
            await self._bury(raw, error, attempt)
        else:
            self._outcomes["done"].inc()
            with suppress(*_UNSENT):
                await raw.ack()
        finally:
            beat.stop()
            self._in_progress.dec()

    async def _attempt(self, raw: Msg, attempt: int) -> None:
        envelope = Envelope.from_headers(raw.headers)
        clock = self._bus.clock
        if envelope.expires_at is not None and envelope.expires_at <= clock.now():
            raise Expired("nobody waits for this message any more")
        if attempt > self._consumer.max_attempts:
            # The attempts before were not settled: each died with its process, or ran past ack_wait.
            raise Permanent("every attempt ended without a word", reason="ATTEMPTS_EXHAUSTED")
        message = decode(envelope, raw.data, self._types)
        address = parse(raw.subject)
        delivery = Delivery(
            envelope=envelope,
            message=message,
            subject=raw.subject,
            tenant_id=address.tenant_id,
            interview_id=address.interview_id,
            attempt=attempt,
            sequence=raw.metadata.sequence.stream,
            stream=self._consumer.stream,
            consumer=self._consumer.durable,
        )
        started = clock.monotonic()
        with self._bus.tracer.start_as_current_span(
            self._span,
            context=tracing.extract(envelope),
            kind=SpanKind.CONSUMER,
            attributes={"messaging.system": "nats", "messaging.message.id": envelope.id, "messaging.attempt": attempt},
            record_exception=False,  # an exception's text may hold what was said in the interview
            set_status_on_exception=False,
        ) as span:
            try:
                await self._limited(delivery)
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise
            finally:
                self._seconds.observe(clock.monotonic() - started)

    async def _limited(self, delivery: Delivery) -> None:
        """Run the handler inside its time limit; whatever it raises leaves as one of Viva's errors, or Abandoned."""
        limit = asyncio.timeout(self._consumer.time_limit)
        try:
            async with limit:
                self._running.add(limit)
                try:
                    await self._handler(delivery)
                finally:
                    self._running.discard(limit)
        except VivaError:
            raise
        except TimeoutError as error:
            if not limit.expired():
                raise self._unexpected(delivery, error) from error
            if self._abandoning:
                raise Abandoned from None
            _log.error("a handler ran past its time", consumer=delivery.consumer, message_id=delivery.envelope.id)
            raise Transient("the handler did not end in its time", reason="HANDLER_TIMEOUT") from None
        except Exception as error:
            raise self._unexpected(delivery, error) from error

    def _unexpected(self, delivery: Delivery, error: Exception) -> Transient:
        """A fault of the program: worth another attempt, and a line in the log that says where."""
        _log.error(
            "a handler failed",
            consumer=delivery.consumer,
            message_id=delivery.envelope.id,
            message_type=delivery.envelope.type,
            interview_id=delivery.interview_id,
            attempt=delivery.attempt,
            exc_info=error,  # the log's traceback leaves the exception's text out
        )
        return Transient(f"the handler failed with {type(error).__name__}", reason="UNEXPECTED")

    async def _drop(self, raw: Msg) -> None:
        self._outcomes["expired"].inc()
        with suppress(*_UNSENT):
            await raw.ack()

    async def _retry(self, raw: Msg, attempt: int, retry_after: timedelta | None) -> None:
        delay = self._consumer.backoff.delay(attempt, self._chance())
        if retry_after is not None:
            delay = max(delay, retry_after.total_seconds())
        self._outcomes["retried"].inc()
        with suppress(*_UNSENT):
            await raw.nak(delay)

    async def _bury(self, raw: Msg, cause: VivaError, attempt: int) -> None:
        """Dead-letter, and only when that is stored, terminate: a message is never in neither place, unless its
        consumer keeps no dead letters."""
        consumer = self._consumer
        if not consumer.dead_letters:
            _log.warning("a message was thrown away", consumer=consumer.durable, reason=cause.reason, attempt=attempt)
            self._outcomes["dead"].inc()
            with suppress(*_UNSENT):
                await raw.term()
            return
        headers = dead_headers(
            raw.headers,
            cause,
            stream=consumer.stream,
            consumer=consumer.durable,
            subject=raw.subject,
            sequence=raw.metadata.sequence.stream,
            attempts=attempt,
            moment=self._bus.clock.now(),
        )
        try:
            await self._bus.publisher.publish(dead_subject(consumer.stream, consumer.durable), raw.data, headers)
        except VivaError as error:
            _log.error("a dead letter could not be stored", consumer=consumer.durable, reason=error.reason)
            await self._retry(raw, attempt, None)
            return
        _log.warning(
            "a message went to the dead letters", consumer=consumer.durable, reason=cause.reason, attempt=attempt
        )
        self._outcomes["dead"].inc()
        with suppress(*_UNSENT):
            await raw.term()


class _Heartbeat:
    """Tells the server every `interval` seconds that the message is still being worked on."""

    def __init__(self, raw: Msg, interval: float, tasks: set[asyncio.Task[None]]) -> None:
        self._raw = raw
        self._interval = interval
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(interval, self._beat)

    def stop(self) -> None:
        """The message is settled."""
        self._timer.cancel()

    def _beat(self) -> None:
        task = self._loop.create_task(self._say())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._timer = self._loop.call_later(self._interval, self._beat)

    async def _say(self) -> None:
        with suppress(*_UNSENT):
            await self._raw.in_progress()
