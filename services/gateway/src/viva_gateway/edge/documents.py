"""Pieces of the OpenAPI description that routes share."""

from typing import Annotated, Any

from fastapi import Header, Path

from viva_gateway.domain.problems import MEDIA_TYPE
from viva_gateway.schemas.base import ProblemDocument, Uuid

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
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same request has one effect and one answer, for 24 hours",
    ),
]

__all__ = ["PROBLEMS", "Id", "IdempotencyKey", "IfMatch", "IfNoneMatch", "ProblemDocument"]
