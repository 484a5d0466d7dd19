"""What vision needs of the world."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from viva.vision.v1 import vision_pb2 as pb
from viva_core.models.port import ModelInfo

from viva_vision.domain.expression import Reading
from viva_vision.domain.frame import Box
from viva_vision.domain.gate import Standing

Pixels = NDArray[np.uint8]


class FaceDetector(Protocol):
    """Finds faces. Called from several threads at once."""

    def find(self, image: Pixels) -> list[Box]:
        """The faces in a picture (rows of blue, green and red), in its own pixels."""


class ExpressionModel(Protocol):
    """Reads a face. Called from several threads at once."""

    info: ModelInfo

    def read(self, face: Pixels) -> Reading:
        """What the picture of one face shows (rows of blue, green and red)."""


class Ledger(Protocol):
    """What was consented to."""

    async def standing(self, tenant_id: UUID | str, interview_id: UUID | str) -> Standing | None:
        """What the ledger says now; None when it holds nothing. Raises Transient when it cannot be read."""


@dataclass(frozen=True)
class TimelinePage:
    """Points of a timeline, in order; `after` is the place from which the next page goes on, None at the end."""

    points: tuple[pb.TimelinePoint, ...]
    after: int | None


class Timeline(Protocol):
    """What was seen before."""

    async def page(self, tenant_id: UUID | str, interview_id: UUID | str, *, after: int, most: int) -> TimelinePage:
        """At most so many points of an interview after a place; 0 is the beginning. Raises Transient."""
