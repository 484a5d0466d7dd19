"""`/healthz` is well while reconciles end, and while another replica leads."""

from datetime import timedelta

import httpx2
import pytest
from viva_core.health import Health
from viva_operator.healthz import HealthzServer, Pulse
from viva_testkit.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_a_leader_whose_reconciles_do_not_end_is_ill_after_a_minute(clock: FakeClock) -> None:
    pulse = Pulse(clock, Health())
    pulse.led(True)
    clock.advance(timedelta(seconds=59))
    assert pulse.complaint == ""
    clock.advance(timedelta(seconds=2))
    assert pulse.complaint == "no reconcile has ended for 61 s"
    pulse.beat()
    assert pulse.complaint == ""


def test_who_does_not_lead_has_nothing_to_reconcile(clock: FakeClock) -> None:
    pulse = Pulse(clock, Health())
    pulse.led(True)
    pulse.led(False)
    clock.advance(timedelta(seconds=600))
    assert pulse.complaint == ""
    pulse.beat()  # of a term that ends
    clock.advance(timedelta(seconds=600))
    assert pulse.complaint == ""


async def test_it_is_served_with_its_reason(clock: FakeClock) -> None:
    pulse = Pulse(clock, Health())
    server = HealthzServer(pulse, host="127.0.0.1", port=0)
    await server.start()
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
            well = await client.get("/healthz")
            assert (well.status_code, well.text) == (200, "ok")
            pulse.led(True)
            clock.advance(timedelta(seconds=61))
            ill = await client.get("/healthz")
            assert (ill.status_code, ill.text) == (503, "no reconcile has ended for 61 s")
            assert (await client.get("/other")).status_code == 404
    finally:
        await server.stop(1.0)
