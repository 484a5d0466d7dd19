"""Who calls: a person of the employer, or a candidate in their one interview."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID


class Role(StrEnum):
    """What a person of the employer may be."""

    RECRUITER = "recruiter"
    REVIEWER = "reviewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the employer."""

    id: UUID
    tenant_id: UUID
    email: str
    name: str
    roles: frozenset[Role]
    has_password: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller who is known. `login_id` is the session's or the token family's id, whichever they came by."""

    kind: Literal["staff", "candidate"]
    tenant_id: UUID
    subject_id: str
    display_name: str
    roles: frozenset[Role]
    interview_id: UUID | None
    via: Literal["cookie", "bearer"]
    login_id: UUID
    expires_at: datetime

    @property
    def is_candidate(self) -> bool:
        """Whether it is a candidate."""
        return self.kind == "candidate"


def ordered(roles: Iterable[Role]) -> list[Role]:
    """Roles in the order of their declaration, for showing and storing."""
    held = set(roles)
    return [role for role in Role if role in held]
