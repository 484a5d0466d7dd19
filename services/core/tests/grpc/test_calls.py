"""What happens around a call, on both ends of a real connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

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
    Refused,
    Transient,
    Unauthenticated,
    Violation,
    VivaError,
)
from viva_core.grpc import GrpcMetrics, Registration, acting_as, create_channel, current_actor, current_call
from viva_testkit.grpc import Served, serving, staff
from viva_testkit.nats import free_port

SERVICE = "viva.question.v1.QuestionService"
GET_MODEL = f"/{SERVICE}/GetModel"


def request(**changes: Any) -> pb.GenerateRequest:
    made = pb.GenerateRequest(
        request_id=str(UUID(int=1)),
        tenant_id=str(UUID(int=2)),
        interview_id=str(UUID(int=3)),
        turn_id=str(UUID(int=4)),
        language=common.LANGUAGE_EN,
        position_title="Engineer",
        competency=common.Competency(competency_id="system_design", title="System design"),
        intent=pb.QUESTION_INTENT_MAIN,
        fallback=pb.BankQuestion(question_id="b1", text="What did you build?"),
    )
    for name, value in changes.items():
        setattr(made, name, value)
    return made


class Api(question_pb2_grpc.QuestionServiceServicer):
    """Does what a test tells it."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.act = act
        self.seen: list[Any] = []
        self.cancelled = asyncio.Event()

    async def GetModel(self, request: pb.GetModelRequest, context: Any) -> pb.GetModelResponse:
        self.act()
        return pb.GetModelResponse(ready=True, detail=current_actor().display_name)

    async def Generate(self, request: pb.GenerateRequest, context: Any) -> AsyncIterator[pb.GenerateResponse]:
        try:
            for number in (1, 2, 3):
                self.seen.append(current_call())
                yield pb.GenerateResponse(delta=pb.QuestionDelta(turn_id=request.turn_id, sequence=number, attempt=1))
            self.act()
        finally:
            self.cancelled.set()


def registration(api: Api) -> Registration:
    return Registration(question_pb2_grpc.add_QuestionServiceServicer_to_server, api, SERVICE)


def stub(served: Served) -> "question_pb2_grpc.QuestionServiceAsyncStub":
    return question_pb2_grpc.QuestionServiceStub(served.channel)


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


async def test_a_call_knows_who_acts() -> None:
    async with serving([registration(Api())]) as served:
        with acting_as(staff()):
            assert (await stub(served).GetModel(pb.GetModelRequest())).detail == "Kim"


async def test_a_call_without_a_deadline_is_refused() -> None:
    async with serving([registration(Api())]) as served, grpc.aio.insecure_channel(served.target) as bare:
        call = bare.unary_unary(GET_MODEL, pb.GetModelRequest.SerializeToString, pb.GetModelResponse.FromString)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(pb.GetModelRequest(), metadata=(("viva-actor-bin", staff().SerializeToString()),))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "deadline" in (caught.value.details() or "")


async def test_a_call_for_nobody_is_refused_unless_public() -> None:
    async with serving([registration(Api())]) as served:
        with pytest.raises(Unauthenticated):
            await stub(served).GetModel(pb.GetModelRequest())
    seen = []
    api = Api(lambda: seen.append(current_call()))
    async with serving([registration(api)], public=[GET_MODEL]) as served:
        with pytest.raises(Unauthenticated):  # current_actor itself, in the servicer
            await stub(served).GetModel(pb.GetModelRequest())
    assert seen[0].actor is None


async def test_a_forged_actor_is_refused() -> None:
    async with serving([registration(Api())]) as served:
        nobody = common.Actor(kind=common.ACTOR_KIND_STAFF, tenant_id="everything", subject_id="x")
        with acting_as(nobody), pytest.raises(Unauthenticated):
            await stub(served).GetModel(pb.GetModelRequest())


