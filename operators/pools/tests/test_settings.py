"""No setting makes the operator rest for so long that its own probe and alert take it for ill."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from viva_core.health import Health
from viva_operator.healthz import Pulse
from viva_operator.settings import Settings
from viva_testkit.clock import FakeClock

LONGEST = {"operator_interval": 30.0, "operator_rest": 10.0}


@pytest.mark.parametrize(("name", "most"), LONGEST.items())
def test_a_rest_that_would_look_like_a_fault_is_refused(name: str, most: float) -> None:
    assert getattr(Settings.model_validate({name: most}), name) == most
    with pytest.raises(ValidationError, match=f"less than or equal to {most:g}"):
        Settings.model_validate({name: most + 1})


def test_a_leader_that_rests_for_as_long_as_it_may_is_well() -> None:
    settings, clock = Settings.model_validate(LONGEST), FakeClock()
    pulse = Pulse(clock, Health())
    pulse.led(True)
    for _ in range(3):
        clock.advance(timedelta(seconds=settings.operator_interval + settings.operator_rest))
        assert pulse.complaint == ""
        pulse.beat()
