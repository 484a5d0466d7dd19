"""Subscriptions on a real PostgreSQL: who removes one and who has just delivered to it do not wait for each other."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from viva_core.db import create_engine, session_factory, transaction
from viva_core.settings import DatabaseSettings
from viva_session.adapters import schema
from viva_session.adapters.sealing import Sealer
from viva_session.adapters.webhooks import Sent, WebhookStore
from viva_session.domain.webhook import Attempt, Delivery, DeliveryState, Event, State, Webhook
from viva_testkit.bus import eventually

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("failing", [False, True])
async def test_a_subscription_is_removed_while_its_sender_is_at_it(database_url: str, failing: bool) -> None:
    schema.migrate(database_url)
    engine = create_engine(DatabaseSettings(database_url=SecretStr(database_url)))
    sessions, store, tenant = session_factory(engine), WebhookStore(Sealer("k" * 32)), uuid4()
    webhook = Webhook(uuid4(), tenant, "https://example.com", "", (Event.REPORT_READY,), State.ACTIVE, NOW)
    delivery = Delivery(
        uuid4(), webhook.webhook_id, Event.REPORT_READY, None, "{}", DeliveryState.PENDING, NOW, NOW, NOW
    )
    attempt = Attempt(1, NOW, 500, 0.1, error="500")
    sent = Sent(DeliveryState.PENDING, NOW, None, NOW)
    async with transaction(sessions) as session:
        await session.execute(
            text("INSERT INTO tenants (tenant_id, name, created_at) VALUES (:id, 'Hanbit', :now)"),
            {"id": tenant, "now": NOW},
        )
        await store.add(session, webhook, "secret")
        await store.deliver(session, delivery, NOW + timedelta(days=3))
    async with transaction(sessions) as session:
        due = await store.take(session, NOW, timedelta(seconds=0))
    assert due is not None
    if failing:
        async with transaction(sessions) as session:
            await store.keep(session, due, attempt, sent)

    async def at_it() -> None:
        async with transaction(sessions) as session:
            if failing:
                assert await store.take(session, NOW, timedelta(minutes=1)) is None
            else:
                await store.keep(session, due, attempt, sent)

    async def waits() -> bool:
        async with engine.connect() as connection:
            query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            return sender.done() or bool((await connection.execute(text(query))).scalar_one())

    async with transaction(sessions) as session:
        await store.find(session, tenant, webhook.webhook_id, lock=True)
        sender = asyncio.create_task(at_it())
        await eventually(waits)
        await store.remove(session, webhook.webhook_id)
    await sender
    async with transaction(sessions) as session:
        assert await store.find(session, tenant, webhook.webhook_id) is None
    await engine.dispose()
