"""llama.cpp, one context and one sequence, for one thread at a time.

Built on llama-cpp-python's C functions rather than on its `Llama` class, for four things that class does not give: a
prompt that can be aborted while it is being read, special tokens only where the template put them, a grammar that costs
next to nothing on the tokens it agrees with, and no Python between two tokens that is not needed.

What stays in the KV cache after a call is the longest prefix that the next call may share: the unchanging part of a
prompt (rubric, instructions) is read once.
"""

import codecs
import ctypes
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import llama_cpp
import numpy as np

from viva_core.errors import Invalid
from viva_core.models.chat import ChatTemplate
from viva_core.models.port import Message, ModelUnavailable

_BATCH = 512
_ABORTED = 2  # llama_decode's answer when the abort callback said so
_FIRST_LOOK = 64
_LEVELS = {4: logging.ERROR}  # ggml_log_level; what it says below an error is for its makers
_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)], align=True)

# An abort is no error, but llama.cpp logs it as three.
_ABORT_NOISE = re.compile(rb"failed with error 1\b|compute status: 1\b|failed to decode, ret = 2\b")

log = logging.getLogger("viva.llama_cpp")


class Aborted(Exception):
    """`abort` was called; the engine is ready for the next prompt."""


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator] # a ctypes function type
def _to_logging(level: int, text: bytes, _: object) -> None:
    if not _ABORT_NOISE.search(text):
        log.log(_LEVELS.get(level, logging.DEBUG), text.decode("utf-8", "replace").rstrip())


class Engine:
    """A loaded model. All methods but `abort` belong to one thread.

    Args:
        path: the GGUF file.
        threads: CPU threads.
        context: tokens of context to reserve; less if the model was made for less.
        chat_template: Jinja, for a file that carries none.
    """

    def __init__(self, path: Path, *, threads: int, context: int, chat_template: str | None = None) -> None:
        llama_cpp.llama_log_set(_to_logging, ctypes.c_void_p(0))
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
        if not self._model:
            raise ModelUnavailable(f"{path.name} is no GGUF file that this llama.cpp can read.", reason="MODEL_DAMAGED")
        self._vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.vocabulary = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self.context = min(context, llama_cpp.llama_model_n_ctx_train(self._model) or context)
        # `strlen` is the abort callback: llama.cpp asks it before every tensor operation, and "not empty" is true. A
        # Python function there would take the interpreter's lock a thousand times a token.
        self._flag = ctypes.create_string_buffer(2)
        self._ctx = self._new_context(threads)
        self._memory = llama_cpp.llama_get_memory(self._ctx)
        self._template = ChatTemplate(
            chat_template or self._meta("tokenizer.chat_template") or _need_template(path),
            bos=self._special(llama_cpp.llama_vocab_bos(self._vocab)),
            eos=self._special(llama_cpp.llama_vocab_eos(self._vocab)),
        )
        self._read: list[int] = []  # the tokens that the KV cache holds
        self._piece = ctypes.create_string_buffer(256)
        self._warm_up()

    def _new_context(self, threads: int) -> llama_cpp.llama_context_p:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = self.context, _BATCH, _BATCH
        params.n_outputs_max = 1  # only the last token's logits are needed; saves 300 MB with a large vocabulary
        params.n_threads = params.n_threads_batch = threads
        strlen = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p).value or 0
        params.abort_callback = llama_cpp.ggml_abort_callback(strlen)
        params.abort_callback_data = ctypes.addressof(self._flag)
        ctx: llama_cpp.llama_context_p | None = llama_cpp.llama_init_from_model(self._model, params)
        if not ctx:
            raise ModelUnavailable(f"No memory for {self.context} tokens of context (VIVA_MODEL_CONTEXT).")
        return ctx

    def close(self) -> None:
        """Free the memory. The engine is of no use afterwards."""
        llama_cpp.llama_free(self._ctx)
        llama_cpp.llama_model_free(self._model)

    def abort(self) -> None:
        """Make the running call raise `Aborted` within milliseconds; from any thread."""
        self._flag.value = b"x"

    def rearm(self) -> None:
        """Take `abort` back, before the next call."""
        self._flag.value = b""

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """The tokens of a chat, ready to be continued by the assistant."""
        tokens = self._template.tokens(messages, self.tokenise)
        bos = llama_cpp.llama_vocab_bos(self._vocab)
        if llama_cpp.llama_vocab_get_add_bos(self._vocab) and tokens[:1] != [bos]:
            return [bos, *tokens]
        return tokens

    def tokenise(self, text: str, special: bool) -> list[int]:
        """The tokens of `text`; marks of the template in it count only if `special`."""
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 2
        tokens = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), tokens, room, False, special)
        return tokens[:count]

    def read(self, prompt: Sequence[int]) -> int:
        """Bring the context to `prompt`; returns how many of its tokens were there already."""
        shared = 0
        for ours, theirs in zip(self._read, prompt[:-1], strict=False):  # the last is read anew: its logits are needed
            if ours != theirs:
                break
            shared += 1
        self._forget_from(shared)
        kept = len(self._read)
        for start in range(kept, len(prompt), _BATCH):
            self._decode(prompt[start : start + _BATCH])
        return kept

    def write(
        self, *, grammar: str | None, max_tokens: int, seed: int, temperature: float, stopped: Callable[[], bool]
    ) -> Iterator[str]:
        """Continue what was read; yields the text of each token ("" for half a character) until the model ends.

        At most `max_tokens` are yielded. Between tokens `stopped` is asked; `Aborted` is raised if it says so.
        """
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        sampler = _Sampler(self._ctx, self._vocab, self.vocabulary, grammar, seed, temperature)
        try:
            for number in range(1, max_tokens + 1):
                token = sampler.next()
                if llama_cpp.llama_vocab_is_eog(self._vocab, token):
                    return
                yield decoder.decode(self._bytes(token))
                if stopped():
                    raise Aborted
                if number < max_tokens:
                    self._decode([token])
        finally:
            sampler.close()

    def _decode(self, tokens: Sequence[int]) -> None:
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        status = llama_cpp.llama_decode(self._ctx, llama_cpp.llama_batch_get_one(array, len(tokens)))
        if status:
            self._forget_from(len(self._read))  # what an aborted batch left behind
            if status == _ABORTED:
                raise Aborted
            raise ModelUnavailable(f"llama.cpp could not go on (status {status}).")
        self._read.extend(tokens)

    def _forget_from(self, position: int) -> None:
        if llama_cpp.llama_memory_seq_rm(self._memory, 0, position, -1):
            del self._read[position:]
        else:  # recurrent models cannot go back by a part
            llama_cpp.llama_memory_clear(self._memory, False)
            self._read.clear()

    def _bytes(self, token: int, special: bool = False) -> bytes:
        size = llama_cpp.llama_token_to_piece(self._vocab, token, self._piece, len(self._piece), 0, special)
        return self._piece.raw[:size] if size > 0 else b""

    def _special(self, token: int) -> str:
        return "" if token < 0 else (llama_cpp.llama_vocab_get_text(self._vocab, token) or b"").decode()

    def _meta(self, key: str) -> str | None:
        buffer = ctypes.create_string_buffer(1 << 16)
        size = llama_cpp.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode() if size >= 0 else None

    def _warm_up(self) -> None:
        """Bring the weights into memory, so that the first candidate does not wait for the disk."""
        self._decode([max(llama_cpp.llama_vocab_bos(self._vocab), 0)])
        llama_cpp.llama_memory_clear(self._memory, True)
        self._read.clear()


