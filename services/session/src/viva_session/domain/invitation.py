"""Links: single use, expiring, kept as a hash. Whoever reads the database cannot open an interview."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from viva_core.errors import Invalid, Refused, Violation

TOKEN_BYTES = 32


@dataclass(frozen=True)
class Invitation:
    """One link of one interview."""

    interview_id: UUID
    tenant_id: UUID
    token_sha256: str
    expires_at: datetime
    redeemed_at: datetime | None = None
    revoked: bool = False

    def redeem(self, now: datetime) -> "Invitation":
        """Use it, once. Raises Refused and says what to do."""
        if self.revoked:
            raise Refused("this link was withdrawn: ask the person who sent it for a new one", reason="LINK_REVOKED")
        if self.redeemed_at is not None:
            raise Refused(
                "this link was used already: go on in the browser that opened it, or ask for a new link",
                reason="LINK_USED",
            )
        if now >= self.expires_at:
            raise Refused("this link has run out: ask the person who sent it for a new one", reason="LINK_EXPIRED")
        return replace(self, redeemed_at=now)


def hash_token(token: str) -> str:
    """What of a token is kept. A token has 256 random bits, so a plain SHA-256 cannot be reversed by guessing."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_rows(rows: list[tuple[str, str]]) -> None:
    """Raise Invalid, a violation a row, when an address is invited twice in one batch. `rows` are (name, e-mail)."""
    faults = []
    first: dict[str, int] = {}
    for index, (_, email) in enumerate(rows):
        known = first.setdefault(email.casefold(), index)
        if known != index:
            field = f"invitations[{index}].candidate.email"
            faults.append(Violation(field, f"row {known + 1} has the same address"))
    if faults:
        raise Invalid(f"{len(faults)} of {len(rows)} rows are not usable; nobody was invited", faults)
