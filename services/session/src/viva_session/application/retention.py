"""What is kept for how long, and what of it the next sweep removes."""

from viva_core.clock import Clock
from viva_core.db import reading

from viva_session.adapters.webhooks import WebhookStore
from viva_session.application.interviews import Sessions
from viva_session.domain import webhook
from viva_session.domain.access import Action, Actor, Resource, authorize
from viva_session.domain.retention import RULES, Rule, Subject


class Retention:
    """The rules, beside what is old enough to go. Only the log of webhooks is swept by us; the bus ages by itself."""

    def __init__(self, sessions: Sessions, webhooks: WebhookStore, clock: Clock) -> None:
        self._sessions = sessions
        self._webhooks = webhooks
        self._clock = clock

    async def rules(self, actor: Actor) -> list[tuple[Rule, int | None]]:
        """Each rule, and how many of the tenant's the next sweep removes; None where none sweeps. Raises Denied."""
        authorize(actor, Action.RETENTION_READ, Resource(actor.tenant_id))
        async with reading(self._sessions) as session:
            due = await self._webhooks.forgettable(session, actor.tenant_id, self._clock.now() - webhook.KEPT)
        return [(rule, due if rule.subject is Subject.WEBHOOK_DELIVERIES else None) for rule in RULES]
