"""Signing in at the employer's identity provider. Only people whom an admin has given an account come in."""

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response
from starlette.responses import RedirectResponse
from viva_core.errors import Denied, NotFound, Unauthenticated, VivaError
from viva_core.telemetry.logs import get_logger

from viva_gateway.domain.principal import Account
from viva_gateway.edge import cookies
from viva_gateway.edge.gateway import Gateway, Via
from viva_gateway.edge.guard import guarded_router
from viva_gateway.routes.auth import sign_in
from viva_gateway.schemas.accounts import SignInMethods

if TYPE_CHECKING:
    from viva_gateway.adapters.oidc import Identity, OidcProvider

router = guarded_router("auth")
_REDIRECTS: dict[int | str, dict[str, Any]] = {
    303: {"description": "Go there; to the sign-in page with `sign_in=REASON` when it did not work"}
}
_MINUTES_10 = 600
_SIGN_IN = "/positions"
"""A page of the staff's: who is not signed in finds the form there."""
_log = get_logger("viva.gateway")


def _provider(gateway: Gateway) -> "OidcProvider":
    if gateway.oidc is None:
        raise NotFound("no identity provider is set up: use a local account", reason="OIDC_OFF")
    return gateway.oidc


@router.get("/auth/methods")
async def get_sign_in_methods(gateway: Via) -> SignInMethods:
    """The ways to sign in that are offered here."""
    return SignInMethods(password=True, oidc=gateway.oidc is not None)


@router.get("/auth/oidc/login", response_class=RedirectResponse, status_code=303, responses=_REDIRECTS)
async def start_oidc(
    request: Request,
    gateway: Via,
    return_to: Annotated[
        str,
        Query(
            max_length=500,
            pattern=r"^/([\x21-\x2e\x30-\x5b\x5d-\x7e][\x21-\x7e]*)?$",
            description="A path of ours to come back to",
        ),
    ] = "/",
) -> Response:
    """Go to the identity provider."""
    try:
        url, state = await _provider(gateway).start(return_to)
    except VivaError as error:
        return _back(error)
    cookies.put(request.scope, "oidc", state, gateway.settings.https, _MINUTES_10)
    return RedirectResponse(url, status_code=303)


@router.get("/auth/oidc/callback", response_class=RedirectResponse, status_code=303, responses=_REDIRECTS)
async def finish_oidc(
    request: Request,
    gateway: Via,
    code: Annotated[str, Query(max_length=2000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Come back from the identity provider; sets the session cookie."""
    try:
        return_to = await _finished(request, gateway, code, state, error)
    except VivaError as problem:
        return _back(problem)
    return RedirectResponse(return_to, status_code=303)


async def _finished(request: Request, gateway: Gateway, code: str, state: str, error: str) -> str:
    """Sign in whoever came back; where to go on. Raises what stands in the way."""
    provider = _provider(gateway)
    expected = cookies.read(request, "oidc", gateway.settings.https)
    cookies.drop(request.scope, "oidc", gateway.settings.https)
    if error or not code or not state or expected != state:
        raise Unauthenticated("the sign-in was not finished: start again", reason="OIDC_STATE")
    identity = await provider.finish(code, state)
    await sign_in(request, await _account(identity, gateway), gateway)
    return identity.return_to


def _back(problem: VivaError) -> Response:
    """To the sign-in page, which has words for it: a person waits in a browser, and no program comes this way."""
    _log.info("a sign-in at the identity provider did not work", reason=problem.reason)
    return RedirectResponse(f"{_SIGN_IN}?{urlencode({'sign_in': problem.reason})}", status_code=303)


async def _account(identity: "Identity", gateway: Gateway) -> Account:
    """The account that is linked with the identity, or that an admin made for its verified address."""
    account = await gateway.accounts.by_oidc(identity.issuer, identity.subject)
    if account is None and identity.email is not None:
        found = await gateway.accounts.by_email(identity.email)
        if found is not None and await gateway.accounts.link_oidc(found[0].id, identity.issuer, identity.subject):
            account = found[0]
    if account is None or account.disabled:
        raise Denied("there is no account for you here: ask an admin of yours for one", reason="NO_ACCOUNT")
    return account
