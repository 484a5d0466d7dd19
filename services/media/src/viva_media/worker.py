"""The bus edge: what the session says of consents and erasures takes effect on sound, without any page's help."""

from collections.abc import Callable
from uuid import UUID

from viva.event.v1 import events_pb2 as events
from viva_core.bus import Delivery
from viva_core.errors import Permanent
from viva_core.telemetry.logs import get_logger

from viva_media.adapters.herald import Herald
from viva_media.application.rooms import Rooms
from viva_media.domain.recording import Consents

_log = get_logger("viva.media.worker")


class MediaWorker:
    """Handles consent-recorded and interview-erased; either may come again without harm."""

    def __init__(self, rooms: Rooms, consents: Consents, herald: Callable[[str, str], Herald]) -> None:
        self._rooms = rooms
        self._herald = herald
        self._consents = consents

    async def handle(self, delivery: Delivery) -> None:
        """Destroy what may not be kept any more. Raises Transient when the store or the bus is away."""
        tenant, interview = delivery.tenant_id, UUID(delivery.interview_id)
        match delivery.message:
            case events.InterviewErased():
                erased = await self._rooms.erase(tenant, interview)
                await self._herald(tenant, delivery.interview_id).erased(erased.objects, erased.spooled)
                _log.info(
                    "an interview's sound was destroyed",
                    interview_id=delivery.interview_id,
                    objects=erased.objects,
                    spooled=erased.spooled,
                )
            case events.ConsentRecorded():
                # The ledger as it is now, not as this message has it: a late one must not undo a newer consent.
                standing = await self._consents.standing(tenant, delivery.interview_id)
                await self._rooms.withdraw(tenant, interview, standing)
            case _:
                raise Permanent("media takes consents and erasures", reason="UNKNOWN_TYPE")
