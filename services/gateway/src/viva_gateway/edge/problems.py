"""Every failure leaves as application/problem+json (RFC 9457); never with a stack trace."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope
from viva_core.errors import Invalid, NotFound, RateLimited, Unauthenticated, Violation, VivaError
from viva_core.telemetry.logs import get_logger

from viva_gateway.domain.errors import (
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    PreconditionRequired,
    TooLarge,
    UnsupportedMedia,
)
from viva_gateway.domain.problems import INTERNAL, MEDIA_TYPE, Problem, kind_of, problem_of, unknown

_log = get_logger("viva.gateway")
_HTTP: dict[int, type[VivaError]] = {
    400: BadRequest,
    401: Unauthenticated,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: TooLarge,
    415: UnsupportedMedia,
    429: RateLimited,
}
_WORDS = {
    400: "the body cannot be read",
    404: "there is nothing at this address",
    405: "this address does not offer this method",
    413: "the body is larger than allowed",
}


def correlation_id(scope: Scope) -> str:
    """The request's correlation id."""
    found: str = scope.get("state", {}).get("correlation_id", "")
    return found


def problem_response(problem: Problem, scope: Scope, headers: dict[str, str] | None = None) -> Response:
    """The response for a problem."""
    more = dict(headers or {})
    if problem.retry_after is not None:
        more["Retry-After"] = str(problem.retry_after)
    if problem.kind.status == 401:
        more["WWW-Authenticate"] = 'Bearer realm="viva"'
    document = problem.document(scope["path"], correlation_id(scope))
    return Response(
        json.dumps(document, ensure_ascii=True).encode(),
        status_code=problem.kind.status,
        headers=more,
        media_type=MEDIA_TYPE,
    )


def failure_response(error: Exception, scope: Scope) -> Response:
    """The response for any exception; what was not raised on purpose is logged, once."""
    if isinstance(error, VivaError) and kind_of(error) is not INTERNAL:
        return problem_response(problem_of(error, correlation_id(scope)), scope)
    _log.error("a request failed on a fault of ours", correlation_id=correlation_id(scope), exc_info=error)
    return problem_response(unknown(correlation_id(scope)), scope)


def validation_error(faults: Sequence[Any]) -> Invalid:
    """FastAPI's findings as ours. The first word of a location (body, query, …) is dropped unless it is all there is.

    A body that is no JSON at all is a BadRequest, and a missing If-Match has a status of its own.
    """
    if any(fault["type"] == "missing" and fault["loc"] == ("header", "If-Match") for fault in faults):
        return PreconditionRequired("send If-Match with the ETag of what you read")
    if any(fault["type"] == "json_invalid" for fault in faults):
        return BadRequest("the body is not JSON")
    violations = []
    for fault in faults:
        where, *path = fault["loc"]
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        violations.append(Violation(name or str(where), fault["msg"]))
    named = ", ".join(dict.fromkeys(violation.field for violation in violations[:5]))
    return Invalid(f"not right: {named}", violations)


def _methods(app: FastAPI, scope: Scope) -> set[str]:
    """Every method that is offered at this address: by the routes that name most of it, since what another takes for
    an id (`/deliveries/replay`, as a delivery) is none."""
    offered: dict[int, set[str]] = {}
    for route in app.routes:
        match, _ = route.matches(scope)
        if match is not Match.NONE:
            ids = len(getattr(route, "param_convertors", ()))
            offered.setdefault(ids, set()).update(getattr(route, "methods", None) or ())
    return offered[min(offered)] if offered else set()


def install(app: FastAPI) -> None:
    """Register the handlers."""

    async def viva(request: Request, error: Exception) -> Response:
        return failure_response(error, request.scope)

    async def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return failure_response(validation_error(error.errors()), request.scope)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        cause = error.__cause__
        if isinstance(cause, VivaError):  # raised while FastAPI read the body
            return failure_response(cause, request.scope)
        kind = _HTTP.get(error.status_code)
        if kind is None:
            return failure_response(error, request.scope)
        problem = problem_of(kind(_WORDS.get(error.status_code, "the request cannot be taken")), "")
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Starlette names the methods of the first route with this address; each method is a route of its own here.
            headers["Allow"] = ", ".join(sorted(_methods(app, request.scope)))
        return problem_response(problem, request.scope, headers)

    app.add_exception_handler(VivaError, viva)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
