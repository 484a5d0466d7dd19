"""Times and spans as protobuf has them, and back."""

from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def stamp(at: datetime) -> Timestamp:
    """A time."""
    message = Timestamp()
    message.FromDatetime(at)
    return message


def duration(span: timedelta) -> Duration:
    """A span of time."""
    message = Duration()
    message.FromTimedelta(span)
    return message


def seconds(span: float) -> Duration:
    """A span of time, given in seconds; to the microsecond."""
    return duration(timedelta(seconds=span))


def seconds_of(message: Duration) -> float:
    """A span of time, in seconds."""
    return message.ToTimedelta().total_seconds()
