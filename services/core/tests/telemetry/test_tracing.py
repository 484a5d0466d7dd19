"""The end of tracing: what is left is sent, and a collector that is away holds nobody up."""

import time

from viva_core.telemetry.tracing import Tracing
from viva_testkit.nats import free_port


def test_a_collector_that_is_away_does_not_hold_up_the_end() -> None:
    tracing = Tracing("test", f"http://127.0.0.1:{free_port()}")
    tracing.tracer("t").start_span("s").end()
    started = time.monotonic()
    tracing.shutdown(within=0.2)
    assert time.monotonic() - started < 1
