"""Moonshine tiny (English), greedy, on ONNX Runtime: sound in, words with the probability of each out.

The weights and the vocabulary come out of the wheel of moonshine-voice (MIT), which is never imported. The token
probabilities, which the package's own runner does not tell, are what a word's confidence is made of: the product over
the word's tokens, so that one doubtful syllable makes a doubtful word.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from viva_media.adapters.packaged import packaged, sha256_of
from viva_media.domain.audio import RATE, Pcm

_START, _END = 1, 2
_SPECIAL = 3  # ids below are marks, not text
_SPACE = "▁"
_TOKENS_A_SECOND = 6.5  # what its makers allow: more is a loop
_SHORTEST = RATE // 2  # it invents words for clips much shorter than what it was trained on
_HEADS, _WIDTH = 8, 36


@dataclass(frozen=True)
class Written:
    """One word and how probable the model held it, 0 to 1."""

    text: str
    confidence: float


class MoonshineModel:
    """Loaded once a process; `transcribe` computes, so call it from a thread."""

    def __init__(self, *, threads: int = 1, folder: Path | None = None) -> None:
        encoder, decoder, words = (
            folder / name if folder else packaged("moonshine_voice", "assets", "tiny-en", name)
            for name in ("encoder_model.ort", "decoder_model_merged.ort", "tokenizer.bin")
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        self._encoder = onnxruntime.InferenceSession(str(encoder), options, providers=providers)
        self._decoder = onnxruntime.InferenceSession(str(decoder), options, providers=providers)
        self._past = [each.name for each in self._decoder.get_inputs() if each.name.startswith("past_key_values.")]
        self._pieces = _vocabulary(words.read_bytes())
        self.sha256 = sha256_of(encoder, decoder)

    def transcribe(self, pcm: Pcm) -> list[Written]:
        """The words of at most about 12 s of speech; longer clips make it loop."""
        sound = pcm.astype(np.float32) / 32_768.0
        if len(sound) < _SHORTEST:
            sound = np.concatenate((sound, np.zeros(_SHORTEST - len(sound), dtype=np.float32)))
        return self._words(*self._decode(sound[None]))

    def _decode(self, sound: npt.NDArray[np.float32]) -> tuple[list[int], list[float]]:
        mask = np.ones(sound.shape, dtype=np.int64)
        hidden = self._encoder.run(None, {"input_values": sound, "attention_mask": mask})[0]
        past = {name: np.zeros((0, _HEADS, 1, _WIDTH), dtype=np.float32) for name in self._past}
        token, tokens, probabilities = _START, list[int](), list[float]()
        for number in range(int(sound.shape[1] / RATE * _TOKENS_A_SECOND) + 4):
            logits, *present = self._decoder.run(
                None,
                {
                    "encoder_attention_mask": mask,
                    "input_ids": np.array([[token]], dtype=np.int64),
                    "encoder_hidden_states": hidden,
                    "use_cache_branch": np.array([number > 0]),
                    **past,
                },
            )
            last = logits[0, -1]
            token = int(last.argmax())
            if token == _END:
                break
            tokens.append(token)
            probabilities.append(float(1.0 / np.exp(last - last[token]).sum()))
            fresh = dict(zip(self._past, present, strict=True))
            # What stands for the sound is computed once; after that the model only echoes it, empty.
            past |= {name: value for name, value in fresh.items() if number == 0 or ".decoder." in name}
        return tokens, probabilities

    def _words(self, tokens: list[int], probabilities: list[float]) -> list[Written]:
        words: list[tuple[bytes, float]] = []
        for token, probability in zip(tokens, probabilities, strict=True):
            piece = self._pieces[token]
            if token < _SPECIAL or piece.startswith(b"<<"):
                continue
            if piece.startswith(_SPACE.encode()) or not words:
                words.append((piece, probability))
            else:
                before, so_far = words[-1]
                words[-1] = (before + piece, so_far * probability)
        texts = ((raw.decode("utf-8", "replace").replace(_SPACE, " ").strip(), chance) for raw, chance in words)
        return [Written(text, chance) for text, chance in texts if text]


def _vocabulary(raw: bytes) -> list[bytes]:
    """Each piece is its length (one byte, or two from 128 on: low seven bits first) and that many bytes."""
    pieces: list[bytes] = []
    at = 0
    while at < len(raw):
        length = raw[at]
        at += 1
        if length & 0x80:
            length = (length & 0x7F) | raw[at] << 7
            at += 1
        pieces.append(raw[at : at + length])
        at += length
    return pieces
