"""The subjects of the bus, built and taken apart again.

A tenant and an interview are one token each: a UUID, checked here, so that no caller can widen a subject with a dot
or a wildcard.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

from google.protobuf.descriptor import Descriptor

from viva_core.bus.topology import ROOT
from viva_core.errors import Invalid

Space = Literal["event", "command", "frame", "live", "dead"]

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


def _token(value: UUID | str, what: str) -> str:
    text = str(value)
    if not _TOKEN.fullmatch(text):
        raise Invalid(f"{what} can not be part of a subject: wanted 1-64 letters, digits, - or _")
    return text


@lru_cache(maxsize=256)
def event_name(descriptor: Descriptor) -> str:
    """The subject token of an event message: `QuestionGenerated` is `question-generated`."""
    return _WORDS.sub("-", descriptor.name).lower()


def event_subject(tenant_id: UUID | str, interview_id: UUID | str, event: str) -> str:
    """Where an event of an interview goes; `event` is `event_name` of its message."""
    tenant, interview = _token(tenant_id, "tenant_id"), _token(interview_id, "interview_id")
    return f"{ROOT}.event.{tenant}.{interview}.{_token(event, 'event')}"


def command_subject(role: str, tenant_id: UUID | str, interview_id: UUID | str) -> str:
    """Where a command for a role's workers goes."""
    tenant, interview = _token(tenant_id, "tenant_id"), _token(interview_id, "interview_id")
    return f"{ROOT}.command.{_token(role, 'role')}.{tenant}.{interview}"


def live_subject(tenant_id: UUID | str, interview_id: UUID | str, kind: str) -> str:
    """Where lossy messages of an interview go; `kind` may be `>` to subscribe to all kinds."""
    tenant, interview = _token(tenant_id, "tenant_id"), _token(interview_id, "interview_id")
    return f"{ROOT}.live.{tenant}.{interview}.{kind if kind == '>' else _token(kind, 'kind')}"


def frame_subject(tenant_id: UUID | str, interview_id: UUID | str) -> str:
    """Where the newest frame of an interview goes."""
    return f"{ROOT}.frame.{_token(tenant_id, 'tenant_id')}.{_token(interview_id, 'interview_id')}"


def dead_subject(stream: str, durable: str) -> str:
    """Where a consumer's dead letters go."""
    return f"{ROOT}.dead.{_token(stream, 'stream')}.{_token(durable, 'consumer')}"


def interview_filter(stream_subject: str, tenant_id: UUID | str, interview_id: UUID | str) -> str:
    """What of a stream's subject belongs to one interview: for a purge."""
    tenant, interview = _token(tenant_id, "tenant_id"), _token(interview_id, "interview_id")
    space = stream_subject.split(".")[2]
    match space:
        case "event":
            return f"{ROOT}.event.{tenant}.{interview}.*"
        case "command":
            return f"{ROOT}.command.*.{tenant}.{interview}"
        case "frame":
            return f"{ROOT}.frame.{tenant}.{interview}"
        case _:
            raise Invalid(f"{stream_subject}: this space has no interview in its subjects")


def matches(subject: str, pattern: str) -> bool:
    """Whether a subject is one of a pattern's: `*` is any one token, `>` at the end any one or more."""
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        wanted.pop()
        if len(tokens) <= len(wanted):
            return False
        tokens = tokens[: len(wanted)]
    return len(tokens) == len(wanted) and all(want in ("*", token) for token, want in zip(tokens, wanted, strict=True))


@dataclass(frozen=True, slots=True)
class Address:
    """A subject taken apart. `name` is the event, the role or the kind; empty for a frame."""

    space: Space
    tenant_id: str
    interview_id: str
    name: str


def parse(subject: str) -> Address:
    """Take a subject of an interview apart; raises Invalid for any other."""
    match subject.split("."):
        case ["viva", "v1", "event", tenant, interview, name]:
            return Address("event", tenant, interview, name)
        case ["viva", "v1", "command", name, tenant, interview]:
            return Address("command", tenant, interview, name)
        case ["viva", "v1", "live", tenant, interview, name]:
            return Address("live", tenant, interview, name)
        case ["viva", "v1", "frame", tenant, interview]:
            return Address("frame", tenant, interview, "")
    raise Invalid("not a subject of an interview")
