"""Who makes a request or opens a socket: by bearer token, by staff's cookie, or by a candidate's."""

from uuid import UUID

from starlette.requests import HTTPConnection
from viva.common.v1 import types_pb2 as common
from viva_core.errors import Denied, Unauthenticated

from viva_gateway.domain import access, origins
from viva_gateway.domain.principal import Principal, ordered
from viva_gateway.edge import cookies
from viva_gateway.edge.gateway import Gateway

_BEARER = "bearer "


async def identify(connection: HTTPConnection, operation: str, gateway: Gateway, *, rotate: bool) -> Principal | None:
    """Who it is, among those whom the operation is for; None for nobody known.

    Raises Unauthenticated for a bearer token that is not good: whoever sends one means it.
    """
    authorization = connection.headers.get("authorization", "")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return await _by_bearer(authorization[len(_BEARER) :].strip(), gateway)
    if access.accepts_candidates(operation):
        found = await _by_cookie(connection, "candidate", gateway, rotate)
        # Somebody of the staff may have tried a link in the same browser: then the address tells whom is meant.
        if found is not None and (not access.accepts_staff(operation) or _is_own(connection, found)):
            return found
    if access.accepts_staff(operation):
        return await _by_cookie(connection, "staff", gateway, rotate)
    # The other cookie, so that a recruiter hears "this is for candidates" and not "sign in".
    return await _by_cookie(connection, "staff", gateway, rotate)


def _is_own(connection: HTTPConnection, candidate: Principal) -> bool:
    return connection.path_params.get("interview_id") == str(candidate.interview_id)


async def _by_cookie(
    connection: HTTPConnection, kind: cookies.Kind, gateway: Gateway, rotate: bool
) -> Principal | None:
    https = gateway.settings.https
    value = cookies.read(connection, kind, https)
    if not value or len(value) > 200:
        return None
    opened = await gateway.sessions.recognise(value, rotate=rotate)
    if opened is None or opened.principal.kind != kind:
        return None
    if opened.token is not None:
        cookies.put(connection.scope, kind, opened.token, https, max_age(gateway, kind))
    return opened.principal


def max_age(gateway: Gateway, kind: cookies.Kind) -> int:
    """How long the browser keeps the cookie, seconds."""
    settings = gateway.settings
    return int(3600 * (settings.candidate_session_hours if kind == "candidate" else settings.staff_session_hours))


async def _by_bearer(token: str, gateway: Gateway) -> Principal:
    claims = gateway.bearer.read(token)
    account = await gateway.accounts.signed_in(claims.account_id, claims.family_id)
    if account is None:
        raise Unauthenticated("the bearer token was revoked: sign in again", reason="TOKEN_REVOKED")
    return Principal(
        kind="staff",
        tenant_id=account.tenant_id,
        subject_id=str(account.id),
        display_name=account.name,
        roles=account.roles,
        interview_id=None,
        via="bearer",
        login_id=claims.family_id,
        expires_at=claims.expires_at,
    )


def demand_own_page(connection: HTTPConnection, principal: Principal | None, gateway: Gateway) -> None:
    """Raise Denied when another site may have led the browser here.

    Where no cookie speaks (a sign-in, a bearer token), only a foreign Origin is refused, so that nobody is signed in
    to an account that is not theirs.
    """
    method = connection.scope.get("method", "GET")
    by_cookie = principal is not None and principal.via == "cookie"
    if origins.forged(
        method,
        origin=connection.headers.get("origin"),
        csrf_header=connection.headers.get(origins.CSRF_HEADER) if by_cookie else "none needed",
        host=connection.headers.get("host"),
        public_url=gateway.settings.public_url,
        further=gateway.settings.origins,
    ):
        raise Denied(
            "this request may come from another site: send it from Viva's own pages, or with the header X-Viva-CSRF: 1",
            reason="CSRF",
        )


def actor_of(principal: Principal) -> common.Actor:
    """The principal as the services know it."""
    interview: UUID | None = principal.interview_id
    return common.Actor(
        kind=common.ACTOR_KIND_CANDIDATE if principal.is_candidate else common.ACTOR_KIND_STAFF,
        tenant_id=str(principal.tenant_id),
        subject_id=principal.subject_id,
        display_name=principal.display_name,
        roles=[role.value for role in ordered(principal.roles)],
        interview_id=str(interview) if interview is not None else "",
    )
