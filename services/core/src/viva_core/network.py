"""The one declaration of who connects to whom: what the charts' NetworkPolicies are made from.

An edge that is not here is refused in a cluster. A new call from one service to another is a line here, and nothing
else; a test holds the chart's output against this table.
"""

from dataclasses import dataclass
from typing import Literal

from viva_core.bus.topology import Role

Protocol = Literal["TCP", "UDP"]


@dataclass(frozen=True)
class Port:
    """A port by the name that Services and policies give it; `last` ends a range."""

    number: int
    protocol: Protocol = "TCP"
    last: int | None = None


PORTS: dict[str, Port] = {
    "grpc": Port(50051),
    "http": Port(8080),
    "metrics": Port(9464),
    "health": Port(9465),
    "nats": Port(4222),
    "nats-monitor": Port(8222),
    "postgresql": Port(5432),
    "model": Port(8000),
    "turn": Port(3478, "UDP"),
    "turn-tcp": Port(3478),
    "relay": Port(49152, "UDP", last=49351),
    "https": Port(443),
    "otlp": Port(4317),
    "dns": Port(53, "UDP"),
    "dns-tcp": Port(53),
}

SERVICES = tuple(role.value for role in Role if role not in (Role.ADMIN, Role.OPERATOR))
"""Viva's own services: those of the chart with an image, /metrics and health."""
STORES = ("nats", "postgresql", "turn", "vllm")
"""What the chart may run beside them."""
JOBS = ("migrate-session", "migrate-gateway", "streams", "account", "models", "health-check")
"""What runs to its end: hooks, and the test of a release."""
OUTSIDE = ("ingress", "prometheus", "keda", "operator", "collector", "internet", "dns", "anywhere")
"""What is not the chart's: an operator of the cluster says where they are."""


@dataclass(frozen=True)
class Edge:
    """`source` may open connections to `target` on `port` (a name of PORTS)."""

    source: str
    target: str
    port: str
    why: str


def _edges() -> tuple[Edge, ...]:
    called = ("session", "question-gen", "evaluator", "media", "vision")
    stored = ("session", "gateway", "migrate-session", "migrate-gateway", "account")
    everyone = (*SERVICES, *STORES, *JOBS)
    return (
        Edge("ingress", "gateway", "http", "browsers and programs come in here, and nowhere else"),
        *(Edge("gateway", one, "grpc", "REST and WebSocket are answered from gRPC") for one in called),
        *(Edge(one, "nats", "nats", "the bus; NATS' own permissions say which subjects") for one in SERVICES),
        Edge("operator", "nats", "nats", "how much waits for each role's workers"),
        Edge("operator", "session", "grpc", "which interviews are live and planned"),
        Edge("streams", "nats", "nats", "makes streams and consumers match the topology"),
        *(Edge(one, "postgresql", "postgresql", "owns tables, or makes them") for one in stored),
        Edge("account", "session", "grpc", "the first account's tenant is made by the session"),
        Edge("question-gen", "vllm", "model", "the model that writes questions"),
        Edge("media", "turn", "turn", "media's own end of a relayed call"),
        Edge("anywhere", "turn", "turn", "candidates' browsers"),
        Edge("anywhere", "turn", "turn-tcp", "candidates' browsers where UDP is blocked"),
        Edge("turn", "turn", "relay", "from the browser's relay to media's"),
        Edge("turn", "anywhere", "relay", "a relay's address is the one that browsers see, also from inside"),
        *(Edge("prometheus", one, "metrics", "scrapes") for one in SERVICES),
        Edge("prometheus", "vllm", "model", "scrapes the model server"),
        Edge("prometheus", "nats", "nats-monitor", "scrapes through an exporter"),
        Edge("keda", "nats", "nats-monitor", "scales on consumers' lag"),
        *(Edge(one, "collector", "otlp", "traces") for one in SERVICES),
        *(Edge("health-check", one, "health", "helm test") for one in SERVICES),
        Edge("health-check", "gateway", "http", "helm test"),
        Edge("models", "internet", "https", "brings model files here; their hashes are checked"),
        Edge("media", "internet", "https", "Deepgram, or a bucket of recordings, where one is chosen"),
        Edge("session", "internet", "https", "webhooks, where they are on"),
        Edge("gateway", "internet", "https", "the OpenID Connect issuer, where one is set"),
        *(Edge(one, "dns", port, "names") for one in everyone for port in ("dns", "dns-tcp")),
    )


EDGES = _edges()
