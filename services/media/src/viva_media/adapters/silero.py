"""Silero VAD: tells voice from noise, on ONNX Runtime.

The model takes 512 new samples behind the last 64 of the window before, and carries a state; at 16 kHz one second of
sound costs about 5 ms of one core, and less than half of that where several speakers are looked at together. So what
comes within 30 ms, of all speakers, is looked at together, in a thread. The state is each speaker's own.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from viva_media.adapters.packaged import packaged
from viva_media.domain.activity import WINDOW
from viva_media.domain.audio import RATE, Pcm

_CONTEXT = 64
_GATHER = 0.03  # seconds


class Silero:
    """The model, loaded once a process; `listener` gives each speaker a `VoiceActivity` of its own."""

    def __init__(self, path: Path | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a window is too small to share
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path or packaged("silero_vad", "data", "silero_vad_16k_op15.onnx")),
            options,
            providers=["CPUExecutionProvider"],
        )
        self._rate = np.array(RATE, dtype=np.int64)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="silero")
        self._waiting: list[_Asked] = []
        self._looking: asyncio.Task[None] | None = None

    def listener(self) -> "SileroListener":
        """For one speaker."""
        return SileroListener(self)

    async def ask(self, listener: "SileroListener", windows: Sequence[Pcm]) -> list[float]:
        """The probabilities of one speaker's next windows."""
        loop = asyncio.get_running_loop()
        told: asyncio.Future[list[float]] = loop.create_future()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._waiting = []
            self._looking = loop.create_task(self._look_at_all())
        self._waiting.append(_Asked(listener, windows, told))
        return await told

    async def _look_at_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(_GATHER)
            asked, self._waiting = self._waiting, []
            try:
                found = await asyncio.get_running_loop().run_in_executor(
                    self._pool, self.look, [(each.listener, each.windows) for each in asked]
                )
            except Exception as fault:
                for each in asked:
                    if not each.told.done():
                        each.told.set_exception(fault)
                continue
            for each, probabilities in zip(asked, found, strict=True):
                if not each.told.done():  # nobody may wait for it any more
                    each.told.set_result(probabilities)

    def look(self, asked: "Sequence[tuple[SileroListener, Sequence[Pcm]]]") -> list[list[float]]:
        """The next window of every speaker that has one, then the one after that, and so on. Computes."""
        found: list[list[float]] = [[] for _ in asked]
        for number in range(max(len(windows) for _, windows in asked)):
            there = [place for place, (_, windows) in enumerate(asked) if number < len(windows)]
            speakers = [asked[place][0] for place in there]
            new = np.stack([asked[place][1][number] for place in there]).astype(np.float32) / 32_768.0
            sound = np.concatenate((np.stack([each.context for each in speakers]), new), axis=1)
            state = np.concatenate([each.state for each in speakers], axis=1)
            told, state = self._session.run(None, {"input": sound, "state": state, "sr": self._rate})
            for row, (place, speaker) in enumerate(zip(there, speakers, strict=True)):
                speaker.context = sound[row, -_CONTEXT:]
                speaker.state = state[:, row : row + 1]
                found[place].append(float(told[row, 0]))
        return found


class SileroListener:
    """One speaker's windows, in order."""

    def __init__(self, model: Silero) -> None:
        self._model = model
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self.state: npt.NDArray[np.float32] = np.zeros((2, 1, 128), dtype=np.float32)
        self.context: npt.NDArray[np.float32] = np.zeros(_CONTEXT, dtype=np.float32)

    async def probabilities(self, windows: Sequence[Pcm]) -> list[float]:
        """How likely each of the next windows holds voice, 0 to 1."""
        self._check(windows)
        return await self._model.ask(self, windows)

    def probability(self, window: Pcm) -> float:
        """The same for one window, at once: it computes."""
        self._check([window])
        return self._model.look([(self, [window])])[0][0]

    def _check(self, windows: Sequence[Pcm]) -> None:
        for window in windows:
            if len(window) != WINDOW:
                raise ValueError(f"a window has {WINDOW} samples, not {len(window)}")


@dataclass(frozen=True)
class _Asked:
    """Windows of one speaker, and where to tell of them."""

    listener: SileroListener
    windows: Sequence[Pcm]
    told: "asyncio.Future[list[float]]"
