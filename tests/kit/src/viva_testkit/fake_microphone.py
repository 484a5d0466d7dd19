"""A file for the fake microphone of a Chromium."""

import wave
from pathlib import Path

import numpy as np

_READ = Path("/usr/share/pocketsphinx/test/data/librivox")


def microphone(path: Path) -> str:
    """A file for the fake microphone: one read sentence between pauses, 48 kHz mono; answers with its words."""
    line = (_READ / "transcription").read_text().splitlines()[0]
    name = line.rpartition("(")[2].rstrip(")")
    with wave.open(str(_READ / f"{name}.wav")) as file:
        spoken = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    pause = np.zeros(16_000 * 2, dtype=np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.repeat(np.concatenate((pause, spoken, pause)), 3).tobytes())
    return line.partition("<s>")[2].partition("</s>")[0].strip()
