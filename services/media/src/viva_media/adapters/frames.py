"""Pictures: a decoded frame becomes a small JPEG, and none touches a disk. Which frames are decoded at all, see
`reception`."""

import io
from typing import Any

import av

_QUALITY = "5"  # of ffmpeg's 2 (best) to 31
_LARGEST = 512 * 1024


def jpeg(frame: av.VideoFrame, *, longest_side: int) -> bytes:
    """The frame as JPEG, no side longer than `longest_side`. Computes: call it from a thread."""
    scale = min(longest_side / max(frame.width, frame.height), 1.0)
    width, height = (max(round(side * scale / 2) * 2, 2) for side in (frame.width, frame.height))
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = frame.time_base
    encoder.options = {"qmin": _QUALITY, "qmax": _QUALITY}
    small = frame.reformat(width=width, height=height, format="yuvj420p")
    out = io.BytesIO()
    for packet in [*encoder.encode(small), *encoder.encode(None)]:
        out.write(bytes(packet))
    return out.getvalue()[:_LARGEST]
