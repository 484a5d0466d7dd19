"""`TextModel` by a server that speaks OpenAI's chat API: vLLM, in production.

httpx rather than the openai client, because what matters here lies beneath that client: a stream that ends without
`[DONE]` was cut and must not pass for an answer; the deadline covers every read, the wait for the first token included;
`Retry-After` and the text of a 400 decide what the caller is told; and leaving a stream closes the connection, by which
vLLM notices and frees the slot. The wire format that this needs is one small JSON object a line.

vLLM ignores in silence what it does not know: `guided_json` is gone, the schema goes into `response_format`.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import httpx

from viva_core.errors import Expired, Transient, VivaError
from viva_core.models.openai_wire import Answer, data_lines, refused
from viva_core.models.port import Completion, Delta, Message, ModelInfo, ModelUnavailable, Schema

CONNECT_SECONDS = 3.0
CHECK_SECONDS = 3.0

T = TypeVar("T")


class OpenAIChat:
    """One model of one server.

    Args:
        url: the base URL, `/v1` included.
        model: the name the server serves it under.
        info: which model it is. `check` lowers `context_tokens` to what the server says it takes.
        api_key: sent as a bearer token.
        client: for tests.
    """

    def __init__(
        self,
        url: str,
        model: str,
        info: ModelInfo,
        *,
        api_key: str | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self.info = info
        self._model = model
        self._closed = False
        self._client = client or httpx.AsyncClient(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            verify=ssl.create_default_context(),  # a house's own certificate authority is the system's
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Schema | None = None,
        max_tokens: int,
        seed: int = 0,
        temperature: float = 0.0,
        deadline: float,
    ) -> AsyncGenerator[Delta | Completion, None]:
        """See `TextModel.stream`."""
        if self._closed:
            raise ModelUnavailable("The model is closed.")
        started = time.monotonic()
        first: float | None = None
        answer = Answer()
        request = self._client.build_request(
            "POST", "/chat/completions", json=self._body(messages, schema, max_tokens, seed, temperature)
        )
        response = await _within(deadline, self._send(request, stream=True))
        try:
            if response.status_code != httpx.codes.OK:
                raise refused(response, await _within(deadline, response.aread()))
            streamed = "event-stream" in response.headers.get("content-type", "")
            chunks = data_lines(response) if streamed else _whole(response)
            while (data := await _within(deadline, anext(chunks, None))) is not None:
                for delta in answer.chunk(data):
                    first = first if first is not None else time.monotonic() - started
                    yield delta
            seconds = time.monotonic() - started
            finish = answer.ended()
            yield Completion(answer.text, finish, answer.usage, first if first is not None else seconds, seconds)
        finally:
            await response.aclose()

    async def check(self) -> None:
        """Ask the server for its models: ours must be among them."""
        if self._closed:
            raise ModelUnavailable("The model is closed.")
        deadline = time.monotonic() + CHECK_SECONDS
        try:
            response = await _within(deadline, self._send(self._client.build_request("GET", "/models"), stream=False))
        except Expired:
            raise ModelUnavailable(f"The model server did not answer in {CHECK_SECONDS:.0f} s.") from None
        if response.status_code != httpx.codes.OK:
            raise _unserved(refused(response, response.content))
        try:
            served = {model["id"]: model for model in response.json()["data"]}
        except (ValueError, KeyError, TypeError):
            raise ModelUnavailable("What answers at VIVA_MODEL_URL is no model server.") from None
        if self._model not in served:
            raise ModelUnavailable(
                f"The model server does not serve {self._model!r} (VIVA_MODEL_SERVED_NAME); it serves: "
                f"{', '.join(served) or 'nothing'}.",
                reason="MODEL_UNKNOWN",
            )
        limit = served[self._model].get("max_model_len")
        if isinstance(limit, int) and limit < self.info.context_tokens:
            self.info = replace(self.info, context_tokens=limit)

    async def aclose(self) -> None:
        """Close the connections; streams still open end with ModelUnavailable."""
        self._closed = True
        await self._client.aclose()

    async def _send(self, request: httpx.Request, *, stream: bool) -> httpx.Response:
        """Send it, and once more if the connection breaks before the answer begins.

        vLLM closes a connection after many a refusal, and after five idle seconds, without a word before: what was sent
        meanwhile is lost unread.
        """
        try:
            return await self._client.send(request, stream=stream)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            if self._closed:
                raise
            return await self._client.send(request, stream=stream)

    def _body(
        self, messages: Sequence[Message], schema: Schema | None, max_tokens: int, seed: int, temperature: float
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "max_tokens": max_tokens,
            "temperature": temperature,
            "seed": seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if schema is not None:
            form = {"name": "answer", "schema": dict(schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body


async def _whole(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The answer of a proxy that gathers the stream and sends it in one piece."""
    yield await response.aread()


async def _within(deadline: float, work: Awaitable[T]) -> T:
    """Wait for `work` until the deadline; httpx's failures become ours."""
    try:
        async with asyncio.timeout(deadline - time.monotonic()):
            return await work
    except TimeoutError:
        raise Expired("The model was too slow: the deadline came first.") from None
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ModelUnavailable("The model server cannot be reached (VIVA_MODEL_URL).") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise ModelUnavailable(
            f"The connection to the model server broke ({type(error).__name__}).", reason="MODEL_STREAM_CUT"
        ) from error


def _unserved(error: VivaError) -> Transient:
    """For `check`, whose callers ask one thing: can it serve now?"""
    return error if isinstance(error, Transient) else ModelUnavailable(error.message)
