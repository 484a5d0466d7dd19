"""Idempotency keys in PostgreSQL. Stored responses are sealed (AES-256-GCM): they may hold links and answers."""

import json
import os
from base64 import b64decode, b64encode
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from viva_core.clock import Clock
from viva_core.db import transaction

from viva_gateway.adapters.tables import idempotency_keys as keys
from viva_gateway.domain.errors import KeyInUse, KeyReused
from viva_gateway.domain.idempotency import KEEP, LOCK, StoredResponse

_NONCE = 12


class IdempotencyKeys:
    """Remembers what requests were answered."""

    def __init__(self, database: async_sessionmaker[AsyncSession], key: bytes, clock: Clock) -> None:
        self._database = database
        self._cipher = AESGCM(key)
        self._clock = clock

    async def begin(self, subject: str, key: str, request_hash: bytes, mentions: list[UUID]) -> StoredResponse | None:
        """Claim the key for a request; what it was answered when it was made before.

        Raises KeyReused for another request under the same key, KeyInUse while the first one is under way.
        """
        now = self._clock.now()
        async with transaction(self._database) as session:
            if await self._claim(session, subject, key, request_hash, mentions, now):
                return None
            mine = (keys.c.subject == subject) & (keys.c.key == key)
            row = (await session.execute(select(keys).where(mine))).one_or_none()
        if row is not None and row.request_hash != request_hash:
            raise KeyReused("this Idempotency-Key was used for another request: take a new one")
        if row is None or row.status is None:
            raise KeyInUse("the first request with this Idempotency-Key has not ended yet: try again soon")
        return self._opened(subject, key, row.status, row.response)

    async def _claim(
        self, session: AsyncSession, subject: str, key: str, request_hash: bytes, mentions: list[UUID], now: datetime
    ) -> bool:
        """Make the row, or take over one that has run out or whose request died with its process."""
        values = {
            "request_hash": request_hash,
            "locked_until": now + LOCK,
            "status": None,
            "response": None,
            "mentions": mentions,
            "expires_at": now + KEEP,
        }
        orphan = keys.c.status.is_(None) & (keys.c.locked_until <= now) & (keys.c.request_hash == request_hash)
        claimed = await session.execute(
            insert(keys)
            .values(subject=subject, key=key, **values)
            .on_conflict_do_update(
                index_elements=[keys.c.subject, keys.c.key], set_=values, where=orphan | (keys.c.expires_at <= now)
            )
            .returning(keys.c.key)
        )
        return claimed.one_or_none() is not None

    async def keep(self, subject: str, key: str, response: StoredResponse, mentions: list[UUID]) -> None:
        """Remember the answer."""
        mine = (keys.c.subject == subject) & (keys.c.key == key)
        async with transaction(self._database) as session:
            await session.execute(
                update(keys)
                .where(mine)
                .values(
                    status=response.status,
                    response=self._sealed(subject, key, response),
                    mentions=func.array_cat(keys.c.mentions, mentions),
                )
            )

    async def release(self, subject: str, key: str) -> None:
        """Forget a request that failed, so that it may be corrected and made again under the same key."""
        async with transaction(self._database) as session:
            await session.execute(
                delete(keys).where(keys.c.subject == subject, keys.c.key == key, keys.c.status.is_(None))
            )

    async def sweep(self) -> None:
        """Remove what has run out."""
        async with transaction(self._database) as session:
            await session.execute(delete(keys).where(keys.c.expires_at <= self._clock.now()))

    def _sealed(self, subject: str, key: str, response: StoredResponse) -> bytes:
        plain = json.dumps({"headers": response.headers, "body": b64encode(response.body).decode()}).encode()
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, f"{subject} {key}".encode())

    def _opened(self, subject: str, key: str, status: int, sealed: bytes) -> StoredResponse:
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], f"{subject} {key}".encode())
        except InvalidTag:
            raise KeyReused("this Idempotency-Key was used under another key of the server: take a new one") from None
        kept = json.loads(plain)
        headers = tuple((name, value) for name, value in kept["headers"])
        return StoredResponse(status, headers, b64decode(kept["body"]))
