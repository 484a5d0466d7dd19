"""From a JPEG to pixels, carefully: what is too large is refused before a pixel is decoded."""

import cv2
import numpy as np
from viva_core.errors import Invalid, Violation

from viva_vision.ports import Pixels

MOST_PIXELS = 4_000_000
"""Above a 4 megapixel frame, somebody sends something else than a sampled frame."""
LEAST_SIDE = 48

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"
# Start-of-frame markers carry the size; C4, C8 and CC lie among them and are none.
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))


def decode(jpeg: bytes) -> Pixels:
    """The frame's pixels, blue, green and red. Raises Invalid: no JPEG, cut short, too small or too large."""
    if not jpeg.startswith(_START):
        raise _bad("wanted a JPEG picture")
    if not jpeg.rstrip(b"\0").endswith(_END):
        raise _bad("the JPEG is cut short")
    width, height = size(jpeg)
    if width * height > MOST_PIXELS:
        raise _bad(f"{width} x {height} is too large: at most {MOST_PIXELS // 1_000_000} megapixels")
    if min(width, height) < LEAST_SIDE:
        raise _bad(f"{width} x {height} is too small: at least {LEAST_SIDE} pixels each way")
    try:
        pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        pixels = None
    if pixels is None or pixels.shape[:2] != (height, width):
        raise _bad("the JPEG cannot be decoded")
    return pixels.astype(np.uint8, copy=False)


def size(jpeg: bytes) -> tuple[int, int]:
    """Width and height as the header has them, without decoding anything."""
    at = 2
    while at + 9 < len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xFF:  # fill
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _SIZES:
            return int.from_bytes(jpeg[at + 7 : at + 9], "big"), int.from_bytes(jpeg[at + 5 : at + 7], "big")
        else:
            at += 2 + max(int.from_bytes(jpeg[at + 2 : at + 4], "big"), 2)
    raise _bad("the JPEG says no size")


def brightness(image: Pixels) -> float:
    """The mean, 0 to 255; of every fourth pixel each way, which is plenty for a mean."""
    return float(image[::4, ::4].mean())


def sharpness(face: Pixels) -> float:
    """The variance of the Laplacian in parts of the picture's own, at a fixed size: so that near and far, dark and
    light compare."""
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    shrunk = cv2.resize(grey, (128, 128), interpolation=cv2.INTER_AREA if face.shape[0] > 128 else cv2.INTER_LINEAR)
    contrast = float(shrunk.var())
    return float(cv2.Laplacian(shrunk, cv2.CV_32F).var()) / contrast if contrast > 1.0 else 0.0


def _bad(why: str) -> Invalid:
    return Invalid(f"The frame: {why}.", [Violation("jpeg", why)], reason="BAD_FRAME")
