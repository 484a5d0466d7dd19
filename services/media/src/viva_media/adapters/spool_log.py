"""The file of a spool: an append-only log of sealed records.

Its head holds the file's own AES-256-GCM key, wrapped by the service's key; deleting the file destroys the only copy,
and with it whatever a disk may still remember of the sound. Records are `length, nonce, ciphertext`, bound to the
file's name (the interview and the turn) and their number, so that none can be swapped, dropped or taken over from
another file unseen. The last record of a crashed process may be torn; it is cut off.
"""

import errno
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viva_core.errors import Permanent

from viva_media.adapters.sealing import WRAPPED, Sealer, Tampered

_MAGIC = b"VIVASPL1"
_LENGTH = struct.Struct(">I")


class Damaged(Permanent):
    """A spool file that this key does not open, or that somebody changed."""

    reason = "SPOOL_DAMAGED"


@dataclass(frozen=True, slots=True)
class Record:
    """Where a record lies: its offset in the file, and its number."""

    offset: int
    number: int


class SpoolLog:
    """One file. Whoever makes a new one calls `begin` before `append`; whoever opens one that is left, `replay`."""

    def __init__(self, path: Path, name: str, key: bytes, wrapped: bytes) -> None:
        """`name`: what the records are bound to; the file may lie under another one until it is whole."""
        self.size = 0
        """Bytes."""
        self.begun = False
        """Whether the head is on the disk."""
        self._path = path
        self._name = name
        self._key = Sealer(key)
        self._wrapped = wrapped
        self._records = 0
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)

    def begin(self, first: bytes) -> None:
        """Write the head and the first record; what was in the file is gone. Raises OSError; may be called again."""
        self.begun = False
        self._file.truncate(0)
        self._put(0, _MAGIC + self._wrapped)
        self.size = len(_MAGIC) + len(self._wrapped)
        self._records = 0
        self.append(first)
        self.begun = True

    def append(self, plain: bytes) -> Record:
        """Seal and write a record: all of it or nothing. Raises OSError."""
        record = Record(self.size, self._records)
        sealed = self._key.seal(plain, self._bound_to(record))
        self._put(record.offset, _LENGTH.pack(len(sealed)) + sealed)
        self.size += _LENGTH.size + len(sealed)
        self._records += 1
        return record

    def read(self, record: Record) -> bytes:
        """What was written. Raises Damaged."""
        self._file.seek(record.offset)
        (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
        try:
            return self._key.open(self._file.read(length), self._bound_to(record))
        except Tampered as error:
            raise Damaged("a spool file was changed") from error

    def replay(self) -> Iterator[tuple[Record, bytes]]:
        """What a process before this one left, in order. Go through to the end: then a torn last record is cut off.
        Raises Damaged."""
        whole = self._path.stat().st_size
        self.size = len(_MAGIC) + WRAPPED
        while self.size + _LENGTH.size <= whole:
            self._file.seek(self.size)
            (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
            if self.size + _LENGTH.size + length > whole:
                break
            record = Record(self.size, self._records)
            yield record, self.read(record)
            self.size += _LENGTH.size + length
            self._records += 1
        self._file.truncate(self.size)
        self.begun = True

    def move(self, path: Path) -> None:
        """Take the place of the file there. Raises OSError."""
        self._path.replace(path)
        self._path = path

    def close(self) -> None:
        """Leave the file where it is."""
        self._file.close()

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

    def _bound_to(self, record: Record) -> str:
        return f"{self._name}/{record.number}"


def wrapped_key(path: Path) -> bytes:
    """The wrapped key in the head of a file. Raises Damaged."""
    with path.open("rb") as file:
        head = file.read(len(_MAGIC) + WRAPPED)
    if len(head) < len(_MAGIC) + WRAPPED or not head.startswith(_MAGIC):
        raise Damaged("this is no spool file")
    return head[len(_MAGIC) :]
