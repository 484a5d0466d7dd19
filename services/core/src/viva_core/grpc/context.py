"""On whose behalf a call runs, until when, and by which correlation id it can be found in the logs.

The server sets it for the time of a call; whoever calls out from there hands it on without knowing of it. Code that is
no gRPC server (the gateway's routes, the command line) sets it with `acting_as`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from viva.common.v1.types_pb2 import Actor

from viva_core.errors import Unauthenticated
from viva_core.ids import uuid7
from viva_core.telemetry.logs import bound

ACTOR_KEY = "viva-actor-bin"
CORRELATION_KEY = "viva-correlation-id"


@dataclass(frozen=True)
class CallContext:
    """`deadline` is in monotonic seconds; None outside a call."""

    correlation_id: str
    actor: Actor | None
    deadline: float | None

    def remaining(self) -> float | None:
        """Seconds left, at least 0; None without a deadline."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0.0)


_current: ContextVar[CallContext | None] = ContextVar("viva_call", default=None)


def current_call() -> CallContext | None:
    """The call that runs now; None outside one."""
    return _current.get()


def current_actor() -> Actor:
    """Who acts. Raises Unauthenticated outside a call, and in a call that has none."""
    call = _current.get()
    if call is None or call.actor is None:
        raise Unauthenticated("this needs somebody who acts: sign in, or open your link")
    return call.actor


@contextmanager
def entered(call: CallContext) -> Iterator[CallContext]:
    """Make `call` the current one for a block; what is logged in it carries its correlation id."""
    token = _current.set(call)
    try:
        with bound(correlation_id=call.correlation_id):
            yield call
    finally:
        _current.reset(token)


@contextmanager
def acting_as(
    actor: Actor | None, *, correlation_id: str | None = None, deadline: float | None = None
) -> Iterator[CallContext]:
    """Act for `actor` within a block. What is not given is taken over from the call around it, if there is one."""
    outer = _current.get()
    if correlation_id is None:
        correlation_id = outer.correlation_id if outer is not None else str(uuid7())
    if deadline is None and outer is not None:
        deadline = outer.deadline
    with entered(CallContext(correlation_id, actor, deadline)) as call:
        yield call
