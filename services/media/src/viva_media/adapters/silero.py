"""Silero VAD: tells voice from noise, on ONNX Runtime.

The model takes 512 new samples behind the last 64 of the window before, and carries a state; at 16 kHz one second of
sound costs about 6 ms of one core. The session is shared, the state is each speaker's own.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from viva_media.adapters.packaged import packaged
from viva_media.domain.activity import WINDOW
from viva_media.domain.audio import RATE, Pcm

_CONTEXT = 64


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

    def listener(self) -> "SileroListener":
        """For one speaker."""
        return SileroListener(self._session)


class SileroListener:
    """One speaker's windows, in order."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._rate = np.array(RATE, dtype=np.int64)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._state: npt.NDArray[np.float32] = np.zeros((2, 1, 128), dtype=np.float32)
        self._context: npt.NDArray[np.float32] = np.zeros(_CONTEXT, dtype=np.float32)

    def probability(self, window: Pcm) -> float:
        """How likely the next WINDOW samples hold voice, 0 to 1."""
        if len(window) != WINDOW:
            raise ValueError(f"a window has {WINDOW} samples, not {len(window)}")
        sound = np.concatenate((self._context, window.astype(np.float32) / 32_768.0))
        self._context = sound[-_CONTEXT:]
        probability, self._state = self._session.run(
            None, {"input": sound[None], "state": self._state, "sr": self._rate}
        )
        return float(probability[0, 0])
