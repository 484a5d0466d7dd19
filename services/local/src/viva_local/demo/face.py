"""A face before the candidate's camera: drawn, nobody's, and near enough to one that detectors of faces find it."""

import asyncio
from functools import cache
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from viva_media.voice_peer import Camera

Pixels = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
WIDTH, HEIGHT = 320, 240
_STEPS = 30  # pictures of one sway of the head
_SKIN, _SHADE, _LIGHT, _HAIR, _CLOTH = (220, 175, 150), (172, 130, 110), (238, 195, 170), (45, 35, 30), (60, 70, 90)
_WHITE, _IRIS, _LIPS = (240, 235, 230), (25, 30, 40), (150, 70, 70)


def portrait(right: float = 0.0, smile: float = 0.0) -> Pixels:
    """A head and shoulders, RGB, HEIGHT × WIDTH. `right`: pixels aside from the middle; `smile`: 0 to 1."""
    across, down = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    picture = np.repeat((110 + 60 * across / WIDTH)[:, :, None], 3, axis=2)
    x, y = across - WIDTH / 2 - right, down - HEIGHT / 2

    def oval(middle: tuple[float, float], half: tuple[float, float], colour: Colour) -> None:
        """An ellipse with soft edges."""
        distance = np.hypot((x - middle[0]) / half[0], (y - middle[1]) / half[1])
        there = np.clip((1 - distance) * min(half) / 2.5 + 0.5, 0, 1)[:, :, None]
        picture[:] = picture * (1 - there) + np.array(colour, dtype=np.float32) * there

    oval((0, 115), (75, 55), _CLOTH)
    oval((0, 60), (22, 35), _SHADE)
    oval((0, -12), (56, 70), _HAIR)
    oval((0, 5), (46, 61), _SKIN)
    oval((0, -47), (40, 20), _HAIR)
    for side in (-1, 1):
        oval((19 * side, -6), (13, 7.5), _SHADE)
        oval((19 * side, -5), (8.5, 4), _WHITE)
        oval((19 * side, -5), (4, 4), _IRIS)
        oval((19 * side, -18), (12, 2.5), _HAIR)
        oval((26 * side, 17), (11, 8), (230, 170, 155))
    oval((0, 2), (4.5, 17), _LIGHT)
    oval((0, 20), (9.5, 4), _SHADE)
    oval((0, 34), (17 + 3 * smile, 4 + 3 * smile), _LIPS)
    return picture.astype(np.uint8)


@cache
def _sway() -> tuple[Any, ...]:
    turns = np.sin(np.linspace(0, 2 * np.pi, _STEPS, endpoint=False))
    drawn = [portrait(right=8 * turn, smile=(turn + 1) / 2) for turn in turns]
    return tuple(av.VideoFrame.from_ndarray(each, format="rgb24").reformat(format="yuv420p") for each in drawn)


class FaceCamera(Camera):
    """Somebody who moves a little and smiles now and then."""

    def __init__(self) -> None:
        super().__init__((WIDTH, HEIGHT))
        self._frames: tuple[Any, ...] = ()
        self._shown = 0

    async def recv(self) -> Any:
        """The next picture."""
        pts, time_base = await self.next_timestamp()
        if not self._frames:
            self._frames = await asyncio.to_thread(_sway)
        frame = self._frames[self._shown % len(self._frames)]
        frame.pts, frame.time_base = pts, time_base
        self._shown += 1
        return frame
