"""Signing in and out: a cookie for browsers, bearer and refresh tokens for programs."""

from uuid import UUID

from fastapi import Request, Response
from viva_core.errors import Denied, Unauthenticated

from viva_gateway.adapters.accounts import Change
from viva_gateway.adapters.limits import limit
from viva_gateway.domain.principal import Account, Principal, ordered
from viva_gateway.edge import cookies
from viva_gateway.edge.gateway import Caller, Gateway, Via
from viva_gateway.edge.guard import client_address, guarded_router
from viva_gateway.edge.identity import max_age
from viva_gateway.schemas.accounts import Credentials, Me, PasswordChange, RefreshIn, Tokens

router = guarded_router("auth")


async def _account(request: Request, credentials: Credentials, gateway: Gateway) -> Account:
    """Whose credentials they are; raises Unauthenticated in the same words whatever is wrong."""
    rate = limit(gateway.settings.rate_login)
    email = credentials.email.lower()
    await gateway.limits.hit(rate, "login", "address", client_address(request))
    await gateway.limits.hit(rate, "login", "account", email)
    found = await gateway.accounts.by_email(email)
    account, kept = found if found is not None else (None, None)
    password = credentials.password.get_secret_value()
    right = await gateway.passwords.check(kept, password)
    if account is None or kept is None or not right or account.disabled:
        raise Unauthenticated("e-mail address or password is not right", reason="WRONG_CREDENTIALS")
    await gateway.limits.forget(rate, "login", "account", email)
    if gateway.passwords.outdated(kept):
        await gateway.accounts.rehash(account.id, await gateway.passwords.hash(password))
    return account


def _me(principal: Principal) -> Me:
    return Me(
        account_id=principal.subject_id,
        tenant_id=str(principal.tenant_id),
        name=principal.display_name,
        roles=[role.value for role in ordered(principal.roles)],
    )


async def sign_in(request: Request, account: Account, gateway: Gateway) -> Principal:
    """Open a new session and set its cookie; whatever session the browser had before ends, so none can be fixed."""
    https = gateway.settings.https
    before = cookies.read(request, "staff", https)
    if before:
        old = await gateway.sessions.recognise(before, rotate=False)
        if old is not None and not old.principal.is_candidate:
            await gateway.sessions.end(old.principal.login_id)
    opened = await gateway.sessions.open_staff(account)
    assert opened.token is not None
    cookies.put(request.scope, "staff", opened.token, https, max_age(gateway, "staff"))
    return opened.principal


@router.post("/auth/login")
async def login(request: Request, body: Credentials, gateway: Via) -> Me:
    """Sign in with a local account; sets the session cookie."""
    account = await _account(request, body, gateway)
    return _me(await sign_in(request, account, gateway))


@router.post("/auth/logout", status_code=204)
async def logout(request: Request, caller: Caller, gateway: Via) -> Response:
    """End the session; the cookie is removed. With a bearer token, its family is revoked."""
    if caller.via == "cookie":
        await gateway.sessions.end(caller.login_id)
        cookies.drop(request.scope, "staff", gateway.settings.https)
    else:
        await gateway.refresh_tokens.revoke_family(caller.login_id)
    return Response(status_code=204)


@router.post("/auth/token")
async def create_token(request: Request, body: Credentials, gateway: Via) -> Tokens:
    """A bearer token and a refresh token for a program."""
    account = await _account(request, body, gateway)
    issued = await gateway.refresh_tokens.issue(account.id)
    return _tokens(account, issued.family_id, issued.token, gateway)


@router.post("/auth/refresh")
async def refresh_token(body: RefreshIn, gateway: Via) -> Tokens:
    """The next pair of tokens. A refresh token is good once; a second use revokes all that came from its sign-in."""
    issued = await gateway.refresh_tokens.exchange(body.refresh_token.get_secret_value())
    found = await gateway.accounts.by_id(issued.account_id)
    if found is None or found[0].disabled:
        raise Unauthenticated("this account is not active any more", reason="TOKEN_INVALID")
    return _tokens(found[0], issued.family_id, issued.token, gateway)


def _tokens(account: Account, family_id: UUID, refresh: str, gateway: Gateway) -> Tokens:
    return Tokens(
        access_token=gateway.bearer.issue(account, family_id),
        expires_in=gateway.bearer.seconds,
        refresh_token=refresh,
    )


@router.post("/auth/revoke", status_code=204)
async def revoke_token(body: RefreshIn, gateway: Via) -> Response:
    """Revoke a refresh token and everything that came from its sign-in; an unknown one is no error."""
    await gateway.refresh_tokens.revoke(body.refresh_token.get_secret_value())
    return Response(status_code=204)


@router.get("/auth/me")
async def get_me(caller: Caller) -> Me:
    """Who is signed in."""
    return _me(caller)


@router.post("/auth/password", status_code=204)
async def change_password(body: PasswordChange, caller: Caller, gateway: Via) -> Response:
    """Change one's own password; every other session and token of the account ends."""
    await gateway.limits.hit(limit(gateway.settings.rate_login), "password", caller.subject_id)
    account_id = UUID(caller.subject_id)
    found = await gateway.accounts.by_id(account_id)
    kept = found[1] if found is not None else None
    if not await gateway.passwords.check(kept, body.current.get_secret_value()):
        raise Denied("the current password is not right", reason="WRONG_CREDENTIALS")
    hashed = await gateway.passwords.hash(body.new.get_secret_value())
    await gateway.accounts.change(caller.tenant_id, account_id, Change(password_hash=hashed))
    await gateway.sessions.end_all(account_id, but=caller.login_id)
    await gateway.refresh_tokens.revoke_all(account_id)
    return Response(status_code=204)
