"""Real speech, real models, and a Deepgram on loopback that understands with one of them."""

import re
import wave
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from viva_media.adapters.moonshine import Moonshine
from viva_media.adapters.moonshine_model import MoonshineModel
from viva_media.adapters.silero import Silero
from viva_media.domain.audio import RATE, Pcm, Span, silence
from viva_media.domain.transcript import Word
from viva_media.voice_peer import VoicePeer
from viva_testkit.deepgram import DeepgramServer, Heard

_READ = Path("/usr/share/pocketsphinx/test/data/librivox")


@dataclass(frozen=True)
class Recording:
    """Real read speech (LibriVox, public domain) and what is said in it."""

    pcm: Pcm
    text: str


def wav(path: Path) -> Pcm:
    """A 16 kHz mono file."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


@pytest.fixture(scope="session")
def recordings() -> list[Recording]:
    """Five sentences by a human reader, 3 to 7 s each."""
    assert _READ.is_dir(), "the tests need recorded speech: apt-get install pocketsphinx-testdata"
    lines = (_READ / "transcription").read_text().splitlines()
    pattern = re.compile(r"<s> (.*) </s> \((.*)\)")
    matches = [match for match in map(pattern.fullmatch, lines) if match]
    return [Recording(wav(_READ / f"{match[2]}.wav"), match[1]) for match in matches]


@pytest.fixture(scope="session")
def moonshine_model() -> MoonshineModel:
    """The embedded model."""
    return MoonshineModel()


@pytest.fixture(scope="session")
def silero() -> Silero:
    """The voice activity model."""
    return Silero()


@pytest.fixture
async def moonshine(moonshine_model: MoonshineModel) -> AsyncIterator[Moonshine]:
    """The embedded engine."""
    engine = Moonshine(moonshine_model)
    yield engine
    await engine.aclose()


@pytest.fixture
async def deepgram_server(moonshine_model: MoonshineModel) -> AsyncIterator[DeepgramServer]:
    """A Deepgram that understands with the embedded model."""
    ears = Moonshine(moonshine_model)

    def transcribe(sound: bytes) -> list[Heard]:
        pcm = np.frombuffer(sound, dtype=np.int16)
        words: tuple[Word, ...] = ears.transcribe(pcm, Span(0, len(pcm)))
        return [(word.text, word.start, word.end, word.confidence) for word in words]

    async with DeepgramServer(transcribe) as server:
        yield server
    await ears.aclose()


def words_of(text: str) -> list[str]:
    """Words to compare: lower case, no marks, the commonest spellings made one."""
    text = text.lower().replace("mr.", "mister").replace("-", " ")
    return re.sub(r"[^a-z' ]", " ", text).split()


def word_errors(said: str, heard: str) -> float:
    """The word error rate of what was heard."""
    wanted, got = words_of(said), words_of(heard)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / max(len(wanted), 1)


@pytest.fixture
def wer() -> Callable[[str, str], float]:
    """Word error rate: wer(said, heard)."""
    return word_errors


@pytest.fixture
def paused(recordings: list[Recording]) -> Pcm:
    """All the recordings with a second of silence around each."""
    pause = silence(RATE)
    return np.concatenate([pause, *(part for each in recordings for part in (each.pcm, pause))])


@pytest.fixture
async def peers() -> AsyncIterator[Callable[..., VoicePeer]]:
    """Makes candidates' peers and closes them."""
    made: list[VoicePeer] = []

    def make(**arguments: Any) -> VoicePeer:
        made.append(VoicePeer(**arguments))
        return made[-1]

    yield make
    for peer in made:
        await peer.close()
