"""What one interview says on the bus: events in order and kept until the bus has them, live messages as they come.

An event is acknowledged by JetStream before `tell` returns, however long the bus is away; what is not told yet when the
process ends is told again from the spool. Ids follow from what happened, so telling twice stores once.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from viva.common.v1 import types_pb2 as common
from viva.event.v1 import events_pb2 as events
from viva.media.v1 import media_pb2 as pb
from viva.vision.v1 import vision_pb2 as vision
from viva_core import wellknown
from viva_core.bus import Bus, subjects
from viva_core.clock import Clock
from viva_core.errors import Permanent, Transient
from viva_core.ids import derived, uuid7
from viva_core.telemetry.logs import get_logger

from viva_media.domain.audio import Span, seconds
from viva_media.domain.peer import PeerState, Reason, Writing
from viva_media.domain.ports import SpeechModel
from viva_media.domain.quality import Fault, Quality
from viva_media.domain.transcript import Word

_log = get_logger("viva.media.herald")
_MOST_WORDS = 2_000


class Herald:
    """Speaks for one interview."""

    def __init__(self, bus: Bus, clock: Clock, tenant_id: str, interview_id: str) -> None:
        self._bus = bus
        self._clock = clock
        self._tenant = tenant_id
        self._interview = interview_id
        self._order = asyncio.Lock()  # asyncio's locks are fair: events go out in the order in which they were told
        self._told: set[asyncio.Task[None]] = set()

    async def final(self, turn_id: str, span: Span, words: Sequence[Word], model: SpeechModel) -> None:
        """The words of one utterance. The same utterance told again, heard again after a crash, keeps its id."""
        utterance = utterance_id(turn_id, span.start)
        await self._tell(
            events.TranscriptFinal(
                **self._head(),
                turn_id=turn_id,
                utterance_id=str(utterance),
                words=[_spoken(word) for word in words[:_MOST_WORDS]],
                model=common.ModelRef(id=model.id, engine=model.engine, sha256=model.sha256),
            ),
            derived(utterance, f"transcript-final/{span.end}"),
        )

    async def gap(self, turn_id: str, span: Span, reason: str) -> None:
        """Speech that could not be written down."""
        await self._tell(
            events.TranscriptGap(
                **self._head(), turn_id=turn_id, start=_place(span.start), end=_place(span.end), reason=reason
            ),
            derived(turn_id, f"transcript-gap/{span.start}/{span.end}"),
        )

    async def quality(self, opening: str, turn_id: str, quality: Quality) -> None:
        """The line of an answer, once it is closed. `opening` names the time that it was open."""
        await self._tell(self._measured(turn_id, quality), derived(opening, "line-quality-measured"))

    def quality_soon(self, opening: str, turn_id: str, quality: Quality) -> None:
        """As `quality`, whenever the bus takes it."""
        self._soon(self._measured(turn_id, quality), derived(opening, "line-quality-measured"))

    def _measured(self, turn_id: str, quality: Quality) -> Message:
        return events.LineQualityMeasured(**self._head(), turn_id=turn_id, quality=quality_message(quality))

    def turn_ended(self, turn_id: str, at: int, silence: float) -> None:
        """The silence outlasted the patience."""
        event = events.UtteranceEnded(**self._head(), turn_id=turn_id, silence=wellknown.seconds(silence))
        self._soon(event, derived(turn_id, f"utterance-ended/{at}"))

    def peer_changed(self, peer_id: str, state: PeerState, reason: Reason) -> None:
        """A peer connected, vanished or closed."""
        event = events.PeerChanged(**self._head(), peer_id=peer_id, state=peer_state_value(state), reason=reason.value)
        self._soon(event, uuid7())

    async def erased(self, objects: int, spooled: int) -> None:
        """The interview was erased, and so is its sound."""
        await self._tell(events.MediaErased(**self._head(), objects=objects, spooled_answers=spooled), uuid7())

    async def frame(self, turn_id: str, jpeg: bytes) -> None:
        """The newest frame: dropped when the bus is away. It reaches a memory stream only."""
        message = vision.AnalyzeFrameRequest(
            tenant_id=self._tenant,
            interview_id=self._interview,
            turn_id=turn_id,
            mode=common.INTERVIEW_MODE_PRACTICE,
            jpeg=jpeg,
            captured_at=wellknown.stamp(self._clock.now()),
        )
        with suppress(Transient):
            await self._bus.publish(
                subjects.frame_subject(self._tenant, self._interview),
                message,
                expires_at=self._clock.now() + timedelta(seconds=30),
            )

    async def partial(self, turn_id: str, sequence: int, start: int, text: str) -> None:
        """What was understood so far."""
        await self._live(
            "transcript",
            pb.TranscriptDelta(
                turn_id=turn_id,
                utterance_id=str(utterance_id(turn_id, start)),
                sequence=sequence,
                text=text[:20_000],
                start=_place(start),
            ),
        )

    async def speech_started(self, turn_id: str, start: int, *, barged_in: bool) -> None:
        """Somebody began to speak."""
        await self._live("level", pb.SpeechStarted(turn_id=turn_id, start=_place(start), barged_in=barged_in))

    async def level(
        self, peer_id: str, turn_id: str, *, speaking: bool, dbfs: float, quality: Quality, faults: Sequence[Fault]
    ) -> None:
        """Loudness and quality now."""
        await self._live(
            "level",
            pb.LineLevel(
                peer_id=peer_id,
                turn_id=turn_id,
                speaking=speaking,
                level_dbfs=min(dbfs, 0.0),
                quality=quality_message(quality),
                faults=[pb.LineFault.Value(f"LINE_FAULT_{fault.name}") for fault in faults],
            ),
        )

    async def status(
        self, peer_id: str, turn_id: str, state: PeerState, reason: Reason, writing: Writing, why: str
    ) -> None:
        """A peer's state and how speech is written down."""
        await self._live(
            "level",
            pb.PeerStatus(
                peer_id=peer_id,
                turn_id=turn_id,
                state=peer_state_value(state),
                reason=reason.value,
                transcription=writing_value(writing),
                transcription_reason=why,
            ),
        )

    async def aclose(self, within: float) -> None:
        """Wait for what is being told, `within` seconds at most."""
        if self._told:
            _, late = await asyncio.wait(self._told, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _soon(self, event: Message, event_id: UUID) -> None:
        task = asyncio.create_task(self._tell_if_it_fits(event, event_id))
        self._told.add(task)
        task.add_done_callback(self._told.discard)

    async def _tell_if_it_fits(self, event: Message, event_id: UUID) -> None:
        with suppress(Permanent):  # it is in the log
            await self._tell(event, event_id)

    async def _tell(self, event: Message, event_id: UUID) -> None:
        subject = subjects.event_subject(self._tenant, self._interview, subjects.event_name(event.DESCRIPTOR))
        async with self._order:
            delay = 0.1
            while True:
                try:
                    await self._bus.publish(subject, event, event_id=event_id)
                    return
                except Transient:
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 5.0)
                except Permanent as error:
                    _log.error("an event was refused by the bus", event_type=event.DESCRIPTOR.name, reason=error.reason)
                    raise

    async def _live(self, kind: str, message: Message) -> None:
        await self._bus.publish_live(subjects.live_subject(self._tenant, self._interview, kind), message)

    def _head(self) -> dict[str, Any]:
        return {
            "tenant_id": self._tenant,
            "interview_id": self._interview,
            "occurred_at": wellknown.stamp(self._clock.now()),
        }


