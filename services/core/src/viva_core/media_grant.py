"""The short-lived grant that binds a WebRTC peer to its interview, tenant, mode and consents.

Whoever reads the session's interview (the gateway) seals one for each offer; media unseals it and asks nobody. A sealed
grant is `<payload>.<mac>`, both base64url: the payload is JSON, the mac HMAC-SHA256 under a key that both sides have.
It holds no name and no secret.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from viva_core.errors import Denied

LONGEST = 2_000


@dataclass(frozen=True)
class MediaGrant:
    """What a peer may do. `patience` in seconds; the consents are those that the ledger holds at the time of
    sealing."""

    tenant_id: UUID
    interview_id: UUID
    mode: Literal["practice", "hiring"]
    transcribe: bool
    record: bool
    expressions: bool
    patience: float
    expires_at: datetime

    @property
    def sees(self) -> bool:
        """Whether pictures may be taken: practice mode and consent, never anything else."""
        return self.mode == "practice" and self.expressions


def seal(grant: MediaGrant, key: bytes) -> str:
    """The token of a grant."""
    payload = _encoded(
        json.dumps(
            {
                "v": 1,
                "t": str(grant.tenant_id),
                "i": str(grant.interview_id),
                "m": grant.mode,
                "c": [grant.transcribe, grant.record, grant.expressions],
                "p": grant.patience,
                "e": int(grant.expires_at.timestamp()),
            },
            separators=(",", ":"),
        ).encode()
    )
    return f"{payload}.{_encoded(_mac(payload, key))}"


def unseal(token: str, key: bytes, now: datetime) -> MediaGrant:
    """The grant of a token. Raises Denied: sealed by nobody we know, or run out."""
    payload, _, mac = token.partition(".")
    if len(token) > LONGEST or not hmac.compare_digest(_encoded(_mac(payload, key)).encode(), mac.encode()):
        raise Denied("this token opens nothing: ask for a new one", reason="TOKEN_INVALID")
    try:
        fields = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        transcribe, record, expressions = fields["c"]
        grant = MediaGrant(
            tenant_id=UUID(fields["t"]),
            interview_id=UUID(fields["i"]),
            mode=fields["m"],
            transcribe=transcribe is True,
            record=record is True,
            expressions=expressions is True,
            patience=float(fields["p"]),
            expires_at=datetime.fromtimestamp(fields["e"], UTC),
        )
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise Denied("this token opens nothing: ask for a new one", reason="TOKEN_INVALID") from error
    if grant.mode not in ("practice", "hiring"):
        raise Denied("this token opens nothing: ask for a new one", reason="TOKEN_INVALID")
    if now >= grant.expires_at:
        raise Denied("this token has run out: ask for a new one", reason="TOKEN_EXPIRED")
    return grant


def _mac(payload: str, key: bytes) -> bytes:
    return hmac.new(key, b"viva-media-grant-1:" + payload.encode(), hashlib.sha256).digest()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
