"""What frames show, with the real detector and the real network."""

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest
from viva_core.models.catalogue import catalogue
from viva_core.models.port import ModelBusy
from viva_testkit import faces
from viva_vision.adapters.haar import HaarDetector
from viva_vision.domain.expression import Expression, Reading
from viva_vision.domain.frame import Box, Quality
from viva_vision.looker import Looker
from viva_vision.ports import Pixels


async def test_a_smile(looker: Looker, smile: bytes) -> None:
    seen = await looker.look(smile)
    assert seen.quality == ()
    assert len(seen.faces) == 1
    box = seen.faces[0]
    assert abs(box.x + box.width / 2 - 320) < 25
    assert abs(box.y + box.height / 2 - 240) < 25
    assert seen.reading is not None
    assert seen.reading.likeliest is Expression.HAPPY
    assert sum(seen.reading.probabilities) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("image", "quality", "count"),
    [
        (lambda: faces.portrait(scale=1.4, light=0.25), {Quality.DARK}, 1),
        (lambda: faces.portrait(scale=1.4, blur=3), {Quality.BLURRED}, 1),
        (lambda: faces.portrait(scale=0.5), {Quality.TOO_SMALL}, 1),
        (faces.empty_room, {Quality.NO_FACE}, 0),
        (lambda: np.zeros((480, 640, 3), np.uint8), {Quality.NO_FACE, Quality.DARK}, 0),
        (faces.two_portraits, {Quality.SEVERAL_FACES}, 2),
    ],
    ids=["dark", "blurred", "too small", "no face", "lens cap", "two"],
)
async def test_frames_that_are_hard_to_read(
    looker: Looker, image: Callable[[], Pixels], quality: set[Quality], count: int
) -> None:
    seen = await looker.look(faces.jpeg(image()))
    assert set(seen.quality) == quality
    assert len(seen.faces) == count
    assert (seen.reading is None) == (not count or Quality.TOO_SMALL in quality)


async def test_the_nearer_of_two_is_read(looker: Looker) -> None:
    seen = await looker.look(faces.jpeg(faces.two_portraits()))
    assert seen.faces[0].x < 320 < seen.faces[1].x


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 720), (160, 120), (1920, 1080)])
async def test_boxes_are_in_the_frame(looker: Looker, size: tuple[int, int]) -> None:
    seen = await looker.look(faces.jpeg(faces.portrait(scale=size[0] / 450, size=size)))
    assert seen.faces
    for box in seen.faces:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= size[0]
        assert box.y + box.height <= size[1]


async def test_most_views_of_a_face_are_found(looker: Looker) -> None:
    seen = [await looker.look(faces.jpeg(view)) for view in faces.views(60)]
    assert sum(len(each.faces) == 1 for each in seen) >= 54
    assert sum(len(each.faces) > 1 for each in seen) <= 3


class _Held:
    """A model that waits until it is let go."""

    def __init__(self) -> None:
        self.info = catalogue().get("fer-mini-xception").info()
        self.reached = asyncio.Event()
        self.go = threading.Event()
        self._loop = asyncio.get_running_loop()

    def read(self, face: Pixels) -> Reading:
        self._loop.call_soon_threadsafe(self.reached.set)
        assert self.go.wait(60)
        return Reading((0, 0, 0, 1, 0, 0, 0))


async def test_the_loop_turns_while_a_frame_is_looked_at(smile: bytes) -> None:
    """Were the frame looked at in the loop's own thread, nobody could let the model go."""
    model = _Held()
    looker = Looker(HaarDetector(), model, slots=1)
    looking = asyncio.create_task(looker.look(smile))
    await model.reached.wait()
    assert not looking.done()
    model.go.set()
    assert (await looking).reading is not None
    looker.close()


async def test_too_many_frames_are_told_so_and_then_there_is_room_again(smile: bytes) -> None:
    model = _Held()
    looker = Looker(HaarDetector(), model, slots=1)
    waiting = [asyncio.create_task(looker.look(smile)) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(ModelBusy):
        await looker.look(smile)
    gone = waiting.pop()
    gone.cancel()
    model.go.set()
    assert all(isinstance(each.faces[0], Box) for each in await asyncio.gather(*waiting))
    await asyncio.gather(gone, return_exceptions=True)
    assert (await looker.look(smile)).reading is not None
    looker.close()
