"""Webhooks in PostgreSQL. Loads and saves within a session that the caller commits; every query of a person names the
tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from typing import cast as typed
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Select, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from viva_session.adapters.sealing import Sealer
from viva_session.adapters.webhook_tables import attempts, deliveries, webhooks
from viva_session.domain.webhook import Attempt, Delivery, DeliveryState, Event, State, Webhook


@dataclass(frozen=True)
class Due:
    """A delivery that was taken to be tried: `attempt` is this one's number."""

    delivery_id: UUID
    webhook_id: UUID
    url: str
    body: str
    attempt: int
    secret: bytes
    old_secret: bytes | None
    old_secret_until: datetime | None
    give_up_at: datetime
    failing_since: datetime | None


@dataclass(frozen=True)
class Sent:
    """How a delivery stands after an attempt. `due_at` None: it is tried no more. `rests_until`: nothing is sent to the
    receiver before."""

    state: DeliveryState
    due_at: datetime | None
    webhook_state: State | None = None
    rests_until: datetime | None = None


class WebhookStore:
    """Subscriptions, deliveries and attempts."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def add(self, session: AsyncSession, webhook: Webhook, secret: str) -> None:
        """A new subscription. Raises Refused where webhooks are off."""
        await session.execute(
            insert(webhooks).values(
                webhook_id=webhook.webhook_id,
                tenant_id=webhook.tenant_id,
                secret=self._sealer.seal(secret, webhook.webhook_id),
                created_at=webhook.created_at,
                **_changeable(webhook),
            )
        )

    async def save(self, session: AsyncSession, webhook: Webhook) -> None:
        """What a person changes. One that is made active begins anew."""
        values = _changeable(webhook)
        if webhook.state is State.ACTIVE:
            values |= {"failing_since": None, "rests_until": None}
        await session.execute(update(webhooks).where(webhooks.c.webhook_id == webhook.webhook_id).values(**values))

    async def rotate(self, session: AsyncSession, webhook_id: UUID, secret: str, old_until: datetime) -> None:
        """Another secret; the one that was newest signs too until then."""
        await session.execute(
            update(webhooks)
            .where(webhooks.c.webhook_id == webhook_id)
            .values(
                old_secret=webhooks.c.secret,
                old_secret_until=old_until,
                secret=self._sealer.seal(secret, webhook_id),
            )
        )

    async def remove(self, session: AsyncSession, webhook_id: UUID) -> None:
        """A subscription with its deliveries and attempts."""
        await session.execute(delete(webhooks).where(webhooks.c.webhook_id == webhook_id))

    async def find(
        self, session: AsyncSession, tenant_id: UUID, webhook_id: UUID, *, lock: bool = False
    ) -> Webhook | None:
        """One; None when the tenant has none of that id."""
        where = (webhooks.c.tenant_id == tenant_id, webhooks.c.webhook_id == webhook_id)
        if lock:
            await session.execute(select(webhooks.c.webhook_id).where(*where).with_for_update())
        row = (await session.execute(_webhooks().where(*where))).mappings().first()
        return None if row is None else _webhook(row)

    async def all(self, session: AsyncSession, tenant_id: UUID) -> list[Webhook]:
        """The tenant's, oldest first."""
        query = _webhooks().where(webhooks.c.tenant_id == tenant_id).order_by(webhooks.c.webhook_id)
        return [_webhook(row) for row in (await session.execute(query)).mappings()]

    async def deliver(self, session: AsyncSession, delivery: Delivery, give_up_at: datetime) -> None:
        """A new delivery; the same one twice is one."""
        await session.execute(
            upsert(deliveries)
            .values(
                delivery_id=delivery.delivery_id,
                webhook_id=delivery.webhook_id,
                event=delivery.event.value,
                interview_id=delivery.interview_id,
                body=delivery.body,
                state=delivery.state.value,
                occurred_at=delivery.occurred_at,
                created_at=delivery.created_at,
                due_at=delivery.due_at,
                give_up_at=give_up_at,
                attempts=0,
            )
            .on_conflict_do_nothing(index_elements=["delivery_id"])
        )

    async def page(
        self, session: AsyncSession, webhook_id: UUID, *, limit: int, before: int | None, state: DeliveryState | None
    ) -> list[Delivery]:
        """Deliveries, newest first."""
        query = _deliveries().where(deliveries.c.webhook_id == webhook_id)
        if before is not None:
            query = query.where(deliveries.c.number < before)
        if state is not None:
            query = query.where(deliveries.c.state == state.value)
        rows = (await session.execute(query.order_by(deliveries.c.number.desc()).limit(limit))).mappings()
        return [_delivery(row) for row in rows]

    async def delivery(self, session: AsyncSession, webhook_id: UUID, delivery_id: UUID) -> Delivery | None:
        """One; None when the subscription has none of that id."""
        query = _deliveries().where(deliveries.c.webhook_id == webhook_id, deliveries.c.delivery_id == delivery_id)
        row = (await session.execute(query)).mappings().first()
        return None if row is None else _delivery(row)

    async def attempts(self, session: AsyncSession, delivery_id: UUID) -> list[Attempt]:
        """Those of a delivery, oldest first."""
        query = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.number)
        return [_attempt(row) for row in (await session.execute(query)).mappings()]

    async def again(
        self, session: AsyncSession, which: Sequence[ColumnElement[bool]], now: datetime, give_up_at: datetime
    ) -> int:
        """Make deliveries wait for their next attempt, at once; returns how many."""
        done = await session.execute(
            update(deliveries)
            .where(*which)
            .values(state=DeliveryState.PENDING.value, due_at=now, give_up_at=give_up_at)
        )
        return typed("CursorResult[Any]", done).rowcount

    async def take(self, session: AsyncSession, now: datetime, lease: timedelta) -> Due | None:
        """The delivery that is due longest and that nobody else has, leased; None when none is.

        To a receiver that fails only one goes at a time: what waits for it must not hold up the others.
        """
        query = (
            select(
                deliveries.c.delivery_id,
                deliveries.c.webhook_id,
                deliveries.c.body,
                deliveries.c.attempts,
                deliveries.c.give_up_at,
                webhooks.c.url,
                webhooks.c.secret,
                webhooks.c.old_secret,
                webhooks.c.old_secret_until,
                webhooks.c.failing_since,
            )
            .join(webhooks, webhooks.c.webhook_id == deliveries.c.webhook_id)
            .where(
                deliveries.c.state == DeliveryState.PENDING.value,
                deliveries.c.due_at <= now,
                webhooks.c.state == State.ACTIVE.value,
                or_(webhooks.c.rests_until.is_(None), webhooks.c.rests_until <= now),
            )
            .order_by(deliveries.c.due_at, deliveries.c.number)
            .limit(1)
            .with_for_update(of=deliveries, skip_locked=True)
        )
        row = (await session.execute(query)).first()
        if row is None:
            return None
        attempt = row.attempts + 1
        if row.failing_since is not None:
            ours = select(webhooks.c.webhook_id).where(webhooks.c.webhook_id == row.webhook_id)
            if await session.scalar(ours.with_for_update(skip_locked=True)) is None:
                return None  # somebody changes the subscription, and may want its deliveries: wait for neither
        await session.execute(
            update(deliveries)
            .where(deliveries.c.delivery_id == row.delivery_id)
            .values(due_at=now + lease, attempts=attempt)
        )
        if row.failing_since is not None:
            await session.execute(
                update(webhooks).where(webhooks.c.webhook_id == row.webhook_id).values(rests_until=now + lease)
            )
        return Due(
            row.delivery_id,
            row.webhook_id,
            row.url,
            row.body,
            attempt,
            row.secret,
            row.old_secret,
            row.old_secret_until,
            row.give_up_at,
            row.failing_since,
        )

    def secrets(self, due: Due, now: datetime) -> list[str]:
        """Those that sign, the newest first. Raises Refused when they were sealed with another key."""
        found = [self._sealer.open(due.secret, due.webhook_id)]
        if due.old_secret is not None and due.old_secret_until is not None and now < due.old_secret_until:
            found.append(self._sealer.open(due.old_secret, due.webhook_id))
        return found

    async def keep(self, session: AsyncSession, due: Due, attempt: Attempt, sent: Sent) -> None:
        """The attempt and what follows from it, for the delivery and for the subscription."""
        kept = upsert(attempts).values(
            delivery_id=due.delivery_id,
            number=attempt.number,
            at=attempt.at,
            status=attempt.status,
            latency=attempt.latency,
            error=attempt.error,
            excerpt=attempt.excerpt,
        )
        # The subscription first, as whoever changes or removes it with its deliveries does: in another order two would
        # wait for one another.
        await session.execute(
            select(webhooks.c.webhook_id).where(webhooks.c.webhook_id == due.webhook_id).with_for_update()
        )
        # The delivery may have been removed meanwhile, with its subscription: then there is nothing to keep.
        there = await session.scalar(
            select(deliveries.c.delivery_id).where(deliveries.c.delivery_id == due.delivery_id).with_for_update()
        )
        if there is None:
            return
        await session.execute(kept.on_conflict_do_nothing(constraint="pk_webhook_attempts"))
        values: dict[str, Any] = {"state": sent.state.value}
        if sent.due_at is not None:
            values["due_at"] = sent.due_at
        await session.execute(update(deliveries).where(deliveries.c.delivery_id == due.delivery_id).values(**values))
        if attempt.taken:
            about: dict[str, Any] = {"last_success_at": attempt.at, "failing_since": None, "rests_until": None}
        else:
            about = {
                "failing_since": func.coalesce(webhooks.c.failing_since, attempt.at),
                "rests_until": sent.rests_until,
            }
        if sent.webhook_state is not None:  # a person may have paused it meanwhile
            active = webhooks.c.state == State.ACTIVE.value
            about["state"] = case((active, sent.webhook_state.value), else_=webhooks.c.state)
        await session.execute(update(webhooks).where(webhooks.c.webhook_id == due.webhook_id).values(**about))

    async def forget(self, session: AsyncSession, before: datetime) -> int:
        """Remove deliveries that are older and wait for nothing; returns how many."""
        done = await session.execute(delete(deliveries).where(_done_before(before)))
        return typed("CursorResult[Any]", done).rowcount

    async def forgettable(self, session: AsyncSession, tenant_id: UUID, before: datetime) -> int:
        """How many of a tenant's `forget` would remove."""
        query = (
            select(func.count())
            .select_from(deliveries.join(webhooks, webhooks.c.webhook_id == deliveries.c.webhook_id))
            .where(webhooks.c.tenant_id == tenant_id, _done_before(before))
        )
        return (await session.execute(query)).scalar_one()


