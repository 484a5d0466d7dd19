"""Files inside installed packages that are read as data and never imported: their code would want torch or a sound
card."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from viva_core.errors import NotFound


def packaged(package: str, *parts: str) -> Path:
    """The path of a file of an installed package. Raises NotFound, and says how to get it."""
    spec = find_spec(package)  # of a top-level package this reads no code
    for folder in (spec.submodule_search_locations if spec is not None else None) or ():
        path = Path(folder).joinpath(*parts)
        if path.is_file():
            return path
    raise NotFound(
        f"{'/'.join((package, *parts))} is not installed: install viva-media with its dependencies (make setup)",
        reason="MODEL_FILE_MISSING",
    )


def sha256_of(*paths: Path) -> str:
    """The hash of the files' contents one after the other, lower-case hex."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
