"""The OpenAPI description: FastAPI's, plus who may call what and how, and without what FastAPI assumes."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from viva_gateway.domain.access import ACCESS, Who
from viva_gateway.domain.idempotency import NEVER_KEPT
from viva_gateway.domain.problems import MEDIA_TYPE, titles
from viva_gateway.edge.documents import IDEMPOTENCY_KEY
from viva_gateway.schemas.base import ProblemDocument

_STAFF = {Who.RECRUITER, Who.REVIEWER, Who.ADMIN}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From POST /auth/token"},
    "staffCookie": {"type": "apiKey", "in": "cookie", "name": "viva_session", "description": "From POST /auth/login"},
    "candidateCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "viva_candidate",
        "description": "From POST /candidate/session",
    },
}
# Of what no parameter or body tells that it can happen.
_MORE_REFUSALS: Mapping[str, tuple[int, ...]] = {
    "login": (401,),
    "create_token": (401,),
    "refresh_token": (401,),
    "open_candidate_session": (401, 404),
    "create_position": (404,),
    "import_invitations": (415,),
    "list_candidates": (404,),
    "export_candidates": (404,),
    "get_report": (406, 409),
    "get_own_report": (406, 409),
    "get_erasure": (409,),
    "list_own_expressions": (409,),
}
_RETRY = (429, 503)
_ABOUT = """REST for recruiters, reviewers, admins and candidates. Errors are RFC 9457 problems. With a cookie, whatever
changes something needs a same-origin Origin or the header X-Viva-CSRF."""


def install(app: FastAPI) -> None:
    """Replace the application's description by ours; it is built once, when it is first asked for."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]  # FastAPI's own way to replace it


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    schemas = components.setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDocument"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["responses"] = {f"Problem{status}": _problem(status, words) for status, words in titles().items()}
    for path in document["paths"].values():
        for method, operation in path.items():
            _secure(operation)
            if method == "post" and operation["security"] and operation["operationId"] not in NEVER_KEPT:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            operation["responses"].pop("422", None)  # FastAPI's own form, which we never send
            for status in sorted(_refusals(method, operation)):
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return document


def _problem(status: int, words: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
    if status in _RETRY:
        wait = {"description": "Seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 1}}
        described["headers"] = {"Retry-After": wait}
    return described


def _refusals(method: str, operation: dict[str, Any]) -> Iterator[int]:
    """The statuses of the problems that an operation may answer with."""
    parameters = {parameter["name"]: parameter for parameter in operation.get("parameters", ())}
    yield from (429, 500, 503, 504)
    if operation["security"]:
        yield from (401, 403)
    if method != "get":
        yield from (403, 409, 413)
    if "requestBody" in operation:
        yield 400
    if parameters or "requestBody" in operation:
        yield 422
    if "If-Match" in parameters:
        yield from (412, 428) if parameters["If-Match"]["required"] else (412,)
    if any(parameter["in"] == "path" for parameter in parameters.values()) or _is_own(operation):
        yield 404
    yield from _MORE_REFUSALS.get(operation["operationId"], ())


def _is_own(operation: dict[str, Any]) -> bool:
    """Whether the session names the thing, and no address does."""
    return ACCESS[operation["operationId"]] == {Who.CANDIDATE}


def _secure(operation: dict[str, Any]) -> None:
    who = ACCESS[operation["operationId"]]
    if Who.ANYONE in who:
        operation["security"] = []
        return
    staff: list[dict[str, list[str]]] = [{"bearer": []}, {"staffCookie": []}] if who & _STAFF else []
    candidate: list[dict[str, list[str]]] = [{"candidateCookie": []}] if Who.CANDIDATE in who else []
    operation["security"] = staff + candidate
    operation["x-viva-access"] = sorted(who)
