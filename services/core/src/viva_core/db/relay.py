"""The relay publishes what the outbox holds, and removes it once the stream has acknowledged it.

One relay at a time works on a database, by an advisory lock that lasts for a batch; others stand by, so a dead
process delays nothing for longer than its connection. Within a batch, the rows of one interview are published one
after the other, each awaiting its PubAck, and interviews go side by side. A row that can not be published now makes
its own interview rest; the others go on. Memory holds one batch, whatever the backlog.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry
from psycopg.rows import class_row

from viva_core.bus import Bus
from viva_core.bus.topology import Backoff
from viva_core.db.metrics import RelayMetrics
from viva_core.db.outbox import CHANNEL
from viva_core.errors import Transient, VivaError
from viva_core.health import Health
from viva_core.telemetry.logs import get_logger

_PART = "outbox.relay"
_LOCK = 0x56495641  # "VIVA": the advisory lock that makes relays take turns
_AWAY = {"BUS_UNAVAILABLE", "BUS_TIMEOUT"}
"""Reasons that concern the bus as a whole, not the row that met them."""

_SELECT = """
    SELECT id, key, subject, headers, payload, created_at, expires_at, attempts, clock_timestamp() AS now
    FROM outbox AS waiting
    WHERE refused IS NULL
      AND NOT EXISTS (SELECT FROM outbox AS resting
                      WHERE resting.key = waiting.key AND resting.retry_at > clock_timestamp())
    ORDER BY id
    LIMIT %s
    FOR UPDATE SKIP LOCKED
"""
_DELETE = "DELETE FROM outbox WHERE id = ANY(%s)"
_REST = "UPDATE outbox SET attempts = attempts + 1, retry_at = clock_timestamp() + %s * interval '1 s' WHERE id = %s"
_REFUSE = "UPDATE outbox SET refused = %s, retry_at = NULL WHERE id = %s"

_log = get_logger("viva.outbox")


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the outbox."""

    id: int
    key: str
    subject: str
    headers: dict[str, str]
    payload: bytes
    created_at: datetime
    expires_at: datetime | None
    attempts: int
    now: datetime


@dataclass(slots=True)
class Outcome:
    """What became of a batch."""

    rows: int = 0
    gone: list[int] = field(default_factory=list)
    resting: list[Row] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    away: bool = False


