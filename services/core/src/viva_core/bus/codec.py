"""Messages to bytes and back, checked by their protovalidate rules on both sides.

Both sides, because a rule may be newer on one of them, and a message that breaks its own contract must not reach a
handler.
"""

from collections.abc import Mapping
from types import ModuleType

from google.protobuf.message import DecodeError, Message

from viva_core.bus.envelope import CONTENT_TYPE, Envelope
from viva_core.errors import Invalid
from viva_core.validation import check

MessageTypes = Mapping[str, type[Message]]
"""What a reader understands: message classes by full name ("viva.event.v1.QuestionGenerated")."""


def message_types(*sources: ModuleType | type[Message]) -> dict[str, type[Message]]:
    """The registry of the given message classes, and of every message of the given `*_pb2` modules."""
    types: dict[str, type[Message]] = {}
    for source in sources:
        if isinstance(source, ModuleType):
            types |= message_types(*(getattr(source, name) for name in source.DESCRIPTOR.message_types_by_name))
        else:
            types[source.DESCRIPTOR.full_name] = source
    return types


def encode(message: Message) -> bytes:
    """Check and serialize."""
    check(message)
    return message.SerializeToString()


def _unversioned(full_name: str) -> list[str]:
    return [token for token in full_name.split(".") if not (token[:1] == "v" and token[1:2].isdigit())]


def decode(envelope: Envelope, payload: bytes, types: MessageTypes) -> Message:
    """The message of the type that the envelope names; raises Invalid with a reason that says what is wrong with it:
    UNKNOWN_TYPE, UNKNOWN_VERSION, UNKNOWN_CONTENT_TYPE, MALFORMED or INVALID_ARGUMENT.
    """
    if envelope.data_content_type != CONTENT_TYPE:
        raise Invalid(f"ce-datacontenttype: wanted {CONTENT_TYPE}", reason="UNKNOWN_CONTENT_TYPE")
    wanted = types.get(envelope.type)
    if wanted is None:
        name = _unversioned(envelope.type)
        if any(_unversioned(known) == name for known in types):
            raise Invalid("this consumer reads another version of this type", reason="UNKNOWN_VERSION")
        raise Invalid("this consumer does not read this type", reason="UNKNOWN_TYPE")
    message = wanted()
    try:
        message.ParseFromString(payload)
    except DecodeError:
        raise Invalid("the payload is not a message of its type", reason="MALFORMED") from None
    check(message)
    return message
