"""Records the answers of one interview while the candidate consents; never in the way of what is written down.

Sound is handed over as it comes and costs nothing but its place in memory; encoding, sealing and storing run beside.
The ledger is asked before each segment is kept, so that a revocation or an erasure holds whatever a page's grant says.
A segment that cannot be kept is counted and gone; the answer's words do not depend on it.
"""

import asyncio
from dataclasses import dataclass

from viva_core.errors import VivaError
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.recordings import Recordings
from viva_media.domain.audio import Pcm
from viva_media.domain.recording import Consents, Cut, Cutter
from viva_media.metrics import MediaMetrics

_log = get_logger("viva.media.recorder")
_MOST_WAITING = 3
"""Segments that wait for a slow store, at most; a further one is lost."""


@dataclass(frozen=True)
class Archive:
    """What every recorder of the service shares."""

    recordings: Recordings
    consents: Consents
    metrics: MediaMetrics


@dataclass(frozen=True)
class Erased:
    """What was destroyed: objects of the recording, spool files."""

    objects: int
    spooled: int


class Recorder:
    """Of one interview. With no archive it records nothing: that is the default."""

    def __init__(self, archive: Archive | None, tenant_id: str, interview_id: str) -> None:
        self._archive = archive
        self._tenant = tenant_id
        self._interview = interview_id
        self._cutter: Cutter | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()

    def hear(self, turn_id: str, end: int, pcm: Pcm) -> None:
        """More sound of an answer, that ends at the place `end`."""
        if self._archive is None:
            return
        if self._cutter is None or self._cutter.turn_id != turn_id:
            self.finish()
            self._cutter = Cutter(turn_id)
        self._keep(self._cutter.add(end, pcm))

    def finish(self) -> None:
        """The answer is over, or nobody may record any more of it: keep what was recorded until now."""
        cutter, self._cutter = self._cutter, None
        if cutter is not None:
            self._keep(cutter.rest())

    async def erase(self) -> int:
        """Stop, and destroy all that was recorded; how many objects that were. Raises Transient."""
        self._cutter = None
        await asyncio.gather(*self._waiting)  # not cancelled: a thread that writes would go on
        if self._archive is None:
            return 0
        erased = await self._archive.recordings.erase(self._tenant, self._interview)
        self._archive.metrics.recording_erased.inc(erased)
        return erased

    async def aclose(self) -> None:
        """Keep the rest and wait for it."""
        self.finish()
        await asyncio.gather(*self._waiting)

    def _keep(self, cuts: list[Cut]) -> None:
        assert self._archive is not None
        for cut in cuts:
            if len(self._waiting) >= _MOST_WAITING:
                self._archive.metrics.recorded.labels("lost").inc()
                _log.warning("a stretch of a recording is lost: the store is too slow", interview_id=self._interview)
                continue
            task = asyncio.create_task(self._keep_one(self._archive, cut))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _keep_one(self, archive: Archive, cut: Cut) -> None:
        async with self._order:
            try:
                if not (await archive.consents.standing(self._tenant, self._interview)).record:
                    archive.metrics.recorded.labels("refused").inc()
                    return
                kept = await archive.recordings.keep(self._tenant, self._interview, cut)
                if not (await archive.consents.standing(self._tenant, self._interview)).record:
                    await archive.recordings.erase(self._tenant, self._interview)  # it changed while we wrote
                    kept = None
                archive.metrics.recorded.labels("kept" if kept is not None else "refused").inc()
            except VivaError as error:
                archive.metrics.recorded.labels("lost").inc()
                _log.warning("a stretch of a recording is lost", interview_id=self._interview, reason=error.reason)
            except Exception:  # whatever a codec or a store comes up with: recording never ends an interview
                archive.metrics.recorded.labels("lost").inc()
                _log.exception("a stretch of a recording is lost", interview_id=self._interview)
