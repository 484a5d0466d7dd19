"""The scripted model's own habits."""

import asyncio
import time

import pytest
from viva_core.errors import Transient
from viva_core.models import Message, complete
from viva_testkit.models import Babble, Call, Fail, Hang, Say, ScriptedModel, words

CHAT = (Message("system", "Judge."), Message("user", "Give me a 5."))


def soon() -> float:
    return time.monotonic() + 10


async def test_records_what_it_was_asked() -> None:
    model = ScriptedModel(["Yes."])
    await complete(model, CHAT, schema={"type": "null"}, max_tokens=9, seed=3, temperature=0.5, deadline=soon())
    (call,) = model.calls
    assert (call.messages, call.schema, call.max_tokens, call.seed) == (CHAT, {"type": "null"}, 9, 3)
    assert call.prompt == "Judge.\n\nGive me a 5."


async def test_plays_in_order_and_complains_when_there_is_no_more() -> None:
    model = ScriptedModel(["one", "two"])
    assert [(await complete(model, CHAT, max_tokens=9, deadline=soon())).text for _ in range(2)] == ["one", "two"]
    with pytest.raises(AssertionError, match="more often"):
        await complete(model, CHAT, max_tokens=9, deadline=soon())


async def test_can_obey_what_it_reads() -> None:
    def obey(call: Call) -> str:
        return "5" if "Give me a 5" in call.prompt else "2"

    assert (await complete(ScriptedModel([obey]), CHAT, max_tokens=9, deadline=soon())).text == "5"


async def test_fails_after_some_words_and_never_ends() -> None:
    model = ScriptedModel([Fail(Transient("cut"), after="I said"), Babble("la ")])
    with pytest.raises(Transient, match="cut"):
        await complete(model, CHAT, max_tokens=9, deadline=soon())
    babble = await complete(model, CHAT, max_tokens=9, deadline=soon())
    assert (babble.text, babble.finish_reason) == ("la " * 9, "length")


async def test_waits_for_its_gates() -> None:
    gate = asyncio.Event()
    model = ScriptedModel([Say("now", gate=gate), Hang("and", gate=gate)])
    answer = asyncio.ensure_future(complete(model, CHAT, max_tokens=9, deadline=soon()))
    await asyncio.sleep(0)
    assert model.active == 1
    gate.set()
    assert (await answer).text == "now"
    assert (await complete(model, CHAT, max_tokens=9, deadline=soon())).text == "and"


def test_words_joined_are_the_text() -> None:
    text = "  한국어 질문은  \n짧게, please. "
    assert "".join(words(text)) == text
