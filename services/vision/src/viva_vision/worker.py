"""The bus edge: takes the newest frames and says an ExpressionsSeen event for each.

The stream keeps one frame an interview, so a slow reader skips; a frame that is old when its turn comes is dropped and
counted. The event is stored only if the ledger still stands as it stood when the frame was read: the server compares,
so that no event can follow a revocation. A frame is never a dead letter: those lie on a disk.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, timedelta

from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva_core import wellknown
from viva_core.bus import Bus, Delivery, subjects
from viva_core.bus.topology import FRAMES, VISION
from viva_core.clock import Clock
from viva_core.errors import Conflict, Denied, Expired, Invalid, Permanent, Refused, VivaError
from viva_core.ids import derived
from viva_core.models.messages import model_message

from viva_vision.adapters.ledger import ledger_subject, mode_of
from viva_vision.domain.frame import Seen
from viva_vision.domain.gate import Standing
from viva_vision.metrics import VisionMetrics
from viva_vision.translate import faces_message, qualities_message
from viva_vision.vision import Vision

_POLL = 5.0
_MOST_FACES = 100  # the contract's; beyond it the detector sees faces in a pattern


class FrameWorker:
    """Handles one frame at a time for each slot. `stale` is the age at which a frame is worth nothing."""

    def __init__(self, bus: Bus, vision: Vision, metrics: VisionMetrics, clock: Clock, *, stale: timedelta) -> None:
        self._bus = bus
        self._vision = vision
        self._metrics = metrics
        self._clock = clock
        self._stale = stale
        self.taken = 0
        """Frames that the bus gave to this process, whatever became of them."""

    async def handle(self, delivery: Delivery) -> None:
        """Read one frame and say what it shows; a frame that may not be looked at, or is none, ends here in silence.

        Raises:
            Expired: it is too old.
            Transient: the ledger or the bus is away, or too many frames wait.
            Permanent: a message of another type, or a frame on another interview's subject.
        """
        self.taken += 1
        request = delivery.message
        if not isinstance(request, pb.AnalyzeFrameRequest):
            raise Permanent("vision takes AnalyzeFrameRequest messages", reason="UNKNOWN_TYPE")
        if (request.tenant_id, request.interview_id) != (delivery.tenant_id, delivery.interview_id):
            raise Denied("the frame is not of the interview on whose subject it came", reason="FOREIGN_FRAME")
        if self._clock.now() - request.captured_at.ToDatetime(tzinfo=UTC) > self._stale:
            self._metrics.frame("bus", "stale")
            raise Expired("a newer frame is worth more")
        started = self._clock.monotonic()
        try:
            seen, standing = await self._vision.analyse(
                request.tenant_id, request.interview_id, mode_of(request.mode), request.jpeg
            )
            self._metrics.seen(seen, self._clock.monotonic() - started)
            await self._say(delivery, request, seen, standing)
        except (Refused, Conflict):  # Conflict: the ledger changed between the look and the event
            self._metrics.frame("bus", "refused")
        except Invalid:
            self._metrics.frame("bus", "bad")
        except VivaError:
            self._metrics.frame("bus", "failed")
            raise
        else:
            self._metrics.frame("bus", "seen")

    async def _say(self, delivery: Delivery, request: pb.AnalyzeFrameRequest, seen: Seen, standing: Standing) -> None:
        tenant, interview = request.tenant_id, request.interview_id
        faces = faces_message(seen)
        event = events.ExpressionsSeen(
            tenant_id=tenant,
            interview_id=interview,
            occurred_at=wellknown.stamp(self._clock.now()),
            turn_id=request.turn_id,
            face=faces[0] if faces else None,
            captured_at=request.captured_at,
            faces=min(len(faces), _MOST_FACES),
            quality=qualities_message(seen),
            model=model_message(self._vision.info) if seen.reading is not None else None,
        )
        await self._bus.publish(
            subjects.event_subject(tenant, interview, "expressions-seen"),
            event,
            event_id=derived(delivery.envelope.id, "expressions-seen"),
            causation_id=delivery.envelope.id,
            expected_last_subject_sequence=standing.sequence,
            expected_subject=ledger_subject(tenant, interview),
        )
        await self._bus.publish_live(subjects.live_subject(tenant, interview, "expressions"), event)


class Overtaken:
    """Counts the frames that newer ones replaced in the stream before anybody took them.

    The server tells what went past all processes together; each counts the part of it that is its part of the frames
    taken, so that the sum over the processes is the whole.
    """

    def __init__(self, bus: Bus, metrics: VisionMetrics, taken: Callable[[], int]) -> None:
        self._bus = bus
        self._metrics = metrics
        self._taken = taken
        self._last: tuple[int, int, int] | None = None

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await self.look()
            await asyncio.sleep(_POLL)

    async def look(self) -> None:
        """What the consumer was given, against what went past it in the stream since the last look."""
        try:
            info = await self._bus.api.request(f"CONSUMER.INFO.{FRAMES.name}.{VISION.durable}")
        except VivaError:
            return  # the bus is away, which others tell
        delivered = info["delivered"]
        now = (int(delivered["stream_seq"]), int(delivered["consumer_seq"]), self._taken())
        if self._last is not None:
            passed, given, own = (new - old for new, old in zip(now, self._last, strict=True))
            if passed > given > 0:  # nothing goes past while nothing is given
                self._metrics.overtaken((passed - given) * min(own / given, 1.0))
        self._last = now
