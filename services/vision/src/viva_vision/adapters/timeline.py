"""What was seen in an interview, read back from the log: no table holds it, and no other role may read it."""

from uuid import UUID

from google.protobuf.message import DecodeError
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva_core.bus import Bus, subjects
from viva_core.bus.topology import EVENTS
from viva_core.telemetry.logs import get_logger

from viva_vision.ports import TimelinePage

_log = get_logger("viva.vision.timeline")


class BusTimeline:
    """Reads the ExpressionsSeen events of an interview."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def page(self, tenant_id: UUID | str, interview_id: UUID | str, *, after: int, most: int) -> TimelinePage:
        """The points after a place, in order. Raises Transient."""
        subject = subjects.event_subject(tenant_id, interview_id, "expressions-seen")
        page = await self._bus.history.page(EVENTS.name, subject, after=after, most=most)
        points = []
        for stored in page.messages:
            try:
                said = events.ExpressionsSeen.FromString(stored.payload)
            except DecodeError:
                _log.warning("an event of the timeline cannot be read", interview_id=str(interview_id))
                continue
            points.append(_point(said))
        return TimelinePage(tuple(points), page.messages[-1].sequence if page.more else None)


def _point(said: events.ExpressionsSeen) -> pb.TimelinePoint:
    return pb.TimelinePoint(
        captured_at=said.captured_at,
        turn_id=said.turn_id,
        faces=said.faces,
        face=said.face if said.HasField("face") else None,
        quality=said.quality,
        model=said.model if said.HasField("model") else None,
    )
