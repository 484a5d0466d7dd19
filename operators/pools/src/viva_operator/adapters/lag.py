"""How much waits for each role's workers, read from JetStream's consumers: never a message."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.topology import STREAMS, WATCHES, Role
from viva_core.clock import Clock
from viva_core.errors import VivaError
from viva_core.telemetry.logs import get_logger

from viva_operator.ports import Lag

_QUEUES = frozenset(stream.name for stream in STREAMS if stream.retention == "workqueue")
_log = get_logger("viva.operator.lag")


class Lags:
    """Reads the lag of every role that has a consumer."""

    def __init__(self, api: JetStreamApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def read(self) -> Mapping[str, Lag] | None:
        """By role; None when the bus does not say, which must not be taken for an empty queue."""
        try:
            return {
                consumer.durable: await self._one(consumer.stream, consumer.durable)
                for consumer in WATCHES[Role.OPERATOR]
            }
        except VivaError as error:
            _log.warning("the lag is not known", reason=error.reason)
            return None

    async def _one(self, stream: str, durable: str) -> Lag:
        info = await self._api.request(f"CONSUMER.INFO.{stream}.{durable}")
        pending, ack_pending = int(info["num_pending"]), int(info["num_ack_pending"])
        oldest = await self._oldest(stream) if pending + ack_pending and stream in _QUEUES else None
        return Lag(pending, ack_pending, oldest)

    async def _oldest(self, stream: str) -> float | None:
        state: dict[str, Any] = (await self._api.request(f"STREAM.INFO.{stream}"))["state"]
        if not state.get("messages"):
            return None
        age = (self._clock.now() - _time(state["first_ts"])).total_seconds()
        return max(age, 0.0)


def _time(text: str) -> datetime:
    """RFC 3339 with nanoseconds, as Go writes it."""
    moment, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(moment).replace(tzinfo=UTC, microsecond=int((fraction or "0")[:6].ljust(6, "0")))
