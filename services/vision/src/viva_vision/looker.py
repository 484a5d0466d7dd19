"""Looks at frames in a pool of threads, one a core: OpenCV and ONNX Runtime leave Python's lock while they compute."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from viva_core.models.port import ModelBusy, ModelInfo

from viva_vision.adapters import picture
from viva_vision.domain.frame import Box, Seen, judge, largest_first, readable
from viva_vision.ports import ExpressionModel, FaceDetector, Pixels

_QUEUE = 4
"""Frames that may wait for each thread: at 15 ms a frame, none waits a tenth of a second."""


class Looker:
    """Reads frames; nothing of a frame is kept, and nothing is written anywhere."""

    def __init__(self, detector: FaceDetector, model: ExpressionModel, *, slots: int) -> None:
        self._detector = detector
        self.model = model
        self._slots = slots
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="look")
        self._waiting = 0

    @property
    def info(self) -> ModelInfo:
        """The model of the expressions."""
        return self.model.info

    async def look(self, jpeg: bytes) -> Seen:
        """What the frame shows. Raises Invalid for what is no frame, ModelBusy when too many wait."""
        if self._waiting >= self._slots * (1 + _QUEUE):
            raise ModelBusy("too many frames wait to be looked at")
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, self.read, jpeg)
        # Also when whoever asked has gone: the thread is taken until it ends.
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    async def warm_up(self) -> None:
        """Let every thread build what it needs, so that no candidate pays for it. Raises whatever does not work."""
        cv2.setNumThreads(1)  # a frame a core; threads within one would fight over the same cores
        loop = asyncio.get_running_loop()
        grey = np.full((240, 320, 3), 127, np.uint8)
        rounds = [loop.run_in_executor(self._pool, self._rehearse, grey) for _ in range(2 * self._slots)]
        await asyncio.gather(*rounds)

    def close(self) -> None:
        """Take no more; whoever waits is refused."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def read(self, jpeg: bytes) -> Seen:
        """What the frame shows, in the calling thread."""
        image = picture.decode(jpeg)
        faces = largest_first(self._detector.find(image))
        reading = sharpness = None
        if faces:
            face = _cut(image, faces[0])
            sharpness = picture.sharpness(face)
            reading = self.model.read(face) if readable(faces[0]) else None
        height, width = image.shape[:2]
        return Seen(width, height, faces, reading, judge(picture.brightness(image), sharpness, faces))

    def _rehearse(self, image: Pixels) -> None:
        self._detector.find(image)
        self.model.read(image)

    def _done(self, future: "asyncio.Future[Seen]") -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # heard, also when nobody waits any more


def _cut(image: Pixels, box: Box) -> Pixels:
    return image[box.y : box.y + box.height, box.x : box.x + box.width]
