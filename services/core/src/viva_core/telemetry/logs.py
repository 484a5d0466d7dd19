"""Structured logs: one JSON object a line, with the trace they belong to, and without what people said.

A message (`event`) is a constant sentence of ours; what varies goes into keys, which the redactor looks at. Tracebacks
keep files, lines and exception types, and lose the exceptions' messages, since those may quote what was said.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from typing import Any, TextIO

import structlog
from opentelemetry import trace
from structlog.typing import FilteringBoundLogger, Processor

from viva_core.telemetry.redact import SafeTraceback, redact, scrub

# Libraries that log what they carry, or every request.
_QUIET = ("httpx", "httpcore", "nats", "aiohttp", "openai", "uvicorn.access", "sqlalchemy.engine", "grpc", "alembic")

_QUOTED_EXCEPTION = re.compile(r"\b([A-Za-z_]\w*(?:Error|Exception|Exit|Interrupt|Group))\(.*\)")


def configure(service: str, *, level: str = "info", fmt: str = "json", stream: TextIO | None = None) -> None:
    """Set logging up for this process, the standard library included. Call it once."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_ids,
        _named(service),
        _safe_traceback,
        redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger; its first argument is a constant sentence."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    return logger


def bound(**identifiers: str) -> AbstractContextManager[None]:
    """Add identifiers (a correlation id) to everything that is logged within a block, libraries included."""
    return structlog.contextvars.bound_contextvars(**identifiers)


def _named(service: str) -> Processor:
    def add(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return add


def _trace_ids(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
        event["span_id"] = f"{context.span_id:016x}"
    return event


def _safe_traceback(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    if not info:
        return event
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else sys.exc_info()[1]
    if error is not None:
        event["exception"] = SafeTraceback(safe_traceback(error))
    return event


def safe_traceback(error: BaseException) -> list[str]:
    """Types and places of an exception and its causes, outermost first; no messages, no values."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(f"{type(current).__module__}.{type(current).__qualname__}")
        lines += [f"  {f.filename}:{f.lineno} in {f.name}" for f in traceback.extract_tb(current.__traceback__)]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _foreign(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line of a library: its text may quote anything. Its first line stays, without addresses, tokens, and the
    message of an exception (asyncio shows one in "Task exception was never retrieved")."""
    first, more, _rest = str(event.get("event", "")).partition("\n")
    event["event"] = scrub(_QUOTED_EXCEPTION.sub(r"\1(…)", first)) + (" …" if more else "")
    return event
