"""Who may be looked at: every combination of what the frame says and what the ledger says."""

from itertools import product

import pytest
from viva_core.errors import Refused
from viva_vision.domain.gate import Mode, Standing, check

MODES: tuple[Mode | None, ...] = ("practice", "hiring", None)
STANDINGS = (None, *(Standing(mode, expressions, 7) for mode, expressions in product(MODES, (True, False))))


@pytest.mark.parametrize(("claimed", "standing"), list(product(MODES, STANDINGS)))
def test_only_practice_with_consent_opens_the_gate(claimed: Mode | None, standing: Standing | None) -> None:
    if claimed == "practice" and standing == Standing("practice", True, 7):
        assert check(claimed, standing) is standing
        return
    with pytest.raises(Refused) as refusal:
        check(claimed, standing)
    hiring = "hiring" in (claimed, standing.mode if standing else None)
    assert refusal.value.reason == ("HIRING_MODE" if hiring else "NO_CONSENT")
