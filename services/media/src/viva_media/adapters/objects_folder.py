"""The object store of one machine: a folder that nobody else may read."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TypeVar

from viva_core.errors import Invalid, Transient

from viva_media.domain.recording import parts_of

_R = TypeVar("_R")
_TEMPORARY = ".part"


class FolderObjects:
    """Objects as files. A write is whole or absent: a temporary file, synced, renamed, and the folder synced."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in folder.rglob(f"*{_TEMPORARY}"):  # a crash while writing
            leftover.unlink()

    async def put(self, name: str, data: bytes) -> None:
        """Keep an object. Raises Transient."""
        await self._guarded(self._put, self._path(name), data)

    async def get(self, name: str) -> bytes | None:
        """An object; None when there is none. Raises Transient."""
        return await self._guarded(self._get, self._path(name))

    async def delete(self, name: str) -> bool:
        """Remove an object and the folders that are empty then. Raises Transient."""
        return await self._guarded(self._delete, self._path(name))

    async def names(self, prefix: str) -> list[str]:
        """The names that begin so, in order. Raises Transient."""
        return await self._guarded(self._names, prefix)

    async def _guarded(self, work: Callable[..., _R], *args: object) -> _R:
        try:
            return await asyncio.to_thread(work, *args)
        except OSError as error:
            raise Transient(
                f"the folder of recordings does not work: {error.strerror}",
                reason="OBJECTS_AWAY",
                retry_after=timedelta(seconds=5),
            ) from error

    def _path(self, name: str) -> Path:
        parts = parts_of(name)
        if name.endswith(_TEMPORARY):
            raise Invalid("this is no name of an object")
        return self._folder.joinpath(*parts)

    def _put(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(suffix=_TEMPORARY, dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _get(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def _delete(self, path: Path) -> bool:
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _sync(path.parent)
        for parent in path.parents:
            if parent == self._folder or any(parent.iterdir()):
                break
            parent.rmdir()
        return True

    def _names(self, prefix: str) -> list[str]:
        within = self._folder.joinpath(*PurePosixPath(prefix).parts[: -1 if not prefix.endswith("/") else None])
        names = (
            path.relative_to(self._folder).as_posix()
            for path in within.rglob("*")
            if path.is_file() and path.suffix != _TEMPORARY
        )
        return sorted(name for name in names if name.startswith(prefix))


def _sync(folder: Path) -> None:
    """A rename or removal holds after a power cut only once its folder is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
