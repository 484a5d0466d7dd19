"""What travels beside a message: CloudEvents 1.0 attributes in binary mode, and the W3C trace context.

The payload is the protobuf message itself. `ce-type` is the message's full name; the version is in its package, so a
message of another version is another type. `Nats-Msg-Id` is the event's id: JetStream drops a second publish of the
same event inside the stream's duplicate window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from viva_core.bus.subjects import parse
from viva_core.clock import Clock
from viva_core.errors import Invalid
from viva_core.ids import uuid7

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/protobuf"

ID = "ce-id"
TYPE = "ce-type"
SOURCE = "ce-source"
SUBJECT = "ce-subject"
TIME = "ce-time"
EXPIRES_AT = "ce-expiresat"
CAUSATION_ID = "ce-causationid"
MESSAGE_ID = "Nats-Msg-Id"
EXPECTED_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence"
EXPECTED_SUBJECT = "Nats-Expected-Last-Subject-Sequence-Subject"
TRACE_PARENT = "traceparent"
TRACE_STATE = "tracestate"


def format_time(moment: datetime) -> str:
    """RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str, attribute: str) -> datetime:
    """Read an RFC 3339 time; raises Invalid, naming the attribute."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(f"{attribute}: wanted an RFC 3339 time with a zone")
    return moment


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one message. `source` is the role that said it, `subject` the interview it is about."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str = ""
    expires_at: datetime | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    data_content_type: str = CONTENT_TYPE

    def headers(self) -> dict[str, str]:
        """As NATS headers."""
        headers = {
            "ce-specversion": SPEC_VERSION,
            ID: self.id,
            TYPE: self.type,
            SOURCE: self.source,
            TIME: format_time(self.time),
            "ce-datacontenttype": self.data_content_type,
            MESSAGE_ID: self.id,
        }
        if self.subject:
            headers[SUBJECT] = self.subject
        if self.expires_at is not None:
            headers[EXPIRES_AT] = format_time(self.expires_at)
        if self.causation_id is not None:
            headers[CAUSATION_ID] = self.causation_id
        if self.traceparent is not None:
            headers[TRACE_PARENT] = self.traceparent
            if self.tracestate is not None:
                headers[TRACE_STATE] = self.tracestate
        return headers

    @classmethod
    def from_headers(cls, headers: Mapping[str, str] | None) -> "Envelope":
        """Read what `headers` wrote; raises Invalid when it is no CloudEvent of version 1.0 in binary mode."""
        if not headers or headers.get("ce-specversion") != SPEC_VERSION:
            raise Invalid("not a CloudEvent 1.0 in binary mode", reason="NOT_A_CLOUDEVENT")
        try:
            expires_at = headers.get(EXPIRES_AT)
            return cls(
                id=headers[ID],
                type=headers[TYPE],
                source=headers[SOURCE],
                time=parse_time(headers[TIME], TIME),
                subject=headers.get(SUBJECT, ""),
                expires_at=None if expires_at is None else parse_time(expires_at, EXPIRES_AT),
                causation_id=headers.get(CAUSATION_ID),
                traceparent=headers.get(TRACE_PARENT),
                tracestate=headers.get(TRACE_STATE),
                data_content_type=headers.get("ce-datacontenttype", CONTENT_TYPE),
            )
        except KeyError as missing:
            raise Invalid(f"the header {missing.args[0]} is missing", reason="NOT_A_CLOUDEVENT") from None


def new_envelope(
    subject: str,
    type_name: str,
    *,
    source: str,
    clock: Clock,
    event_id: UUID | str | None = None,
    expires_at: datetime | None = None,
    causation_id: UUID | str | None = None,
    trace: tuple[str | None, str | None] = (None, None),
) -> Envelope:
    """The attributes of a message that is about to be said on `subject`, here and now."""
    try:
        about = parse(subject).interview_id
    except Invalid:  # a subject of no interview
        about = ""
    return Envelope(
        id=str(event_id or uuid7()),
        type=type_name,
        source=source,
        time=clock.now(),
        subject=about,
        expires_at=expires_at,
        causation_id=None if causation_id is None else str(causation_id),
        traceparent=trace[0],
        tracestate=trace[1],
    )
