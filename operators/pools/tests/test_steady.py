"""A clock that jumps is noticed; one that goes on, or is set right by a little, is not."""

from datetime import timedelta

import pytest
from viva_operator.ports import Jump
from viva_operator.steady import Steady
from viva_testkit.clock import FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_time_that_passes_is_no_jump(clock: FakeClock) -> None:
    steady = Steady(clock)
    clock.advance(HOUR)
    clock.jump(timedelta(seconds=2))
    assert steady.look() is None


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["ahead", "back"])
def test_a_jump_is_noticed_and_remembered(clock: FakeClock, by: timedelta) -> None:
    steady = Steady(clock)
    clock.advance(timedelta(seconds=10))
    clock.jump(by)
    noticed = Jump(clock.now(), by)
    assert steady.look() == noticed
    clock.advance(HOUR)
    assert steady.look() == noticed
