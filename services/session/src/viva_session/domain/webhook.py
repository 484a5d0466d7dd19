"""Webhooks: what is told to an employer's own systems, how it is signed, and when it is tried again.

The body is a CloudEvent (1.0, structured JSON): ids, states and links; never a word of an answer, a name or a score.
It is signed as Standard Webhooks has it: HMAC-SHA256 over `id.timestamp.body`, `v1,` and base64, one signature for each
secret that holds. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from viva_core.errors import Invalid, Violation

KEPT = timedelta(days=30)
"""How long the log keeps a delivery that waits for nothing."""
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix, no secret
_FIRST, _FACTOR, _LONGEST = 5.0, 4.0, 6 * 3600.0
"""Seconds: 5, 20, 80, … and then every six hours."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_NAT64 = IPv6Network("64:ff9b::/96")


class Event(StrEnum):
    """What can be subscribed to; the CloudEvents type is `viva.` and the value."""

    INTERVIEW_CREATED = "interview_created"
    INTERVIEW_STARTED = "interview_started"
    INTERVIEW_COMPLETED = "interview_completed"
    REPORT_READY = "report_ready"
    REVIEW_SUBMITTED = "review_submitted"
    CANDIDATE_REQUESTED = "candidate_requested"
    INTERVIEW_EXPIRED = "interview_expired"
    INTERVIEW_ABANDONED = "interview_abandoned"
    INTERVIEW_ERASED = "interview_erased"
    PING = "ping"


class State(StrEnum):
    """Where a subscription is."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """Where a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Webhook:
    """A subscription. `secrets` are those that sign now, the newest first."""

    webhook_id: UUID
    tenant_id: UUID
    url: str
    description: str
    events: tuple[Event, ...]
    state: State
    created_at: datetime
    last_success_at: datetime | None = None
    failing_since: datetime | None = None
    pending: int = 0
    old_secret_until: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One try. `status` is 0 when no answer came; `error` is empty when the receiver has taken it."""

    number: int
    at: datetime
    status: int
    latency: float
    error: str = ""
    excerpt: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver has it."""
        return not self.error


@dataclass(frozen=True)
class Delivery:
    """One event for one subscription; `delivery_id` is the event's id at the receiver."""

    delivery_id: UUID
    webhook_id: UUID
    event: Event
    interview_id: UUID | None
    body: str
    state: DeliveryState
    occurred_at: datetime
    created_at: datetime
    due_at: datetime | None
    attempts: int = 0
    last: Attempt | None = None
    number: int = 0


def new_secret(noise: bytes) -> str:
    """A secret as receivers are told it."""
    return SECRET_PREFIX + base64.b64encode(noise).decode()


def signatures(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one for each secret, the newest first."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets)


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets: Sequence[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """What goes with a delivery."""
    timestamp = int(now.timestamp())
    return {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "user-agent": "Viva-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(secrets, message_id, timestamp, body),
    }


def body_of(
    delivery_id: UUID, event: Event, tenant_id: UUID, at: datetime, base_url: str, about: dict[str, Any] | None = None
) -> str:
    """The CloudEvent as JSON. `about`: ids and states of an interview (`interview_id` among them); none for a ping."""
    data: dict[str, Any] = {"tenant_id": str(tenant_id), **(about or {})}
    document: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(delivery_id),
        "source": f"{base_url}/api/v1",
        "type": f"viva.{event.value}",
        "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
    if about:
        path = f"{base_url}/api/v1/interviews/{about['interview_id']}"
        document["subject"] = f"interviews/{about['interview_id']}"
        data["links"] = {"interview": path}
        if event in (Event.REPORT_READY, Event.REVIEW_SUBMITTED):
            data["links"]["report"] = f"{path}/report"
    return json.dumps(document | {"data": data}, separators=(",", ":"), ensure_ascii=False)


def rest_after(attempt: int, chance: float) -> timedelta:
    """How long to wait after so many attempts (from 1); `chance` in [0, 1) takes off up to a half, so that those who
    failed together do not come back together."""
    longest = min(_LONGEST, _FIRST * _FACTOR ** min(attempt - 1, 16))
    return timedelta(seconds=longest * (1.0 - chance / 2))


def check_url(url: str, *, http: bool) -> None:
    """Raise Invalid for a URL that may not be called whatever its name resolves to."""
    wrong = ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host, wrong = urlsplit(""), None, "is not a URL"
    if not wrong and parts.scheme not in (("https", "http") if http else ("https",)):
        wrong = "must begin with https://"
    elif not wrong and (not host or not url.isascii() or " " in url or not url.isprintable()):
        wrong = "must name a host, in ASCII and without spaces"
    elif not wrong and (parts.username is not None or parts.password is not None):
        wrong = "must hold no user and no password: check the signature instead"
    elif not wrong and parts.fragment:
        wrong = "must have no fragment"
    if wrong:
        raise Invalid(f"url {wrong}", [Violation("url", wrong)])


def may_be_called(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address may be connected to: a public one, or one of the networks that the installation allows.

    What is wrapped in an IPv6 address (mapped, 6to4, NAT64) is looked at as the IPv4 address that it leads to.
    """
    inner = _inner(address)
    if any(inner in network for network in networks if network.version == inner.version):
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
