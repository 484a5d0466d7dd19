"""A cluster in which nobody wants anything yet."""

from collections.abc import Callable
from typing import Any

from viva_testkit.bus import eventually

from tests.cluster.replica import SLOW


async def test_a_cluster_with_nothing_in_it_is_well(launch: Callable[..., Any]) -> None:
    operator = await launch()
    await eventually(lambda: operator.figure("viva_operator_last_reconcile_timestamp_seconds") > 0, within=SLOW)
    assert operator.healthz() == 200
