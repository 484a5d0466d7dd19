"""Sound that is not words yet, on disk, encrypted: what is spoken survives a crash, a reconnect and an engine's outage.

One file an answer, `<interview>.<turn>.spool`, append-only. Its first line holds the file's own AES-256-GCM key,
wrapped by the service's key; deleting the file destroys the only copy, and with it whatever a disk may still remember
of the sound. Records are `length, nonce, ciphertext`, bound to the interview, the turn and their number, so that none
can be swapped, dropped or taken over from another file unseen. The last record of a crashed process may be torn; it is
cut off.

Bounded: at `limit` bytes the file is written anew without what is settled, and what still does not fit is refused to
the caller, who makes it a gap. While the disk takes nothing (it is full), up to a minute of sound waits in memory: it
still becomes words, and a crash would lose it.
"""

import errno
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from viva_core.errors import Exhausted, Permanent
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.sealing import WRAPPED, Sealer, Tampered
from viva_media.domain.audio import Chunk, Pcm, silence

_log = get_logger("viva.media.spool")
_MAGIC = b"VIVASPL1"
_LENGTH = struct.Struct(">I")
_AUDIO = struct.Struct(">cQ")
_SUFFIX = ".spool"
_MOST_HELD = 2 << 20
"""Bytes of sound that wait in memory at most: a minute."""


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
        return f"{self.interview_id}.{self.turn_id}{_SUFFIX}"


