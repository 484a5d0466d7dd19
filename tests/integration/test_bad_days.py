"""Whatever is killed in the middle of an interview, the interview goes on: nothing lost, nothing counted twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import psutil
import pytest
from viva_local.demo.client import ApiClient, Json
from viva_local.demo.interview import Demo, Listener
from viva_local.demo.persona import PersonaName, load_persona
from viva_local.demo.summary import summary
from viva_testkit.stack import LocalStack

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(900)]


class Killer:
    """SIGKILLs one process, once, while the second question is being made or right after the second answer."""

    def __init__(self, stack: LocalStack, victim: str) -> None:
        self._stack = stack
        self._victim = victim
        self._questions = 0
        self.killed: psutil.Process | None = None

    def question(self, _: Json) -> None:
        """A question was asked."""
        self._questions += 1

    def answered(self, _: str) -> None:
        """An answer was sent: the next question and its scores are under way now."""
        if self._questions == 2 and self.killed is None:
            self.killed = self._stack.process(self._victim)
            self.killed.kill()


async def changes(client: ApiClient, interview_id: str, until: str) -> AsyncIterator[Json]:
    """Every change of an interview from its beginning, up to one of the given kind."""
    async with aclosing(client.live(interview_id, 0)) as messages:
        async for message in messages:
            if message["id"] is not None and message["type"] != "hello":
                yield message
            if message["type"] == until:
                return


@pytest.mark.parametrize("victim", ["nats", "postgresql", "session", "question-gen", "evaluator", "gateway"])
async def test_an_interview_outlives_a_killed_process(
    stack: LocalStack, recruiter: ApiClient, candidate: ApiClient, victim: str
) -> None:
    killer = Killer(stack, victim)
    listener = Listener(question=killer.question, answer=killer.answered)
    persona = load_persona(PersonaName.EVASIVE, "en")
    held = await Demo(recruiter, candidate, listener).hold("en", persona)
    assert killer.killed is not None
    assert not killer.killed.is_running()

    short = summary(held)
    assert len(short["turns"]) >= 4
    script = load_persona(PersonaName.EVASIVE, "en")
    for number, turn in enumerate(short["turns"], start=1):
        competency = held.report.interview.turns[number - 1].competency.competency_id
        assert turn["answer"] == script.answer(turn["question"], competency, number)
        assert turn["scores"]

    seen: list[Json] = []
    async for change in changes(recruiter, held.interview_id, "report_ready"):
        seen.append(change)
    assert [change["id"] for change in seen] == list(range(1, len(seen) + 1))
    scored = [change["data"]["event"]["turn_id"] for change in seen if change["type"] == "answer_scored"]
    assert sorted(scored) == sorted(turn.turn_id for turn in held.report.interview.turns)
    asked = [change["data"]["event"]["turn_id"] for change in seen if change["type"] == "question_asked"]
    assert len(asked) == len(set(asked)) == len(short["turns"])


async def test_a_socket_that_is_cut_again_and_again_misses_nothing(
    stack: LocalStack, recruiter: ApiClient, candidate: ApiClient
) -> None:
    """Cut after every single message: each time the client comes back with the last id it has."""
    persona = load_persona(PersonaName.EVASIVE, "en")
    held = await Demo(recruiter, candidate, Listener()).hold("en", persona)
    ids: list[int] = []
    last = 0
    while True:
        async with aclosing(recruiter.live(held.interview_id, last)) as messages:
            async for message in messages:
                if message["type"] == "hello" or message["id"] is None:
                    continue
                last = message["id"]
                ids.append(last)
                break
        if message["type"] == "report_ready":
            break
    assert ids == list(range(1, len(ids) + 1))


async def test_nothing_that_was_said_is_in_the_log(stack: LocalStack) -> None:
    """After all of the above."""
    log = await asyncio.to_thread(stack.home.log.read_text)
    answers = {
        line
        for turn in range(1, 7)
        for line in [load_persona(PersonaName.EVASIVE, "en").answer("What did you build?", "system_design", turn)]
        if len(line) > 30
    }
    assert answers
    assert [answer for answer in answers if answer in log] == []
    faults = [json.loads(line) for line in log.splitlines() if '"exception"' in line]
    assert [fault for fault in faults if fault.get("event") == "a call failed on a fault of ours"] == []
