"""What a receiver hands to its decoder, and what comes out: on aiortc's own codecs."""

import fractions
import itertools
import queue
from typing import Any

import av
import numpy as np
import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.codecs import get_encoder
from aiortc.jitterbuffer import JitterFrame
from viva_media.adapters import reception
from viva_media.adapters.reception import Handed, KeyFrameQueue, Packets, Sound, SoundQueue
from viva_media.domain.audio import RATE

OPUS = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=96)
PCMU = RTCRtpCodecParameters(mimeType="audio/PCMU", clockRate=8_000, channels=1, payloadType=0)
VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=97)


def packets(codec: RTCRtpCodecParameters, count: int) -> list[JitterFrame]:
    """A tone of 440 Hz, 20 ms a packet, as a receiver has it after its jitter buffer."""
    encoder: Any = get_encoder(codec)
    made: list[JitterFrame] = []
    rate = codec.clockRate
    size = rate // 50
    while len(made) < count:
        at = len(made) * size
        tone = (8_000 * np.sin(2 * np.pi * 440 * np.arange(at, at + size) / rate)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, at, fractions.Fraction(1, rate)
        for payload in encoder.encode(frame)[0]:
            made.append(JitterFrame(data=payload, timestamp=len(made) * size))
    return made[:count]


def through(codec: RTCRtpCodecParameters, frames: list[JitterFrame]) -> list[Sound]:
    """All that comes out, decoded as aiortc's thread does it."""
    box = SoundQueue()
    for frame in frames:
        box.put((codec, frame))
    box.put(None)
    sounds: list[Sound] = []
    decoder: Any = None
    while (item := box.get_nowait()) is not None:
        handed, bundle = item
        decoder = decoder or reception._decoder(handed)
        sounds += decoder.decode(bundle)
    return sounds


def test_packets_are_handed_over_together_and_the_last_ones_are_not_left_behind() -> None:
    box = SoundQueue()
    for frame in packets(OPUS, 7):
        box.put((OPUS, frame))
    box.put(None)
    first, rest, end = (box.get_nowait() for _ in range(3))
    assert isinstance(first[0], Handed)
    assert isinstance(first[1], Packets)
    assert [len(first[1].frames), len(rest[1].frames), end] == [5, 2, None]
    with pytest.raises(queue.Empty):
        box.get_nowait()


def test_another_codec_does_not_mix_with_what_waits() -> None:
    box = SoundQueue()
    box.put((OPUS, packets(OPUS, 1)[0]))
    box.put((PCMU, packets(PCMU, 1)[0]))
    box.put(None)
    assert [box.get_nowait()[0].name for _ in range(2)] == ["opus", "PCMU"]


@pytest.mark.parametrize("codec", [OPUS, PCMU], ids=lambda codec: codec.name)
def test_sound_comes_out_at_16_khz_with_its_place(codec: RTCRtpCodecParameters) -> None:
    sounds = through(codec, packets(codec, 50))
    heard = np.concatenate([sound.pcm for sound in sounds])
    assert abs(len(heard) - RATE) < RATE / 50
    spectrum = np.abs(np.fft.rfft(heard[RATE // 4 :][: RATE // 2]))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 4
    place = sounds[0].start
    for sound in sounds:
        assert sound.start == place
        place += sound.length
    assert (place - sounds[0].start) / sounds[0].clock == pytest.approx(1.0)


def test_a_hole_between_packets_stays_a_hole() -> None:
    frames = packets(OPUS, 12)
    sounds = through(OPUS, frames[:7] + frames[9:])
    holes = [after.start - before.start - before.length for before, after in itertools.pairwise(sounds)]
    assert sorted(holes)[-1] == 2 * 960
    assert sum(holes) == 2 * 960


def test_of_pictures_only_key_frames_are_handed_over() -> None:
    box = KeyFrameQueue()
    for data in (b"\x01delta", b"\x00key", b"", b"\x11delta"):
        box.put((VP8, JitterFrame(data=data, timestamp=0)))
    box.put(None)
    assert box.get_nowait()[1].data == b"\x00key"
    assert box.get_nowait() is None


def test_what_comes_from_another_receiver_gets_aiortcs_own_decoder() -> None:
    assert type(reception._decoder(OPUS)).__module__ == "aiortc.codecs.opus"
