"""Whether a browser may have been led to make a request by another site (CSRF, and sockets opened across sites)."""

from collections.abc import Collection
from urllib.parse import urlsplit

CSRF_HEADER = "x-viva-csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def same_origin(origin: str, host: str | None, public_url: str, further: Collection[str]) -> bool:
    """Whether `Origin` is the gateway itself, as it calls itself or as the browser addressed it, or is listed."""
    if origin == public_url or origin in further:
        return True
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and bool(host) and parts.netloc == host


def forged(
    method: str,
    *,
    origin: str | None,
    csrf_header: str | None,
    host: str | None,
    public_url: str,
    further: Collection[str],
) -> bool:
    """Whether a request that a cookie speaks for must be refused.

    A browser sends Origin with every unsafe request; without one, the custom header shows that a program wrote the
    request, since no form can send it and a script of another site would need CORS's permission.
    """
    if method in SAFE_METHODS:
        return False
    if origin is not None:
        return not same_origin(origin, host, public_url, further)
    return not csrf_header
