"""The ASGI application."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from opentelemetry.trace import Tracer
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from viva_gateway.domain import access
from viva_gateway.edge import openapi, problems
from viva_gateway.edge.gateway import Gateway
from viva_gateway.edge.outer import Outer
from viva_gateway.edge.site import Pages, Site
from viva_gateway.live import board, socket
from viva_gateway.live.hub import Hub
from viva_gateway.routes import (
    accounts,
    administration,
    auth,
    candidate,
    candidates,
    exports,
    expressions,
    installation,
    interviews,
    invitations,
    oidc,
    positions,
    recordings,
    reports,
    reviews,
    rubrics,
    speech,
    system,
    webhooks,
)

_TOPICS = (
    auth,
    oidc,
    accounts,
    rubrics,
    positions,
    invitations,
    interviews,
    candidates,
    candidate,
    speech,
    expressions,
    reports,
    recordings,
    reviews,
    exports,
    administration,
    installation,
    webhooks,
)
_MULTIPART = 64 * 1024
RESUME_PATH = "/api/v1/candidate/interview/resume"


def operations(routes: Sequence[BaseRoute]) -> dict[str, APIRoute]:
    """The guarded routes by operation."""
    return {route.name: route for route in routes if isinstance(route, APIRoute) and route.include_in_schema}


def description() -> dict[str, Any]:
    """The OpenAPI document, without a gateway that runs."""
    return _routed().openapi()


def _routed() -> FastAPI:
    """The routes; raises LookupError when they and the table of who may call them do not match."""
    app = FastAPI(
        title="Viva",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # their pages fetch scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    for topic in _TOPICS:
        app.router.routes.extend(topic.router.routes)
    app.router.routes.extend(system.router.routes)
    app.router.routes.extend(socket.router.routes)
    app.router.routes.extend(board.router.routes)
    missing = set(access.ACCESS) - set(operations(app.routes)) - {socket.OPERATION, board.OPERATION}
    if missing:
        raise LookupError(f"in the table of who may call it, but not served: {', '.join(sorted(missing))}")
    problems.install(app)
    openapi.install(app)
    return app


def create_app(gateway: Gateway, hub: Hub, tracer: Tracer, site: Site | None) -> FastAPI:
    """Build the application; raises LookupError when routes and the table of who may call them do not match."""
    app = _routed()
    app.state.gateway, app.state.hub = gateway, hub
    app.router.routes.append(Pages(site))
    settings = gateway.settings
    if settings.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(settings.origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "X-Viva-CSRF",
            ],
            expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Correlation-Id"],
        )
    app.add_middleware(
        Outer,
        new_id=gateway.new_id,
        metrics=gateway.metrics,
        tracer=tracer,
        max_body={"": settings.max_body_bytes, RESUME_PATH: settings.max_resume_bytes + _MULTIPART},
        https=settings.https,
    )
    return app
