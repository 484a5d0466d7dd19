"""A synthetic candidate speaks one answer over WebRTC, from the microphone to the transcript with its times."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest
from viva_core.errors import Refused
from viva_local.demo.client import ApiClient
from viva_local.demo.speaking import Speaking

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
OWN = "/candidate/interview"
SAYS = (
    "We moved the orders to a new service in four small steps. "
    "After each step we compared the results, and we could go back within a minute."
)


async def entered(candidate: ApiClient, token: str) -> str:
    """Consented and ready; the interview's id."""
    opened = await candidate.post("/candidate/session", {"token": token})
    answers = {"record": False, "transcribe": True, "ai_scoring": True}
    consents = [{"purpose": p, "granted": given, "text_version": "2026-11"} for p, given in answers.items()]
    await candidate.post(f"{OWN}/consents", {"consents": consents})
    await candidate.post(f"{OWN}/ready")
    interview_id: str = opened["interview_id"]
    return interview_id


async def asked(candidate: ApiClient, interview_id: str) -> dict[str, Any]:
    """The first turn, once its question is asked."""
    async with aclosing(candidate.live(interview_id, 0)) as messages:
        async for message in messages:
            interview = message["data"].get("interview") if isinstance(message["data"], dict) else None
            for turn in interview["turns"] if interview else ():
                if (turn["answer"] or {}).get("state") == "open":
                    found: dict[str, Any] = turn
                    return found
    raise AssertionError("the live socket ended")


async def test_an_answer_is_spoken_heard_and_kept_with_its_times(
    recruiter: ApiClient, candidate: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    interview_id = await entered(candidate, await invite(recruiter, 3600))
    mouth = Speaking(candidate)
    await mouth.open()
    await candidate.post(f"{OWN}/start")
    turn = await asked(candidate, interview_id)
    await mouth.answer(turn, SAYS)
    await mouth.close()
    voice = mouth.summary()
    assert voice["wer"] <= 0.3, mouth.answers[0].text
    assert (voice["gaps"], voice["late_answers"]) == (0, 0)
    interview = await candidate.get(OWN)
    answer = interview["turns"][0]["answer"]
    assert answer["modality"] == "voice"
    assert answer["text"] == mouth.answers[0].text


async def test_a_second_tab_takes_over_and_the_first_hangs_up(
    recruiter: ApiClient, candidate: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    interview_id = await entered(candidate, await invite(recruiter, 3600))
    first, second = Speaking(candidate), Speaking(candidate)

    async def told() -> None:
        async with aclosing(candidate.live(interview_id, 0)) as messages:
            async for message in messages:
                listening.set()
                if message["type"] == "peer_status" and message["data"]["reason"] == "TAKEN_OVER":
                    return

    listening = asyncio.Event()
    await first.open()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(told())
        await listening.wait()
        await second.open()
        async with asyncio.timeout(15):
            await waiting
    await first.close()
    await second.close()


async def test_nobody_is_heard_before_they_consented(
    recruiter: ApiClient, candidate: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    await candidate.post("/candidate/session", {"token": await invite(recruiter, 3600)})
    with pytest.raises(Refused, match="consented"):
        await Speaking(candidate).open()
