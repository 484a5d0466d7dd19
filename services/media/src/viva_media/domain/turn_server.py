"""Short-lived credentials for a TURN server, as coturn's `use-auth-secret` takes them.

The user name is when it runs out and a name, the password is its HMAC (draft-uberti-behave-turn-rest-00): the TURN
server checks it with the shared secret and needs no accounts.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class IceServer:
    """A STUN or TURN server; credentials are empty for STUN."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


def credentials(secret: str, name: str, expires_at: datetime) -> tuple[str, str]:
    """User name and password until `expires_at`."""
    username = f"{int(expires_at.timestamp())}:{name}"
    digest = hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
    return username, base64.b64encode(digest).decode()
