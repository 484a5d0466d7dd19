"""gRPC as Viva speaks it: every call has a deadline, an actor and a correlation id; every error is one of a few.

Start at `server.create_server` and `client.create_channel`; `context` says on whose behalf a call runs.
"""

from viva_core.grpc.client import create_channel
from viva_core.grpc.context import CallContext, acting_as, current_actor, current_call
from viva_core.grpc.metrics import GrpcMetrics
from viva_core.grpc.server import GrpcServer, Registration, create_server

__all__ = [
    "CallContext",
    "GrpcMetrics",
    "GrpcServer",
    "Registration",
    "acting_as",
    "create_channel",
    "create_server",
    "current_actor",
    "current_call",
]
