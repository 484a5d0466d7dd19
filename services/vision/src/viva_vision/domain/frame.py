"""What one frame shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from viva_vision.domain.expression import Reading

DARKEST = 45.0
"""Mean brightness of a frame, 0 to 255, below which it is dark."""
LEAST_SHARP = 0.012
"""Variance of the Laplacian of a face at 128 pixels in parts of the face's own, below which it is blurred."""
SMALLEST = 56
"""Width of a face in the frame's own pixels, below which an expression is a guess."""


class Quality(StrEnum):
    """What makes a frame hard to read."""

    DARK = "dark"
    BLURRED = "blurred"
    TOO_SMALL = "too_small"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"


@dataclass(frozen=True)
class Box:
    """Where a face is, in pixels of the frame; `confidence` is the detector's, 0.0 to 1.0."""

    x: int
    y: int
    width: int
    height: int
    confidence: float

    @property
    def area(self) -> int:
        """In pixels."""
        return self.width * self.height


@dataclass(frozen=True)
class Seen:
    """One frame, read. `faces` are the largest first; `reading` is of the first, None where none could be read."""

    width: int
    height: int
    faces: tuple[Box, ...]
    reading: Reading | None
    quality: tuple[Quality, ...]


def largest_first(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The order in which faces are told; of equal ones the left one comes first."""
    return tuple(sorted(boxes, key=lambda box: (-box.area, box.x, box.y)))


def without_echoes(boxes: Sequence[Box]) -> list[Box]:
    """Of faces in or around each other only the surest: a cascade finds a face again in twice its size."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.confidence):
        if not any(_within(box, other) or _within(other, box) for other in kept):
            kept.append(box)
    return kept


def _within(inner: Box, outer: Box) -> bool:
    x, y = inner.x + inner.width // 2, inner.y + inner.height // 2
    return outer.x <= x < outer.x + outer.width and outer.y <= y < outer.y + outer.height


def readable(box: Box) -> bool:
    """Whether a face is large enough to read an expression from."""
    return min(box.width, box.height) >= SMALLEST


def judge(brightness: float, sharpness: float | None, faces: Sequence[Box]) -> tuple[Quality, ...]:
    """What makes a frame hard to read: `brightness` of the whole, `sharpness` of the largest face if there is one."""
    found = []
    if brightness < DARKEST:
        found.append(Quality.DARK)
    if sharpness is not None and sharpness < LEAST_SHARP:
        found.append(Quality.BLURRED)
    if not faces:
        found.append(Quality.NO_FACE)
    elif not readable(faces[0]):
        found.append(Quality.TOO_SMALL)
    if len(faces) > 1:
        found.append(Quality.SEVERAL_FACES)
    return tuple(found)
