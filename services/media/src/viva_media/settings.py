"""What media can be told from outside."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from viva_core.settings import GrpcServerSettings, NatsSettings, ServiceSettings


def default_spool() -> Path:
    """Where sound waits to become words unless told: `$VIVA_HOME/spool`, else `viva/spool` in the user's state
    folder."""
    if own := os.environ.get("VIVA_HOME"):
        return Path(own) / "spool"
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "viva" / "spool"


class Settings(NatsSettings, GrpcServerSettings, ServiceSettings):
    """Environment variables, prefix VIVA_."""

    media_token_key: SecretStr = Field(
        min_length=16, description="the key that the gateway seals grants with; the same on both sides"
    )
    speech_engine: Literal["moonshine", "deepgram"] = Field(
        default="moonshine", description="moonshine: embedded, English; deepgram: streamed to Deepgram"
    )
    speech_fallback: bool = Field(
        default=True, description="deepgram: let the embedded engine take over English when Deepgram fails"
    )
    deepgram_key: SecretStr | None = Field(default=None, description="deepgram: the API key")
    deepgram_url: str = Field(default="wss://api.deepgram.com", description="deepgram: its WebSocket base URL")
    deepgram_model: str = Field(default="nova-2", description="deepgram: the model")
    deepgram_languages: str = Field(
        default="en,ko", description="deepgram: the languages that this model is used for, separated by commas"
    )
    spool_folder: Path = Field(default_factory=default_spool, description="where sound waits, encrypted")
    spool_key: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="wraps the keys of spool files; none: one of this process, and a restart cannot read what was left",
    )
    spool_limit_mib: int = Field(default=64, ge=1, le=4096, description="most sound kept for one answer, MiB (32 kB/s)")
    recording_folder: Path | None = Field(
        default=None, description="where recordings are kept, encrypted, with the consent to record; none: no recording"
    )
    recording_key: SecretStr | None = Field(
        default=None, min_length=16, description="wraps the keys of recordings, one an interview; needed to record"
    )
    recording_s3_bucket: str | None = Field(
        default=None,
        min_length=1,
        description="the bucket in which recordings are kept instead of a folder, by the S3 API; needs the extra `s3`",
    )
    recording_s3_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+/?$",
        description="the store's address, https://host:port; none: Amazon's of the region",
    )
    recording_s3_region: str = Field(default="us-east-1", min_length=1, description="the bucket's region")
    recording_s3_prefix: str = Field(
        default="", description="what the names of all objects begin with: viva/recordings"
    )
    recording_s3_access_key: SecretStr | None = Field(
        default=None, description="the access key; none: whatever the machine's or the pod's identity gives"
    )
    recording_s3_secret_key: SecretStr | None = Field(default=None, description="the secret that goes with it")
    recording_s3_path_style: bool = Field(
        default=True, description="the bucket in the address's path, as most stores want it; false: in the host's name"
    )
    recording_s3_ca_file: Path | None = Field(
        default=None,
        description="certificates (PEM) to trust instead of the usual ones, for a store with a CA of its own",
    )
    most_peers: int = Field(default=60, ge=1, le=10_000, description="interviews on the line at once")
    peer_lingers: float = Field(
        default=120.0, gt=0, le=3600, description="seconds that an answer stays open for a peer that vanished"
    )
    late_limit: float = Field(
        default=600.0, gt=0, le=86_400, description="seconds after its end in which an answer may be written down"
    )
    frame_every: float = Field(default=2.0, ge=0.5, le=60, description="practice: seconds between pictures")
    stun_urls: str = Field(default="", description="STUN servers for the page, separated by commas")
    turn_urls: str = Field(default="", description="TURN servers for the page and for us, separated by commas")
    turn_secret: SecretStr | None = Field(
        default=None, description="the secret shared with coturn (use-auth-secret, static-auth-secret)"
    )
    turn_lifetime: float = Field(
        default=7200.0, ge=60, le=86_400, description="seconds for which TURN credentials are good"
    )
    turn_relay: bool = Field(
        default=False, description="allocate a relay for our own side too: needed where pages cannot reach our ports"
    )
