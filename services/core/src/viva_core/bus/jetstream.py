"""JetStream's management API, as JSON: for `apply`, dead letters and erasure.

Spoken directly rather than through nats-py's models, which drop fields that decide here (the time of a stream's oldest
message, how many messages a purge removed) and garble header values outside ASCII.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from viva_core.bus import faults
from viva_core.errors import NotFound


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as a stream holds it."""

    sequence: int
    subject: str
    headers: Mapping[str, str]
    payload: bytes


def _headers(encoded: str) -> dict[str, str]:
    block = base64.b64decode(encoded).decode("utf-8", "replace")
    pairs = (line.partition(":") for line in block.split("\r\n")[1:] if line)
    return {name.strip(): value.strip() for name, _, value in pairs}


class JetStreamApi:
    """Requests over a connected client; every failure leaves as one of Viva's errors."""

    def __init__(self, client: Client, *, timeout: float = 5.0) -> None:
        self._client = client
        self._timeout = timeout

    async def request(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask `$JS.API.<name>`. Raises NotFound, Transient, Exhausted, Invalid or Permanent."""
        reply = await self._ask(name, json.dumps(body).encode() if body else b"")
        answer: dict[str, Any] = json.loads(reply.data)
        refusal = answer.get("error")
        if refusal is not None:
            raise faults.from_api(refusal.get("code"), refusal.get("err_code"), refusal.get("description"))
        return answer

    async def _ask(self, name: str, payload: bytes = b"") -> Msg:
        if not self._client.is_connected:
            raise faults.away()
        try:
            return await self._client.request(f"$JS.API.{name}", payload, timeout=self._timeout)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            raise faults.translate(error) from error

    async def find(self, name: str) -> dict[str, Any] | None:
        """Ask for a stream's or a consumer's state; None when it is not there."""
        try:
            return await self.request(name)
        except NotFound:
            return None

    async def message(self, stream: str, sequence: int, *, subject: str | None = None) -> StoredMessage | None:
        """The message with this sequence, or, with a subject pattern, the first that matches from there on."""
        body = {"seq": sequence} if subject is None else {"seq": sequence, "next_by_subj": subject}
        try:
            answer = await self.request(f"STREAM.MSG.GET.{stream}", body)
        except NotFound:
            return None
        raw = answer["message"]
        return StoredMessage(
            sequence=raw["seq"],
            subject=raw["subject"],
            headers=_headers(raw.get("hdrs", "")),
            payload=base64.b64decode(raw.get("data", "")),
        )

    async def newest(self, stream: str, subject: str) -> StoredMessage | None:
        """The newest message of one subject, or None; needs the right to this subject only, and a `direct` stream."""
        reply = await self._ask(f"DIRECT.GET.{stream}.{subject}")
        headers = reply.headers or {}
        status = headers.get("Status")
        if status == "404":
            return None
        if status is not None:
            raise faults.from_api(int(status), None, headers.get("Description"))
        return StoredMessage(int(headers["Nats-Sequence"]), headers["Nats-Subject"], headers, reply.data)

    async def delete(self, stream: str, sequence: int) -> bool:
        """Remove one message; False when it was not there."""
        try:
            await self.request(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence})
        except NotFound:
            return False
        return True

    async def subjects(self, stream: str, pattern: str) -> list[str]:
        """The subjects of a pattern that have messages on the stream."""
        found: list[str] = []
        while True:
            body = {"subjects_filter": pattern, "offset": len(found)}
            state = (await self.request(f"STREAM.INFO.{stream}", body))["state"]
            page = list(state.get("subjects") or {})
            found += page
            if not page or len(found) >= state.get("num_subjects", 0):
                return found

    async def purge(self, stream: str, subject: str) -> int:
        """Remove all messages of a subject pattern; returns how many there were."""
        answer = await self.request(f"STREAM.PURGE.{stream}", {"filter": subject})
        purged: int = answer["purged"]
        return purged
