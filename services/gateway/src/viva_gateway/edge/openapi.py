"""The OpenAPI description: FastAPI's, plus who may call what and how, and without what FastAPI assumes."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from viva_gateway.domain.access import ACCESS, Who
from viva_gateway.domain.idempotency import NEVER_KEPT
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
    for path in document["paths"].values():
        for method, operation in path.items():
            _finish(operation)
            if method == "post" and operation["security"] and operation["operationId"] not in NEVER_KEPT:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return document


def _finish(operation: dict[str, Any]) -> None:
    operation["responses"].pop("422", None)  # FastAPI's own form, which we never send
    who = ACCESS[operation["operationId"]]
    if Who.ANYONE in who:
        operation["security"] = []
        return
    staff: list[dict[str, list[str]]] = [{"bearer": []}, {"staffCookie": []}] if who & _STAFF else []
    candidate: list[dict[str, list[str]]] = [{"candidateCookie": []}] if Who.CANDIDATE in who else []
    operation["security"] = staff + candidate
    operation["x-viva-access"] = sorted(who)
