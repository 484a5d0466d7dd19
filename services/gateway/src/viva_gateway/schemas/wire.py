"""Protobuf messages as plain data and back, by one rule for all of them.

- a field keeps its name; a Duration becomes seconds and its name gains `_seconds`;
- an enum value loses its type's prefix and becomes lower case (`INTERVIEW_STATE_READY` is "ready"), UNSPECIFIED None;
- a Timestamp becomes a datetime in UTC; what is unset becomes None; a 64-bit number stays a number.

A test walks every message and checks that its model has exactly these fields.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from viva_core.errors import Invalid, Violation

M = TypeVar("M", bound=Message)
_TIMESTAMP = "google.protobuf.Timestamp"
_DURATION = "google.protobuf.Duration"
_NANOS = 1_000_000_000


@lru_cache(maxsize=256)
def _words(enum: EnumDescriptor) -> dict[int, str | None]:
    """The short words of an enum."""
    zero = enum.values_by_number[0].name
    prefix = zero.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower() if value.number else None for value in enum.values}


def word(enum: EnumDescriptor, number: int) -> str | None:
    """The short word of a value; None for UNSPECIFIED and for one that this version does not know."""
    return _words(enum).get(number)


def number(enum: EnumDescriptor, text: str | None) -> Any:
    """The value of a short word; 0 for None. Any, since the stubs know each enum's values as a type of their own."""
    return next(value for value, known in _words(enum).items() if known == text)


def plain_name(field: FieldDescriptor) -> str:
    """The field's name in plain data."""
    is_duration = field.message_type is not None and field.message_type.full_name == _DURATION
    return f"{field.name}_seconds" if is_duration else field.name


@lru_cache(maxsize=256)
def _reader(descriptor: Descriptor) -> list[tuple[FieldDescriptor, str, Callable[[Any], Any], bool]]:
    """(field, plain name, conversion of one value, whether None when unset) of each field."""
    return [(field, plain_name(field), _conversion(field), field.has_presence) for field in descriptor.fields]


def _conversion(field: FieldDescriptor) -> Callable[[Any], Any]:
    if field.enum_type is not None:
        enum = field.enum_type
        return lambda value: word(enum, value)
    if field.message_type is None:
        return lambda value: value
    if field.message_type.full_name == _TIMESTAMP:
        return _moment
    if field.message_type.full_name == _DURATION:
        return lambda value: value.seconds + value.nanos / _NANOS
    return plain


def _moment(value: Any) -> datetime:
    moment: datetime = value.ToDatetime(tzinfo=UTC)
    return moment


def plain(message: Message) -> dict[str, Any]:
    """A message as plain data."""
    result: dict[str, Any] = {}
    for field, name, convert, presence in _reader(message.DESCRIPTOR):
        value = getattr(message, field.name)
        if field.is_repeated:
            result[name] = [convert(item) for item in value]
        elif presence and not message.HasField(field.name):
            result[name] = None
        else:
            result[name] = convert(value)
    return result


def message(kind: type[M], data: Mapping[str, Any]) -> M:
    """Plain data as a message; raises Invalid for a time or duration that protobuf cannot hold."""
    built = kind()
    _fill(built, data)
    return built


def _fill(built: Message, data: Mapping[str, Any]) -> None:
    for field, name, _, _ in _reader(built.DESCRIPTOR):
        value = data.get(name)
        if value is None:
            continue
        if field.is_repeated:
            target = getattr(built, field.name)
            for item in value:
                if field.message_type is not None:
                    _fill(target.add(), item)
                else:
                    target.append(_scalar(field, item))
        elif field.message_type is None:
            setattr(built, field.name, _scalar(field, value))
        else:
            _fill_one(getattr(built, field.name), field, field.message_type.full_name, value)


def _fill_one(target: Any, field: FieldDescriptor, kind: str, value: Any) -> None:
    target.SetInParent()
    try:
        if kind == _TIMESTAMP:
            target.FromDatetime(value)
        elif kind == _DURATION:
            target.FromNanoseconds(round(value * _NANOS))
        else:
            _fill(target, value)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{plain_name(field)} is out of range", [Violation(plain_name(field), "is out of range")]
        ) from None


def _scalar(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return number(field.enum_type, value)
    return str(value) if isinstance(value, UUID) else value
