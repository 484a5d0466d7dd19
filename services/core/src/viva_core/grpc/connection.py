"""What the two ends of a connection must agree on, kept side by side so that they do.

A client pings to find out that a silent peer is gone; a server that is pinged more often than it tolerates ends the
connection ("too_many_pings"), and with it every quiet stream. gRPC's own defaults are such a pair: five minutes on the
server. So the server's tolerance is derived here from the client's interval.
"""

from collections.abc import Sequence
from typing import TypeAlias

KEEPALIVE = 30.0
"""Seconds between a client's pings while calls are under way."""

MAX_MESSAGE_BYTES = 8 * 1024 * 1024

Options: TypeAlias = Sequence[tuple[str, str | int]]

_ROUND_ROBIN = '{"loadBalancingConfig": [{"round_robin": {}}]}'


def channel_options(*, max_message_bytes: int, keepalive: float) -> Options:
    """Options of a channel: sizes, calls spread over all addresses of a name, quick reconnects, pings."""
    return (
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.service_config", _ROUND_ROBIN),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.keepalive_time_ms", int(keepalive * 1000)),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.max_pings_without_data", 0),  # a quiet stream is pinged for as long as it lasts
    )


def server_options(*, max_message_bytes: int, max_connection_age: float, keepalive: float) -> Options:
    """Options of a server: sizes, connections that end so that callers resolve names anew, pings.

    A port is never shared: of two processes on one port, each would get half of the calls meant for the other.
    """
    age = int(max_connection_age * 1000)
    return (
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_connection_age_ms", age),
        ("grpc.max_connection_age_grace_ms", age),
        ("grpc.http2.min_ping_interval_without_data_ms", int(keepalive * 500)),
        ("grpc.keepalive_time_ms", int(keepalive * 2000)),  # a caller that vanished frees its streams
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.so_reuseport", 0),
    )
