"""What vision needs of the world."""

from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
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
