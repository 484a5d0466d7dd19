"""Which of several forms a caller wants (RFC 9110, 12.5.1)."""

from collections.abc import Mapping
from typing import TypeVar

from viva_gateway.domain.errors import NotAcceptable

F = TypeVar("F", bound=str)


def choose(accept: str, offered: Mapping[F, str]) -> F:
    """The form whose media type `Accept` gives the most weight; the first offered of equals. Raises NotAcceptable."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best: tuple[float, F] | None = None
    for form, media_type in offered.items():
        weight = _weight(media_type, ranges)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, form)
    if best is None:
        raise NotAcceptable(f"offered are {', '.join(offered.values())}")
    return best[1]


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media, min(max(float(value), 0.0), 1.0)
            except ValueError:
                return media, 0.0
    return media, 1.0


def _weight(media_type: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that fits."""
    kind = media_type.partition("/")[0]
    for wanted in (media_type, f"{kind}/*", "*/*"):
        found = [weight for media, weight in ranges if media == wanted]
        if found:
            return max(found)
    return 0.0
