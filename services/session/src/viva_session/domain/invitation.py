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
    attempt_sha256: str | None = None
    """Of the attempt that used it. Its answer may have got lost, so it may be made again. None: it named none."""

    def redeem(self, now: datetime, attempt_sha256: str | None = None) -> "Invitation":
        """Use it, once; the attempt that used it may be made again. Raises Refused and says what to do."""
        if self.revoked:
            raise Refused("this link was withdrawn: ask the person who sent it for a new one", reason="LINK_REVOKED")
        again = attempt_sha256 is not None and attempt_sha256 == self.attempt_sha256
        if self.redeemed_at is not None and not again:
            raise Refused(
                "this link was used already: go on in the browser that opened it, or ask for a new link",
                reason="LINK_USED",
            )
        if now >= self.expires_at:
            raise Refused("this link has run out: ask the person who sent it for a new one", reason="LINK_EXPIRED")
        return self if again else replace(self, redeemed_at=now, attempt_sha256=attempt_sha256)


def hash_token(token: str) -> str:
    """What of a token or an attempt's id is kept. They have 256 and 122 random bits, so a plain SHA-256 cannot be
    reversed by guessing."""
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
