"""A change that builds on something: a conflict there means that If-Match was stale."""

from collections.abc import Iterator
from contextlib import contextmanager

from viva_core.errors import Conflict

from viva_gateway.domain.errors import PreconditionFailed


@contextmanager
def building_on() -> Iterator[None]:
    """Within the block a Conflict is told as PreconditionFailed (412)."""
    try:
        yield
    except Conflict as error:
        raise PreconditionFailed(error.message, reason=error.reason) from error
