"""What is made of numbers."""

import pytest
from viva_vision.domain.expression import Expression, Reading
from viva_vision.domain.frame import Box, Quality, judge, largest_first, readable, without_echoes

NEAR, FAR, TINY = Box(0, 0, 200, 200, 1.0), Box(300, 0, 90, 90, 0.5), Box(10, 10, 30, 30, 0.4)


def test_the_largest_face_comes_first() -> None:
    assert largest_first([FAR, TINY, NEAR]) == (NEAR, FAR, TINY)


@pytest.mark.parametrize(
    ("brightness", "sharpness", "faces", "expected"),
    [
        (120, 0.05, [NEAR], ()),
        (20, 0.05, [NEAR], (Quality.DARK,)),
        (120, 0.004, [NEAR], (Quality.BLURRED,)),
        (120, 0.05, [TINY], (Quality.TOO_SMALL,)),
        (120, None, [], (Quality.NO_FACE,)),
        (120, 0.05, [NEAR, FAR], (Quality.SEVERAL_FACES,)),
        (20, 0.004, [TINY, TINY], (Quality.DARK, Quality.BLURRED, Quality.TOO_SMALL, Quality.SEVERAL_FACES)),
    ],
)
def test_quality(brightness: float, sharpness: float | None, faces: list[Box], expected: tuple[Quality, ...]) -> None:
    assert judge(brightness, sharpness, faces) == expected


def test_a_face_is_told_once() -> None:
    around = Box(0, 0, 400, 400, 0.3)
    inside = Box(90, 90, 40, 40, 0.2)
    assert without_echoes([around, NEAR, inside]) == [NEAR]
    assert without_echoes([NEAR, FAR]) == [NEAR, FAR]
    assert without_echoes([]) == []


def test_a_tiny_face_is_not_read() -> None:
    assert readable(FAR)
    assert not readable(TINY)


@pytest.mark.parametrize("probabilities", [(1.0,), (0.5,) * 7, (2.0, -1.0, 0, 0, 0, 0, 0)])
def test_a_reading_is_seven_probabilities(probabilities: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="reading"):
        Reading(probabilities)


def test_the_likeliest() -> None:
    assert Reading((0, 0, 0, 0.6, 0.4, 0, 0)).likeliest is Expression.HAPPY