class Damaged(Permanent):
    """A spool file that this key does not open, or that somebody changed."""

    reason = "SPOOL_DAMAGED"


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
        self._key = Sealer(key)
        self._wrapped = wrapped
        self._chunks: list[tuple[int, int, int, int]] = []  # start, end, offset in the file, record number
        self._held: list[Chunk] = []
        self._records = 0
        self._size = 0
        self._begun = False
        self._failing = False
        self._on_fault = on_fault
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)

    def append(self, chunk: Chunk) -> None:
        """Keep some sound. Raises Exhausted when the bound is reached by what is owed."""
        if self._size + chunk.pcm.nbytes + 64 > self._limit:
            self._make_room()
            if self._size + chunk.pcm.nbytes + 64 > self._limit:
                raise Exhausted("no more sound can be kept for this answer", reason="SPOOL_FULL")
        try:
            offset, number = self._write(_AUDIO.pack(b"A", chunk.start) + chunk.pcm.tobytes())
        except OSError as error:
            self._fault(error)
            self._hold(chunk)
        else:
            self._failing = False
            self._chunks.append((chunk.start, chunk.end, offset, number))
        self.end = max(self.end, chunk.end)

    def settle(self, until: int) -> None:
        """Sound before `until` became words or a gap and is not needed again."""
        if until <= self.settled_until:
            return
        self.settled_until = until
        self._held = [chunk for chunk in self._held if chunk.end > until]
        try:
            self._write(_AUDIO.pack(b"S", until))
        except OSError as error:  # after a crash it would be written down twice
            self._fault(error)
        if self._size > self._limit // 4 or (until >= self.end and self._chunks):
            self._make_room()

    def read(self, start: int, end: int) -> Pcm:
        """The sound from `start` to `end`."""
        pcm = silence(end - start)
        for chunk in self._between(start, end):
            first, last = max(chunk.start, start), min(chunk.end, end)
            pcm[first - start : last - start] = chunk.pcm[first - chunk.start : last - chunk.start]
        return pcm

    def chunks(self) -> Iterator[Chunk]:
        """All the sound that is owed, in order."""
        yield from self._between(self.settled_until, self.end)

    def delete(self) -> None:
        """Destroy the file and its key."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file for another process to go on with."""
        self._file.close()

    def _between(self, start: int, end: int) -> Iterator[Chunk]:
        for first, last, offset, number in tuple(self._chunks):
            if first < end and last > start:
                plain = self._open_record(offset, number)
                yield Chunk(first, np.frombuffer(plain, dtype=np.int16, offset=_AUDIO.size))
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

    def _write(self, plain: bytes) -> tuple[int, int]:
        if not self._begun:
            self._begin()
        return self._record(plain)

    def _record(self, plain: bytes) -> tuple[int, int]:
        sealed = self._key.seal(plain, self._bound_to(self._records))
        offset, number = self._size, self._records
        self._put(offset, _LENGTH.pack(len(sealed)) + sealed)
        self._size += _LENGTH.size + len(sealed)
        self._records += 1
        return offset, number

    def _put(self, offset: int, data: bytes) -> None:
        """All of it or nothing: a disk that gets full may take a part. Raises OSError."""
        self._file.seek(offset)
        left = memoryview(data)
        try:
            while left:
                written = self._file.write(left)
                if not written:
                    raise OSError(errno.ENOSPC, "nothing was written")
                left = left[written:]
        except OSError:
            with suppress(OSError):
                self._file.truncate(offset)
            raise

    def _open_record(self, offset: int, number: int) -> bytes:
        self._file.seek(offset)
        (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
        sealed = self._file.read(length)
        try:
            return self._key.open(sealed, self._bound_to(number))
        except Tampered as error:
            raise Damaged("a spool file was changed") from error

    def _bound_to(self, number: int) -> str:
        return f"{self.path.name}/{number}"

    def begin(self) -> None:
        """Write the head of a new file; later, if the disk does not take it now."""
        try:
            self._begin()
        except OSError as error:
            self._fault(error)

    def _begin(self) -> None:
        self._begun = False
        self._file.truncate(0)
        self._put(0, _MAGIC + self._wrapped)
        self._size = len(_MAGIC) + len(self._wrapped)
        self._records = 0
        self._chunks = []
        self._record(b"B" + json.dumps(asdict(self.belonging)).encode())
        self._begun = True

    def _make_room(self) -> None:
        """Write the file anew without what is settled; the old one stays until the new one is whole, and for good if
        the disk does not take it."""
        kept = [Chunk(c.start, c.pcm.copy()) for c in self._between(self.settled_until, self.end)]
        kept.sort(key=lambda chunk: chunk.start)
        before = self._file, self._size, self._records, self._chunks, self._begun
        fresh = self.path.with_suffix(".new")
        try:
            fresh.unlink(missing_ok=True)
            self._file = fresh.open("w+b", buffering=0)
            self._begin()
            self._record(_AUDIO.pack(b"S", self.settled_until))
            for chunk in kept:
                offset, number = self._record(_AUDIO.pack(b"A", chunk.start) + chunk.pcm.tobytes())
                self._chunks.append((chunk.start, chunk.end, offset, number))
            fresh.replace(self.path)
        except OSError as error:
            self._fault(error)
            if self._file is not before[0]:
                self._file.close()
            self._file, self._size, self._records, self._chunks, self._begun = before
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            return
        before[0].close()
        self._held = []

    def load(self) -> None:
        """Read what a process before this one left; a torn last record is cut off."""
        whole = self.path.stat().st_size
        self._size = len(_MAGIC) + WRAPPED
        while self._size + _LENGTH.size <= whole:
            self._file.seek(self._size)
            (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
            if self._size + _LENGTH.size + length > whole:
                break
            self._take(self._open_record(self._size, self._records))
            self._size += _LENGTH.size + length
            self._records += 1
        self._file.truncate(self._size)
        self._begun = True

    def _take(self, plain: bytes) -> None:
        kind = plain[:1]
        if kind == b"B":
            self.belonging = Belonging(**json.loads(plain[1:]))
            return
        _, place = _AUDIO.unpack(plain[: _AUDIO.size])
        if kind == b"S":
            self.settled_until = max(self.settled_until, place)
        else:
            end = place + (len(plain) - _AUDIO.size) // 2
            self._chunks.append((place, end, self._size, self._records))
            self.end = max(self.end, end)


class Spools:
    """The folder of one service. `key`: 32 bytes that wrap the files' own keys. `on_fault`: the disk takes no more of
    an answer."""

    def __init__(self, folder: Path, key: bytes, *, limit: int, on_fault: Callable[[], None] = lambda: None) -> None:
        self._folder = folder
        self._key = Sealer(key)
        self._limit = limit
        self._on_fault = on_fault
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in folder.glob("*.new"):  # a crash while compacting: the old file is still whole
            leftover.unlink()

    def create(self, belonging: Belonging) -> Spool:
        """A new, empty file; takes the place of one of the same answer. Raises Exhausted: the disk takes no file."""
        path = self._folder / belonging.name
        path.unlink(missing_ok=True)
        key = Sealer.new_key()
        wrapped = self._key.seal(key, belonging.name)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            self._on_fault()
            raise Exhausted("no sound can be kept here at the moment: type the answer", reason="SPOOL_FULL") from error
        spool = Spool(path, belonging, key, wrapped, limit=self._limit, on_fault=self._on_fault)
        spool.begin()
        return spool

    def left(self) -> list[Path]:
        """The files that processes before this one left."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    def open(self, path: Path) -> Spool:
        """A file that is left. Raises Damaged."""
        with path.open("rb") as file:
            head = file.read(len(_MAGIC) + WRAPPED)
        if len(head) < len(_MAGIC) + WRAPPED or not head.startswith(_MAGIC):
            raise Damaged("this is no spool file")
        wrapped = head[len(_MAGIC) :]
        try:
            key = self._key.open(wrapped, path.name)
        except Tampered as error:
            raise Damaged("this spool file belongs to another key") from error
        nobody = Belonging("", "", "", "", "", 0.0, 0.0)
        spool = Spool(path, nobody, key, wrapped, limit=self._limit, on_fault=self._on_fault)
        try:
            spool.load()
        except (ValueError, TypeError, struct.error) as error:
            raise Damaged("this spool file cannot be read") from error
        if not spool.belonging.interview_id:
            raise Damaged("this spool file is not whole")
        return spool

    def erase(self, interview_id: str) -> int:
        """Destroy what is kept of an interview; how many files that were."""
        files = list(self._folder.glob(f"{interview_id}.*{_SUFFIX}"))
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)
