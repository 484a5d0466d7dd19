"""Pictures: only key frames are decoded, one each few seconds becomes a small JPEG, none touches a disk.

aiortc decodes every frame in a thread a track and has no hook to skip. Its decoder factory is therefore replaced, once
a process, by one whose VP8 decoder looks at the first bit of a frame (RFC 6386, 9.1: 0 for a key frame) and lets the
others go. Key frames come when they are asked for (PLI); asking each time a picture is due keeps the receiver idle in
between.
"""

import io
from functools import cache
from typing import Any

import aiortc.rtcrtpreceiver
import av
from aiortc.codecs import get_decoder as _every_frame
from aiortc.codecs.vpx import Vp8Decoder

MIME_TYPE = "video/VP8"
_QUALITY = "5"  # of ffmpeg's 2 (best) to 31
_LARGEST = 512 * 1024


class KeyFrameDecoder(Vp8Decoder):
    """Decodes VP8 key frames and nothing else."""

    def decode(self, encoded_frame: Any) -> list[Any]:
        """The picture of a key frame; nothing for any other frame."""
        data = encoded_frame.data
        if not data or data[0] & 1:
            return []
        return list(super().decode(encoded_frame))


def _decoder(codec: Any) -> Any:
    return KeyFrameDecoder() if codec.mimeType.lower() == MIME_TYPE.lower() else _every_frame(codec)


@cache
def decode_key_frames_only() -> None:
    """Make aiortc decode key frames only, in this process, from now on."""
    setattr(aiortc.rtcrtpreceiver, "get_decoder", _decoder)  # noqa: B010  # not exported, for want of a hook


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