class _Sampler:
    """Takes the next token; holds it to a grammar.

    The grammar is asked about the one token that was taken. Only when it refuses that one is it asked about the next
    likeliest, and about the whole vocabulary (150,000 entries, tens of milliseconds) only when it refuses those too.
    """

    def __init__(
        self,
        ctx: llama_cpp.llama_context_p,
        vocab: llama_cpp.llama_vocab_p,
        vocabulary: int,
        grammar: str | None,
        seed: int,
        temperature: float,
    ) -> None:
        self._ctx = ctx
        self._vocabulary = vocabulary
        self._grammar = llama_cpp.llama_sampler_init_grammar(vocab, grammar.encode(), b"root") if grammar else None
        if grammar and not self._grammar:
            raise Invalid("llama.cpp refuses the grammar of this JSON Schema.", reason="SCHEMA_NOT_SUPPORTED")
        self._chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
        if temperature <= 0:
            steps = [llama_cpp.llama_sampler_init_greedy()]
        else:
            steps = [
                llama_cpp.llama_sampler_init_top_k(40),
                llama_cpp.llama_sampler_init_top_p(0.95, 1),
                llama_cpp.llama_sampler_init_temp(temperature),
                llama_cpp.llama_sampler_init_dist(seed & 0xFFFF_FFFF),
            ]
        for step in steps:
            llama_cpp.llama_sampler_chain_add(self._chain, step)

    def close(self) -> None:
        """Free both samplers."""
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar:
            llama_cpp.llama_sampler_free(self._grammar)

    def next(self) -> int:
        """The next token after what the context has read."""
        token: int = llama_cpp.llama_sampler_sample(self._chain, self._ctx, -1)
        if not self._grammar:
            return token
        if self._allowed(np.array([token], np.int32)) is None:
            token = self._instead()
        llama_cpp.llama_sampler_accept(self._grammar, token)
        return token

    def _instead(self) -> int:
        logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(self._ctx, -1), (self._vocabulary,))
        likeliest = np.argpartition(logits, -_FIRST_LOOK)[-_FIRST_LOOK:].astype(np.int32)
        for candidates in (likeliest, np.arange(self._vocabulary, dtype=np.int32)):
            token = self._allowed(candidates, logits)
            if token is not None:
                return token
        raise ModelUnavailable("No token of the model fits the grammar.", reason="MODEL_STUCK")

    def _allowed(
        self, candidates: "np.typing.NDArray[np.int32]", logits: "np.typing.NDArray[np.float32] | None" = None
    ) -> int | None:
        """One of `candidates` that the grammar allows, taken by the chain; None if it allows none."""
        data = np.zeros(len(candidates), _DATA)
        data["id"] = candidates
        if logits is not None:
            data["logit"] = logits[candidates]
        array = llama_cpp.llama_token_data_array(
            data=data.ctypes.data_as(llama_cpp.llama_token_data_p), size=len(data), selected=-1, sorted=False
        )
        llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(array))
        allowed = data[np.isfinite(data["logit"])]
        if not len(allowed):
            return None
        if logits is None:
            return int(allowed["id"][0])
        array = llama_cpp.llama_token_data_array(
            data=allowed.ctypes.data_as(llama_cpp.llama_token_data_p), size=len(allowed), selected=-1, sorted=False
        )
        llama_cpp.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)


def _need_template(path: Path) -> str:
    raise ModelUnavailable(f"{path.name} carries no chat template.", reason="MODEL_DAMAGED")
