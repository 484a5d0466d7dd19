"""What is kept of a recorded answer, and where: segments of Opus in Ogg, sealed, in an object store."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Protocol

from viva_core.errors import Invalid
from viva_core.media_grant import MediaGrant

from viva_media.domain.audio import RATE, Pcm

SEGMENT = 60 * RATE
"""Samples a segment holds at most: so much is lost when a process dies while it is being spoken."""


class Objects(Protocol):
    """A store of whole objects by name. A name is parts joined by "/". Raises Transient when the store is away."""

    async def put(self, name: str, data: bytes) -> None:
        """Keep an object; who looks meanwhile sees all of it or nothing. Takes the place of one of that name."""

    async def get(self, name: str) -> bytes | None:
        """An object; None when there is none."""

    async def delete(self, name: str) -> bool:
        """Remove an object; whether there was one."""

    async def names(self, prefix: str) -> list[str]:
        """The names that begin so, in order."""


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of an object's name. Raises Invalid for one that would leave the store, or is none."""
    parts = PurePosixPath(name).parts
    if not parts or any(part in ("..", "/") for part in parts):
        raise Invalid("this is no name of an object")
    return parts


class Consents(Protocol):
    """What the candidate consents to at this moment."""

    async def standing(self, tenant_id: str, interview_id: str) -> "Standing":
        """Ask the ledger. Raises Transient: whoever cannot ask must not keep anything."""


@dataclass(frozen=True)
class Standing:
    """The purposes in force that media serves; an interview that was erased has none."""

    transcribe: bool = False
    record: bool = False
    expressions: bool = False

    def narrow(self, grant: MediaGrant) -> MediaGrant:
        """What is left of a grant."""
        return replace(
            grant,
            transcribe=grant.transcribe and self.transcribe,
            record=grant.record and self.record,
            expressions=grant.expressions and self.expressions,
        )


@dataclass(frozen=True)
class Segment:
    """One stretch of an answer as the index lists it. `start` and `length` in samples from the start of the answer;
    `name` is its object's, `sha256` that of the Ogg file."""

    turn_id: str
    start: int
    length: int
    name: str
    sha256: str


@dataclass
class Cutter:
    """Collects the sound of one answer and cuts it into segments: when one is full, and where time jumps."""

    turn_id: str
    start: int = 0
    length: int = 0

    def __post_init__(self) -> None:
        self._parts: list[Pcm] = []

    def add(self, end: int, pcm: Pcm) -> "list[Cut]":
        """More sound that ends at the place `end`; the segments that are whole now."""
        begins = end - len(pcm)
        cuts = self.rest() if begins != self.start + self.length else []
        if not self._parts:
            self.start = begins
        self._parts.append(pcm)
        self.length += len(pcm)
        return [*cuts, *(self.rest() if self.length >= SEGMENT else [])]

    def rest(self) -> "list[Cut]":
        """What is not cut yet, as a segment of its own."""
        cuts = [Cut(self.turn_id, self.start, tuple(self._parts))] if self._parts else []
        self.start += self.length
        self._parts, self.length = [], 0
        return cuts


@dataclass(frozen=True, eq=False)
class Cut:
    """A whole segment before it is encoded."""

    turn_id: str
    start: int
    parts: tuple[Pcm, ...]
