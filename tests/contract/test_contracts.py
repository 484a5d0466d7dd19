"""Walks every RPC and every event of the contracts."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import protovalidate
import pytest
import viva
from buf.validate import validate_pb2
from google.protobuf import descriptor_pb2, unknown_fields
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from viva_core.bus import subjects

_WELL_KNOWN = "google.protobuf."


def _files() -> Iterator[FileDescriptor]:
    for root in map(Path, viva.__path__):
        for path in root.glob("*/v1/*_pb2.py"):
            module = ".".join(("viva", *path.relative_to(root).with_suffix("").parts))
            yield importlib.import_module(module).DESCRIPTOR


FILES = sorted(_files(), key=lambda file: file.name)
METHODS = [method for file in FILES for service in file.services_by_name.values() for method in service.methods]
EVENTS = [
    message for file in FILES if file.package == "viva.event.v1" for message in file.message_types_by_name.values()
]


def _reachable(root: Descriptor) -> Iterator[Descriptor]:
    seen: set[str] = set()
    todo = [root]
    while todo:
        message = todo.pop()
        if message.full_name in seen or message.full_name.startswith(_WELL_KNOWN):
            continue
        seen.add(message.full_name)
        yield message
        todo += [field.message_type for field in message.fields if field.message_type is not None]


def _needs_rule(field: FieldDescriptor) -> bool:
    """Every bool is valid, and a message is validated by its own fields; all else must say what it takes."""
    return field.is_repeated or field.type not in (FieldDescriptor.TYPE_BOOL, FieldDescriptor.TYPE_MESSAGE)


def _unruled(root: Descriptor) -> list[str]:
    return [
        field.full_name
        for message in _reachable(root)
        for field in message.fields
        if _needs_rule(field) and not field.GetOptions().HasExtension(validate_pb2.field)
    ]


def test_contracts_cover_every_domain() -> None:
    packages = {file.package for file in FILES}
    domains = ("common", "session", "question", "evaluation", "vision", "media", "event")
    assert packages == {f"viva.{domain}.v1" for domain in domains}
    assert len(METHODS) > 40
    assert len(EVENTS) > 20


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_field_of_a_request_is_validated(method: MethodDescriptor) -> None:
    assert _unruled(method.input_type) == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_field_of_an_event_is_validated(event: Descriptor) -> None:
    assert _unruled(event) == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_empty_event_is_refused(event: Descriptor) -> None:
    assert protovalidate.collect_violations(GetMessageClass(event)())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_event_has_a_subject_token(event: Descriptor) -> None:
    token = subjects.event_name(event)
    assert token == token.lower()
    assert "." not in token


@pytest.mark.parametrize(
    "message", [*(method.input_type for method in METHODS), *EVENTS], ids=lambda message: message.full_name
)
def test_an_unknown_field_survives_a_round_trip(message: Descriptor) -> None:
    from_the_future = b"\xf8\x3f\x2a"  # field 1023, varint, 42
    parsed: Message = GetMessageClass(message).FromString(from_the_future)
    again = GetMessageClass(message).FromString(parsed.SerializeToString())
    assert [field.field_number for field in unknown_fields.UnknownFieldSet(again)] == [1023]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_enum_starts_unspecified(file: FileDescriptor) -> None:
    definition = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(definition)
    for enum in definition.enum_type:
        assert enum.value[0].name.endswith("_UNSPECIFIED")
