"""The candidate's microphone and camera."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from viva_gateway.schemas.base import In, Out, Text, Uuid

PeerState = Literal["connecting", "connected", "disconnected", "closed"]
Phase = Literal["question", "listening", "thinking", "done"]
LineFault = Literal["silent", "too_quiet", "clipping", "loss", "jitter"]
# Null in an answer that an older version kept; not `required`, since a client made for that version knows none of them.
MeasuredSeconds = Annotated[float | None, Field(json_schema_extra=lambda schema: schema.pop("default", None))]
Transcription = Literal["live", "delayed", "text_only"]


class IceServer(Out):
    """A STUN or TURN server, as RTCPeerConnection takes it."""

    urls: list[str]
    username: str = Field(description="Short-lived; empty for STUN")
    credential: str = Field(description="Short-lived; empty for STUN")


class IceServers(Out):
    """The servers to make the offer with."""

    ice_servers: list[IceServer]


class PeerOffer(In):
    """An SDP offer with all candidates, or with those known so far."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sdp_offer": "v=0\r\n…", "offers_video": False}]})

    sdp_offer: Annotated[Text, Field(min_length=1, max_length=100_000)]
    offers_video: bool = Field(default=False, description="Refused in hiring mode")
    peer_id: Annotated[
        Uuid | None,
        Field(description="The peer to go on with after a network change; null for a new one", strict=False),
    ] = None


class PeerOpened(Out):
    """The answer to an offer."""

    peer_id: str
    sdp_answer: str
    ice_servers: list[IceServer]


class LineQuality(Out):
    """How good the line is."""

    loss: float = Field(description="Lost packets, 0 to 1")
    jitter_ms: float
    round_trip_ms: float
    clipping: float = Field(description="Samples at full scale, 0 to 1")
    level_dbfs: float = Field(description="Loudness of speech")
    too_quiet_seconds: MeasuredSeconds = Field(default=None, description="How long speech was too quiet")
    clipped_seconds: MeasuredSeconds = Field(default=None, description="How long the tops of the sound were cut off")


class Peer(Out):
    """A peer as it stands."""

    state: PeerState | None
    quality: LineQuality | None
    since: datetime | None


class SpeechPhase(In):
    """What the candidate is doing about the open answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phase": "listening"}]})

    phase: Phase = Field(
        description="question: it is read out; listening: they may speak; thinking: they asked for a moment, the "
        "patience is longer; done: all that was said is written down before this returns, or said to be pending"
    )


class Speech(Out):
    """What has become of the spoken answer so far."""

    pending_seconds: float | None = Field(description="Speech that is not written down yet; 0 when all is")
    transcription: Transcription | None
    finals: int = Field(description="Passages that were written down")
    gaps: int = Field(description="Passages that could not be")
