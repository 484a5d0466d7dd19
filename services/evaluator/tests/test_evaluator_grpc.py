"""The gRPC edge, over a real channel."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as pb
from viva.evaluation.v1 import evaluation_pb2_grpc
from viva_core.errors import Denied, Invalid, NotFound, Transient
from viva_core.grpc import Registration, acting_as
from viva_core.models.port import ModelUnavailable
from viva_core.validation import check
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.evaluator import Evaluator
from viva_evaluator.grpc_api import EvaluationApi
from viva_evaluator.metrics import EvaluationMetrics
from viva_evaluator.replay import Replay
from viva_testkit.grpc import candidate, serving, staff
from viva_testkit.models import SCRIPTED, Fail, Play, ScriptedModel

ACTION = "I partitioned the ledger table by month"
RESULT = "the batch ran in six minutes"
Requests = Callable[..., pb.EvaluateRequest]
Verdict = Callable[..., str]


@dataclass(frozen=True)
class Asked:
    stub: "evaluation_pb2_grpc.EvaluationServiceAsyncStub"
    model: ScriptedModel
    other: ScriptedModel
    registry: CollectorRegistry


@asynccontextmanager
async def asked(scripts: Sequence[Play] = (), other: Sequence[Play] = (), **model: object) -> AsyncIterator[Asked]:
    """The service with one model, and one more that the catalogue knows as "bigger"."""
    own = ScriptedModel(scripts, **model)  # type: ignore[arg-type] # the test's own keywords
    bigger = ScriptedModel(other, info=replace(SCRIPTED, id="bigger", judge=True))

    def open_other(model_id: str) -> ScriptedModel:
        if model_id != "bigger":
            raise NotFound(f"The catalogue has no {model_id}.")
        return bigger

    prompts, registry = load_prompts(), CollectorRegistry()
    api = EvaluationApi(
        Evaluator(own, prompts),
        Replay(own, prompts, open_other),
        own,
        EvaluationMetrics(registry),
        longest=timedelta(seconds=4),
    )
    add = evaluation_pb2_grpc.add_EvaluationServiceServicer_to_server
    async with serving([Registration(add, api, "viva.evaluation.v1.EvaluationService")]) as served:
        with acting_as(staff()):
            yield Asked(evaluation_pb2_grpc.EvaluationServiceStub(served.channel), own, bigger, registry)


async def test_an_answer_is_scored(request_in: Requests, verdict: Verdict) -> None:
    async with asked([verdict(own_action=(4, ACTION), result=(2, RESULT))]) as service:
        request = request_in()
        evaluation = (await service.stub.Evaluate(request)).evaluation
    check(evaluation)
    assert [score.score for score in evaluation.scores] == [4, 2]
    quote = evaluation.scores[0].quotes[0]
    assert request.answer[quote.span.start : quote.span.end] == quote.text == ACTION
    assert evaluation.total.score == pytest.approx(3.2)
    assert evaluation.model.id == "scripted"
    assert evaluation.prompt.id == "evaluate.en"
    assert evaluation.rubric_sha256 == request.rubric.sha256
    assert evaluation.usage.completion_tokens > 0
    assert service.registry.get_sample_value("viva_evaluations_total", {"language": "en", "outcome": "scored"}) == 1


async def test_an_unscored_answer_bears_no_model(request_in: Requests) -> None:
    async with asked() as service:
        evaluation = (await service.stub.Evaluate(request_in(answer="I don't know."))).evaluation
    check(evaluation)
    assert {score.unscored_reason for score in evaluation.scores} == {pb.UNSCORED_REASON_NON_ANSWER}
    assert not any(score.HasField("score") for score in evaluation.scores)
    assert not evaluation.HasField("model")
    assert not evaluation.total.HasField("score")
    assert service.registry.get_sample_value("viva_unscored_total", {"reason": "NON_ANSWER"}) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"request_id": "x"},
        {"position_title": ""},
        {"answer_revision": 0},
        {"question": ""},
        {"answer": "a" * 20_001},
        {"confidence": 1.5},
    ],
)
async def test_a_request_out_of_form_is_refused(request_in: Requests, fields: dict[str, object]) -> None:
    async with asked() as service:
        with pytest.raises(Invalid) as refused:
            await service.stub.Evaluate(request_in(**fields))
    assert refused.value.violations[0].field == next(iter(fields))


async def test_a_criterion_named_twice_is_refused(request_in: Requests) -> None:
    request = request_in()
    request.rubric.criteria.append(request.rubric.criteria[0])
    async with asked() as service:
        with pytest.raises(Invalid):
            await service.stub.Evaluate(request)


async def test_another_tenants_answer_is_not_scored(request_in: Requests) -> None:
    async with asked() as service:
        with pytest.raises(Denied):
            await service.stub.Evaluate(request_in(tenant_id=str(UUID(int=0xC))))


async def test_a_candidate_may_not_ask_for_scores(request_in: Requests) -> None:
    request = request_in()
    async with asked() as service:
        with acting_as(candidate(request.interview_id)), pytest.raises(Denied):
            await service.stub.Evaluate(request)


async def test_a_model_that_is_away_is_told_as_such(request_in: Requests) -> None:
    async with asked([Fail(ModelUnavailable("away"))]) as service:
        with pytest.raises(Transient):
            await service.stub.Evaluate(request_in())


async def test_the_model_and_its_readiness_are_told() -> None:
    async with asked(unavailable=ModelUnavailable("It is being loaded.")) as service:
        answer = await service.stub.GetModel(pb.GetModelRequest())
    assert (answer.model.id, answer.ready, answer.detail) == ("scripted", False, "It is being loaded.")


def replay(request: pb.EvaluateRequest, original: pb.AnswerEvaluation, **fields: object) -> pb.ReplayRequest:
    items = [pb.ReplayItem(request=request, original=original)]
    return pb.ReplayRequest(interview_id=request.interview_id, items=items, **fields)  # type: ignore[arg-type]


async def test_a_replay_tells_what_another_model_scores_otherwise(request_in: Requests, verdict: Verdict) -> None:
    first = verdict(own_action=(4, ACTION), result=(2, RESULT))
    second = verdict(own_action=(4, ACTION), result=None)
    async with asked([first], [second]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        before = original.SerializeToString(deterministic=True)
        (replayed,) = (await service.stub.Replay(replay(request, original, model_id="bigger"))).answers
    assert original.SerializeToString(deterministic=True) == before
    assert replayed.turn_id == request.turn_id
    assert replayed.replayed.model.id == "bigger"
    (difference,) = replayed.differences
    assert (difference.criterion_id, difference.before, difference.HasField("after")) == ("result", 2, False)
    assert service.other.closed
    assert not service.model.closed


async def test_a_replay_takes_answers_of_one_interview_only(request_in: Requests, verdict: Verdict) -> None:
    async with asked([verdict(own_action=(4, ACTION), result=(2, RESULT))]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        foreign = replay(request, original)
        foreign.interview_id = str(UUID(int=0xC))
        foreign.items[0].original.turn_id = str(UUID(int=0xD))
        with pytest.raises(Invalid) as refused:
            await service.stub.Replay(foreign)
    assert [violation.field for violation in refused.value.violations] == [
        "items[0].request.interview_id",
        "items[0].original.turn_id",
    ]


async def test_a_replay_without_changes_differs_in_nothing(request_in: Requests, verdict: Verdict) -> None:
    said = verdict(own_action=(4, ACTION), result=(2, RESULT))
    async with asked([said, said]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        (replayed,) = (await service.stub.Replay(replay(request, original))).answers
    assert not replayed.differences
    assert service.model.calls[0].messages == service.model.calls[1].messages
    assert service.model.calls[0].seed == service.model.calls[1].seed


async def test_a_replay_may_use_another_rubric(request_in: Requests, verdict: Verdict) -> None:
    first = verdict(own_action=(4, ACTION), result=(2, RESULT))
    async with asked([first, verdict(result=(5, RESULT))]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        rubric = common.Rubric()
        rubric.CopyFrom(request.rubric)
        del rubric.criteria[0]
        rubric.criteria[0].weight, rubric.version, rubric.sha256 = 100, 2, "b" * 64
        (replayed,) = (await service.stub.Replay(replay(request, original, rubric=rubric))).answers
    assert (replayed.replayed.rubric_version, replayed.replayed.rubric_sha256) == (2, "b" * 64)
    assert [(each.criterion_id, each.before, each.after) for each in replayed.differences] == [
        ("result", 2, 5),
        ("own_action", 4, 0),
    ]
    assert not replayed.differences[1].HasField("after")


@pytest.mark.parametrize("fields", [{"model_id": "nobody"}, {"prompt_version": 999}])
async def test_a_replay_with_what_is_not_there_is_not_found(
    request_in: Requests, verdict: Verdict, fields: dict[str, object]
) -> None:
    async with asked([verdict(own_action=(4, ACTION), result=(2, RESULT))]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        with pytest.raises(NotFound):
            await service.stub.Replay(replay(request, original, **fields))


async def test_a_model_opened_for_a_replay_is_closed_when_it_fails(request_in: Requests, verdict: Verdict) -> None:
    first = verdict(own_action=(4, ACTION), result=(2, RESULT))
    async with asked([first], [Fail(ModelUnavailable("lost"))]) as service:
        request = request_in()
        original = (await service.stub.Evaluate(request)).evaluation
        with pytest.raises(Transient):
            await service.stub.Replay(replay(request, original, model_id="bigger"))
    assert service.other.closed
