"""Serving /metrics."""

import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client import Counter
from viva_core.telemetry.metrics import MetricsServer, new_registry


def scrape(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        text: str = response.read().decode()
        return text


def test_what_is_counted_is_served_beside_the_processs_own_figures() -> None:
    registry = new_registry()
    Counter("viva_test", "Tests", registry=registry).inc(3)
    server = MetricsServer(registry, host="127.0.0.1", port=0)
    server.start()
    text = scrape(server.port)
    server.stop()
    assert "viva_test_total 3.0" in text
    assert "process_resident_memory_bytes" in text
    assert "python_gc_collections_total" in text


async def test_a_busy_event_loop_does_not_stall_it() -> None:
    server = MetricsServer(new_registry(), host="127.0.0.1", port=0)
    server.start()
    with ThreadPoolExecutor(1) as elsewhere:
        scraped = elsewhere.submit(lambda: (scrape(server.port), time.monotonic()))
        time.sleep(0.5)  # noqa: ASYNC251  # the fault itself: a loop that does not turn
        freed = time.monotonic()
        assert scraped.result(5)[1] < freed
    server.stop()


def test_a_port_in_use_is_refused() -> None:
    first = MetricsServer(new_registry(), host="127.0.0.1", port=0)
    first.start()
    with pytest.raises(OSError, match="in use"):
        MetricsServer(new_registry(), host="127.0.0.1", port=first.port).start()
    first.stop()


def test_two_registries_know_nothing_of_each_other() -> None:
    a, b = new_registry(), new_registry()
    Counter("viva_test", "Tests", registry=a)
    Counter("viva_test", "Tests", registry=b)
