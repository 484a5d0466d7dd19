"""What a connection takes, how long it lasts, and how it ends."""

import asyncio
import time
from datetime import timedelta

import grpc
import pytest
from prometheus_client import CollectorRegistry
from viva.question.v1 import question_pb2 as pb
from viva.question.v1 import question_pb2_grpc
from viva_core.errors import Expired, Invalid, Permanent, Transient, Violation
from viva_core.grpc import GrpcMetrics, acting_as, create_channel
from viva_core.grpc.errors import short
from viva_testkit.grpc import Questions, question_request, serving, staff

MODEL = pb.GetModelRequest()


async def test_more_violations_than_metadata_holds_are_still_an_invalid_request() -> None:
    request = question_request()
    for _ in range(400):
        request.resume_excerpts.add()
    async with serving([Questions().registration]) as served:
        with acting_as(staff()), pytest.raises(Invalid) as caught:
            await anext(aiter(served.questions.Generate(request)))
    named = caught.value.violations
    assert named[0].field == "resume_excerpts"
    assert named[-1] == Violation("", f"and {801 - len(named) + 1} more")


async def test_a_long_message_is_cut_and_keeps_its_kind() -> None:
    error = Invalid("가" * 5_000, [Violation("가" * 500, "나" * 500)] * 50)

    def act() -> None:
        raise error

    async with serving([Questions(act).registration]) as served:
        with acting_as(staff()), pytest.raises(Invalid) as caught:
            await served.questions.GetModel(MODEL)
    assert caught.value.message == short(error.message)
    assert caught.value.message.endswith("가…")


async def test_a_request_over_the_limit_is_invalid_and_not_tried_again() -> None:
    async with serving([Questions().registration]) as served:
        channel = create_channel(served.target, metrics=GrpcMetrics(CollectorRegistry()), max_message_bytes=2**24)
        stub = question_pb2_grpc.QuestionServiceStub(channel)
        with acting_as(staff()), pytest.raises(Invalid) as caught:
            await anext(aiter(stub.Generate(question_request(position_title="x" * 9_000_000))))
        await channel.close()
    assert caught.value.reason == "MESSAGE_TOO_LARGE"


async def test_an_answer_over_the_limit_is_permanent() -> None:
    async with serving([Questions(name="x" * 9_000_000).registration]) as served:
        with acting_as(staff()), pytest.raises(Permanent) as caught:
            await served.questions.GetModel(MODEL)
    assert (type(caught.value), caught.value.reason) == (Permanent, "MESSAGE_TOO_LARGE")


async def test_a_quiet_stream_outlives_many_pings() -> None:
    # gRPC pings once a second at most. With its own tolerance the server ends the connection at the third ping
    # ("too_many_pings"), and the stream with a Transient.
    quiet = Questions(hold=asyncio.Event().wait)
    async with serving([quiet.registration], keepalive=1) as served:
        with acting_as(staff()), pytest.raises(Expired):
            async for _ in served.questions.Generate(question_request(), timeout=4.5):
                pass


async def test_callers_do_not_notice_that_a_connection_has_aged() -> None:
    api = Questions()
    # A call may take as long again as the connection's age: a second, because a busy machine takes its time.
    async with serving([api.registration], max_connection_age=1.0) as served:
        limit = time.monotonic() + 60
        with acting_as(staff()):
            while len(api.peers) < 3 and time.monotonic() < limit:
                assert (await served.questions.GetModel(MODEL)).ready
    assert len(api.peers) == 3


async def test_calls_are_spread_over_the_addresses_of_a_name() -> None:
    async with serving([Questions(name="a").registration]) as a, serving([Questions(name="b").registration]) as b:
        channel = create_channel(f"ipv4:{a.target},{b.target}", metrics=GrpcMetrics(CollectorRegistry()))
        stub = question_pb2_grpc.QuestionServiceStub(channel)
        seen: set[str] = set()
        limit = time.monotonic() + 5
        with acting_as(staff()):
            while len(seen) < 2 and time.monotonic() < limit:
                seen.add((await stub.GetModel(MODEL)).detail)
        await channel.close()
    assert seen == {"a", "b"}


async def test_a_call_under_way_ends_well_within_the_grace() -> None:
    go_on = asyncio.Event()
    api = Questions(hold=go_on.wait)
    async with serving([api.registration]) as served:
        with acting_as(staff()):
            call = asyncio.ensure_future(served.questions.GetModel(MODEL))
            await asyncio.wait_for(api.entered.wait(), 5)
            stopping = asyncio.ensure_future(served.server.stop(5))
            await asyncio.sleep(0)
            go_on.set()
            assert (await call).ready
        await asyncio.wait_for(stopping, 5)


async def test_a_call_that_outlasts_the_grace_is_worth_another_try() -> None:
    api = Questions(hold=asyncio.Event().wait)
    async with serving([api.registration]) as served:
        with acting_as(staff()):
            call = asyncio.ensure_future(served.questions.GetModel(MODEL))
            await asyncio.wait_for(api.entered.wait(), 5)
            await served.server.stop(0.1)
            with pytest.raises(Transient):
                await call
        await asyncio.wait_for(api.left.wait(), 5)


@pytest.mark.parametrize("leaves", ["cancelled", "late"])
async def test_a_call_left_by_its_caller_is_cancelled_and_counted_as_what_it_was(leaves: str) -> None:
    api = Questions(hold=asyncio.Event().wait)
    async with serving([api.registration]) as served:
        with acting_as(staff()):
            call = served.questions.GetModel(MODEL, timeout=0.3 if leaves == "late" else 5)
            waiting = asyncio.ensure_future(_outcome(call))
            await asyncio.wait_for(api.entered.wait(), 5)
            if leaves == "cancelled":
                call.cancel()
            assert await waiting == (Expired if leaves == "late" else asyncio.CancelledError)
        await asyncio.wait_for(api.left.wait(), 5)
        await served.server.stop(1)
        code = "DEADLINE_EXCEEDED" if leaves == "late" else "CANCELLED"
        assert [served.calls(side, "GetModel", code) for side in ("server", "client")] == [1, 1]


async def _outcome(call: "grpc.aio.UnaryUnaryCall[pb.GetModelRequest, pb.GetModelResponse]") -> type[BaseException]:
    try:
        await call
    except (Exception, asyncio.CancelledError) as error:
        return type(error)
    raise AssertionError("the call was answered")


async def test_a_neighbours_time_out_is_not_the_callers() -> None:
    def act() -> None:
        raise TimeoutError

    async with serving([Questions(act).registration]) as served:
        with acting_as(staff()), pytest.raises(Transient) as caught:
            await served.questions.GetModel(MODEL)
    assert (caught.value.reason, caught.value.retry_after) == ("TIMEOUT", timedelta(seconds=1))


async def test_a_nested_call_gets_what_is_left_and_who_acts() -> None:
    inner = Questions()
    async with serving([inner.registration]) as behind:

        async def ask() -> None:
            await behind.questions.GetModel(MODEL)

        async with serving([Questions(hold=ask).registration]) as served:
            with acting_as(staff(), correlation_id="c-3"):
                await served.questions.GetModel(MODEL, timeout=2)
    call = inner.calls[0]
    assert call is not None
    assert call.actor == staff()
    assert call.correlation_id == "c-3"
    assert call.deadline is not None
    assert call.deadline <= time.monotonic() + 2 + 0.1  # gRPC rounds what is left up on its way
