"""What the candidates of the bench say: read speech (pocketsphinx-testdata), cut as voice activity cuts it.

Each clip is one utterance of the service's own voice activity, followed by a pause of faint noise, as packets of Opus
that are made once: the senders of a load test must not cost what the receiver is measured for. Faint noise, because a
run of exact zeros in what the engine gets can then only be sound that was dropped.
"""

import fractions
import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from viva_media.adapters.silero import Silero
from viva_media.domain import activity
from viva_media.domain.activity import WINDOW, Activity, Uttered
from viva_media.domain.audio import RATE, Pcm, Span, samples
from viva_media.voice_peer import voice_encoder

READ = Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE = 2.0
"""Seconds of noise after each utterance: longer than the silence that ends it."""
PACKET = 0.04
"""Seconds: what media asks for and browsers then send."""
_OPUS_RATE = 48_000
_NOISE = 8.0  # of 32,768: -72 dBFS
_LEAD = samples(0.3)


@dataclass(frozen=True)
class Reading:
    """A recording and what is said in it."""

    pcm: Pcm
    text: str


@dataclass(frozen=True)
class Clip:
    """One utterance and the pause after it. `voiced_until`: seconds from its start at which voice activity hears the
    last of the voice."""

    pcm: Pcm
    packets: tuple[bytes, ...]
    voiced_until: float


def readings() -> list[Reading]:
    """Five sentences by a human reader (LibriVox, public domain)."""
    if not READ.is_dir():
        raise RuntimeError("the bench needs recorded speech: apt-get install pocketsphinx-testdata")
    matches = map(re.compile(r"<s> (.*) </s> \((.*)\)").fullmatch, (READ / "transcription").read_text().splitlines())
    return [Reading(_wav(READ / f"{match[2]}.wav"), match[1]) for match in matches if match]


def _wav(path: Path) -> Pcm:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def spans(pcm: Pcm, silero: Silero) -> list[tuple[Span, int]]:
    """The utterances that the service would make of it, each with the place where its voice ends."""
    listener, state = silero.listener(), Activity()
    found: list[tuple[Span, int]] = []
    for at in range(0, len(pcm) - WINDOW + 1, WINDOW):
        before = state
        state, happened = activity.step(state, listener.probability(pcm[at : at + WINDOW]))
        found += [(each.span, before.voiced_until) for each in happened if isinstance(each, Uttered)]
    state, happened = activity.finish(state)
    return found + [(each.span, state.voiced_until) for each in happened if isinstance(each, Uttered)]


def clips(silero: Silero) -> list[Clip]:
    """The utterances of the recordings that stay whole, between 1.5 and 8 s."""
    chance = np.random.default_rng(1)
    made = []
    for reading in readings():
        for span, _ in spans(_with_pause(reading.pcm, chance), silero):
            if 1.5 <= span.length / RATE <= 8:
                clip = _clip(reading.pcm[max(span.start - _LEAD, 0) : span.end], chance, silero)
                made += [clip] if clip is not None else []
    if not made:
        raise RuntimeError("no recording is one utterance")
    return made


def _with_pause(pcm: Pcm, chance: np.random.Generator) -> Pcm:
    faint = chance.normal(0, _NOISE, samples(PAUSE)).astype(np.int16)
    return np.concatenate((pcm, faint))


def _clip(pcm: Pcm, chance: np.random.Generator, silero: Silero) -> Clip | None:
    whole = _with_pause(pcm, chance)
    whole = whole[: len(whole) // samples(PACKET) * samples(PACKET)]
    packets = encoded(whole)
    heard = decoded(packets)
    found = spans(np.concatenate((heard, heard)), silero)
    if len(found) != 2:  # it is cut in two, or two become one
        return None
    return Clip(whole, packets, found[0][1] / RATE)


def encoded(pcm: Pcm) -> tuple[bytes, ...]:
    """Opus as browsers send it to media: 48 kHz mono, 32 kbit/s, 40 ms a packet."""
    encoder = voice_encoder(_OPUS_RATE, round(PACKET * 1000))
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.repeat(3).reshape(1, -1)), format="s16", layout="mono")
    frame.sample_rate, frame.pts = _OPUS_RATE, 0
    frame.time_base = fractions.Fraction(1, _OPUS_RATE)
    fifo = av.AudioFifo()
    fifo.write(frame)
    size = round(_OPUS_RATE * PACKET)
    packets = [bytes(p) for part in fifo.read_many(size) for p in encoder.encode(part)]
    packets += [bytes(p) for p in encoder.encode(None)]
    return tuple(packets[: len(pcm) // samples(PACKET)])


def decoded(packets: Sequence[bytes]) -> Pcm:
    """As the service would hear it, 16 kHz mono."""
    decoder: Any = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = _OPUS_RATE, "stereo"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    heard = []
    for packet in packets:
        for frame in decoder.decode(av.Packet(packet)):
            heard += [part.to_ndarray().reshape(-1) for part in resampler.resample(frame)]
    return np.concatenate(heard).astype(np.int16)
