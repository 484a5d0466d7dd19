"""Webhooks and their deliveries."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from viva_gateway.schemas.base import In, Out, Text, Uuid

WebhookEvent = Literal[
    "interview_created",
    "interview_started",
    "interview_completed",
    "report_ready",
    "review_submitted",
    "candidate_requested",
    "interview_expired",
    "interview_abandoned",
    "interview_erased",
    "ping",
]
WebhookState = Literal["active", "paused", "failing"]
DeliveryState = Literal["pending", "delivered", "failed"]
_URL = "Where events are sent: https, to a public address, unless the installation allows others"
Url = Annotated[Text, Field(min_length=1, max_length=2000, description=_URL, examples=["https://ats.example.com/viva"])]
Events = Annotated[
    list[WebhookEvent],
    Field(min_length=1, max_length=10, json_schema_extra={"uniqueItems": True}, description="What is sent"),
]
_EXAMPLE: dict[str, JsonValue] = {
    "url": "https://ats.example.com/viva",
    "description": "Applicant tracking",
    "events": ["interview_completed", "report_ready"],
}


class WebhookIn(In):
    """A subscription."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    url: Url
    description: Annotated[Text, Field(max_length=200)] = ""
    events: Events


class WebhookChange(WebhookIn):
    """What a subscription is to be from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE | {"active": False}]})

    active: bool = Field(default=True, description="False: deliveries wait until it is active again")


class Webhook(Out):
    """A subscription and how it fares."""

    webhook_id: str
    url: str
    description: str
    events: list[WebhookEvent]
    state: WebhookState | None = Field(description="`failing`: it failed for days and was paused; deliveries wait")
    created_at: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None = Field(description="Null while it works")
    pending: int = Field(description="Deliveries that wait")
    old_secret_until: datetime | None = Field(description="Until then the secret of before signs too")


class WebhookWithSecret(Webhook):
    """A subscription with its new secret, which is shown this once."""

    secret: str = Field(description="What deliveries are signed with: `whsec_` and base64")


class Webhooks(Out):
    """The tenant's subscriptions, oldest first."""

    items: list[Webhook]


class Rotation(In):
    """How a secret is replaced."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_seconds": 86400}]})

    overlap_seconds: float = Field(
        default=86_400, ge=0, le=604_800, description="How long the old secret signs too; 0 when others know it"
    )


class DeliveryAttempt(Out):
    """One attempt to deliver."""

    number: int
    at: datetime | None
    status: int = Field(description="Of HTTP; 0 when no answer came")
    latency_seconds: float | None
    error: str = Field(description="Empty when it was taken", examples=["", "TIMEOUT", "ADDRESS_REFUSED"])
    excerpt: str = Field(description="The beginning of what the receiver said")


class WebhookDelivery(Out):
    """One event for one subscription."""

    delivery_id: str = Field(description="`webhook-id` at the receiver: the same in every attempt")
    webhook_id: str
    event: WebhookEvent | None
    interview_id: str = Field(description="Empty for a ping")
    state: DeliveryState | None
    occurred_at: datetime | None
    created_at: datetime | None
    next_attempt_at: datetime | None = Field(description="Null when it is not tried again by itself")
    attempts: int
    last_attempt: DeliveryAttempt | None


class WholeDelivery(WebhookDelivery):
    """A delivery with what was sent and each attempt."""

    body: str = Field(description="What is sent, JSON")
    log: list[DeliveryAttempt] = Field(description="Oldest first")


class ReplayDeliveries(In):
    """Which deliveries to send again: one, or those of events within a range of time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"since": "2026-11-24T00:00:00Z", "until": "2026-11-25T00:00:00Z", "failed_only": True}]
        }
    )

    delivery_id: Annotated[Uuid, Field(strict=False)] | None = None
    since: Annotated[AwareDatetime, Field(strict=False)] | None = None
    until: Annotated[AwareDatetime, Field(strict=False)] | None = None
    failed_only: bool = False


class Replayed(Out):
    """How many will be sent again."""

    replayed: int