def utterance_id(turn_id: str, start: int) -> UUID:
    """An utterance is named by where in which answer it starts."""
    return derived(turn_id, f"utterance/{start}")


def peer_state_value(state: PeerState) -> "pb.PeerState.ValueType":
    """As the contract names it."""
    return pb.PeerState.Value(f"PEER_STATE_{state.name}")


def writing_value(writing: Writing) -> "pb.TranscriptionState.ValueType":
    """As the contract names it."""
    return pb.TranscriptionState.Value(f"TRANSCRIPTION_STATE_{writing.name}")


def quality_message(quality: Quality) -> pb.LineQuality:
    """As the contract has it."""
    return pb.LineQuality(
        loss=quality.loss,
        jitter_ms=quality.jitter_ms,
        round_trip_ms=quality.round_trip_ms,
        clipping=quality.clipping,
        level_dbfs=quality.level_dbfs,
        too_quiet=wellknown.seconds(quality.too_quiet),
        clipped=wellknown.seconds(quality.clipped),
    )


def _spoken(word: Word) -> common.SpokenWord:
    return common.SpokenWord(
        text=word.text, start=wellknown.seconds(word.start), end=wellknown.seconds(word.end), confidence=word.confidence
    )


def _place(samples: int) -> Duration:
    return wellknown.seconds(seconds(samples))
