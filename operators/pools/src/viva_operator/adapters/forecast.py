"""Which interviews are live and planned, asked of the session service."""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any, Protocol

from viva.common.v1 import types_pb2 as common
from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.errors import VivaError
from viva_core.grpc import acting_as
from viva_core.telemetry.logs import get_logger

from viva_operator.ports import Ahead

_NOBODYS = "00000000-0000-0000-0000-000000000000"
"""The operator acts for no tenant: what it asks for are counts over all of them."""
_ACTOR = common.Actor(kind=common.ACTOR_KIND_SERVICE, tenant_id=_NOBODYS, subject_id="operator")
_log = get_logger("viva.operator.forecast")


class Asked(Protocol):
    """SessionServiceStub, as far as it is used here."""

    GetForecast: Any


class Forecasts:
    """Asks for the interviews of the next `horizon`."""

    def __init__(
        self, stub: Asked, *, horizon: timedelta = timedelta(hours=2), bucket: timedelta = timedelta(minutes=5)
    ) -> None:
        self._stub = stub
        self._request = pb.GetForecastRequest(horizon=wellknown.duration(horizon), bucket=wellknown.duration(bucket))

    async def read(self) -> Mapping[str, Ahead] | None:
        """By role; None when the session service does not answer."""
        try:
            with acting_as(_ACTOR):
                answer = await self._stub.GetForecast(self._request)
        except VivaError as error:
            _log.warning("the forecast is not known", reason=error.reason)
            return None
        return {
            role.role: Ahead(
                role.live,
                role.waiting,
                tuple((bucket.starts_at.ToDatetime(UTC), bucket.interviews) for bucket in role.buckets),
            )
            for role in answer.roles
        }
