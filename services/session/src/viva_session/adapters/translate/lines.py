"""Lines of spoken answers."""

from viva.media.v1 import media_pb2 as media

from viva_session.domain.line import Line, LineFault


def line_of(message: media.LineQuality) -> Line:
    """How good a line was."""
    return Line(message.loss, message.jitter_ms, message.round_trip_ms, message.clipping, message.level_dbfs)


def line_message(line: Line) -> media.LineQuality:
    """How good a line was."""
    return media.LineQuality(
        loss=line.loss,
        jitter_ms=line.jitter_ms,
        round_trip_ms=line.round_trip_ms,
        clipping=line.clipping,
        level_dbfs=line.level_dbfs,
    )


def fault_value(fault: LineFault) -> "media.LineFault.ValueType":
    """What was wrong with it."""
    return media.LineFault.Value(f"LINE_FAULT_{fault.value}")
