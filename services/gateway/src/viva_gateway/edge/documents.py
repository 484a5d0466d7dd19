"""Pieces of the OpenAPI description that routes share."""

from typing import Annotated, Any

from fastapi import Header, Path

from viva_gateway.domain.problems import MEDIA_TYPE
from viva_gateway.schemas.base import Uuid

_PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "A problem (RFC 9457)", "content": {MEDIA_TYPE: _PROBLEM}},
}
"""Every route may answer with a problem."""

Id = Annotated[Uuid, Path(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
IfMatch = Annotated[
    str | None, Header(description="The ETag of what the change builds on; without it: 428, when stale: 412")
]
IfNoneMatch = Annotated[str | None, Header(description="The ETag that the caller has; 304 when it is current")]
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request has one effect and one answer, for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
"""The guard reads it, so no route declares it."""
