"""A spoken answer, told on the bus by media: words, gaps, the silence that ends it, and what comes late."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from google.protobuf.message import Message
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2
from viva.session.v1 import session_pb2 as pb
from viva_core.bus import Worker, message_types
from viva_core.bus.topology import EVALUATOR
from viva_core.clock import SystemClock
from viva_core.errors import Invalid, NotFound
from viva_core.grpc import acting_as
from viva_core.wellknown import seconds
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.evaluator import Evaluator
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.worker import EvaluationWorker
from viva_testkit import steps
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.models import Play, ScriptedModel
from viva_testkit.room import entered, words
from viva_testkit.session import Service

FIRST = "In 2019 I rebuilt the ledger"
SECOND = "and the batch fell to six minutes"


async def test_what_is_heard_is_seen_at_once_and_a_silence_makes_it_the_answer(
    service: Service, buses: BusFactory
) -> None:
    room = await entered(service, buses)
    await room.speaker.final(SECOND, 10, confidence=0.5)
    await room.speaker.final(FIRST, 0, confidence=1.0)
    await room.speaker.gap(6, 9)

    async def heard() -> bool:
        answer = await room.answer()
        return words(answer) == f"{FIRST} {SECOND}" and len(answer.gaps) == 1

    await eventually(heard)
    assert (await room.answer()).state == interview_pb2.ANSWER_STATE_OPEN
    await room.speaker.silence()
    answer = await room.until(text=f"{FIRST} {SECOND}", state=interview_pb2.ANSWER_STATE_EVALUATED)
    assert answer.modality == common.ANSWER_MODALITY_VOICE
    assert answer.closed_by == common.ANSWER_CLOSED_BY_SILENCE
    assert 0.5 < answer.confidence < 1.0
    [request] = service.workers.scored
    assert " ".join(word.text for word in request.words) == request.answer == f"{FIRST} {SECOND}"
    assert request.confidence == answer.confidence


async def test_a_silence_before_a_word_was_heard_lets_the_candidate_be(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.speaker.silence()
    await room.speaker.taken_in()
    await room.speaker.final(FIRST, 0)
    await room.speaker.taken_in()
    assert words(await room.answer()) == FIRST
    assert (await room.answer()).state == interview_pb2.ANSWER_STATE_OPEN


async def test_what_is_written_down_after_done_is_added_and_scored_anew(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.done()
    await room.done()  # said twice
    await room.until(state=interview_pb2.ANSWER_STATE_SUBMITTED, text="")
    await room.speaker.final(FIRST, 0)
    await room.until(text=FIRST, state=interview_pb2.ANSWER_STATE_EVALUATED)
    await room.speaker.final(SECOND, 10)
    answer = await room.until(text=f"{FIRST} {SECOND}", state=interview_pb2.ANSWER_STATE_EVALUATED)
    assert [revision.text for revision in answer.revisions] == ["", FIRST, f"{FIRST} {SECOND}"]


async def test_what_came_since_the_page_looked_is_added_to_what_was_typed(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.speaker.final(SECOND, 10)

    async def heard(text: str) -> bool:
        return words(await room.answer()) == text

    await eventually(lambda: heard(SECOND))
    page = await room.answer()  # what the candidate reads while typing
    await room.speaker.final(FIRST, 0)
    await eventually(lambda: heard(f"{FIRST} {SECOND}"))
    passages = (await room.answer()).passages
    assert [(passage.first_word, passage.words) for passage in passages] == [(6, 7), (0, 6)]

    def sent(seen: int) -> pb.SubmitAnswerRequest:
        return pb.SubmitAnswerRequest(
            interview_id=room.candidate.interview_id,
            turn_id=room.turn_id,
            text=f"{SECOND}. Typed.",
            modality=common.ANSWER_MODALITY_TEXT,
            passages_seen=seen,
        )

    with acting_as(room.candidate):
        with pytest.raises(Invalid) as refused:
            await service.stub.SubmitAnswer(sent(100_001))
        assert [violation.field for violation in refused.value.violations] == ["passages_seen"]
        await service.stub.SubmitAnswer(sent(len(page.passages)))
    whole = f"{SECOND}. Typed. {FIRST}"
    answer = await room.until(text=whole, state=interview_pb2.ANSWER_STATE_EVALUATED)
    assert [revision.text for revision in answer.revisions] == [f"{SECOND}. Typed.", whole]
    assert [request.answer for request in service.workers.scored if request.turn_id == room.turn_id] == [whole]


async def test_words_that_come_when_the_report_is_out_are_scored_in_another_version_of_it(
    launch: Callable[..., Awaitable[Service]], buses: BusFactory
) -> None:
    service = await launch(speech_timeout=0.2)
    await service.make_tenant()
    room = await entered(service, buses)
    await room.done()
    with acting_as(room.candidate):
        await service.stub.CompleteInterview(pb.CompleteInterviewRequest(interview_id=room.candidate.interview_id))
    await room.until(state=interview_pb2.ANSWER_STATE_UNSCORED, text="")
    first = await room.report()
    await room.speaker.final(FIRST, 0)
    await room.until(text=FIRST, state=interview_pb2.ANSWER_STATE_EVALUATED)
    report = await room.report()
    assert report.version > first.version
    # The next question may have been asked before the interview was completed.
    [answered] = [turn for turn in report.interview.turns if turn.turn_id == room.turn_id]
    assert answered.answer.text == FIRST
    assert report.total.HasField("score")
    assert not first.total.HasField("score")


async def test_how_good_the_line_was_is_known_to_whoever_reads_the_answer(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.speaker.final(FIRST, 0)
    await room.speaker.line(
        loss=0.08, jitter_ms=12, round_trip_ms=80, clipping=0, level_dbfs=-47.5, too_quiet=seconds(12.5)
    )

    async def measured() -> bool:
        return (await room.answer()).HasField("line")

    await eventually(measured)
    answer = await room.answer()
    assert (answer.line.loss, answer.line.level_dbfs) == (0.08, -47.5)
    assert answer.line.too_quiet == seconds(12.5)
    assert not answer.line.HasField("clipped"), "nobody measured it"
    assert list(answer.line_faults) == [media.LINE_FAULT_TOO_QUIET, media.LINE_FAULT_LOSS]


async def test_an_answer_of_which_media_owes_no_word_is_empty_at_once(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.done()
    await room.until(state=interview_pb2.ANSWER_STATE_SUBMITTED)
    await room.speaker.line(level_dbfs=-30)
    await room.until(state=interview_pb2.ANSWER_STATE_UNSCORED, text="")


async def test_a_correction_by_hand_stays_whatever_is_heard_later(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.speaker.final(FIRST, 0, confidence=0.3)

    async def heard() -> bool:
        return words(await room.answer()) == FIRST

    await eventually(heard)
    await room.done()
    await room.correct("In 2020 I rebuilt the ledger by hand.", revision=1)
    await room.speaker.final(SECOND, 10)

    async def both_heard() -> bool:
        return words(await room.answer()) == f"{FIRST} {SECOND}"

    await eventually(both_heard)
    answer = await room.until(state=interview_pb2.ANSWER_STATE_EVALUATED)
    assert answer.text == "In 2020 I rebuilt the ledger by hand."
    assert not answer.HasField("confidence"), "what the hand wrote is sure"
    assert not service.workers.scored[-1].words


@asynccontextmanager
async def judging(buses: BusFactory, scripts: Sequence[Play]) -> AsyncIterator[ScriptedModel]:
    """The real evaluator, on a model that says what it is told to."""
    probe = await buses.connect("evaluator")
    model = ScriptedModel(scripts)
    evaluator = Evaluator(model, load_prompts())
    metrics = EvaluationMetrics(CollectorRegistry())
    handler = EvaluationWorker(probe.bus, evaluator, metrics, SystemClock(), longest=timedelta(seconds=30))
    types = message_types(evaluation.EvaluateRequest)
    worker = Worker(
        probe.bus, EVALUATOR, handler.handle, message_types=types, health=probe.health, expires=0.6, heartbeat=0.2
    )
    running = asyncio.create_task(worker.run())
    try:
        yield model
    finally:
        await worker.stop(grace=5)
        await running


async def test_words_below_the_positions_threshold_are_left_unscored_until_they_are_corrected(
    service: Service, buses: BusFactory
) -> None:
    room = await entered(service, buses, score=False, min_confidence=0.6)
    async with judging(buses, ["no JSON", "no JSON"]) as model:
        await room.speaker.final(FIRST, 0, confidence=0.59)
        await room.done()
        answer = await room.until(text=FIRST, state=interview_pb2.ANSWER_STATE_UNSCORED)
        assert answer.confidence < 0.6
        assert await room.reasons() == {evaluation.UNSCORED_REASON_LOW_CONFIDENCE}
        assert not model.calls, "nobody judges what was hardly understood"
        await room.correct(f"{FIRST}.", revision=len(answer.revisions))

        async def judged() -> bool:
            return await room.reasons() == {evaluation.UNSCORED_REASON_MODEL_INVALID}

        await eventually(judged)
        assert model.calls, "what the hand wrote is sure"


async def test_words_at_the_positions_threshold_are_judged(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses, score=False, min_confidence=0.6)
    async with judging(buses, ["no JSON", "no JSON"]) as model:
        await room.speaker.final(FIRST, 0, confidence=0.61)
        await room.done()
        await room.until(text=FIRST, state=interview_pb2.ANSWER_STATE_UNSCORED)
        assert await room.reasons() == {evaluation.UNSCORED_REASON_MODEL_INVALID}
        assert model.calls


async def test_who_watches_is_told_of_each_passage(service: Service, buses: BusFactory) -> None:
    room = await entered(service, buses)
    await room.speaker.final(FIRST, 0)
    await room.speaker.gap(6, 9)
    seen: list[Message] = []
    with acting_as(room.candidate):
        stream = service.stub.WatchInterview(
            pb.WatchInterviewRequest(interview_id=room.candidate.interview_id), timeout=20
        )
    async for change in stream:
        if change.WhichOneof("event") in ("transcript_final", "transcript_gap"):
            seen.append(change)
        if len(seen) == 2:
            break
    stream.cancel()
    kinds = {change.WhichOneof("event") for change in seen}
    assert kinds == {"transcript_final", "transcript_gap"}


async def test_a_spoken_answer_may_be_heard_while_the_consent_to_record_holds_and_the_log_tells_who_heard(
    service: Service, buses: BusFactory
) -> None:
    room = await entered(service, buses)
    request = pb.AuthorizeListeningRequest(interview_id=room.candidate.interview_id, turn_id=room.turn_id)

    async def ask() -> None:
        with acting_as(service.staff()):
            await service.stub.AuthorizeListening(request)

    async def listened() -> int:
        with acting_as(service.staff()):
            log = await service.stub.ListAudit(pb.ListAuditRequest(interview_id=room.candidate.interview_id))
        return sum(entry.action == "recording.read" for entry in log.entries)

    await steps.record_consented(service.stub, room.candidate, granted=True)
    with pytest.raises(NotFound, match="nothing of this answer"):
        await ask()  # nothing was said yet
    await room.speaker.final(FIRST, 0)

    async def heard() -> bool:
        return words(await room.answer()) == FIRST

    await eventually(heard)
    await room.done()
    await ask()
    assert await listened() == 1
    await steps.record_consented(service.stub, room.candidate, granted=False)
    with pytest.raises(NotFound, match="nothing of this answer"):
        await ask()
    assert await listened() == 1
