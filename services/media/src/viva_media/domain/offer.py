"""What an SDP offer must look like before anything else reads it.

The bounds are far beyond what browsers send (three m-lines, some dozen candidates, 10 kB) and far below what hurts.
"""

import re

from viva_core.errors import Invalid, Violation

LONGEST = 100_000
MOST_CANDIDATES = 100
MOST_MEDIA = 4
MOST_LINES = 2_000

_LINE = re.compile(r"[a-z]=\S.*")
_MDNS = re.compile(r"a=candidate:\S+ \d+ \S+ \d+ \S+\.local ")


def check(sdp: str) -> None:
    """Raises Invalid for what no browser offers."""
    for fault in _faults(sdp):
        raise Invalid(f"the SDP offer {fault}", [Violation("sdp_offer", fault)], reason="SDP_MALFORMED")


def _faults(sdp: str) -> list[str]:
    if len(sdp) > LONGEST:
        return [f"must be no longer than {LONGEST} characters"]
    lines = sdp.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > MOST_LINES:
        return [f"must have no more than {MOST_LINES} lines"]
    if lines[0] != "v=0":
        return ["must begin with v=0"]
    if any(not _LINE.fullmatch(line) and line not in ("s=", "s= ") for line in lines):
        return ["has a line that is no SDP"]
    media = [line for line in lines if line.startswith("m=")]
    if not 1 <= len(media) <= MOST_MEDIA:
        return [f"must have 1 to {MOST_MEDIA} media sections"]
    if sum(line.startswith("a=candidate:") for line in lines) > MOST_CANDIDATES:
        return [f"must have no more than {MOST_CANDIDATES} candidates"]
    if not any(line.startswith("m=audio ") for line in media):
        return ["must offer a microphone (m=audio)"]
    for needed in ("a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"):
        if not any(line.startswith(needed) for line in lines):
            return [f"lacks {needed[2:-1]}"]
    return []


def without_mdns(sdp: str) -> str:
    """The offer without candidates that only the candidate's own network can resolve (RFC 8828): each would cost a
    multicast query that nobody answers."""
    return "".join(line for line in sdp.splitlines(keepends=True) if not _MDNS.match(line))


def asking_for(answer: str, *, packet_ms: int) -> str:
    """The answer with the wish that a packet of sound be so long (`a=ptime`, RFC 8866, 6.4; RFC 7587, 6.1). Browsers
    follow it; who does not is understood as well."""
    return re.sub(
        r"^(m=audio .*?\r\n)(?=m=|\Z)", rf"\g<1>a=ptime:{packet_ms}\r\n", answer, flags=re.MULTILINE | re.DOTALL
    )


def packet_ms(sdp: str) -> int:
    """How long a packet of sound shall be, in milliseconds; 20 where nothing is said (RFC 7587, 4.2)."""
    found = re.search(r"^m=audio .*?^a=ptime:(\d+)", sdp, flags=re.MULTILINE | re.DOTALL)
    return int(found[1]) if found else 20


def offers_video(sdp: str) -> bool:
    """Whether the page would send pictures, in any of its sections."""
    sections = re.finditer(r"^m=video (\d+) .*?(?=^m=|\Z)", sdp, re.MULTILINE | re.DOTALL)
    return any(section[1] != "0" and _sends(section[0]) for section in sections)


def _sends(section: str) -> bool:
    return not re.search(r"^a=(recvonly|inactive)", section, re.MULTILINE) or bool(
        re.search(r"^a=(sendrecv|sendonly)", section, re.MULTILINE)
    )
