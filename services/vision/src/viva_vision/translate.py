"""Domain to protobuf, in one place for both edges."""

from viva.vision.v1 import vision_pb2 as pb

from viva_vision.domain.expression import Expression, Reading
from viva_vision.domain.frame import Box, Quality, Seen

_EXPRESSIONS = {each: pb.Expression.Value(f"EXPRESSION_{each.name}") for each in Expression}
_QUALITIES = {each: pb.FrameQuality.Value(f"FRAME_QUALITY_{each.name}") for each in Quality}


def faces_message(seen: Seen) -> list[pb.Face]:
    """The faces, largest first; only the largest has expressions."""
    return [_face(box, seen, seen.reading if index == 0 else None) for index, box in enumerate(seen.faces)]


def qualities_message(seen: Seen) -> "list[pb.FrameQuality.ValueType]":
    """What makes the frame hard to read."""
    return [_QUALITIES[each] for each in seen.quality]


def _face(box: Box, seen: Seen, reading: Reading | None) -> pb.Face:
    return pb.Face(
        x=box.x / seen.width,
        y=box.y / seen.height,
        width=box.width / seen.width,
        height=box.height / seen.height,
        confidence=box.confidence,
        expressions=[
            pb.ExpressionProbability(expression=_EXPRESSIONS[expression], probability=probability)
            for expression, probability in (reading.items() if reading is not None else ())
        ],
    )
