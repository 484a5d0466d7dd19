"""Sound that is not words yet, on disk, encrypted: what is spoken survives a crash, a reconnect and an engine's outage.

One file an answer (`spool_log`). The last 1.5 s are in memory as well, because engines read what was just written.
Bounded: at `limit` bytes the file is written anew without what is settled, and what still does not fit is refused to
the caller, who makes it a gap. While the disk takes nothing (it is full), up to a minute of sound waits in memory: it
still becomes words, and a crash would lose it.
"""

import errno
import json
import struct
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from viva_core.errors import Exhausted
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.spool_log import Record, SpoolLog
from viva_media.domain.audio import Chunk, Pcm, samples, silence

_log = get_logger("viva.media.spool")
_AUDIO = struct.Struct(">cQ")
_MOST_HELD = 2 << 20
"""Bytes of sound that wait in memory at most: a minute."""
_AT_HAND = samples(1.5)
"""What an engine reads as it is spoken lies within it."""
SUFFIX = ".spool"


@dataclass(frozen=True)
class Belonging:
    """Whose sound it is, and what is needed to go on with it after a crash. `opened_at`: Unix seconds."""

    tenant_id: str
    interview_id: str
    turn_id: str
    language: str
    mode: str
    patience: float
    opened_at: float

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.interview_id}.{self.turn_id}{SUFFIX}"


class _Kept(NamedTuple):
    """A chunk on the disk: its place, and where it is written."""

    start: int
    end: int
    record: Record


def _start(kept: _Kept) -> int:
    return kept.start


