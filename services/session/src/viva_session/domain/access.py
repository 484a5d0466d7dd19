"""The one place that decides who may do what to whose data.

A tenant's data is invisible to others: what is not the caller's own is NotFound, exactly as if it did not exist. Only
what the caller can see, but may not do, is Denied.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from viva_core.errors import Denied, NotFound


class Kind(StrEnum):
    """Who acts."""

    STAFF = "staff"
    CANDIDATE = "candidate"
    SERVICE = "service"


class Role(StrEnum):
    """What a person of the employer may do."""

    RECRUITER = "recruiter"
    REVIEWER = "reviewer"
    ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """On whose behalf a call is made. `interview_id`: the one that a candidate may touch."""

    kind: Kind
    tenant_id: UUID
    subject_id: str
    name: str
    roles: frozenset[Role] = frozenset()
    interview_id: UUID | None = None


class Action(StrEnum):
    """Everything that can be done; also the name in the audit log."""

    TENANT_CREATE = "tenant.create"
    BANK_READ = "bank.read"
    RUBRIC_WRITE = "rubric.write"
    RUBRIC_READ = "rubric.read"
    POSITION_WRITE = "position.write"
    POSITION_READ = "position.read"
    INVITATION_WRITE = "invitation.write"
    INTERVIEW_READ = "interview.read"
    INTERVIEW_LIST = "interview.list"
    INTERVIEW_TAKE = "interview.take"
    RESUME_WRITE = "resume.write"
    RESUME_READ = "resume.read"
    RECORDING_READ = "recording.read"
    REPORT_READ = "report.read"
    REPORT_READ_OWN = "report.read_own"
    REVIEW_WRITE = "review.write"
    REVIEW_READ = "review.read"
    SCORE_WRITE = "score.write"
    REQUEST_WRITE = "request.write"
    REQUEST_RESOLVE = "request.resolve"
    EVALUATION_READ = "evaluation.read"
    AUDIT_READ = "audit.read"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_WRITE = "webhook.write"
    DEAD_LETTER_READ = "dead_letter.read"
    DEAD_LETTER_RETRY = "dead_letter.retry"
    DEAD_LETTER_DELETE = "dead_letter.delete"
    RETENTION_READ = "retention.read"
    INTERVIEW_ERASE = "interview.erase"
    FORECAST_READ = "forecast.read"


_EVERYBODY = frozenset(Role)
_STAFF: dict[Action, frozenset[Role]] = {
    Action.TENANT_CREATE: frozenset(),
    Action.BANK_READ: _EVERYBODY,
    Action.RUBRIC_WRITE: frozenset({Role.RECRUITER, Role.ADMIN}),
    Action.RUBRIC_READ: _EVERYBODY,
    Action.POSITION_WRITE: frozenset({Role.RECRUITER, Role.ADMIN}),
    Action.POSITION_READ: _EVERYBODY,
    Action.INVITATION_WRITE: frozenset({Role.RECRUITER, Role.ADMIN}),
    Action.INTERVIEW_READ: _EVERYBODY,
    Action.INTERVIEW_LIST: _EVERYBODY,
    Action.INTERVIEW_TAKE: frozenset(),
    Action.RESUME_WRITE: frozenset({Role.RECRUITER, Role.ADMIN}),
    Action.RESUME_READ: _EVERYBODY,
    Action.RECORDING_READ: _EVERYBODY,
    Action.REPORT_READ: _EVERYBODY,
    Action.REPORT_READ_OWN: frozenset(),
    Action.REVIEW_WRITE: frozenset({Role.REVIEWER, Role.ADMIN}),
    Action.REVIEW_READ: _EVERYBODY,
    Action.SCORE_WRITE: frozenset({Role.REVIEWER, Role.ADMIN}),
    Action.REQUEST_WRITE: frozenset(),
    Action.REQUEST_RESOLVE: frozenset({Role.RECRUITER, Role.ADMIN}),
    Action.EVALUATION_READ: frozenset({Role.REVIEWER, Role.ADMIN}),
    Action.AUDIT_READ: frozenset({Role.ADMIN}),
    Action.WEBHOOK_READ: frozenset({Role.ADMIN}),
    Action.WEBHOOK_WRITE: frozenset({Role.ADMIN}),
    Action.DEAD_LETTER_READ: frozenset({Role.ADMIN}),
    Action.DEAD_LETTER_RETRY: frozenset({Role.ADMIN}),
    Action.DEAD_LETTER_DELETE: frozenset({Role.ADMIN}),
    Action.RETENTION_READ: frozenset({Role.ADMIN}),
    Action.INTERVIEW_ERASE: frozenset({Role.ADMIN}),
    Action.FORECAST_READ: frozenset(),
}
_CANDIDATE = frozenset(
    {
        Action.INTERVIEW_READ,
        Action.INTERVIEW_TAKE,
        Action.REQUEST_WRITE,
        Action.RESUME_WRITE,
        Action.RESUME_READ,
        Action.REPORT_READ_OWN,
        Action.INTERVIEW_ERASE,
    }
)
_SERVICE = frozenset(
    {
        Action.TENANT_CREATE,
        Action.BANK_READ,
        Action.INTERVIEW_READ,
        Action.EVALUATION_READ,
        Action.FORECAST_READ,
    }
)


@dataclass(frozen=True)
class Resource:
    """What is touched: whose it is, and which interview it belongs to, if any."""

    tenant_id: UUID
    interview_id: UUID | None = None


def may(actor: Actor, action: Action) -> bool:
    """Whether a person's roles allow it at all, whatever it is done to."""
    return actor.kind is Kind.STAFF and bool(actor.roles & _STAFF[action])


def authorize(actor: Actor, action: Action, resource: Resource | None) -> None:
    """Return if the actor may. Raises NotFound for what is not theirs, Denied for what is not their part.

    `resource` is what was found, None when nothing was: then the answer is the same as for somebody else's.
    """
    if resource is None or resource.tenant_id != actor.tenant_id:
        raise NotFound("there is nothing here by that id")
    if actor.kind is Kind.CANDIDATE:
        if resource.interview_id is None or resource.interview_id != actor.interview_id:
            raise NotFound("there is nothing here by that id")
        allowed = action in _CANDIDATE
    elif actor.kind is Kind.SERVICE:
        allowed = action in _SERVICE
    else:
        allowed = bool(actor.roles & _STAFF[action])
    if not allowed:
        raise Denied(f"your role does not allow this ({action})")
