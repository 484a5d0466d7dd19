"""Who may be looked at: the one place that decides it.

In hiring mode nobody, whatever is asked and whoever asks (EU AI Act, Art. 5(1)(f)); in practice mode who has consented
and has not revoked it. What the frame says of itself can only close the gate: open it is held by the ledger alone.
"""

from dataclasses import dataclass
from typing import Literal

from viva_core.errors import Refused

Mode = Literal["practice", "hiring"]


@dataclass(frozen=True)
class Standing:
    """What an interview's ledger says now. `sequence` is where it says so: it tells one standing from the next."""

    mode: Mode | None
    expressions: bool
    sequence: int


def check(claimed: Mode | None, standing: Standing | None) -> Standing:
    """Return the standing that allows a look, or raise Refused.

    Args:
        claimed: the mode that came with the frame.
        standing: the ledger's; None when it holds nothing of this interview.
    """
    if claimed == "hiring" or (standing is not None and standing.mode == "hiring"):
        raise Refused("expressions are never looked at in a hiring interview", reason="HIRING_MODE")
    if standing is None or standing.mode != "practice" or claimed != "practice" or not standing.expressions:
        raise Refused("the candidate has not consented to expressions being looked at", reason="NO_CONSENT")
    return standing
