"""Lines of spoken answers."""

from viva.media.v1 import media_pb2 as media
from viva_core import wellknown

from viva_session.domain.line import Line, LineFault


def line_of(message: media.LineQuality) -> Line:
    """How good a line was."""
    return Line(
        message.loss,
        message.jitter_ms,
        message.round_trip_ms,
        message.clipping,
        message.level_dbfs,
        too_quiet=wellknown.seconds_of(message.too_quiet) if message.HasField("too_quiet") else None,
        clipped=wellknown.seconds_of(message.clipped) if message.HasField("clipped") else None,
    )


def line_message(line: Line) -> media.LineQuality:
    """How good a line was."""
    message = media.LineQuality(
        loss=line.loss,
        jitter_ms=line.jitter_ms,
        round_trip_ms=line.round_trip_ms,
        clipping=line.clipping,
        level_dbfs=line.level_dbfs,
    )
    if line.too_quiet is not None:
        message.too_quiet.CopyFrom(wellknown.seconds(line.too_quiet))
    if line.clipped is not None:
        message.clipped.CopyFrom(wellknown.seconds(line.clipped))
    return message


def fault_value(fault: LineFault) -> "media.LineFault.ValueType":
    """What was wrong with it."""
    return media.LineFault.Value(f"LINE_FAULT_{fault.value}")
