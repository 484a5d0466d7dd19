"""The outbox: a message is written in the transaction of the change that it tells of, and published by the relay.

So it is told if and only if the change was committed. Messages of one interview are published in the order of their
commits: `add` makes transactions that speak of the same interview take turns.
"""

import json
from datetime import datetime
from uuid import UUID

from google.protobuf.message import Message
from opentelemetry import trace
from sqlalchemy import LargeBinary, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from viva_core.bus import tracing
from viva_core.bus.codec import encode
from viva_core.bus.envelope import Envelope, new_envelope
from viva_core.bus.subjects import parse
from viva_core.clock import Clock, SystemClock

CHANNEL = "viva_outbox"
"""What the relay listens to."""

# The lock is taken before the row gets its id, and kept until the commit: ids of one key are in commit order. The
# CTE is materialized so that the planner can not move it. The notification goes out with the commit.
_ADD = text(
    f"""
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtextextended(:key, 0)))
    INSERT INTO outbox (key, subject, headers, payload, expires_at)
    SELECT :key, :subject, CAST(:headers AS jsonb), :payload, CAST(:expires_at AS timestamptz) FROM turn
    RETURNING pg_notify('{CHANNEL}', '')
    """  # noqa: S608  # only the constant above is put in
).bindparams(bindparam("key", type_=Text), bindparam("subject", type_=Text), bindparam("payload", type_=LargeBinary))


class Outbox:
    """Writes messages into the outbox. `source` is the role that speaks."""

    def __init__(self, source: str, *, clock: Clock | None = None) -> None:
        self._source = source
        self._clock = clock or SystemClock()

    async def add(
        self,
        session: AsyncSession | AsyncConnection,
        subject: str,
        message: Message,
        *,
        event_id: UUID | str | None = None,
        expires_at: datetime | None = None,
        causation_id: UUID | str | None = None,
    ) -> Envelope:
        """Check the message and put it into the session's transaction; returns its envelope.

        The current trace goes with it. Raises Invalid when the message breaks its rules, or the subject is of no
        interview.
        """
        address = parse(subject)
        payload = encode(message)
        envelope = new_envelope(
            subject,
            message.DESCRIPTOR.full_name,
            source=self._source,
            clock=self._clock,
            event_id=event_id,
            expires_at=expires_at,
            causation_id=causation_id,
            trace=tracing.inject(trace.get_current_span()),
        )
        await session.execute(
            _ADD,
            {
                "key": f"{address.tenant_id}.{address.interview_id}",
                "subject": subject,
                "headers": json.dumps(envelope.headers(), ensure_ascii=False),
                "payload": payload,
                "expires_at": expires_at,
            },
        )
        return envelope
