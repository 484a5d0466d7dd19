"""The two cookies: staff's and candidates'. HttpOnly always, Secure and `__Host-` over TLS, SameSite always."""

from http.cookies import SimpleCookie
from typing import Literal

from starlette.requests import HTTPConnection
from starlette.types import Scope

_NAMES = {"staff": "viva_session", "candidate": "viva_candidate", "oidc": "viva_oidc"}
Kind = Literal["staff", "candidate", "oidc"]


def cookie_name(kind: Kind, https: bool) -> str:
    """`__Host-` keeps subdomains from planting one; browsers demand Secure for it."""
    return f"__Host-{_NAMES[kind]}" if https else _NAMES[kind]


def read(connection: HTTPConnection, kind: Kind, https: bool) -> str | None:
    """The cookie's value."""
    return connection.cookies.get(cookie_name(kind, https))


def header(kind: Kind, value: str, https: bool, max_age: int) -> str:
    """The Set-Cookie header. Lax, since links from mail and from the identity provider must find the session; what
    changes anything is guarded by `domain.origins` as well."""
    name = cookie_name(kind, https)
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    morsel["max-age"] = max_age
    if https:
        morsel["secure"] = True
    return morsel.OutputString()


def put(scope: Scope, kind: Kind, value: str, https: bool, max_age: int) -> None:
    """Set the cookie with whatever response the request gets, a problem included."""
    scope["state"].setdefault("set_cookies", []).append(header(kind, value, https, max_age))


def drop(scope: Scope, kind: Kind, https: bool) -> None:
    """Remove the cookie."""
    put(scope, kind, "", https, 0)
