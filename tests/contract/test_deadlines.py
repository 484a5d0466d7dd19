"""Every RPC demands a deadline, somebody who acts, and a valid request, before its servicer is asked."""

import importlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from viva_core.grpc import Registration
from viva_testkit.grpc import Served, serving, staff

_FILES = {name: name for name in ("session", "question", "evaluation", "vision", "media")} | {
    "webhook": "session",
    "administration": "session",
}
_MODULES = {name: importlib.import_module(f"viva.{domain}.v1.{name}_pb2") for name, domain in _FILES.items()}
_GRPC = {name: importlib.import_module(f"viva.{domain}.v1.{name}_pb2_grpc") for name, domain in _FILES.items()}
_SERVICES = {
    service.full_name: (name, service)
    for name, module in _MODULES.items()
    for service in module.DESCRIPTOR.services_by_name.values()
}
METHODS = [method for _, service in _SERVICES.values() for method in service.methods]


def registrations() -> list[Registration]:
    """Every service with its generated base: whatever reaches it is UNIMPLEMENTED."""
    made = []
    for full_name, (name, service) in _SERVICES.items():
        module = _GRPC[name]
        servicer = getattr(module, f"{service.name}Servicer")()
        made.append(Registration(getattr(module, f"add_{service.name}Servicer_to_server"), servicer, full_name))
    return made


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving(registrations()) as everything:
        yield everything


async def call(served: Served, method: MethodDescriptor, **how: Any) -> grpc.aio.AioRpcError:
    """Call with an empty request over a bare channel; the error that comes back."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    request_class, response_class = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    async with grpc.aio.insecure_channel(served.target) as channel:
        kind = channel.unary_stream if method.server_streaming else channel.unary_unary
        multi = kind(path, request_class.SerializeToString, response_class.FromString)
        answer = multi(request_class(), **how)
        try:
            await (answer.read() if method.server_streaming else answer)
        except grpc.aio.AioRpcError as error:
            return error
    raise AssertionError(f"{path} answered")


ACTOR = (("viva-actor-bin", staff().SerializeToString()),)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
async def test_a_deadline_is_demanded(served: Served, method: MethodDescriptor) -> None:
    error = await call(served, method, metadata=ACTOR)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "deadline" in (error.details() or "")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
async def test_somebody_must_act(served: Served, method: MethodDescriptor) -> None:
    assert (await call(served, method, timeout=5)).code() is grpc.StatusCode.UNAUTHENTICATED


_EVERYTHING_OPTIONAL = {
    "ListRubrics",
    "ListPositions",
    "ListInterviews",
    "ListCandidates",
    "WatchCandidates",
    "ListAudit",
    "ListDeadLetters",
}


@pytest.mark.parametrize(
    "method",
    [m for m in METHODS if m.input_type.fields and m.name not in _EVERYTHING_OPTIONAL],
    ids=lambda method: method.full_name,
)
async def test_an_empty_request_is_refused(served: Served, method: MethodDescriptor) -> None:
    error = await call(served, method, timeout=5, metadata=ACTOR)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
