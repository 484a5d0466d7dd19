"""The one door that every REST route stands behind.

In this order: who is it → may they (`domain.access`) → do they ask too often → could another site have led them → was
this very POST made before → the route, acting for them.
"""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute, APIRouter
from viva_core.errors import Invalid, Violation
from viva_core.grpc import acting_as

from viva_gateway.adapters.limits import limit
from viva_gateway.domain import access
from viva_gateway.domain.idempotency import NEVER_KEPT, StoredResponse, fingerprint, mentioned, valid_key
from viva_gateway.domain.principal import Principal
from viva_gateway.edge.gateway import Gateway, gateway_of
from viva_gateway.edge.identity import actor_of, demand_own_page, identify
from viva_gateway.edge.problems import correlation_id

Handle = Callable[[Request], Coroutine[Any, Any, Response]]
_KEPT_HEADERS = ("content-type", "etag", "location", "link")


class GuardedRoute(APIRoute):
    """A route whose function's name is its operation; the name must stand in `domain.access.ACCESS`."""

    def get_route_handler(self) -> Handle:
        """FastAPI's handler behind the door."""
        handle, operation = super().get_route_handler(), self.name
        if operation not in access.ACCESS:
            raise LookupError(f"{operation} is not in the table of who may call it")

        async def guarded(request: Request) -> Response:
            return await _pass(operation, request, handle)

        return guarded


def guarded_router(tag: str) -> APIRouter:
    """A router whose routes are guarded, below /api/v1."""
    return APIRouter(
        prefix="/api/v1", tags=[tag], route_class=GuardedRoute, generate_unique_id_function=lambda route: route.name
    )


async def _pass(operation: str, request: Request, handle: Handle) -> Response:
    gateway = gateway_of(request)
    anonymous = access.allowed(operation, None)
    principal = None if anonymous else await identify(request, operation, gateway, rotate=True)
    await _limit(request, principal, gateway)
    access.demand(operation, principal)
    demand_own_page(request, principal, gateway)
    request.state.principal = principal
    actor = actor_of(principal) if principal is not None else None
    with acting_as(actor, correlation_id=correlation_id(request.scope)):
        if request.method == "POST" and principal is not None and operation not in NEVER_KEPT:
            return await _once(request, principal, gateway, handle)
        return await handle(request)


async def _limit(request: Request, principal: Principal | None, gateway: Gateway) -> None:
    settings = gateway.settings
    if principal is None:
        await gateway.limits.hit(limit(settings.rate_anonymous), "address", client_address(request))
    elif principal.is_candidate:
        await gateway.limits.hit(limit(settings.rate_candidate), "candidate", principal.subject_id)
    else:
        await gateway.limits.hit(limit(settings.rate_staff), "account", principal.subject_id)


def client_address(request: Request) -> str:
    """The address of the caller, as the server knows it (behind a proxy: see `forwarded_allow_ips`)."""
    return request.client.host if request.client is not None else "unknown"


async def _once(
    request: Request, principal: Principal, gateway: Gateway, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Answer a repeated POST with what the first was answered."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return await handle(request)
    if not valid_key(key):
        raise Invalid(
            "Idempotency-Key is not right", [Violation("Idempotency-Key", "want 1 to 200 visible ASCII characters")]
        )
    subject = f"{principal.tenant_id}/{principal.subject_id}"
    content_type = request.headers.get("content-type", "")
    body = await request.body()
    digest = fingerprint(request.method, request.url.path, request.url.query, content_type, body)
    before = await gateway.idempotency.begin(subject, key, digest, _ids(principal, request.url.path))
    if before is not None:
        return Response(before.body, before.status, {**dict(before.headers), "Idempotency-Replayed": "true"})
    try:
        response = await handle(request)
    except BaseException:
        await gateway.idempotency.release(subject, key)
        raise
    if response.status_code >= 300 or not isinstance(response.body, bytes):
        await gateway.idempotency.release(subject, key)
        return response
    headers = tuple((name, response.headers[name]) for name in _KEPT_HEADERS if name in response.headers)
    said = response.body.decode("utf-8", "ignore")
    stored = StoredResponse(response.status_code, headers, response.body)
    await gateway.idempotency.keep(subject, key, stored, mentioned(said))
    return response


def _ids(principal: Principal, path: str) -> list[Any]:
    own = [principal.interview_id] if principal.interview_id is not None else []
    return [*own, *mentioned(path)]
