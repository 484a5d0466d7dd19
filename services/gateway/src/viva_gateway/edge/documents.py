"""Pieces of the OpenAPI description that routes share."""

from typing import Annotated, Any

from fastapi import Header, Path

from viva_gateway.schemas.base import Uuid

Id = Annotated[Uuid, Path(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
_IF_MATCH = "The ETag of what the change builds on; when it is stale: 412"
NeededIfMatch = Annotated[str, Header(alias="If-Match", description=f"{_IF_MATCH}, without it: 428")]
IfMatch = Annotated[str | None, Header(alias="If-Match", description=_IF_MATCH)]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="The ETag that the caller has; 304 when it is current")
]
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request has one effect and one answer, for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
"""The guard reads it, so no route declares it."""
