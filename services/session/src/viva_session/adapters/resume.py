"""Reads a résumé in a process of its own, with little memory and time: a hostile file harms nothing but itself."""

import asyncio
import json
import sys
from datetime import datetime
from typing import Any

from viva_core.errors import Exhausted, Invalid, Transient, Violation

from viva_session.domain.resume import Excerpt, Resume

MAX_BYTES = 5 * 1024 * 1024
_SECONDS = 15.0
_AT_ONCE = 2
_WAITING = 16


class ResumeReader:
    """`read` turns a file into passages. At most two files are read at once; too many waiting is Exhausted."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def read(self, file_name: str, content: bytes, now: datetime) -> Resume:
        """The résumé as text. Raises Invalid that says what is wrong with the file and what to send instead."""
        if len(content) > MAX_BYTES:
            raise _refused("the file is larger than 5 MiB: leave out pictures, or send plain text")
        if self._waiting >= _WAITING:
            raise Exhausted("many files are being read now: try again in a moment", reason="RESUMES_BUSY")
        self._waiting += 1
        try:
            async with self._slots:
                found = await self._extract(content)
        finally:
            self._waiting -= 1
        return Resume(
            file_name=file_name,
            media_type=found["media_type"],
            pages=found["pages"],
            excerpts=tuple(Excerpt(e["excerpt_id"], e["section"], e["text"]) for e in found["excerpts"]),
            uploaded_at=now,
        )

    async def _extract(self, content: bytes) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "viva_session.adapters.resume_extract"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(content), _SECONDS)
        except TimeoutError:
            raise _refused("the file takes too long to read: save it anew, or send plain text") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            found: dict[str, Any] = json.loads(output)
        except ValueError:
            if process.returncode == 0:
                raise Transient("the file could not be read just now: send it again") from None
            raise _refused("the file is damaged or too complex: save it anew, or send plain text") from None
        if "refused" in found:
            raise _refused(found["refused"])
        return found


def _refused(why: str) -> Invalid:
    return Invalid(why, [Violation("content", why)], reason="RESUME_UNREADABLE")
