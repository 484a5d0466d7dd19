"""One leader at a time, by a Lease; clocks of two machines need not agree. Against a real API server: tests/cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from viva_core.errors import Conflict, Transient
from viva_operator.leader import Leader, LeaseTimes
from viva_operator.ports import Manifest
from viva_testkit.bus import eventually
from viva_testkit.clock import FakeClock

Run = Callable[..., Leader]


class OneLease:
    """The API server, as far as a Lease goes: who writes over what he has not read is refused."""

    def __init__(self) -> None:
        self.lease: Manifest | None = None
        self.away = False
        self.asked = 0

    async def get(self, *_: Any) -> Manifest | None:
        self.asked += 1
        if self.away:
            raise Transient("the API server did not answer")
        return deepcopy(self.lease)

    async def create(self, _: Any, manifest: Manifest) -> Manifest:
        if self.lease is not None:
            raise Conflict("there is one")
        return self._keep(manifest, 1)

    async def replace(self, _: Any, manifest: Manifest) -> Manifest:
        assert self.lease is not None
        version = self.lease["metadata"]["resourceVersion"]
        if manifest["metadata"]["resourceVersion"] != version:
            raise Conflict("it was changed")
        return self._keep(manifest, int(version) + 1)

    def _keep(self, manifest: Manifest, version: int) -> Manifest:
        self.lease = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": str(version)}}
        return self.lease

    @property
    def holder(self) -> str:
        return "" if self.lease is None else self.lease["spec"]["holderIdentity"]


@pytest.fixture
def server() -> OneLease:
    return OneLease()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def run(server: OneLease, clock: FakeClock) -> AsyncIterator[Run]:
    """Runs a replica; its clock may be another's."""
    tasks: list[asyncio.Task[None]] = []

    def start(identity: str, own: FakeClock | None = None, changed: Callable[[bool], None] = lambda _: None) -> Leader:
        times = LeaseTimes(duration=10.0, renew_within=7.0, retry=0.01)
        cluster: Any = server
        leader = Leader(cluster, own or clock, namespace="viva", identity=identity, changed=changed, times=times)
        tasks.append(asyncio.create_task(leader.run()))
        return leader

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def looked(server: OneLease, times: int = 4) -> None:
    """Wait until the Lease was read so many times more."""
    before = server.asked
    await eventually(lambda: server.asked >= before + times)


async def test_the_first_one_leads_and_the_second_waits(server: OneLease, run: Run) -> None:
    first = run("one")
    await eventually(lambda: first.leading)
    second = run("two")
    await looked(server)
    assert (first.leading, second.leading, server.holder) == (True, False, "one")


async def test_a_leader_that_went_without_a_word_is_followed_after_the_leases_time(
    server: OneLease, clock: FakeClock, run: Run
) -> None:
    dead = {"holderIdentity": "dead", "leaseDurationSeconds": 10, "leaseTransitions": 2}
    server._keep({"metadata": {"name": "viva-operator"}, "spec": dead}, 1)
    second = run("two")
    await looked(server)
    clock.advance(timedelta(seconds=9))
    await looked(server)
    assert not second.leading
    clock.advance(timedelta(seconds=2))
    await eventually(lambda: second.leading)
    assert server.lease is not None
    assert server.lease["spec"]["leaseTransitions"] == 3
    assert second.transitions == 3


async def test_a_replica_whose_clock_is_wrong_does_not_take_a_lease_that_is_renewed(
    server: OneLease, clock: FakeClock, run: Run
) -> None:
    first = run("one")
    await eventually(lambda: first.leading)
    ahead = FakeClock()
    ahead.advance(timedelta(days=400))
    second = run("two", ahead)
    for _ in range(5):
        await looked(server)
        ahead.advance(timedelta(seconds=4))
    assert (first.leading, second.leading) == (True, False)


async def test_a_leader_that_cannot_renew_steps_down_before_another_may_follow(
    server: OneLease, clock: FakeClock, run: Run
) -> None:
    told: list[bool] = []
    first = run("one", changed=told.append)
    await eventually(lambda: first.leading)
    server.away = True
    await looked(server)
    assert first.leading  # a moment without an answer is no reason
    clock.advance(timedelta(seconds=7.5))
    await eventually(lambda: not first.leading)
    assert told == [True, False]


async def test_who_stops_in_good_order_leaves_the_lease_to_whoever_comes_first(server: OneLease, run: Run) -> None:
    first = run("one")
    await eventually(lambda: first.leading)
    second = run("two")
    await looked(server)
    await first.stop(1.0)
    assert not first.leading
    await eventually(lambda: second.leading)  # at once: no clock has moved
