"""Frames that are none."""

import struct
from contextlib import suppress

import numpy as np
import pytest
from viva_core.errors import Invalid
from viva_testkit import faces
from viva_vision.adapters import picture


def bomb(width: int, height: int) -> bytes:
    """A whole small JPEG whose header claims to be larger."""
    data = bytearray(faces.jpeg(faces.empty_room((64, 64))))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "JPEG"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "JPEG"),
        (b"GIF89a" + bytes(100), "JPEG"),
        (b"\xff\xd8\xff", "cut short"),
        (b"\xff\xd8\xff\xd9", "no size"),
        (b"\xff\xd8\xff" + bytes(200) + b"\xff\xd9", "no size"),
        (b"\xff\xd8\xff\xe0\xff\xff" + bytes(9) + b"\xff\xd9", "no size"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 50 + b"\xff\xd9", "no size"),
        (bomb(10_000, 5_000), "too large"),
        (bomb(65_535, 65_535), "too large"),
        (bomb(1, 1), "too small"),
        (bomb(0, 0), "too small"),
    ],
)
def test_what_is_no_frame_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refusal:
        picture.decode(content)
    assert refusal.value.reason == "BAD_FRAME"
    assert refusal.value.violations[0].field == "jpeg"


def test_one_pixel() -> None:
    with pytest.raises(Invalid, match="1 x 1 is too small"):
        picture.decode(faces.jpeg(np.zeros((1, 1, 3), np.uint8)))


def test_fifty_megapixels_are_refused_by_their_header() -> None:
    whole = faces.jpeg(np.zeros((5_000, 10_000, 3), np.uint8), quality=10)
    with pytest.raises(Invalid, match="too large"):
        picture.decode(whole)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_frame_that_is_cut_short(smile: bytes, kept: float) -> None:
    with pytest.raises(Invalid, match="cut short"):
        picture.decode(smile[: int(len(smile) * kept)])


def test_noise_after_a_good_header(smile: bytes) -> None:
    """It may be decoded to something or refused; it never breaks."""
    chance = np.random.default_rng(3)
    for _ in range(50):
        spoilt = bytearray(smile)
        for at in chance.integers(3, len(spoilt) - 2, 40):
            spoilt[at] = int(chance.integers(0, 256))
        with suppress(Invalid):
            assert picture.decode(bytes(spoilt)).ndim == 3


def test_a_good_frame(smile: bytes) -> None:
    assert picture.size(smile) == (640, 480)
    assert picture.decode(smile).shape == (480, 640, 3)
    assert picture.decode(smile + bytes(2)).shape == (480, 640, 3)
