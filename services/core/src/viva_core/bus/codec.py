"""Messages to bytes and back, checked by their protovalidate rules on both sides.

Both sides, because a rule may be newer on one of them, and a message that breaks its own contract must not reach a
handler. The check costs microseconds.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import protovalidate
from google.protobuf.message import DecodeError, Message

from viva_core.bus.envelope import CONTENT_TYPE, Envelope
from viva_core.errors import Invalid, Violation

MessageTypes = Mapping[str, type[Message]]
"""What a reader understands: message classes by full name ("viva.event.v1.QuestionGenerated")."""

_validator = protovalidate.Validator()  # caches compiled rules; safe to share


def message_types(*sources: ModuleType | type[Message]) -> dict[str, type[Message]]:
    """The registry of the given message classes, and of every message of the given `*_pb2` modules."""
    types: dict[str, type[Message]] = {}
    for source in sources:
        if isinstance(source, ModuleType):
            types |= message_types(*(getattr(source, name) for name in source.DESCRIPTOR.message_types_by_name))
        else:
            types[source.DESCRIPTOR.full_name] = source
    return types


def _path(violation: Any) -> str:
    path = ""
    for element in violation.proto.field.elements:
        path += f".{element.field_name}" if path else element.field_name
        subscript = element.subscript
        if subscript is not None:
            path += f"[{subscript.value}]"
    return path


def check(message: Message) -> None:
    """Raise Invalid, naming every field that breaks its rule."""
    try:
        violations = _validator.collect_violations(message)
    except (protovalidate.CompilationError, protovalidate.EvaluationError):
        # A rule that can not be evaluated is a fault of the contract, which every message of the type would meet.
        raise Invalid(f"the rules of {message.DESCRIPTOR.full_name} can not be evaluated") from None
    if violations:
        raise Invalid(
            f"{message.DESCRIPTOR.full_name} breaks {len(violations)} of its rules: "
            + ", ".join(sorted({_path(violation) for violation in violations})[:8]),
            [Violation(_path(violation), violation.proto.message) for violation in violations],
        )


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