class Spool:
    """One answer's file. Sound goes in by place and comes out by place; what was never put in reads as silence."""

    def __init__(
        self,
        path: Path,
        belonging: Belonging,
        key: bytes,
        wrapped: bytes,
        *,
        limit: int,
        on_fault: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_fault`: the disk takes nothing any more."""
        self.path = path
        self.belonging = belonging
        self.settled_until = 0
        self.end = 0
        """One past the last sound."""
        self._limit = limit
        self._key = key
        self._wrapped = wrapped
        self._chunks: list[_Kept] = []  # by start
        self._recent: deque[Chunk] = deque()
        self._held: list[Chunk] = []
        self._failing = False
        self._on_fault = on_fault
        self._file = self._log_at(path)

    def append(self, chunk: Chunk) -> None:
        """Keep some sound. Raises Exhausted when the bound is reached by what is owed."""
        if self._file.size + chunk.pcm.nbytes + 64 > self._limit:
            self._make_room()
            if self._file.size + chunk.pcm.nbytes + 64 > self._limit:
                raise Exhausted("no more sound can be kept for this answer", reason="SPOOL_FULL")
        try:
            record = self._write(_audio(chunk))
        except OSError as error:
            self._fault(error)
            self._hold(chunk)
        else:
            self._failing = False
            insort(self._chunks, _Kept(chunk.start, chunk.end, record), key=_start)
        self._remember(chunk)
        self.end = max(self.end, chunk.end)

    def settle(self, until: int) -> None:
        """Sound before `until` became words or a gap and is not needed again."""
        if until <= self.settled_until:
            return
        self.settled_until = until
        self._held = [chunk for chunk in self._held if chunk.end > until]
        try:
            self._write(_settled(until))
        except OSError as error:  # after a crash it would be written down twice
            self._fault(error)
        if self._file.size > self._limit // 4 or (until >= self.end and self._chunks):
            self._make_room()

    def read(self, start: int, end: int) -> Pcm:
        """The sound from `start` to `end`."""
        pcm = silence(end - start)
        at_hand = self._recent and start >= self._recent[0].start
        for chunk in self._recent if at_hand else self._between(start, end):
            if chunk.end <= start or chunk.start >= end:
                continue
            first, last = max(chunk.start, start), min(chunk.end, end)
            pcm[first - start : last - start] = chunk.pcm[first - chunk.start : last - chunk.start]
        return pcm

    def chunks(self) -> Iterator[Chunk]:
        """All the sound that is owed, in order."""
        yield from self._between(self.settled_until, self.end)

    def delete(self) -> None:
        """Destroy the file and its key."""
        self._recent.clear()
        self._file.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file for another process to go on with."""
        self._file.close()

    def begin(self) -> None:
        """Write the head of a new file; later, if the disk does not take it now."""
        try:
            self._file.begin(self._head())
        except OSError as error:
            self._fault(error)

    def load(self) -> None:
        """Read what a process before this one left. Raises Damaged, ValueError, TypeError, struct.error."""
        for record, plain in self._file.replay():
            self._take(record, plain)

    def _take(self, record: Record, plain: bytes) -> None:
        kind = plain[:1]
        if kind == b"B":
            self.belonging = Belonging(**json.loads(plain[1:]))
            return
        _, place = _AUDIO.unpack(plain[: _AUDIO.size])
        if kind == b"S":
            self.settled_until = max(self.settled_until, place)
        else:
            end = place + (len(plain) - _AUDIO.size) // 2
            insort(self._chunks, _Kept(place, end, record), key=_start)
            self.end = max(self.end, end)

    def _remember(self, chunk: Chunk) -> None:
        if chunk.start < self.end:  # out of order: what lies at hand would not be all there is
            self._recent.clear()
            return
        self._recent.append(chunk)
        while self._recent[0].end < chunk.end - _AT_HAND:
            self._recent.popleft()

    def _between(self, start: int, end: int) -> Iterator[Chunk]:
        first = max(bisect_right(self._chunks, start, key=_start) - 1, 0)
        last = bisect_right(self._chunks, end, key=_start)
        for kept in self._chunks[first:last]:
            if kept.start < end and kept.end > start:
                plain = self._file.read(kept.record)
                yield Chunk(kept.start, np.frombuffer(plain, dtype=np.int16, offset=_AUDIO.size))
        yield from [chunk for chunk in self._held if chunk.start < end and chunk.end > start]

    def _hold(self, chunk: Chunk) -> None:
        if sum(each.pcm.nbytes for each in self._held) + chunk.pcm.nbytes > _MOST_HELD:
            raise Exhausted("no more sound can be kept: the disk takes none", reason="SPOOL_FULL")
        self._held.append(Chunk(chunk.start, chunk.pcm.copy()))

    def _fault(self, error: OSError) -> None:
        if not self._failing:
            self._failing = True
            self._on_fault()
            why = errno.errorcode.get(error.errno or 0, "")
            _log.error("the spool cannot be written; sound waits in memory, and a crash would lose it", reason=why)

    def _write(self, plain: bytes) -> Record:
        if not self._file.begun:
            self._file.begin(self._head())
        return self._file.append(plain)

    def _make_room(self) -> None:
        """Write the file anew without what is settled; the old one stays until the new one is whole, and for good if
        the disk does not take it."""
        kept = [Chunk(c.start, c.pcm.copy()) for c in self._between(self.settled_until, self.end)]
        kept.sort(key=lambda chunk: chunk.start)
        path = self.path.with_suffix(".new")
        fresh: SpoolLog | None = None
        try:
            path.unlink(missing_ok=True)
            fresh = self._log_at(path)
            fresh.begin(self._head())
            fresh.append(_settled(self.settled_until))
            chunks = [_Kept(chunk.start, chunk.end, fresh.append(_audio(chunk))) for chunk in kept]
            fresh.move(self.path)
        except OSError as error:
            self._fault(error)
            if fresh is not None:
                fresh.close()
            with suppress(OSError):
                path.unlink(missing_ok=True)
            return
        self._file.close()
        self._file, self._chunks, self._held = fresh, chunks, []

    def _log_at(self, path: Path) -> SpoolLog:
        return SpoolLog(path, self.path.name, self._key, self._wrapped)

    def _head(self) -> bytes:
        return b"B" + json.dumps(asdict(self.belonging)).encode()


def _audio(chunk: Chunk) -> bytes:
    return _AUDIO.pack(b"A", chunk.start) + chunk.pcm.tobytes()


def _settled(until: int) -> bytes:
    return _AUDIO.pack(b"S", until)
