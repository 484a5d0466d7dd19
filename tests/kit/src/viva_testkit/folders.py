"""Temporary folders that an embedded PostgreSQL may lie in."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder for the time of the block; what fails leaves it to be looked at. Not under pytest's own: as root
    PostgreSQL works as another user, and pytest closes its folders to others whenever a second run starts on the
    machine.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"viva-{name}-"))
    yield folder
    shutil.rmtree(folder)
