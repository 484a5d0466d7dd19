"""What a receiver makes of packets: on packets that libopus itself made, as aiortc hands them over."""

import asyncio
import fractions
import itertools
import queue
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import av
import numpy as np
import pytest
from aiortc import RTCRtpCodecParameters
from aiortc.jitterbuffer import JitterFrame
from viva_media.adapters.reception import CLOCK, KeyFrameQueue, Sound, SoundBuffer, SoundQueue
from viva_media.domain.audio import RATE
from viva_media.voice_peer import voice_encoder
from viva_testkit.bus import eventually

VP8 = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90_000, payloadType=97)
PACKET_MS = 20
TICKS = CLOCK * PACKET_MS // 1000


@dataclass
class Packet:
    """What this module reads of aiortc's RtpPacket."""

    sequence_number: int
    timestamp: int
    payload: bytes
    ssrc: int = 1


@cache
def payloads(count: int) -> tuple[bytes, ...]:
    """A tone of 440 Hz, 20 ms a packet."""
    encoder = voice_encoder(RATE, PACKET_MS)
    made = []
    size = RATE * PACKET_MS // 1000
    for at in range(0, count * size, size):
        tone = (8_000 * np.sin(2 * np.pi * 440 * np.arange(at, at + size) / RATE)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, fractions.Fraction(1, RATE)
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(made)


def packets(count: int, *, number: int = 0, stamp: int = 0, source: int = 1) -> list[Packet]:
    """As they are sent; numbers and stamps go round as on the wire."""
    return [
        Packet((number + n) % 65_536, (stamp + n * TICKS) % (1 << 32), payload, source)
        for n, payload in enumerate(payloads(count))
    ]


async def through(sent: Sequence[Packet]) -> list[Sound]:
    """All that comes out."""
    sounds: list[Sound] = []
    buffer = SoundBuffer(sounds.append, asyncio.get_running_loop())
    for packet in sent:
        assert buffer.add(packet) == (False, None)
    buffer.finish()
    return sounds


def holes(sounds: Sequence[Sound]) -> list[int]:
    """Ticks between each piece and the next, where there are some."""
    between = [after.start - before.end for before, after in itertools.pairwise(sounds)]
    return [each for each in between if each]


async def test_sound_comes_out_at_16_khz_with_its_place() -> None:
    sounds = await through(packets(50))
    heard = np.concatenate([sound.pcm for sound in sounds])
    assert len(heard) == RATE
    spectrum = np.abs(np.fft.rfft(heard[RATE // 4 :][: RATE // 2]))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 4
    assert (sounds[0].start, sounds[-1].end, holes(sounds)) == (0, CLOCK, [])


async def test_packets_are_handed_over_together_and_the_last_ones_are_not_left_behind() -> None:
    sounds = await through(packets(7))
    assert [len(sound.pcm) for sound in sounds] == [RATE * 80 // 1000, RATE * 60 // 1000]


async def test_what_is_held_does_not_wait_for_a_packet_that_never_comes() -> None:
    sounds: list[Sound] = []
    buffer = SoundBuffer(sounds.append, asyncio.get_running_loop())
    sent = packets(3)
    buffer.add(sent[0])
    buffer.add(sent[2])
    await eventually(lambda: len(sounds) == 2)
    assert holes(sounds) == [TICKS]


async def test_a_hole_between_packets_stays_a_hole() -> None:
    sent = packets(12)
    assert holes(await through(sent[:7] + sent[9:])) == [2 * TICKS]


async def test_packets_that_overtook_are_put_in_order_and_of_two_alike_one_is_taken() -> None:
    sent = packets(20)
    shuffled = [sent[0], *random.Random(3).sample(sent[1:10], 9), sent[4], *sent[10:]]
    sounds = await through(shuffled)
    assert holes(sounds) == []
    assert sounds[-1].end == 20 * TICKS


async def test_of_one_packet_in_twenty_lost_no_more_is_missing_than_was_lost() -> None:
    """aiortc's own buffer gives up a quarter of the sound on such a line."""
    sent = packets(400)
    chance = random.Random(5)
    there = [sent[0], *(packet for packet in sent[1:-1] if chance.random() > 0.05), sent[-1]]
    sounds = await through(there)
    assert sum(len(sound.pcm) for sound in sounds) == len(there) * RATE * PACKET_MS // 1000


async def test_numbers_and_stamps_that_go_round_leave_no_hole() -> None:
    sounds = await through(packets(20, number=65_530, stamp=(1 << 32) - 5 * TICKS))
    assert (holes(sounds), sounds[-1].end) == ([], 20 * TICKS)


async def test_another_sender_follows_the_one_before_without_a_hole() -> None:
    sounds = await through([*packets(5, source=1), *packets(5, number=9, stamp=123_456, source=2)])
    assert (holes(sounds), sounds[-1].end) == ([], 10 * TICKS)


async def test_what_is_no_opus_is_as_good_as_lost() -> None:
    sent = packets(12)
    sent[6] = Packet(sent[6].sequence_number, sent[6].timestamp, b"")
    sent[7] = Packet(sent[7].sequence_number, sent[7].timestamp, b"\xff" * 3)
    assert holes(await through(sent)) == [2 * TICKS]


async def test_at_the_end_the_queue_hands_over_what_the_buffer_holds_before_the_end() -> None:
    told: list[str] = []
    buffer = SoundBuffer(lambda _: told.append("sound"), asyncio.get_running_loop())
    box = SoundQueue(buffer)
    buffer.add(packets(1)[0])
    assert told == []
    box.put(None)
    assert told == ["sound"]
    assert box.get_nowait() is None
    with pytest.raises(queue.Empty):
        box.get_nowait()


def test_of_pictures_only_key_frames_are_handed_over() -> None:
    box = KeyFrameQueue()
    for data in (b"\x01delta", b"\x00key", b"", b"\x11delta"):
        box.put((VP8, JitterFrame(data=data, timestamp=0)))
    box.put(None)
    assert box.get_nowait()[1].data == b"\x00key"
    assert box.get_nowait() is None
