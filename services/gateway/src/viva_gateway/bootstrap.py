"""Builds everything, once, and says in which order it starts."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from viva_core.bus import Bus
from viva_core.clock import Clock
from viva_core.db import create_engine, reach, session_factory
from viva_core.errors import Invalid, Violation, VivaError
from viva_core.grpc import GrpcMetrics
from viva_core.ids import uuid7
from viva_core.runtime import Environment, Part
from viva_core.telemetry.logs import get_logger

from viva_gateway.adapters.accounts import Accounts
from viva_gateway.adapters.bearer import BearerTokens
from viva_gateway.adapters.erasures import Erasures
from viva_gateway.adapters.http_server import HttpServer
from viva_gateway.adapters.idempotency import IdempotencyKeys
from viva_gateway.adapters.limits import RateLimits, limit
from viva_gateway.adapters.passwords import Passwords
from viva_gateway.adapters.refresh_tokens import RefreshTokens
from viva_gateway.adapters.report.html import HtmlRenderer
from viva_gateway.adapters.report.pdf import PdfRenderer
from viva_gateway.adapters.services import connect
from viva_gateway.adapters.sessions import Lifetimes, Sessions
from viva_gateway.app import create_app
from viva_gateway.domain.principal import Principal
from viva_gateway.domain.secrets import derive_key
from viva_gateway.edge.gateway import Gateway
from viva_gateway.edge.metrics import HttpMetrics
from viva_gateway.edge.site import Site
from viva_gateway.live.hub import Hub, StillSignedIn
from viva_gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from viva_gateway.adapters.oidc import OidcProvider

_log = get_logger("viva.gateway")
_SWEEP_SECONDS = 600.0
_PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Built:
    """What `bootstrap` built."""

    app: FastAPI
    gateway: Gateway
    hub: Hub
    server: HttpServer
    parts: Sequence[Part]


async def bootstrap(settings: GatewaySettings, env: Environment) -> Built:
    """Build the gateway inside the event loop that will run it; connects to the database and the bus. Raises Invalid
    for settings that cannot work, Transient when the database is away: whoever supervises starts it again."""
    key = _token_key(settings)
    if settings.media_target is not None and settings.media_token_key is None:
        raise Invalid(
            "VIVA_MEDIA_TARGET needs the key that media unseals with: set VIVA_MEDIA_TOKEN_KEY_FILE",
            [Violation("VIVA_MEDIA_TOKEN_KEY", "is required")],
        )
    for rate in (settings.rate_staff, settings.rate_candidate, settings.rate_anonymous, settings.rate_login):
        limit(rate)
    clock, new_id = env.clock, uuid7
    engine = create_engine(settings, application="viva-gateway")
    await reach(engine)
    database = session_factory(engine)
    services = connect(settings, GrpcMetrics(env.registry))
    lifetimes = Lifetimes(
        staff=timedelta(hours=settings.staff_session_hours),
        staff_idle=timedelta(hours=settings.staff_idle_hours),
        candidate=timedelta(hours=settings.candidate_session_hours),
        rotation=timedelta(seconds=settings.session_rotation_seconds),
    )
    gateway = Gateway(
        settings=settings,
        services=services,
        accounts=Accounts(database),
        sessions=Sessions(database, lifetimes, clock, new_id),
        refresh_tokens=RefreshTokens(database, timedelta(days=settings.refresh_token_days), clock, new_id),
        idempotency=IdempotencyKeys(database, derive_key(key, "stored responses"), clock),
        erasures=Erasures(database),
        passwords=Passwords(),
        bearer=BearerTokens(key, timedelta(seconds=settings.access_token_seconds), clock, new_id),
        limits=RateLimits(),
        oidc=_oidc(settings, database, clock),
        html=HtmlRenderer(),
        pdf=PdfRenderer(),
        metrics=HttpMetrics(env.registry),
        health=env.health,
        clock=clock,
        new_id=new_id,
    )
    bus = await Bus.connect(
        settings,
        source="gateway",
        health=env.health,
        registry=env.registry,
        clock=clock,
        tracer=env.tracing.tracer("viva.bus"),
    )
    hub = Hub(
        bus,
        gateway.metrics,
        clock,
        _still_signed_in(gateway),
        heartbeat=settings.live_heartbeat,
        backlog=settings.live_backlog,
        max_sockets=settings.live_max_sockets,
        per_subject=settings.live_per_subject,
    )
    site = Site.read(settings.web_folder) if settings.web_folder is not None else None
    app = create_app(gateway, hub, env.tracing.tracer("viva.http"), site)
    server = HttpServer(
        app,
        host=settings.http_host,
        port=settings.http_port,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        grace=settings.grace,
    )
    app.state.cut = server.cut
    return Built(app, gateway, hub, server, _parts(env, engine, gateway, bus, hub, server))


def _parts(
    env: Environment, engine: AsyncEngine, gateway: Gateway, bus: Bus, hub: Hub, server: HttpServer
) -> Sequence[Part]:
    async def close(_: float) -> None:
        gateway.passwords.close()
        if gateway.oidc is not None:
            await gateway.oidc.close()
        await gateway.services.close()
        await engine.dispose()

    async def close_bus(_: float) -> None:
        await hub.drained()
        await bus.close()

    async def stop_hub(_: float) -> None:
        await hub.stop()

    async def bus_gone() -> None:
        await bus.closed.wait()

    return (
        Part("database", start=lambda: _look(env, engine), stop=close, run=lambda: _probe(env, engine)),
        Part("bus", stop=close_bus, run=bus_gone),
        Part("sweeper", run=lambda: _sweep(gateway)),
        Part("http", start=server.start, stop=server.stop, run=server.run),
        Part("live", stop=stop_hub, run=hub.run),
    )


def _token_key(settings: GatewaySettings) -> str:
    if settings.token_key is None:
        raise Invalid(
            "VIVA_TOKEN_KEY_FILE is not set: name a file with 32 or more random characters, or an Ed25519 key in PEM",
            [Violation("VIVA_TOKEN_KEY", "is required")],
        )
    return settings.token_key.get_secret_value()


def _oidc(settings: GatewaySettings, database: async_sessionmaker[AsyncSession], clock: Clock) -> "OidcProvider | None":
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None:
        raise Invalid("VIVA_OIDC_ISSUER needs VIVA_OIDC_CLIENT_ID", [Violation("VIVA_OIDC_CLIENT_ID", "is required")])
    from viva_gateway.adapters.oidc import OidcProvider  # Authlib: only where a provider is set up

    secret = settings.oidc_client_secret
    return OidcProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret is not None else None,
        redirect_uri=settings.oidc_redirect_uri,
        database=database,
        clock=clock,
    )


def _still_signed_in(gateway: Gateway) -> StillSignedIn:
    async def still(principals: set[Principal]) -> set[Principal]:
        cookies = {principal.login_id for principal in principals if principal.via == "cookie"}
        families = {principal.login_id for principal in principals if principal.via == "bearer"}
        good: set[UUID] = set()
        if cookies:
            good |= await gateway.sessions.still_open(cookies)
        if families:
            good |= await gateway.refresh_tokens.live_families(families)
        return {principal for principal in principals if principal.login_id in good}

    return still


async def _probe(env: Environment, engine: AsyncEngine) -> None:
    """Keep readiness true to the database and its schema."""
    while True:
        await asyncio.sleep(_PROBE_SECONDS)
        await _look(env, engine)


async def _look(env: Environment, engine: AsyncEngine) -> None:
    try:
        async with asyncio.timeout(_PROBE_SECONDS), engine.connect() as connection:
            found = await connection.execute(text("SELECT to_regclass('gateway.sessions')"))
            migrated = found.scalar() is not None
    except Exception:
        env.health.set("database", False, "the database does not answer")
    else:
        env.health.set("database", migrated, "the schema is missing: run `python -m viva_gateway migrate`")


async def _sweep(gateway: Gateway) -> None:
    """Remove what has run out, now and then."""
    while True:
        sweeps = [gateway.sessions.sweep, gateway.refresh_tokens.sweep, gateway.idempotency.sweep]
        if gateway.oidc is not None:
            sweeps.append(gateway.oidc.sweep)
        for sweep in sweeps:
            with contextlib.suppress(VivaError):  # the database is away: later, then
                await sweep()
        await asyncio.sleep(_SWEEP_SECONDS)
