"""What is ahead of the workers: which interviews need which role, now and soon."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from viva_core.bus.topology import Role

from viva_session.domain.position import Mode

FRESH = timedelta(minutes=30)
"""A candidate who consented longer ago has put it off: that interview is not about to start."""
LATE = timedelta(minutes=15)
"""A planned interview that has not begun is still expected for so long."""

_BY_TALKING = (Role.QUESTION_GEN, Role.EVALUATOR, Role.MEDIA)
"""What every interview needs: any candidate may choose to speak."""


class Stage(StrEnum):
    """How near an interview is to needing workers."""

    LIVE = "live"
    SCORING = "scoring"
    WAITING = "waiting"
    PLANNED = "planned"


@dataclass(frozen=True)
class Count:
    """So many interviews of one kind; `bucket`, from 0, for those that are planned."""

    stage: Stage
    mode: Mode
    interviews: int
    bucket: int = 0


@dataclass(frozen=True)
class RoleForecast:
    """What is ahead of one role; `buckets` are (beginning, interviews), in order, none of them empty."""

    role: Role
    live: int
    waiting: int
    buckets: tuple[tuple[datetime, int], ...]


def forecast(counts: Iterable[Count], now: datetime, bucket: timedelta) -> list[RoleForecast]:
    """One for each role, in the order of their names."""
    rows = list(counts)
    return [_role(role, rows, now, bucket) for role in sorted((*_BY_TALKING, Role.VISION))]


def _role(role: Role, counts: list[Count], now: datetime, bucket: timedelta) -> RoleForecast:
    live = waiting = 0
    planned: Counter[int] = Counter()
    for count in counts:
        if role is Role.VISION and count.mode is not Mode.PRACTICE:
            continue
        if count.stage is Stage.LIVE or (count.stage is Stage.SCORING and role is Role.EVALUATOR):
            live += count.interviews
        elif count.stage is Stage.WAITING:
            waiting += count.interviews
        elif count.stage is Stage.PLANNED:
            planned[count.bucket] += count.interviews
    buckets = tuple((now + index * bucket, planned[index]) for index in sorted(planned))
    return RoleForecast(role, live, waiting, buckets)
