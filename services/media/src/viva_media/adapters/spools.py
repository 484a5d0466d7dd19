"""The folder of spools: one file an answer, `<interview>.<turn>.spool`, each under a key of its own."""

import os
import struct
from collections.abc import Callable
from pathlib import Path

from viva_core.errors import Exhausted

from viva_media.adapters.sealing import Sealer, Tampered
from viva_media.adapters.spool import SUFFIX, Belonging, Spool
from viva_media.adapters.spool_log import Damaged, wrapped_key


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
        return sorted(self._folder.glob(f"*{SUFFIX}"))

    def open(self, path: Path) -> Spool:
        """A file that is left. Raises Damaged."""
        wrapped = wrapped_key(path)
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
        files = list(self._folder.glob(f"{interview_id}.*{SUFFIX}"))
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)
