"""OpenCV's Haar cascade, on a frame shrunk to 320 pixels: a tenth of the time of the whole frame, and a face that fills
less than a ninth of the width is too small to read anyway."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import cv2.data
import numpy as np

from viva_vision.domain.frame import Box
from viva_vision.ports import Pixels

WIDTH = 320
_SMALLEST = 36
_LEAST = 24  # what the cascade was trained on
# Of 300 views of one face (turned, near and far, dark, blurred) this finds 287 and in one of them something that is no
# face, in half the time of OpenCV's defaults (1.1 and 3), which find more of both.
_STEP = 1.2
_CAREFUL = 1.1
_NEIGHBOURS = 4
_SURE = 12  # windows that agree on a face that is beyond doubt


class HaarDetector:
    """Finds faces that look at the camera."""

    def __init__(self) -> None:
        self._own = threading.local()  # a cascade keeps its work in itself, and serves one thread

    def find(self, image: Pixels) -> list[Box]:
        """The faces, in pixels of the frame as it came."""
        height, width = image.shape[:2]
        scale = max(width / WIDTH, 1.0)
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if scale > 1.0:
            grey = cv2.resize(grey, (WIDTH, max(round(height / scale), 1)), interpolation=cv2.INTER_AREA)
        found, agreeing = self._search(grey, _STEP, _SMALLEST, 0)
        if not len(found):  # to tell a face that is too small from none
            found, agreeing = self._search(grey, _CAREFUL, _LEAST, _SMALLEST + 8)
        boxes = []
        for rectangle, windows in zip(found, np.ravel(agreeing), strict=True):
            x, y, wide, high = (round(float(each) * scale) for each in rectangle)
            boxes.append(Box(x, y, min(wide, width - x), min(high, height - y), min(int(windows) / _SURE, 1.0)))
        return boxes

    def _search(self, grey: Pixels, step: float, least: int, most: int) -> tuple[Sequence[Any], Sequence[int]]:
        return self._cascade().detectMultiScale2(
            grey, scaleFactor=step, minNeighbors=_NEIGHBOURS, minSize=(least, least), maxSize=(most, most)
        )

    def _cascade(self) -> cv2.CascadeClassifier:
        known: cv2.CascadeClassifier | None = getattr(self._own, "cascade", None)
        if known is None:
            known = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / "haarcascade_frontalface_default.xml"))
            assert not known.empty(), "this OpenCV carries no Haar cascades"
            self._own.cascade = known
        return known
