"""What runs an installation: dead letters, retention, the identity provider."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from viva_gateway.schemas.base import Out
from viva_gateway.schemas.interviews import Purpose

RetentionSubject = Literal[
    "interviews",
    "transcripts",
    "scores",
    "consents",
    "resumes",
    "recordings",
    "expressions",
    "frames",
    "events",
    "commands",
    "dead_letters",
    "webhook_deliveries",
    "audit",
    "receipts",
    "staff_sessions",
    "candidate_sessions",
    "refresh_tokens",
    "stored_responses",
]
RetentionEnd = Literal["age", "erasure", "revocation", "handled"]


class DeadLetter(Out):
    """A message that could not be handled; what it holds is not told."""

    number: int = Field(description="What it is named by")
    message_id: str = Field(description="It keeps it when it is sent again, so nothing happens twice")
    message_type: str = Field(examples=["viva.event.v1.AnswerEvaluated"])
    stream: str
    consumer: str = Field(description="Who could not handle it", examples=["evaluator", "session"])
    interview_id: str
    attempts: int
    retries: int = Field(description="How often a person has sent it again")
    reason: str = Field(description="For programs", examples=["UNKNOWN_VERSION", "MALFORMED"])
    cause: str = Field(description="In English; it holds no word of an answer")
    died_at: datetime | None
    ages_out_at: datetime | None = Field(description="When it is removed by itself")
    size_bytes: int


class MessageHeader(Out):
    """One header of a message."""

    name: str = Field(examples=["ce-type"])
    value: str


class WholeDeadLetter(DeadLetter):
    """A dead letter with its headers."""

    headers: list[MessageHeader]


class RetentionRule(Out):
    """How long one kind of data is kept."""

    subject: RetentionSubject | None
    purpose: Purpose | None = Field(description="The consent that it needs; null where it needs none")
    ends: list[RetentionEnd] = Field(description="What removes it; empty: nothing does")
    kept_for_seconds: float | None = Field(description="The age at which it is removed; null where none is")
    due: int | None = Field(description="How many the next sweep removes; null where no sweep counts them")
    setting: str = Field(
        default="", description="The setting that rules it; empty where it is fixed", examples=["VIVA_STAFF_IDLE_HOURS"]
    )


class RetentionRules(Out):
    """Each kind of data once."""

    items: list[RetentionRule]


class Provider(Out):
    """The identity provider as it is set up; its secret is told to nobody."""

    issuer: str
    client_id: str
    confidential: bool = Field(description="Whether a client secret is set; without one the client is a public one")
    redirect_uri: str = Field(description="To register at the provider")
    scope: str
    discovery_url: str
    discovery: Literal["ok", "unreachable", "other_issuer", "incomplete"] = Field(
        description="What its discovery document said just now"
    )


class SignInSettings(Out):
    """How staff sign in here."""

    provider: Provider | None = Field(description="Null: local accounts only")
    redirect_uri: str = Field(description="To register before a provider is set up")
