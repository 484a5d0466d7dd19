"""What an OpenAI-compatible server puts on the wire: chunks of a stream, whole answers, refusals."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import httpx

from viva_core.errors import Invalid, VivaError
from viva_core.models.port import Delta, ModelBusy, ModelUnavailable, PromptTooLong, Usage

_CUT = "MODEL_STREAM_CUT"


async def data_lines(response: httpx.Response) -> AsyncIterator[bytes]:
    """The `data:` fields of a stream of server-sent events, up to `[DONE]`; raises if the stream ends without it.

    Split at line feeds of the bytes: a text may hold characters (U+2028, U+0085) that `str.splitlines` takes for line
    ends.
    """
    rest = b""
    async for chunk in response.aiter_raw():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if not line.startswith(b"data:"):
                continue
            data = line[5:].strip()
            if data == b"[DONE]":
                return
            yield data
    raise ModelUnavailable("The model server broke off in the middle of an answer.", reason=_CUT)


class Answer:
    """Collects one answer, streamed or whole."""

    def __init__(self) -> None:
        self.finish_reason: Literal["stop", "length"] | None = None
        self.usage = Usage(0, 0, 0)
        self._texts: list[str] = []

    @property
    def text(self) -> str:
        """What was said so far."""
        return "".join(self._texts)

    def chunk(self, data: bytes) -> Iterator[Delta]:
        """Take one chunk of a stream, or the whole answer of a proxy that does not stream."""
        try:
            message = json.loads(data)
            if error := message.get("error"):
                raise refusal(int(error.get("code") or 500), error, None)
            for choice in message.get("choices", ()):
                yield from self._choice(choice)
            if usage := message.get("usage"):
                self.usage = _usage(usage)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ModelUnavailable("The model server sent what is no answer.", reason="MODEL_GARBLED") from None

    def ended(self) -> Literal["stop", "length"]:
        """Why it ended; raises if the server never said so."""
        if self.finish_reason is None:
            raise ModelUnavailable("The model server broke off in the middle of an answer.", reason=_CUT)
        return self.finish_reason

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Delta]:
        text = (choice.get("delta") or choice.get("message") or {}).get("content")
        if text:
            self._texts.append(text)
            yield Delta(text)
        match choice.get("finish_reason"):
            case None:
                pass
            case "length":
                self.finish_reason = "length"
            case "error" | "abort":  # vLLM: the engine gave up on this request
                raise ModelUnavailable("The model server gave up on this answer.", reason=_CUT)
            case _:
                self.finish_reason = "stop"


def _usage(usage: Mapping[str, Any]) -> Usage:
    details = usage.get("prompt_tokens_details") or {}
    return Usage(usage["prompt_tokens"], details.get("cached_tokens") or 0, usage["completion_tokens"])


def refused(response: httpx.Response, raw: bytes) -> VivaError:
    """The error that a response other than 200 stands for."""
    try:
        error = json.loads(raw)["error"]
    except (ValueError, KeyError, TypeError):
        error = {}
    return refusal(response.status_code, error, retry_after(response.headers.get("retry-after")))


def refusal(status: int, error: Any, after: timedelta | None) -> VivaError:
    """The error for a status and the `error` object (or text) that came with it.

    What the server says about a prompt is not repeated: it may quote it.
    """
    parameter = error.get("param") if isinstance(error, Mapping) else None
    text = str(error.get("message", "")) if isinstance(error, Mapping) else ""
    match status:
        case 400 | 413 | 422 if parameter in ("input_tokens", "max_tokens") or "context length" in text:
            return PromptTooLong("The prompt and the answer do not fit into the context of the served model.")
        case 400 | 413 | 422 if text.startswith("Grammar error"):
            return Invalid("The model server cannot hold a model to this schema.", reason="SCHEMA_NOT_SUPPORTED")
        case 400 | 413 | 422:
            return Invalid(f"The model server refused the request ({status}).", reason="MODEL_REQUEST_REFUSED")
        case 401 | 403:
            return ModelUnavailable(
                "The model server refuses our key (VIVA_MODEL_API_KEY).", reason="MODEL_KEY_REFUSED"
            )
        case 404:
            return ModelUnavailable(
                "The model server does not serve this model (VIVA_MODEL_SERVED_NAME).", reason="MODEL_UNKNOWN"
            )
        case 429:
            return ModelBusy("The model server is busy.", retry_after=after)
        case _:
            return ModelUnavailable(f"The model server answered {status}.", retry_after=after)


def retry_after(value: str | None) -> timedelta | None:
    """`Retry-After`, in seconds or as a date (RFC 9110, 10.2.3); None if it is neither."""
    if value is None:
        return None
    try:
        return timedelta(seconds=max(0.0, float(value)))
    except (ValueError, OverflowError):
        pass
    try:
        return max(timedelta(0), parsedate_to_datetime(value) - datetime.now(UTC))
    except (ValueError, TypeError):
        return None
