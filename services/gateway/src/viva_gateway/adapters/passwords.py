"""Passwords by Argon2id, off the event loop: one check takes tens of milliseconds of a core on purpose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane.
_DEFAULT = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and checks; at most two at a time, so that a burst of sign-ins does not take every core."""

    def __init__(self, hasher: PasswordHasher = _DEFAULT) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
        self._nobody = hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. Takes as long for an unknown account (None), so that time tells nobody which
        accounts there are."""
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(self._pool, self._verify, kept or self._nobody, password)
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with parameters of the past."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)