def _done_before(before: datetime) -> ColumnElement[bool]:
    return and_(deliveries.c.created_at < before, deliveries.c.state != DeliveryState.PENDING.value)


def _webhooks() -> Select[Any]:
    pending = (
        select(func.count())
        .select_from(deliveries)
        .where(deliveries.c.webhook_id == webhooks.c.webhook_id, deliveries.c.state == DeliveryState.PENDING.value)
        .scalar_subquery()
    )
    return select(webhooks, pending.label("pending"))


def _deliveries() -> Select[Any]:
    newest = (
        select(attempts.c.delivery_id, func.max(attempts.c.number).label("newest"))
        .group_by(attempts.c.delivery_id)
        .subquery()
    )
    columns = (attempts.c.at, attempts.c.status, attempts.c.latency, attempts.c.error, attempts.c.excerpt)
    return (
        select(deliveries, attempts.c.number.label("attempt"), *columns)
        .outerjoin(newest, newest.c.delivery_id == deliveries.c.delivery_id)
        .outerjoin(
            attempts,
            and_(attempts.c.delivery_id == deliveries.c.delivery_id, attempts.c.number == newest.c.newest),
        )
    )


def _changeable(webhook: Webhook) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "description": webhook.description,
        "events": [event.value for event in webhook.events],
        "state": webhook.state.value,
    }


def _webhook(row: Any) -> Webhook:
    return Webhook(
        webhook_id=row["webhook_id"],
        tenant_id=row["tenant_id"],
        url=row["url"],
        description=row["description"],
        events=tuple(Event(event) for event in row["events"]),
        state=State(row["state"]),
        created_at=row["created_at"],
        last_success_at=row["last_success_at"],
        failing_since=row["failing_since"],
        pending=row["pending"],
        old_secret_until=row["old_secret_until"],
    )


def _attempt(row: Any, number: str = "number") -> Attempt:
    return Attempt(row[number], row["at"], row["status"], row["latency"], row["error"], row["excerpt"])


def _delivery(row: Any) -> Delivery:
    state = DeliveryState(row["state"])
    return Delivery(
        delivery_id=row["delivery_id"],
        webhook_id=row["webhook_id"],
        event=Event(row["event"]),
        interview_id=row["interview_id"],
        body=row["body"],
        state=state,
        occurred_at=row["occurred_at"],
        created_at=row["created_at"],
        due_at=row["due_at"] if state is DeliveryState.PENDING else None,
        attempts=row["attempts"],
        last=None if row["attempt"] is None else _attempt(row, "attempt"),
        number=row["number"],
    )
