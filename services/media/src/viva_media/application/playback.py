"""Gives a recorded answer back, for whoever decides on it."""

import asyncio

from viva_core.errors import NotFound

from viva_media.adapters import opus
from viva_media.adapters.recordings import Recordings


class Playback:
    """Of all interviews. With no recordings there is nothing to hear: that is the default."""

    def __init__(self, recordings: Recordings | None) -> None:
        self._recordings = recordings

    async def answer(self, tenant_id: str, interview_id: str, turn_id: str) -> bytes:
        """An answer's sound as one WebM file whose time is the answer's. Raises NotFound when nothing of it is kept,
        Transient, or Unreadable."""
        if self._recordings is None:
            raise _nothing()
        kept = await self._recordings.segments(tenant_id, interview_id)
        spoken = sorted((each for each in kept if each.turn_id == turn_id), key=lambda each: each.start)
        read = [(each.start, await self._recordings.read(tenant_id, interview_id, each)) for each in spoken]
        files = [(start, ogg) for start, ogg in read if ogg is not None]  # None: erased while we read
        if not files:
            raise _nothing()
        return await asyncio.to_thread(opus.join, files)


def _nothing() -> NotFound:
    return NotFound("no recording of this answer is kept", reason="NOT_RECORDED")
