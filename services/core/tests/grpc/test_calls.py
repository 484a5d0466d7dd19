"""What happens around a call, on both ends of a real connection."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import CollectorRegistry
from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2 as pb
from viva.question.v1 import question_pb2_grpc
from viva_core.errors import (
    Conflict,
    Denied,
    Exhausted,
    Expired,
    Invalid,
    NotFound,
    Permanent,
    RateLimited,
    Refused,
    Transient,
    Unauthenticated,
    Violation,
    VivaError,
)
from viva_core.grpc import GrpcMetrics, acting_as, create_channel, current_call
from viva_testkit.grpc import QUESTION_SERVICE, Questions, question_request, serving, staff
from viva_testkit.nats import free_port

GET_MODEL = f"/{QUESTION_SERVICE}/GetModel"


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


async def test_a_call_knows_who_acts() -> None:
    async with serving([Questions().registration]) as served:
        with acting_as(staff()):
            assert (await served.questions.GetModel(pb.GetModelRequest())).detail == "Kim"


async def test_a_call_without_a_deadline_is_refused() -> None:
    async with serving([Questions().registration]) as served, grpc.aio.insecure_channel(served.target) as bare:
        call = bare.unary_unary(GET_MODEL, pb.GetModelRequest.SerializeToString, pb.GetModelResponse.FromString)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(pb.GetModelRequest(), metadata=(("viva-actor-bin", staff().SerializeToString()),))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "deadline" in (caught.value.details() or "")


async def test_a_call_for_nobody_is_refused_unless_public() -> None:
    async with serving([Questions().registration]) as served:
        with pytest.raises(Unauthenticated):
            await served.questions.GetModel(pb.GetModelRequest())
    seen = []
    api = Questions(lambda: seen.append(current_call()))
    async with serving([api.registration], public=[GET_MODEL]) as served:
        with pytest.raises(Unauthenticated):  # current_actor itself, in the servicer
            await served.questions.GetModel(pb.GetModelRequest())
    assert seen[0].actor is None


async def test_a_forged_actor_is_refused() -> None:
    async with serving([Questions().registration]) as served:
        nobody = common.Actor(kind=common.ACTOR_KIND_STAFF, tenant_id="everything", subject_id="x")
        with acting_as(nobody), pytest.raises(Unauthenticated):
            await served.questions.GetModel(pb.GetModelRequest())


async def test_bad_input_names_each_field() -> None:
    async with serving([Questions().registration]) as served:
        with acting_as(staff()), pytest.raises(Invalid) as caught:
            async for _ in served.questions.Generate(question_request(turn_id="7", position_title="")):
                pass
    assert {violation.field for violation in caught.value.violations} == {"turn_id", "position_title"}
    assert all(violation.description for violation in caught.value.violations)


@pytest.mark.parametrize(
    "error",
    [
        Invalid("bad", [Violation("a[0].b", "wants more")], reason="X_BAD"),
        NotFound("no such interview"),
        Conflict("it changed"),
        Refused("not yet", reason="NO_CONSENT"),
        Denied("you may not"),
        Unauthenticated("who are you"),
        Exhausted("full", retry_after=timedelta(seconds=7)),
        RateLimited("slower", retry_after=timedelta(seconds=3)),
        Transient("away", retry_after=timedelta(milliseconds=250)),
        Expired("too late"),
        Permanent("broken"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_arrives_as_it_was_raised(error: VivaError) -> None:
    async with serving([Questions(raising(error)).registration]) as served:
        with acting_as(staff()):
            with pytest.raises(type(error)) as unary:
                await served.questions.GetModel(pb.GetModelRequest())
            with pytest.raises(type(error)) as streamed:
                async for _ in served.questions.Generate(question_request()):
                    pass
    for caught in (unary.value, streamed.value):
        assert type(caught) is type(error)
        assert (caught.message, caught.reason) == (error.message, error.reason)
        assert getattr(caught, "violations", None) == getattr(error, "violations", None)
        assert getattr(caught, "retry_after", None) == (
            getattr(error, "retry_after", None) if isinstance(error, Transient) else None
        )


async def test_a_fault_of_ours_tells_nothing_but_where_to_look() -> None:
    async with serving([Questions(raising(ValueError("the answer was: I hate Mondays"))).registration]) as served:
        with acting_as(staff(), correlation_id="c-1"), pytest.raises(Permanent) as caught:
            await served.questions.GetModel(pb.GetModelRequest())
    assert "Mondays" not in caught.value.message
    assert "c-1" in caught.value.message


async def test_what_is_left_of_a_deadline_is_handed_on() -> None:
    remaining = []
    api = Questions(lambda: remaining.append(current_call().remaining()))  # type: ignore[union-attr]  # it runs in a call
    async with serving([api.registration]) as served:
        with acting_as(staff(), deadline=time.monotonic() + 1.5):
            await served.questions.GetModel(pb.GetModelRequest())
        assert 0 < remaining[0] <= 1.5 + 0.1  # gRPC rounds what is left up on its way
        with acting_as(staff(), deadline=time.monotonic() - 1), pytest.raises(Expired):
            await served.questions.GetModel(pb.GetModelRequest())


async def test_a_stream_runs_in_its_call_and_ends_when_it_is_left() -> None:
    api = Questions()
    async with serving([api.registration]) as served:
        with acting_as(staff(), correlation_id="c-2"):
            responses = served.questions.Generate(question_request())
            async with aclosing(aiter(responses)) as parts:  # type: ignore[type-var]  # an async generator
                assert (await anext(parts)).delta.sequence == 1
            responses.cancel()
        await asyncio.wait_for(api.left.wait(), 5)
    assert api.calls[0].correlation_id == "c-2"


async def test_calls_are_counted_by_method_and_code() -> None:
    async with serving([Questions(raising(NotFound("none"))).registration]) as served:
        with acting_as(staff()), pytest.raises(NotFound):
            await served.questions.GetModel(pb.GetModelRequest())
        assert [served.calls(side, "GetModel", "NOT_FOUND") for side in ("server", "client")] == [1, 1]


async def test_a_server_that_is_away_is_transient() -> None:
    channel = create_channel(f"127.0.0.1:{free_port()}", metrics=GrpcMetrics(CollectorRegistry()))
    with acting_as(staff()), pytest.raises(Transient):
        await question_pb2_grpc.QuestionServiceStub(channel).GetModel(pb.GetModelRequest(), timeout=5)
    await channel.close()


async def test_reflection_lists_the_services() -> None:
    async with serving([Questions().registration]) as served, grpc.aio.insecure_channel(served.target) as bare:
        reflection = reflection_pb2_grpc.ServerReflectionStub(bare)
        call = reflection.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        answer = await anext(aiter(call))
        assert QUESTION_SERVICE in {service.name for service in answer.list_services_response.service}
