"""What admins do with webhooks, and what events lead to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from viva_core.clock import Clock
from viva_core.db import reading, transaction
from viva_core.errors import Invalid, NotFound, Refused, Violation
from viva_core.ids import IdFactory, derived

from viva_session.adapters import tables
from viva_session.adapters.records import Records
from viva_session.adapters.webhook_tables import deliveries
from viva_session.adapters.webhooks import WebhookStore
from viva_session.application.interviews import Sessions
from viva_session.domain import webhook as domain
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.webhook import Attempt, Delivery, DeliveryState, Event, State, Webhook

MOST = 20
"""Subscriptions of one tenant."""


@dataclass(frozen=True)
class Sending:
    """How the installation sends: `http` allows plain HTTP, `base_url` begins the links, `give_up` is for how long one
    delivery is tried."""

    base_url: str
    http: bool
    give_up: timedelta


class Webhooks:
    """Each use case is one transaction."""

    def __init__(
        self,
        sessions: Sessions,
        store: WebhookStore,
        records: Records,
        clock: Clock,
        new_id: IdFactory,
        noise: Callable[[int], bytes],
        sending: Sending,
    ) -> None:
        self.sessions = sessions
        self.store = store
        self.clock = clock
        self.sending = sending
        self._records = records
        self._new_id = new_id
        self._noise = noise

    async def create(self, actor: Actor, url: str, description: str, events: tuple[Event, ...]) -> tuple[Webhook, str]:
        """A subscription and its secret. Raises Denied, Invalid, Refused."""
        authorize(actor, Action.WEBHOOK_WRITE, Resource(actor.tenant_id))
        domain.check_url(url, http=self.sending.http)
        now, secret = self.clock.now(), self._secret()
        made = Webhook(self._new_id(), actor.tenant_id, url, description, events, State.ACTIVE, now)
        async with transaction(self.sessions) as session:
            if len(await self.store.all(session, actor.tenant_id)) >= MOST:
                raise Refused(f"there are {MOST} webhooks already: remove one", reason="TOO_MANY_WEBHOOKS")
            await self.store.add(session, made, secret)
            await self._records.log(session, actor, Action.WEBHOOK_WRITE, made.webhook_id, now)
        return made, secret

    async def get(self, actor: Actor, webhook_id: UUID) -> Webhook:
        """One. Raises NotFound, Denied."""
        async with reading(self.sessions) as session:
            return await self._find(session, actor, Action.WEBHOOK_READ, webhook_id)

    async def all(self, actor: Actor) -> list[Webhook]:
        """The tenant's. Raises Denied."""
        authorize(actor, Action.WEBHOOK_READ, Resource(actor.tenant_id))
        async with reading(self.sessions) as session:
            return await self.store.all(session, actor.tenant_id)

    async def update(
        self, actor: Actor, webhook_id: UUID, url: str, description: str, events: tuple[Event, ...], *, active: bool
    ) -> Webhook:
        """Change it. Raises NotFound, Denied, Invalid."""
        async with transaction(self.sessions) as session:
            found = await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id, lock=True)
            domain.check_url(url, http=self.sending.http)
            paused = found.state if found.state is not State.ACTIVE else State.PAUSED
            state = State.ACTIVE if active else paused
            await self.store.save(session, replace(found, url=url, description=description, events=events, state=state))
            if active and found.state is not State.ACTIVE:  # what has waited is not given up for having waited
                waiting = [
                    deliveries.c.webhook_id == webhook_id,
                    deliveries.c.state == DeliveryState.PENDING.value,
                ]
                now = self.clock.now()
                await self.store.again(session, waiting, now, now + self.sending.give_up)
            await self._log(session, actor, webhook_id)
            return await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id)

    async def remove(self, actor: Actor, webhook_id: UUID) -> None:
        """Remove it with its deliveries. Raises NotFound, Denied."""
        async with transaction(self.sessions) as session:
            await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id, lock=True)
            await self.store.remove(session, webhook_id)
            await self._log(session, actor, webhook_id)

    async def rotate(self, actor: Actor, webhook_id: UUID, overlap: timedelta) -> tuple[Webhook, str]:
        """Another secret. Raises NotFound, Denied, Refused."""
        secret = self._secret()
        async with transaction(self.sessions) as session:
            await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id, lock=True)
            await self.store.rotate(session, webhook_id, secret, self.clock.now() + overlap)
            await self._log(session, actor, webhook_id)
            return await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id), secret

    async def ping(self, actor: Actor, webhook_id: UUID) -> Delivery:
        """A test. Raises NotFound, Denied, Refused for one that is paused."""
        now, delivery_id = self.clock.now(), self._new_id()
        async with transaction(self.sessions) as session:
            found = await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id)
            if found.state is not State.ACTIVE:
                raise Refused("the webhook is paused: make it active first", reason="WEBHOOK_PAUSED")
            body = domain.body_of(delivery_id, Event.PING, actor.tenant_id, now, self.sending.base_url)
            made = Delivery(delivery_id, webhook_id, Event.PING, None, body, DeliveryState.PENDING, now, now, now)
            await self.store.deliver(session, made, now + self.sending.give_up)
            await self._log(session, actor, webhook_id)
        return made

    async def deliveries(
        self, actor: Actor, webhook_id: UUID, *, limit: int, before: int | None, state: DeliveryState | None
    ) -> list[Delivery]:
        """Newest first. Raises NotFound, Denied."""
        async with reading(self.sessions) as session:
            await self._find(session, actor, Action.WEBHOOK_READ, webhook_id)
            return await self.store.page(session, webhook_id, limit=limit, before=before, state=state)

    async def delivery(self, actor: Actor, webhook_id: UUID, delivery_id: UUID) -> tuple[Delivery, list[Attempt]]:
        """One with its attempts. Raises NotFound, Denied."""
        async with reading(self.sessions) as session:
            await self._find(session, actor, Action.WEBHOOK_READ, webhook_id)
            found = await self.store.delivery(session, webhook_id, delivery_id)
            if found is None:
                raise NotFound("there is nothing here by that id")
            return found, await self.store.attempts(session, delivery_id)

    async def replay_one(self, actor: Actor, webhook_id: UUID, delivery_id: UUID) -> int:
        """Send it again. Raises NotFound, Denied."""
        replayed = await self._replay(actor, webhook_id, [deliveries.c.delivery_id == delivery_id])
        if not replayed:
            raise NotFound("there is nothing here by that id")
        return replayed

    async def replay_range(
        self, actor: Actor, webhook_id: UUID, since: datetime, until: datetime, *, failed_only: bool
    ) -> int:
        """Send those again whose event happened within the range. Raises NotFound, Denied, Invalid."""
        if until <= since:
            raise Invalid("until must be after since", [Violation("until", "must be after since")])
        which: list[ColumnElement[bool]] = [deliveries.c.occurred_at >= since, deliveries.c.occurred_at < until]
        if failed_only:
            which.append(deliveries.c.state == DeliveryState.FAILED.value)
        return await self._replay(actor, webhook_id, which)

    async def happened(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        interview_id: UUID,
        event: Event,
        cause: str,
        at: datetime,
        more: dict[str, Any],
    ) -> int:
        """An event of an interview: a delivery to each subscription that wants it and was there when it happened.
        Returns how many; the same event again makes no more."""
        listening = [
            webhook
            for webhook in await self.store.all(session, tenant_id)
            if event in webhook.events and webhook.created_at <= at
        ]
        if not listening:
            return 0
        table = tables.interviews.c
        row = (
            await session.execute(select(table.position_id, table.state).where(table.interview_id == interview_id))
        ).first()
        about: dict[str, Any] = {"interview_id": str(interview_id)}
        if row is not None:
            about |= {"position_id": str(row.position_id), "state": row.state}
        now = self.clock.now()
        for webhook in listening:
            delivery_id = derived(webhook.webhook_id, cause)
            body = domain.body_of(delivery_id, event, tenant_id, at, self.sending.base_url, about | more)
            made = Delivery(
                delivery_id, webhook.webhook_id, event, interview_id, body, DeliveryState.PENDING, at, now, now
            )
            await self.store.deliver(session, made, now + self.sending.give_up)
        return len(listening)

    async def _replay(self, actor: Actor, webhook_id: UUID, which: list[ColumnElement[bool]]) -> int:
        now = self.clock.now()
        async with transaction(self.sessions) as session:
            await self._find(session, actor, Action.WEBHOOK_WRITE, webhook_id)
            own: list[ColumnElement[bool]] = [deliveries.c.webhook_id == webhook_id]
            count = await self.store.again(session, own + which, now, now + self.sending.give_up)
            await self._log(session, actor, webhook_id)
        return count

    async def _find(
        self, session: AsyncSession, actor: Actor, action: Action, webhook_id: UUID, *, lock: bool = False
    ) -> Webhook:
        found = await self.store.find(session, actor.tenant_id, webhook_id, lock=lock)
        authorize(actor, action, None if found is None else Resource(found.tenant_id))
        assert found is not None, "authorize refuses what was not found"
        return found

    async def _log(self, session: AsyncSession, actor: Actor, webhook_id: UUID) -> None:
        await self._records.log(session, actor, Action.WEBHOOK_WRITE, webhook_id, self.clock.now())

    def _secret(self) -> str:
        return domain.new_secret(self._noise(domain.SECRET_BYTES))
