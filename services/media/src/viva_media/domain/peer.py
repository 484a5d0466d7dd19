"""The states of a peer and why it changed."""

from enum import StrEnum


class PeerState(StrEnum):
    """As viva.media.v1.PeerState names them."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    CLOSED = "closed"


class Reason(StrEnum):
    """Why a peer is not connected; as PeerStatus and PeerChanged carry it."""

    NONE = ""
    TAKEN_OVER = "TAKEN_OVER"
    DRAINING = "DRAINING"
    CLOSED_BY_PAGE = "CLOSED_BY_PAGE"
    LOST = "LOST"
    CONSENT_REVOKED = "CONSENT_REVOKED"


class Writing(StrEnum):
    """How speech is being written down; as viva.media.v1.TranscriptionState names it."""

    LIVE = "live"
    DELAYED = "delayed"
    TEXT_ONLY = "text_only"
