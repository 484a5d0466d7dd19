"""What the operator can be told from outside."""

import socket

from pydantic import Field
from viva_core.settings import NatsSettings, ServiceSettings


class Settings(NatsSettings, ServiceSettings):
    """Environment variables, prefix VIVA_. The cluster is the pod's own, or KUBECONFIG's.

    Interval and rest end well within the minute after which /healthz and the alert VivaOperatorStuck call it a fault
    that no reconcile has ended.
    """

    operator_namespace: str = Field(default="viva", description="where the operator runs, and its Lease lies")
    operator_identity: str = Field(
        default_factory=socket.gethostname, description="this replica's name in the Lease; the pod's name"
    )
    operator_interval: float = Field(
        default=10.0, gt=0, le=30, description="seconds after which it looks again although nothing changed"
    )
    operator_rest: float = Field(
        default=1.0, ge=0, le=10, description="seconds in which changes are gathered into one reconcile"
    )
    operator_look_every: float = Field(
        default=60.0, gt=0, le=600, description="seconds between looks for KEDA, Karpenter and DRA"
    )
    lease_duration: float = Field(
        default=10.0, ge=3, le=120, description="seconds after which a leader that is not heard of is followed"
    )
    healthz_port: int = Field(
        default=8080, ge=-1, le=65535, description="port of /healthz; 0 takes a free one, -1 none"
    )
    nats_monitoring: str = Field(
        default="",
        description="NATS' monitoring endpoint for KEDA, host:port; without it the operator counts what waits itself",
    )
    session_target: str = Field(
        default="127.0.0.1:50051", description="the session service's gRPC, host:port; who is live and planned"
    )
