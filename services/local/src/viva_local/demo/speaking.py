"""A candidate who speaks: a real WebRTC peer that says each answer with a synthesised voice (espeak-ng), and in
practice mode shows a face that was drawn.

What a candidate would feel is measured here: from the end of speech to the words, and to the next question.
"""

import asyncio
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field

import av
import numpy as np
from viva_core.errors import Conflict, Invalid, Refused, VivaError
from viva_media.domain.audio import RATE, Pcm
from viva_media.domain.turn_server import IceServer

from viva_local.demo.client import ApiClient, Json
from viva_local.demo.line import Caller, Direct, Network
from viva_local.demo.words import word_errors, words

_WORDS_A_MINUTE = 150  # of the voices of espeak-ng, f3 at this pace is the one that Moonshine mishears least

_OWN = "/candidate/interview"
_CUT_SECONDS = 10.0
_WRITTEN_SECONDS = 30.0
"""From media's word that all is written down to the interview that holds it, over a bus that is busy."""
_LOOK_SECONDS = 0.2


@dataclass
class Heard:
    """What became of one spoken answer. Times in seconds."""

    said: str
    ended: float = 0.0
    to_final: float = 0.0
    to_first_token: float | None = None
    settled: bool = True
    gaps: int = 0
    text: str = ""


@dataclass
class Speaking:
    """One candidate's mouth and line. With `cut` the line breaks once in mid-sentence, for ten seconds, and the
    candidate calls again and goes on. With `face` a camera shows one."""

    api: ApiClient
    network: Network = field(default_factory=Direct)
    cut: bool = False
    face: bool = False
    pictures: int = 0
    """That a model looked at, as far as the candidate may see."""
    faces: int = 0
    answers: list[Heard] = field(default_factory=list)
    _peer: Caller | None = None
    _peer_id: str | None = None

    async def open(self) -> None:
        """Call: offer, answer, connect. Calling again goes on with the same peer."""
        servers = (await self.api.get(f"{_OWN}/ice-servers"))["ice_servers"]
        ice = tuple(IceServer(tuple(one["urls"]), one["username"], one["credential"]) for one in servers)
        peer = self.network.caller(ice, face=self.face)
        body: Json = {"sdp_offer": await peer.offer()}
        if self._peer_id is not None:
            body["peer_id"] = self._peer_id
        opened = await self.api.post(f"{_OWN}/peer", body)
        self._peer_id = opened["peer_id"]
        await peer.accept(opened["sdp_answer"])
        await peer.connected()
        self._peer = peer

    def noticed(self, message: Json) -> None:
        """A message of the live socket: the first token of the question after an answer is timed."""
        if message["type"] == "question_delta" and self.answers:
            last = self.answers[-1]
            if last.to_first_token is None and last.ended:
                last.to_first_token = time.monotonic() - last.ended

    async def answer(self, turn: Json, text: str) -> float:
        """Say it, wait until it is written down, close the answer; the time at which the candidate fell silent."""
        sound = await synthesised(text)
        path = f"{_OWN}/turns/{turn['turn_id']}"
        await self.api.post(f"{path}/speech", {"phase": "listening"})
        heard = Heard(text)
        self.answers.append(heard)
        await self._say(sound, cut=self.cut and turn["number"] == 2)
        heard.ended = time.monotonic()
        state = await self.api.post(f"{path}/speech", {"phase": "done"})
        heard.to_final = time.monotonic() - heard.ended
        heard.settled, heard.gaps = state["pending_seconds"] == 0, state["gaps"]
        with suppress(Refused, Conflict):  # the silence closed it a moment before
            await self.api.post(f"{path}/answer", {"text": "", "modality": "voice"})
        heard.text = (await self._written(turn["turn_id"]))["text"]
        return heard.ended

    async def _written(self, turn_id: str) -> Json:
        """The answer with all its words: they are all in the interview once it knows how good the line was."""
        limit = time.monotonic() + _WRITTEN_SECONDS
        while True:
            interview = await self.api.get(_OWN)
            answer: Json = next(one for one in interview["turns"] if one["turn_id"] == turn_id)["answer"]
            if answer["line"] is not None or time.monotonic() > limit:
                return answer
            await asyncio.sleep(_LOOK_SECONDS)

    async def close(self) -> None:
        """Hang up, and see what the model saw."""
        if self._peer is not None:
            await self._peer.close()
            self._peer = None
            if self.face:
                await self._look_back()

    async def _say(self, sound: Pcm, *, cut: bool) -> None:
        assert self._peer is not None
        if cut:
            half = len(sound) // 2
            await self._peer.say(sound[:half])
            await self._lose_the_line(self._peer)
            sound = sound[half:]
        await self._peer.say(sound)

    async def _lose_the_line(self, peer: Caller) -> None:
        self._peer = None
        await self.network.cut(peer, _CUT_SECONDS)
        await self.open()

    async def _look_back(self) -> None:
        with suppress(VivaError):  # a stack without vision, an interview that failed before
            seen = (await self.api.get(f"{_OWN}/expressions"))["items"]
            self.pictures, self.faces = len(seen), sum(one["faces"] > 0 for one in seen)

    def summary(self) -> Json:
        """Words sent and heard, their errors, and passages that could not be written down."""
        sent = sum(len(words(one.said)) for one in self.answers)
        wrong = sum(word_errors(one.said, one.text) for one in self.answers)
        return {
            "words_sent": sent,
            "words_heard": sum(len(words(one.text)) for one in self.answers),
            "wer": round(wrong / max(sent, 1), 4),
            "gaps": sum(one.gaps for one in self.answers),
            "late_answers": sum(not one.settled for one in self.answers),
            **({"pictures_seen": self.pictures, "faces_seen": self.faces} if self.face else {}),
        }

    def timings(self) -> Json:
        """Seconds from the end of speech, an entry for each answer."""
        return {
            "speech_to_final_seconds": [round(one.to_final, 3) for one in self.answers],
            "speech_to_first_token_seconds": [
                round(one.to_first_token, 3) for one in self.answers if one.to_first_token is not None
            ],
        }


def check_voice(language: str) -> None:
    """Raise Invalid, with the way out, where no answer could be spoken."""
    if language != "en":
        raise Invalid(
            "--voice speaks English: no embedded engine understands Korean. Leave --voice out, or use Deepgram"
        )
    if shutil.which("espeak-ng") is None:
        raise Invalid("--voice needs a voice: apt-get install espeak-ng")


async def synthesised(text: str) -> Pcm:
    """The text spoken, 16 kHz mono."""
    process = await asyncio.create_subprocess_exec(
        *("espeak-ng", "-v", "en-us+f3", "-s", str(_WORDS_A_MINUTE), "--stdin", "--stdout"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    spoken, _ = await process.communicate(text.encode())
    return await asyncio.to_thread(_resampled, spoken)


def _resampled(wave: bytes) -> Pcm:
    """espeak-ng writes 22.05 kHz, and to a pipe a header without its length."""
    header = 44
    samples = np.frombuffer(wave[header : header + (len(wave) - header) // 2 * 2], dtype=np.int16)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = int.from_bytes(wave[24:28], "little")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    made = [part.to_ndarray().reshape(-1) for part in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(made).astype(np.int16)
