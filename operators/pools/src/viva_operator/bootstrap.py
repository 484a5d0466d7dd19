"""Builds everything, once; the planner comes in from whoever starts it."""

import asyncio
from typing import Any

from viva.session.v1 import session_pb2_grpc
from viva_core.bus import Bus
from viva_core.bus.topology import Role
from viva_core.grpc import GrpcMetrics, create_channel
from viva_core.ids import uuid7
from viva_core.runtime import Environment, Part, environment

from viva_operator.adapters.forecast import Forecasts
from viva_operator.adapters.kubernetes import Cluster, load_config
from viva_operator.adapters.neighbours import Across, BusLags
from viva_operator.apply import Applier
from viva_operator.healthz import HealthzServer, Pulse
from viva_operator.leader import Leader, LeaseTimes
from viva_operator.metrics import OperatorMetrics
from viva_operator.observe import Observer
from viva_operator.ports import Planner
from viva_operator.reconcile import Reconciler
from viva_operator.settings import Settings
from viva_operator.term import Terms, rule
from viva_operator.view import View


async def bootstrap(settings: Settings, planner: Planner) -> tuple[Environment, list[Part]]:
    """Everything that runs, in the order it starts. Raises Invalid where there is no cluster to work on."""
    env = environment("operator", settings)
    metrics = OperatorMetrics(env.registry)
    config = load_config()
    pulse = Pulse(env.clock, env.health)
    loop = asyncio.get_running_loop()
    channel = create_channel(settings.session_target, metrics=GrpcMetrics(env.registry), timeout=5.0)
    stub: Any = session_pb2_grpc.SessionServiceStub(channel)
    forecasts = Forecasts(stub)
    lags = BusLags(lambda: _bus(settings, env), env.clock)
    lease_calls = Cluster(config, metrics, timeout=settings.lease_duration / 3)

    def lead(leading: bool) -> None:
        metrics.led(leading)
        pulse.led(leading)
        terms.changed(leading)

    leader = Leader(
        lease_calls,
        env.clock,
        namespace=settings.operator_namespace,
        identity=settings.operator_identity,
        changed=lead,
        times=_times(settings.lease_duration),
    )
    metrics.transitions.set_function(lambda: leader.transitions)

    async def term(stop: asyncio.Event) -> None:
        async with Cluster(config, metrics) as cluster:
            view = View(env.clock)
            observer = Observer(
                cluster,
                view,
                Across(loop, lags.read),
                Across(loop, forecasts.read),
                metrics,
                env.clock,
                look_every=settings.operator_look_every,
            )
            applier = Applier(cluster, view, metrics, lambda: leader.leading, uuid7, settings.operator_identity)
            reconciler = Reconciler(
                observer,
                planner,
                applier,
                metrics,
                env.clock,
                env.tracing.tracer("viva.operator"),
                pulse.beat,
                interval=settings.operator_interval,
                rest=settings.operator_rest,
            )
            await rule(reconciler, view, stop)

    terms = Terms(term)
    parts = [
        Part("session channel", stop=lambda _: channel.close()),
        Part("bus", stop=lags.stop, run=lags.run),
        Part("pulse", run=pulse.watch),
        Part("terms", stop=terms.stop, run=terms.watch),
        Part("leader", stop=leader.stop, run=leader.run),
    ]
    if settings.healthz_port >= 0:
        healthz = HealthzServer(pulse, host=settings.monitoring_host, port=settings.healthz_port)
        parts.insert(0, Part("healthz", healthz.start, healthz.stop))
    return env, parts


def _times(duration: float) -> LeaseTimes:
    """client-go's proportions: whoever cannot renew gives up well before the others may follow."""
    return LeaseTimes(duration=duration, renew_within=duration * 0.7, retry=duration * 0.2)


async def _bus(settings: Settings, env: Environment) -> Bus:
    return await Bus.connect(
        settings, source=Role.OPERATOR.value, health=env.health, registry=env.registry, clock=env.clock
    )
