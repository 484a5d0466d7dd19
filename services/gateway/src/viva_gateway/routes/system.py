"""Whether the gateway works, and its description. Not guarded: they say nothing of anybody."""

from fastapi import APIRouter, Response
from starlette.requests import Request

from viva_gateway.edge.gateway import gateway_of

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, str]:
    """Every part works; otherwise 503 and what does not."""
    health = gateway_of(request).health
    if health.ready:
        return {"status": "ok"}
    response.status_code = 503
    return {"status": "not ready", "detail": health.complaints}
