"""Keeps what people said, and who they are, out of the logs.

An allow-list: a value is logged only under a key that is known to be harmless, or when its type cannot hold words
(numbers, booleans, UUIDs, times). Everything else becomes its type and length. So a new field of a new message is
hidden until somebody decides that it may be seen. Under nearly all of these keys a value is one word (an id, a code, a
name of ours); a sentence there is not what the key is for, and is hidden too.
"""

import re
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

# Keys whose values are written by us, never by a person. Sorted by what they are about.
ALLOWED_KEYS = frozenset(
    """
    event level timestamp service logger version pid
    trace_id span_id correlation_id causation_id
    method rpc_service code reason status route path_template http_method http_status
    stream consumer subject durable role event_type message_type message_id attempt attempts sequence
    tenant_id interview_id turn_id request_id position_id rubric_id report_id receipt_id invitation_id account_id
    review_id peer_id competency_id criterion_id question_id prompt_id model_id model engine language mode state
    from_state to_state timer kind part ok host port address url path signal exit_code component operation
    change changes table migration source purpose outcome
    """.split()
)

# Of those, what may be several words: constants of ours.
_PHRASES = frozenset("event part timer component operation change changes timestamp source logger".split())
_WORD = re.compile(r"\S{1,256}")

# Never, not even as a number or inside an allowed key.
_SECRET_KEY = re.compile(
    r"password|passwd|secret|token|api_?key|authorization|cookie|credential|private|session_id", re.I
)
_IN_TEXT = (
    (re.compile(r"(?<=\S)\?[^\s=?]+=\S*"), "?<query>"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "<token>"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"), "<credentials>"),
    (re.compile(r"(?<!\w)\+?\d[\d ()-]{8,}\d(?!\w)"), "<number>"),
)
_PLAIN = (int, float, bool, UUID, datetime, date, timedelta, type(None))


class SafeTraceback(list[str]):
    """Types and places of an exception, as `logs.safe_traceback` makes them: no messages, no values."""


def redact(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces every value that may hold what a person said or is."""
    for key, value in event.items():
        if isinstance(value, SafeTraceback):
            continue
        event[key] = _redacted(key, value)
    return event


def _redacted(key: str, value: Any) -> Any:
    if _SECRET_KEY.search(key):
        return "<secret>"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, _PLAIN):
        return str(value) if isinstance(value, (UUID, timedelta)) else value
    if isinstance(value, Mapping):
        return {str(inner): _redacted(str(inner), item) for inner, item in value.items()}
    if isinstance(value, str) and key in ALLOWED_KEYS:
        return scrub(value) if key in _PHRASES or _WORD.fullmatch(value) else f"<text of {len(value)}>"
    if isinstance(value, (list, tuple, set, frozenset)):
        if key in ALLOWED_KEYS:
            return [_redacted(key, item) for item in value]
        return f"<{type(value).__name__} of {len(value)}>"
    if isinstance(value, str):
        return f"<text of {len(value)}>"
    if isinstance(value, bytes):
        return f"<bytes of {len(value)}>"
    return f"<{type(value).__name__}>"


def scrub(text: str) -> str:
    """Take addresses, tokens, credentials and long numbers out of a text of ours; UUIDs stay."""
    parts = _UUID.split(text)
    for index in range(0, len(parts), 2):
        for pattern, mark in _IN_TEXT:
            parts[index] = pattern.sub(mark, parts[index])
    return "".join(parts)


_UUID = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.I)
