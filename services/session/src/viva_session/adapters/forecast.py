"""Counts the interviews that need workers, over all tenants: nothing of anybody leaves the database but numbers."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from viva_session.domain.forecast import FRESH, LATE, Count, Stage
from viva_session.domain.position import Mode

# `sequence` is that of the newest event: when the candidate was last heard of. The list of states is the index's.
_COUNT = text("""
    WITH known AS (
        SELECT i.state, p.plan ->> 'mode' AS mode, (i.document ->> 'scheduled_at')::timestamptz AS at,
               e.occurred_at >= :fresh_since AS fresh
        FROM interviews i
        JOIN positions p ON p.position_id = i.position_id
        LEFT JOIN interview_events e ON e.interview_id = i.interview_id AND e.sequence = i.sequence
        WHERE i.state IN ('invited', 'consented', 'ready', 'in_progress', 'completed')
    ), staged AS (
        SELECT mode,
               CASE WHEN state = 'in_progress' THEN 'live'
                    WHEN state = 'completed' THEN 'scoring'
                    WHEN state IN ('consented', 'ready') AND fresh THEN 'waiting'
                    WHEN at >= :late_since AND at < :until THEN 'planned' END AS stage,
               greatest(floor(extract(epoch FROM at - :now) / :bucket), 0)::int AS bucket
        FROM known
    )
    SELECT stage, mode, CASE WHEN stage = 'planned' THEN bucket ELSE 0 END AS bucket, count(*) AS interviews
    FROM staged WHERE stage IS NOT NULL GROUP BY 1, 2, 3
""")


async def count(session: AsyncSession, now: datetime, horizon: timedelta, bucket: timedelta) -> list[Count]:
    """What is live, waiting, and planned from now to the horizon."""
    rows = await session.execute(
        _COUNT,
        {
            "now": now,
            "fresh_since": now - FRESH,
            "late_since": now - LATE,
            "until": now + horizon,
            "bucket": bucket.total_seconds(),
        },
    )
    return [Count(Stage(row.stage), Mode(row.mode), row.interviews, row.bucket) for row in rows]
