"""What the evaluation is measured against: llama.cpp without Viva, and the plain way to get JSON out of a model."""

import ctypes
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import llama_cpp
from langchain_core.exceptions import OutputParserException
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from llama_cpp import Llama
from llama_cpp.llama_grammar import LlamaGrammar
from pydantic import BaseModel, Field, create_model
from viva_core.models.port import Message
from viva_evaluator.domain.context import BANDS, Criterion

_TRIES = 3
_TEMPERATURE = 0.2  # llama-cpp-python's default; at 0 a second try would say the same


class RawLlama:
    """llama-cpp-python on the same file with the same threads. Its own match of the prompt's prefix is left on."""

    def __init__(self, path: Path, *, threads: int, context: int) -> None:
        self.llama: Any = Llama(str(path), n_ctx=context, n_threads=threads, n_threads_batch=threads, verbose=False)
        self._greedy = llama_cpp.llama_sampler_init_greedy()

    def rate(self, messages: Sequence[Message], limit: int, grammar: str | None) -> float:
        """Tokens a second of its high-level API, from the first to the last, taken where the caller gets them."""
        moments = []
        chunks: Any = self.llama.create_chat_completion(
            messages=_plain(messages),
            max_tokens=limit,
            temperature=0.0,
            grammar=LlamaGrammar.from_string(grammar, verbose=False) if grammar else None,
            stream=True,
        )
        for chunk in chunks:
            if chunk["choices"][0]["delta"].get("content"):
                moments.append(time.perf_counter())
        return (len(moments) - 1) / (moments[-1] - moments[0])

    def loop_rate(self, messages: Sequence[Message], limit: int) -> float:
        """Tokens a second of llama.cpp's C functions alone on the same prompt: decode, take the likeliest, again."""
        self.rate(messages, 2, None)  # reads the prompt
        context = self.llama._ctx.ctx
        token = llama_cpp.llama_sampler_sample(self._greedy, context, -1)
        begin = time.perf_counter()
        for _ in range(limit):
            batch = llama_cpp.llama_batch_get_one((ctypes.c_int32 * 1)(token), 1)
            if llama_cpp.llama_decode(context, batch):
                raise RuntimeError("llama.cpp could not go on")
            token = llama_cpp.llama_sampler_sample(self._greedy, context, -1)
        rate = limit / (time.perf_counter() - begin)
        # The class does not know of these tokens: what it will read next must not build on them.
        llama_cpp.llama_memory_seq_rm(llama_cpp.llama_get_memory(context), 0, self.llama.n_tokens, -1)
        return rate

    def close(self) -> None:
        """Free the memory."""
        llama_cpp.llama_sampler_free(self._greedy)
        self.llama.close()


class PlainWay:
    """A LangChain chain: the prompt with format instructions, free text, JsonOutputParser, and a retry.

    Args:
        raw: the engine, called by `create_chat_completion` without a grammar.
        criteria: what a usable answer holds.
        limit: most tokens of an answer, as ours has it.
        forget: empty the engine's cache before each call; else its own prefix match works.
    """

    def __init__(self, raw: RawLlama, criteria: Sequence[Criterion], limit: int, *, forget: bool) -> None:
        self._raw = raw
        self._limit = limit
        self._forget = forget
        self._wanted = _shape(criteria)
        self.calls = 0
        parser = JsonOutputParser(pydantic_object=self._wanted)
        template = ChatPromptTemplate.from_messages(
            [("system", "{system}"), ("human", "{question}\n\n{format_instructions}\n\nFor example:\n{example}")]
        ).partial(format_instructions=parser.get_format_instructions(), example=_example(criteria))
        chain = template | RunnableLambda(self._say) | parser | RunnableLambda(self._check)
        self._chain = chain.with_retry(
            retry_if_exception_type=(OutputParserException,), stop_after_attempt=_TRIES, wait_exponential_jitter=False
        )

    def seconds(self, messages: Sequence[Message]) -> tuple[float, bool]:
        """How long it took, and whether the answer was usable after all tries."""
        system, question = messages
        begin = time.perf_counter()
        try:
            self._chain.invoke({"system": system.content, "question": question.content})
        except OutputParserException:
            return time.perf_counter() - begin, False
        return time.perf_counter() - begin, True

    def _say(self, prompt: PromptValue) -> str:
        self.calls += 1
        if self._forget:
            self._raw.llama.reset()
        roles = {"system": "system", "human": "user"}
        messages: Any = [{"role": roles[each.type], "content": each.content} for each in prompt.to_messages()]
        said: Any = self._raw.llama.create_chat_completion(
            messages=messages, max_tokens=self._limit, temperature=_TEMPERATURE, seed=self.calls
        )
        text: str = said["choices"][0]["message"]["content"]
        return text

    def _check(self, found: Any) -> BaseModel:
        try:
            return self._wanted.model_validate(found)
        except ValueError as error:
            raise OutputParserException(str(error)) from error


def _plain(messages: Sequence[Message]) -> Any:
    return [{"role": each.role, "content": each.content} for each in messages]


def _example(criteria: Sequence[Criterion]) -> str:
    """Without it the small model forgets the inner objects and writes bare numbers, each time."""
    one = {"score": 3, "quotes": ["words of the answer"], "reason": "one short sentence"}
    return json.dumps({criterion.criterion_id: one for criterion in criteria})


def _shape(criteria: Sequence[Criterion]) -> type[BaseModel]:
    """The reply as Pydantic has it: for each criterion a score or null, quotes and a reason."""
    judged = create_model(
        "Judged",
        score=(int | None, Field(ge=BANDS[0], le=BANDS[-1], description="the band, or null")),
        quotes=(list[str], Field(default_factory=list, description="the passage that decides, word for word")),
        reason=(str, Field(default="", description="one sentence")),
    )
    fields: Any = {criterion.criterion_id: (judged, ...) for criterion in criteria}
    made: type[BaseModel] = create_model("Evaluation", **fields)
    return made
