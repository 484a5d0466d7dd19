"""What goes over the socket: JSON objects `{type, id, data}`.

`id` is the sequence of an interview's change, to be sent as `last_event_id` when the socket is opened again; it is null
for what is live only. Types: each change's name (`question_asked`, `answer_submitted`, …), each live message's name
(`question_delta`), and `hello`, `heartbeat`, `status`.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python
from viva.event.v1 import events_pb2
from viva.media.v1 import media_pb2
from viva.question.v1 import question_pb2
from viva.session.v1.session_pb2 import WatchInterviewResponse
from viva_core.bus import LiveMessage, message_types

from viva_gateway.schemas import wire

LIVE_TYPES = message_types(question_pb2, media_pb2, events_pb2)
"""What is understood on live subjects."""

_WORDS = re.compile(r"(?<!^)(?=[A-Z])")
_FOR_EVERYBODY = frozenset({"question", "transcript"})
_FOR_THE_CANDIDATE = frozenset({"level", "expressions"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is ready to be sent. A newer one with the same `key` makes it superfluous."""

    type: str
    text: str
    key: str | None = None


def build(type_: str, data: Any, *, sequence: int | None = None, key: str | None = None) -> Outgoing:
    """A message."""
    document = {"type": type_, "id": sequence, "data": to_jsonable_python(data)}
    return Outgoing(type_, json.dumps(document, ensure_ascii=False, separators=(",", ":")), key)


def of_live(message: LiveMessage) -> Outgoing:
    """A live message; all of them are cumulative, so the newest of a turn and peer replaces those not sent yet."""
    name = _WORDS.sub("_", message.message.DESCRIPTOR.name).lower()
    turn, peer = (getattr(message.message, of, "") for of in ("turn_id", "peer_id"))
    return build(name, wire.plain(message.message), key=f"{name} {turn} {peer}")


def for_candidate_only(kind: str) -> bool:
    """Whether a live kind is never shown to staff."""
    return kind in _FOR_THE_CANDIDATE


def known_kind(kind: str) -> bool:
    """Whether a live kind is relayed at all."""
    return kind in _FOR_EVERYBODY or kind in _FOR_THE_CANDIDATE


def of_change(change: WatchInterviewResponse) -> Outgoing:
    """A change of the interview; `interview` is its state after it, or null on older changes that are told again."""
    name = change.WhichOneof("event") or "changed"
    event: Message | None = getattr(change, name) if name != "changed" else None
    data = {
        "occurred_at": change.occurred_at.ToDatetime(tzinfo=UTC) if change.HasField("occurred_at") else None,
        "interview": wire.plain(change.interview) if change.HasField("interview") else None,
        "event": wire.plain(event) if event is not None else None,
    }
    return build(name, data, sequence=change.sequence)


class Resume(BaseModel):
    """The one message that a client may send: tell again what came after a sequence."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: str = Field(pattern="^resume$")
    last_event_id: int = Field(ge=0, le=2**63 - 1)


def read(text: str) -> Resume | None:
    """What the client says; None for what nobody understands."""
    try:
        return Resume.model_validate_json(text)
    except ValidationError:
        return None
