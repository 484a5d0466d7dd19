"""The synthetic candidate's face."""

from viva_local.demo.face import HEIGHT, WIDTH, portrait
from viva_vision.adapters.haar import HaarDetector


def test_the_drawn_face_is_one_to_the_detector_wherever_the_head_sways() -> None:
    detector = HaarDetector()
    for right in (-8.0, 0.0, 8.0):
        for smile in (0.0, 1.0):
            (box,) = detector.find(portrait(right, smile)[:, :, ::-1])
            assert abs((box.x + box.width / 2) - (WIDTH / 2 + right)) < 25
            assert 60 < box.width < HEIGHT
