"""Two replicas, one leader, on a real Lease."""

import json
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from viva_operator.resources import LEASES, MANAGER
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane

from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW, Operator
from tests.cluster.world import placed, want

pytestmark = pytest.mark.usefixtures("gpus")
_FAIL_OVER = timedelta(seconds=15)
"""From the last sign of life of a leader to the next one's first, as the Lease says."""


async def leads(admin: Admin, operator: Operator) -> None:
    """Wait until this replica holds the Lease and acts."""

    async def so() -> bool:
        lease = await admin.find(LEASES, "default", MANAGER)
        return lease is not None and lease["spec"]["holderIdentity"] == operator.name

    await eventually(so, within=SLOW)


async def at(admin: Admin, what: str) -> datetime:
    """A time that the Lease says."""
    lease = await admin.find(LEASES, "default", MANAGER)
    assert lease is not None
    return datetime.fromisoformat(lease["spec"][what])


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
async def test_another_replica_follows_a_leader_that_is_killed_stopped_or_frozen(
    admin: Admin, launch: Callable[..., Any], sign: signal.Signals, record_property: Callable[[str, object], None]
) -> None:
    first = await launch("one")
    await leads(admin, first)
    second = await launch("two")
    await eventually(lambda: second.said('"event": "ready"'), within=SLOW)
    assert not second.said("this replica leads")
    assert second.healthz() == 200  # who only waits is well
    assert first.process is not None
    first.process.send_signal(sign)
    last = await at(admin, "renewTime")
    await leads(admin, second)
    took = await at(admin, "acquireTime") - last
    assert took <= _FAIL_OVER
    record_property("fail_over_seconds", took.total_seconds())
    print(f"fail-over after {sign.name}: {took.total_seconds():.1f} s")
    await want(admin, "followed")
    await placed(admin, "followed")
    if sign is signal.SIGSTOP:  # who comes back to life must learn that it was deposed, and write nothing
        first.process.send_signal(signal.SIGCONT)
        await eventually(lambda: first.said("leads no more"), within=SLOW)


async def test_only_the_leader_writes(admin: Admin, launch: Callable[..., Any], plane: ControlPlane) -> None:
    first = await launch("alpha", user="operator-alpha")
    await leads(admin, first)
    second = await launch("beta", user="operator-beta")
    await eventually(lambda: second.said('"event": "ready"'), within=SLOW)
    await want(admin, "single")
    await placed(admin, "single")
    writes = [
        entry
        for entry in map(json.loads, plane.audit_log.read_text().splitlines())
        if entry["user"]["username"] == "operator-beta" and entry["verb"] not in ("get", "list", "watch")
    ]
    assert writes == []
