"""The consent ledger, as the session's newest word on the bus has it.

Asked anew for every frame: a revocation holds from the next frame on, after a restart too, and there is no copy that
could be stale. It is one request of a fraction of a millisecond.
"""

from uuid import UUID

from google.protobuf.message import DecodeError
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva_core.bus import Bus, subjects
from viva_core.bus.topology import EVENTS

from viva_vision.domain.gate import Mode, Standing

_MODES: dict[int, Mode] = {common.INTERVIEW_MODE_PRACTICE: "practice", common.INTERVIEW_MODE_HIRING: "hiring"}


def mode_of(value: int) -> Mode | None:
    """The mode; None when it is not given."""
    return _MODES.get(value)


def ledger_subject(tenant_id: UUID | str, interview_id: UUID | str) -> str:
    """Where the session says what was consented to."""
    return subjects.event_subject(tenant_id, interview_id, "consent-recorded")


class BusLedger:
    """Reads the newest ConsentRecorded event of an interview."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def standing(self, tenant_id: UUID | str, interview_id: UUID | str) -> Standing | None:
        """What the ledger says now. Raises Transient when the bus is away: whoever cannot ask must not look."""
        stored = await self._bus.api.newest(EVENTS.name, ledger_subject(tenant_id, interview_id))
        if stored is None:
            return None
        try:
            said = events.ConsentRecorded.FromString(stored.payload)
        except DecodeError:
            return None
        if (said.tenant_id, said.interview_id) != (str(tenant_id), str(interview_id)):
            return None
        return Standing(mode_of(said.mode), common.CONSENT_PURPOSE_EXPRESSIONS in said.in_force, stored.sequence)