class Relay:
    """Publishes the outbox of one database.

    Args:
        dsn: `postgresql://…`, as settings hold it.
        bus: a connected bus.
        health: told about the part "outbox.relay".
        registry: where the metrics go.
        batch: rows held in memory at once.
        poll: seconds between looks when nothing notifies: for a notification that was lost.
        backoff: how long an interview rests after its n-th failure in a row.
        chance: random numbers in [0, 1) for the jitter.
    """

    def __init__(
        self,
        dsn: str,
        bus: Bus,
        *,
        health: Health,
        registry: CollectorRegistry,
        batch: int = 256,
        poll: float = 1.0,
        backoff: Backoff = Backoff(first=0.25, limit=30.0),  # noqa: B008  # frozen
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._dsn = dsn
        self._bus = bus
        self._health = health
        self._metrics = RelayMetrics(registry)
        self._batch = batch
        self._poll = poll
        self._backoff = backoff
        self._chance = chance
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()  # until it runs
        self._stopping = False
        self._limit: float | None = None

    async def run(self) -> None:
        """Relay until `stop`. Survives restarts of PostgreSQL and of the bus."""
        self._ended.clear()
        unlisten = self._bus.listen(lambda _: self._wake.set())
        failures = 0
        try:
            while not self._over():
                try:
                    await self._serve()
                    failures = 0
                except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                    failures += 1
                    self._health.set(_PART, False, "the database is not available")
                    _log.warning("the relay lost the database", reason=type(error).__name__)
                    await self._nap(self._backoff.delay(min(failures, 5), self._chance()))
        finally:
            unlisten()
            self._health.set(_PART, False, "stopped")
            self._ended.set()

    async def stop(self, grace: float) -> None:
        """Publish what is there already, for at most `grace` seconds, and end."""
        self._limit = asyncio.get_running_loop().time() + grace
        self._stopping = True
        self._wake.set()
        await self._ended.wait()

    def _over(self) -> bool:
        return self._limit is not None and asyncio.get_running_loop().time() >= self._limit

    async def _nap(self, seconds: float) -> None:
        """Sleep, or less when something happens or the time to stop has come."""
        if self._limit is not None:
            seconds = min(seconds, max(0.0, self._limit - asyncio.get_running_loop().time()))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    async def _serve(self) -> None:
        """Relay over one pair of connections: one works, one listens."""
        async with await self._connect() as work, await self._connect() as ears:
            await ears.execute(f"LISTEN {CHANNEL}")
            listener = asyncio.create_task(self._hear(ears))
            self._health.set(_PART, True)
            try:
                while not self._over():
                    outcome = await self._relay(work)
                    if listener.done():
                        await listener  # it only ends by losing its connection
                    if outcome.away:
                        await self._nap(0.25)
                    elif outcome.rows < self._batch:
                        if self._stopping and not outcome.rows:
                            self._limit = 0.0
                            return
                        if not self._stopping:
                            await self._nap(self._poll)
            finally:
                listener.cancel()
                with suppress(asyncio.CancelledError, psycopg.Error):
                    await listener

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            application_name="viva-relay",
            # A relay that hangs in the middle of a batch must not keep the others waiting.
            options="-c timezone=UTC -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s",
        )

    async def _hear(self, ears: psycopg.AsyncConnection[Any]) -> None:
        async for _ in ears.notifies():
            self._wake.set()

    async def _relay(self, work: psycopg.AsyncConnection[Any]) -> Outcome:
        """One batch, one transaction."""
        if not self._bus.connected:
            return Outcome(away=True)
        async with work.transaction():
            turn = await (await work.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])).fetchone()
            if turn is None or not turn[0]:
                return Outcome()  # another relay is at it
            async with work.cursor(row_factory=class_row(Row)) as cursor:
                rows = await (await cursor.execute(_SELECT, [self._batch])).fetchall()
            outcome = await self._publish(rows)
            await self._settle(work, outcome)
        return outcome

    async def _publish(self, rows: Sequence[Row]) -> Outcome:
        outcome = Outcome(rows=len(rows))
        self._metrics.oldest.set((rows[0].now - rows[0].created_at).total_seconds() if rows else 0)
        keyed = groupby(sorted(rows, key=lambda row: (row.key, row.id)), key=lambda row: row.key)
        async with asyncio.TaskGroup() as interviews:
            for _, group in keyed:
                interviews.create_task(self._publish_in_order(list(group), outcome))
        return outcome

    async def _publish_in_order(self, rows: Sequence[Row], outcome: Outcome) -> None:
        for row in rows:
            if outcome.away:
                return
            if row.expires_at is not None and row.expires_at <= row.now:
                self._metrics.relayed.labels("expired").inc()
                outcome.gone.append(row.id)
                continue
            try:
                await self._bus.publisher.publish(row.subject, row.payload, row.headers)
            except Transient as error:
                if error.reason in _AWAY:
                    outcome.away = True
                else:
                    self._metrics.relayed.labels("resting").inc()
                    outcome.resting.append(row)
                return
            except VivaError as error:
                _log.error(
                    "a message can never be published", reason=error.reason, message_type=row.headers.get("ce-type")
                )
                self._metrics.relayed.labels("refused").inc()
                outcome.refused.append((row.id, error.reason))
            else:
                self._metrics.relayed.labels("sent").inc()
                self._metrics.lag.observe((self._bus.clock.now() - row.created_at).total_seconds())
                outcome.gone.append(row.id)

    async def _settle(self, work: psycopg.AsyncConnection[Any], outcome: Outcome) -> None:
        if outcome.gone:
            await work.execute(_DELETE, [outcome.gone])
        for row in outcome.resting:
            await work.execute(_REST, [self._backoff.delay(row.attempts + 1, self._chance()), row.id])
        for number, reason in outcome.refused:
            await work.execute(_REFUSE, [reason, number])