async def test_bad_input_names_each_field() -> None:
    async with serving([registration(Api())]) as served:
        with acting_as(staff()), pytest.raises(Invalid) as caught:
            async for _ in stub(served).Generate(request(turn_id="7", position_title="")):
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
        Transient("away", retry_after=timedelta(milliseconds=250)),
        Expired("too late"),
        Permanent("broken"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_arrives_as_it_was_raised(error: VivaError) -> None:
    async with serving([registration(Api(raising(error)))]) as served:
        with acting_as(staff()):
            with pytest.raises(type(error)) as unary:
                await stub(served).GetModel(pb.GetModelRequest())
            with pytest.raises(type(error)) as streamed:
                async for _ in stub(served).Generate(request()):
                    pass
    for caught in (unary.value, streamed.value):
        assert type(caught) is type(error)
        assert (caught.message, caught.reason) == (error.message, error.reason)
        assert getattr(caught, "violations", None) == getattr(error, "violations", None)
        assert getattr(caught, "retry_after", None) == (
            getattr(error, "retry_after", None) if isinstance(error, Transient) else None
        )


async def test_a_fault_of_ours_tells_nothing_but_where_to_look() -> None:
    async with serving([registration(Api(raising(ValueError("the answer was: I hate Mondays"))))]) as served:
        with acting_as(staff(), correlation_id="c-1"), pytest.raises(Permanent) as caught:
            await stub(served).GetModel(pb.GetModelRequest())
    assert "Mondays" not in caught.value.message
    assert "c-1" in caught.value.message


async def test_what_is_left_of_a_deadline_is_handed_on() -> None:
    remaining = []
    api = Api(lambda: remaining.append(current_call().remaining()))  # type: ignore[union-attr]  # it runs in a call
    async with serving([registration(api)]) as served:
        with acting_as(staff(), deadline=time.monotonic() + 1.5):
            await stub(served).GetModel(pb.GetModelRequest())
        assert 0 < remaining[0] <= 1.5
        with acting_as(staff(), deadline=time.monotonic() - 1), pytest.raises(Expired):
            await stub(served).GetModel(pb.GetModelRequest())


async def test_a_stream_runs_in_its_call_and_ends_when_it_is_left() -> None:
    api = Api()
    async with serving([registration(api)]) as served:
        with acting_as(staff(), correlation_id="c-2"):
            responses = stub(served).Generate(request())
            async with aclosing(aiter(responses)) as parts:  # type: ignore[type-var]  # an async generator
                assert (await anext(parts)).delta.sequence == 1
            responses.cancel()
        await asyncio.wait_for(api.cancelled.wait(), 5)
    assert api.seen[0].correlation_id == "c-2"


async def test_calls_are_counted_by_method_and_code() -> None:
    async with serving([registration(Api(raising(NotFound("none"))))]) as served:
        with acting_as(staff()), pytest.raises(NotFound):
            await stub(served).GetModel(pb.GetModelRequest())
        labels = {"service": SERVICE, "method": "GetModel", "code": "NOT_FOUND"}
        for side in ("server", "client"):
            assert served.registry.get_sample_value("viva_grpc_calls_total", {"side": side, **labels}) == 1


async def test_a_server_that_is_away_is_transient() -> None:
    channel = create_channel(f"127.0.0.1:{free_port()}", metrics=GrpcMetrics(CollectorRegistry()))
    with acting_as(staff()), pytest.raises(Transient):
        await question_pb2_grpc.QuestionServiceStub(channel).GetModel(pb.GetModelRequest(), timeout=5)
    await channel.close()


async def test_reflection_lists_the_services() -> None:
    async with serving([registration(Api())]) as served, grpc.aio.insecure_channel(served.target) as bare:
        reflection = reflection_pb2_grpc.ServerReflectionStub(bare)
        call = reflection.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]))
        answer = await anext(aiter(call))
        assert SERVICE in {service.name for service in answer.list_services_response.service}
