"""What the platform may ask of all interviews together: how many need workers, and when."""

from typing import Any

from viva.session.v1 import session_pb2 as pb
from viva_core import wellknown
from viva_core.clock import Clock
from viva_core.db import reading

from viva_session.adapters import forecast as store
from viva_session.application.interviews import Sessions
from viva_session.domain.access import Action, Resource, authorize
from viva_session.domain.forecast import RoleForecast, forecast
from viva_session.grpc_api.actors import acting


class ForecastApi:
    """The part of SessionService that pools are sized by."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._all = sessions
        self._now = clock.now

    async def GetForecast(self, request: pb.GetForecastRequest, context: Any) -> pb.GetForecastResponse:
        """Counts by role."""
        actor = acting()
        authorize(actor, Action.FORECAST_READ, Resource(actor.tenant_id))
        now, bucket = self._now(), request.bucket.ToTimedelta()
        async with reading(self._all) as session:
            counts = await store.count(session, now, request.horizon.ToTimedelta(), bucket)
        roles = [_message(role) for role in forecast(counts, now, bucket)]
        return pb.GetForecastResponse(as_of=wellknown.stamp(now), roles=roles)


def _message(role: RoleForecast) -> pb.RoleForecast:
    buckets = [pb.ForecastBucket(starts_at=wellknown.stamp(at), interviews=count) for at, count in role.buckets]
    return pb.RoleForecast(role=role.role.value, live=role.live, waiting=role.waiting, buckets=buckets)
