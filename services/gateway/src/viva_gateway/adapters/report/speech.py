"""What belongs to spoken answers: where a quote was spoken, how good the line was, and what was not written down."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration
from viva.common.v1 import types_pb2 as common
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2 as pb

from viva_gateway.schemas import wire


@dataclass(frozen=True)
class Caution:
    """What to know of an answer before its scores are read."""

    turn_number: int
    text: str


def clock(time: Duration) -> str:
    """A place in an answer: m:ss, whole seconds begun."""
    return f"{time.seconds // 60}:{time.seconds % 60:02d}"


def spoken_at(quote: common.Quote) -> str:
    """Where a quote was spoken; empty when it was typed."""
    return clock(quote.start_time) if quote.HasField("start_time") else ""


def gaps_of(answer: pb.Answer, texts: Mapping[str, str]) -> tuple[str, ...]:
    """What was spoken and could not be written down, a sentence each."""
    return tuple(
        texts["gap"].format(start=clock(gap.start), end=clock(gap.end), reason=texts[_reason(gap.reason)])
        for gap in answer.gaps
    )


def line_of(answer: pb.Answer, texts: Mapping[str, str]) -> str:
    """How good the line was; empty when nobody measured it."""
    if not answer.HasField("line"):
        return ""
    return texts["line"].format(line=", ".join(_faults(answer, texts)) or texts["line_good"])


def cautions_of(turn: pb.Turn, texts: Mapping[str, str]) -> Iterator[Caution]:
    """A bad line, and speech without words."""
    if turn.answer.line_faults:
        faults = ", ".join(_faults(turn.answer, texts))
        yield Caution(turn.number, texts["caution_line"].format(faults=faults))
    if turn.answer.gaps:
        lost = sum(_seconds(gap.end) - _seconds(gap.start) for gap in turn.answer.gaps)
        yield Caution(turn.number, texts["caution_gaps"].format(seconds=max(1, round(lost))))


def _faults(answer: pb.Answer, texts: Mapping[str, str]) -> Iterator[str]:
    """What was wrong; loss that was concealed is told of too, though it is no fault."""
    line = answer.line
    told = [wire.word(media.LineFault.DESCRIPTOR, fault) or "" for fault in answer.line_faults]
    if "loss" not in told and line.loss >= 0.01:
        told.append("loss")
    for fault in told:
        yield texts[f"line_{fault}"].format(
            loss=round(100 * line.loss),
            level=round(line.level_dbfs),
            clipping=f"{100 * line.clipping:.1f}",
            jitter=round(line.jitter_ms),
            quiet_for=_for(line.too_quiet, texts),
            clipped_for=_for(line.clipped, texts),
        )


def _for(time: Duration, texts: Mapping[str, str]) -> str:
    """So long, in whole seconds begun; empty when nobody measured it."""
    lasted = math.ceil(_seconds(time))
    return texts["line_for"].format(seconds=lasted) if lasted else ""


def _reason(reason: str) -> str:
    match reason:
        case "PEER_LOST":
            return "gap_peer"
        case "NO_WORDS" | "SPEECH_WITHOUT_WORDS":
            return "gap_words"
        case "SPOOL_FULL" | "SPOOL_DAMAGED" | "TOO_LATE":
            return "gap_kept"
    return "gap_engine"


def _seconds(time: Duration) -> float:
    return time.seconds + time.nanos / 1e9
