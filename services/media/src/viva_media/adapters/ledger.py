"""The consent ledger, as the session's newest word on the bus has it; an erased interview has none left."""

from google.protobuf.message import DecodeError
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva_core.bus import Bus, subjects
from viva_core.bus.topology import EVENTS

from viva_media.domain.recording import Standing


class BusConsents:
    """Reads the newest ConsentRecorded event of an interview."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def standing(self, tenant_id: str, interview_id: str) -> Standing:
        """What the ledger says now. Raises Transient."""
        subject = subjects.event_subject(tenant_id, interview_id, "consent-recorded")
        stored = await self._bus.api.newest(EVENTS.name, subject)
        if stored is None:
            return Standing()
        try:
            said = events.ConsentRecorded.FromString(stored.payload)
        except DecodeError:
            return Standing()
        if (said.tenant_id, said.interview_id) != (tenant_id, interview_id):
            return Standing()
        return Standing(
            transcribe=common.CONSENT_PURPOSE_TRANSCRIBE in said.in_force,
            record=common.CONSENT_PURPOSE_RECORD in said.in_force,
            expressions=common.CONSENT_PURPOSE_EXPRESSIONS in said.in_force,
        )
