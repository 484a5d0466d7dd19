"""Dead letters, what is kept for how long, and how staff sign in: for the admins."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Path, Request, Response
from viva.session.v1 import administration_pb2 as api

from viva_gateway.domain.idempotency import KEEP
from viva_gateway.edge.gateway import Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.edge.paging import Cursor, Limit, link_next
from viva_gateway.schemas import wire
from viva_gateway.schemas.base import Page
from viva_gateway.schemas.installation import (
    DeadLetter,
    Provider,
    RetentionRule,
    RetentionRules,
    RetentionSubject,
    SignInSettings,
    WholeDeadLetter,
)
from viva_gateway.settings import GatewaySettings

router = guarded_router("administration")
Number = Annotated[int, Path(ge=1, le=2**53 - 1, description="The dead letter's number", examples=[7])]


@router.get("/dead-letters")
async def list_dead_letters(
    request: Request, response: Response, gateway: Via, limit: Limit = 50, cursor: Cursor = ""
) -> Page[DeadLetter]:
    """What could not be handled, oldest first. A page may be short, or empty, and others still follow."""
    wanted = api.ListDeadLettersRequest(page_size=limit, page_token=cursor)
    found = await gateway.services.administration.ListDeadLetters(wanted)
    items = [DeadLetter.of(each) for each in found.dead_letters]
    return Page(items=items, next_cursor=link_next(request, response, found.next_page_token))


@router.get("/dead-letters/{number}")
async def get_dead_letter(number: Number, gateway: Via) -> WholeDeadLetter:
    """One with its headers, and without what it holds."""
    found = await gateway.services.administration.GetDeadLetter(api.GetDeadLetterRequest(number=number))
    headers = [wire.plain(each) for each in found.headers]
    return WholeDeadLetter.model_validate(wire.plain(found.dead_letter) | {"headers": headers})


@router.post("/dead-letters/{number}/retry", status_code=204)
async def retry_dead_letter(number: Number, gateway: Via) -> None:
    """Send it to where it came from again, under its old id. What fails again comes back with a new number."""
    await gateway.services.administration.RetryDeadLetter(api.RetryDeadLetterRequest(number=number))


@router.delete("/dead-letters/{number}", status_code=204)
async def delete_dead_letter(number: Number, gateway: Via) -> None:
    """Remove it for good."""
    await gateway.services.administration.DeleteDeadLetter(api.DeleteDeadLetterRequest(number=number))


@router.get("/retention")
async def get_retention(gateway: Via) -> RetentionRules:
    """What is kept, for how long, and what ends it."""
    found = await gateway.services.administration.GetRetention(api.GetRetentionRequest())
    theirs = [RetentionRule.of(each) for each in found.rules]
    return RetentionRules(items=[*theirs, *_own_rules(gateway.settings)])


def _own_rules(settings: GatewaySettings) -> Iterator[RetentionRule]:
    """What the gateway itself keeps, each for a time."""
    hours, days = 3600.0, 24 * 3600.0
    kept: tuple[tuple[RetentionSubject, float, str], ...] = (
        ("staff_sessions", settings.staff_session_hours * hours, "VIVA_STAFF_SESSION_HOURS"),
        ("candidate_sessions", settings.candidate_session_hours * hours, "VIVA_CANDIDATE_SESSION_HOURS"),
        ("refresh_tokens", settings.refresh_token_days * days, "VIVA_REFRESH_TOKEN_DAYS"),
        ("stored_responses", KEEP.total_seconds(), ""),
    )
    for subject, seconds, setting in kept:
        yield RetentionRule(
            subject=subject, purpose=None, ends=["age"], kept_for_seconds=seconds, due=None, setting=setting
        )


@router.get("/sign-in-settings")
async def get_sign_in_settings(gateway: Via) -> SignInSettings:
    """How staff sign in, and whether the identity provider answers now. They are set where Viva is installed."""
    redirect_uri = gateway.settings.oidc_redirect_uri
    if gateway.oidc is None:
        return SignInSettings(provider=None, redirect_uri=redirect_uri)
    found = gateway.oidc
    provider = Provider(
        issuer=found.issuer,
        client_id=found.client_id,
        confidential=found.confidential,
        redirect_uri=redirect_uri,
        scope=found.scope,
        discovery_url=found.discovery_url,
        discovery=await found.look(),
    )
    return SignInSettings(provider=provider, redirect_uri=redirect_uri)
