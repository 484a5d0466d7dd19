"""Plans of interviews, and interviews of them, for tests of the session's rules."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from viva_session.domain.consent import Consent, purposes_of
from viva_session.domain.interview import Candidate, Interview
from viva_session.domain.position import Mode, Plan, PlannedCompetency
from viva_session.domain.rubric import Criterion, Rubric
from viva_session.domain.rules import Rules


def weights(count: int) -> st.SearchStrategy[list[int]]:
    """Whole numbers of at least 1 that sum to 100."""
    cuts = st.lists(st.integers(1, 99), min_size=count - 1, max_size=count - 1, unique=True).map(sorted)
    return cuts.map(lambda at: [b - a for a, b in itertools.pairwise([0, *at, 100])])


def criteria(shares: Sequence[int]) -> tuple[Criterion, ...]:
    """Criteria c0, c1 and so on with these weights."""
    return tuple(Criterion(f"c{n}", f"C{n}", "", share, ("a",) * 5) for n, share in enumerate(shares))


def planned(number: int, share: int, rubric: Rubric | None = None) -> PlannedCompetency:
    """Competency k0, k1 and so on; with one criterion unless a rubric is given."""
    return PlannedCompetency(
        f"k{number}", f"K{number}", "", share, rubric or Rubric(UUID(int=number + 1), 1, criteria([100]))
    )


def plan_of(*competencies: PlannedCompetency, **changes: Any) -> Plan:
    """A plan of half an hour in English, for hiring; `changes` are fields of it."""
    usual: dict[str, Any] = {
        "title": "Engineer",
        "job_description": "",
        "language": "en",
        "mode": Mode.HIRING,
        "duration": timedelta(minutes=30),
        "patience": timedelta(seconds=3),
        "accommodations": "",
        "min_confidence": 0.0,
        "max_questions": 0,
    }
    return Plan(competencies=competencies, **(usual | changes))


def ready(rules: Rules, plan: Plan, now: datetime) -> Interview:
    """An interview of the plan that may start: somebody was invited, and said yes to everything."""
    interview = rules.invite(
        interview_id=UUID(int=101),
        tenant_id=UUID(int=102),
        position_id=UUID(int=103),
        plan=plan,
        candidate=Candidate("Minsu Kim", "minsu@example.com"),
        now=now,
        expires_at=now + timedelta(days=1),
    ).interview
    yes = [Consent(purpose, True, "1", now) for purpose in purposes_of(plan.mode)]
    return rules.mark_ready(rules.record_consent(interview, yes, now).interview).interview
