"""Plans for worlds made by hand: each rule on its own."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from viva_operator.domain.model import Expected, Memory, Node, Packing, Scaler, Snapshot, Specs, Waits
from viva_operator.domain.outcome import Drain, Plan, Scale, Verdict
from viva_operator.domain.planner import plan

from operators.pools.tests.domain.worlds import NOW, nodes, pod, pool, worker

KEY = ("viva", "evaluator")


def world(**more: Any) -> Snapshot:
    given = {"nodes": nodes(2, 4), "waits": {"evaluator": Waits()}, "expected": {}}
    return Snapshot(**{**given, **more})


def one(snapshot: Snapshot, **more: Any) -> Plan:
    return plan(Specs((pool(),), (worker(**more),)), snapshot, NOW)


def verdict(made: Plan, kind: str) -> Verdict:
    return next(v for v in made.workers[KEY].verdicts if v.type == kind)


def running(*pods: Any, **more: Any) -> Snapshot:
    counts: dict[Any, int] = {}
    for each in pods:
        counts[KEY, each.pool] = counts.get((KEY, each.pool), 0) + 1
    return world(pods=pods, replicas=counts, **more)


@pytest.mark.parametrize(
    ("more", "snapshot", "wanted"),
    [
        ({}, world(waits={"evaluator": Waits(5, 2)}), 4),  # 7 messages, two to a worker
        ({}, world(expected={"evaluator": Expected(live=9)}), 3),
        ({"warm_live": False}, world(expected={"evaluator": Expected(live=9)}), 0),
        ({}, world(expected={"evaluator": Expected(waiting=1)}), 1),
        ({}, world(expected={"evaluator": Expected(planned=((NOW + timedelta(minutes=9), 5),))}), 2),
        ({}, world(expected={"evaluator": Expected(planned=((NOW + timedelta(minutes=11), 5),))}), 0),
        ({}, world(expected={"evaluator": Expected(planned=((NOW - timedelta(hours=1), 5),))}), 0),  # long past
        ({"floor": 2}, world(), 2),
        ({"least": 3}, world(), 3),
        ({"asked": 4, "scaler": Scaler.EXTERNAL}, world(waits={"evaluator": Waits(50)}), 4),
        ({"asked": 1}, world(waits={"evaluator": Waits(50)}, keda=True), 1),  # KEDA counts what waits
        ({"most": 2}, world(waits={"evaluator": Waits(50)}), 2),
    ],
)
def test_as_many_as_the_strongest_rule_asks_for(more: dict[str, Any], snapshot: Snapshot, wanted: int) -> None:
    made = one(snapshot, **more)
    assert made.workers[KEY].desired == wanted
    assert made.actions == ((Scale(KEY, "gpu", 0, wanted),) if wanted else ())


def test_more_come_at_once_and_fewer_only_after_the_delay() -> None:
    three = running(*(pod(f"p{n}") for n in range(3)))
    made = one(three)
    assert made.actions == ()
    memory = made.workers[KEY].memory
    assert (memory.target, memory.below_since) == (3, NOW)
    waited = replace(memory, below_since=NOW - timedelta(minutes=6), peak=1)
    made = one(three, known=waited)
    assert [a for a in made.actions if isinstance(a, Scale)] == [Scale(KEY, "gpu", 3, 1)]  # the most wanted meanwhile
    assert len([a for a in made.actions if isinstance(a, Drain)]) == 2


def test_a_clock_that_went_back_begins_the_wait_anew() -> None:
    known = Memory(target=1, below_since=NOW + timedelta(days=1))
    made = one(running(pod("p0")), known=known)
    assert made.actions == ()
    assert made.workers[KEY].memory.below_since == NOW


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(hours=-1)], ids=["ahead", "back"])
def test_a_clock_that_jumped_ends_no_wait_and_says_so(by: timedelta) -> None:
    """Ahead, the delay and the drain time of this worker would be over, an hour early."""
    known = Memory(target=2, below_since=NOW - by)
    marked = pod("p0", busy=True, draining=NOW - by)
    made = one(running(marked, pod("p1"), jumped=(NOW, by)), known=known)
    assert [a for a in made.actions if isinstance(a, Scale)] == []
    assert made.workers[KEY].memory.below_since is None  # the wait begins anew
    assert Drain(KEY, "p0", None) in made.actions
    said = verdict(made, "Degraded")
    assert said.holds is True
    assert "by 3600 s" in said.message
    assert "see that its node keeps time" in said.message
    later = one(running(pod("p0"), pod("p1"), jumped=(NOW - timedelta(minutes=5), by)), known=known)
    assert verdict(later, "Degraded").holds is False


def test_a_schedule_in_the_past_shrinks_nothing_and_says_what_is_wrong() -> None:
    over = Expected(planned=((NOW - timedelta(hours=2), 5), (NOW - timedelta(minutes=14), 1)))
    known = Memory(target=2, below_since=NOW - timedelta(hours=1))
    made = one(running(pod("p0"), pod("p1"), expected={"evaluator": over}), known=known)
    assert (made.actions, made.workers[KEY].desired) == ((), 1)  # one is only late
    said = verdict(made, "Degraded")
    assert said.holds is True
    assert "5 interviews are planned in the past, since 2026-11-25 07:00 UTC" in said.message
    assert "see that their nodes keep time" in said.message


def test_a_busy_pod_is_marked_and_goes_when_its_work_is_done() -> None:
    known = Memory(target=1, below_since=NOW - timedelta(minutes=6), peak=0)
    marked = one(running(pod("p0", busy=True)), known=known)
    assert marked.actions == (Drain(KEY, "p0", NOW),)
    assert verdict(marked, "Draining").holds is True
    known = marked.workers[KEY].memory
    still = one(running(pod("p0", busy=True, draining=NOW)), known=known)
    assert still.actions == ()
    done = one(running(pod("p0", busy=False, draining=NOW)), known=known)
    assert done.actions == (Scale(KEY, "gpu", 1, 0),)


def test_a_busy_pod_goes_when_its_drain_time_is_up() -> None:
    known = Memory(target=0)
    late = NOW - timedelta(minutes=5)
    made = one(running(pod("p0", busy=True, draining=late)), known=known)
    assert made.actions == (Scale(KEY, "gpu", 1, 0),)


def test_a_pod_that_is_wanted_again_is_let_off() -> None:
    made = one(running(pod("p0", draining=NOW), waits={"evaluator": Waits(1)}), known=Memory(target=1))
    assert made.actions == (Drain(KEY, "p0", None),)


def test_the_emptiest_goes_first_and_then_the_one_on_the_most_expensive_pool() -> None:
    pools = (pool("cheap", price=1.0), pool("dear", price=3.0))
    pods = (
        pod("a", pool="cheap", node="cheap-0"),
        pod("b", pool="dear", node="dear-0", busy=True),
        pod("c", pool="dear", node="dear-0"),
    )
    snapshot = running(*pods, nodes=(*nodes(1, 4, "cheap"), *nodes(1, 4, "dear")))
    this = worker(pools=("cheap", "dear"), known=Memory(target=2), least=2)
    made = plan(Specs(pools, (this,)), snapshot, NOW)
    assert [a.pod for a in made.actions if isinstance(a, Drain)] == ["c"]


def test_unknown_lag_or_forecast_freezes_and_says_so() -> None:
    for unknown in ({"waits": None}, {"expected": None}, {"waits": {}}):
        made = one(
            running(pod("p0"), pod("p1"), **unknown), known=Memory(target=2, below_since=NOW - timedelta(hours=1))
        )
        assert made.actions == ()
        assert verdict(made, "Degraded").holds is True
        assert verdict(made, "ScalingActive").reason == "SignalUnknown"


def test_what_is_known_still_grows_what_is_frozen() -> None:
    made = one(world(waits=None, expected={"evaluator": Expected(live=8)}))
    assert made.actions == (Scale(KEY, "gpu", 0, 2),)


def test_the_next_pool_is_taken_where_the_first_has_no_room_and_the_number_missing_is_named() -> None:
    pools = (pool("small", devices=2), pool("large", devices=2, price=2.0))
    snapshot = world(nodes=(Node("s", "small", 4, 3), Node("l", "large", 8)), waits={"evaluator": Waits(4)})
    made = plan(Specs(pools, (worker(pools=("small", "large")),)), snapshot, NOW)
    assert made.actions == (Scale(KEY, "large", 0, 2),)
    assert any(
        "pool small has 1 of 4 devices free and a pod needs 2: 1 missing" in line for line in made.explanation[KEY]
    )


def test_it_comes_back_when_the_better_pool_has_had_room_for_a_while() -> None:
    pools = (pool("best"), pool("second"))
    specs = Specs(pools, (worker(pools=("best", "second"), known=Memory(target=1), floor=1),))
    on_second = pod("p", pool="second", node="second-0")
    snapshot = running(on_second, nodes=(*nodes(1, 2, "best"), *nodes(1, 2, "second")))
    made = plan(specs, snapshot, NOW)
    assert made.actions == ()  # it may be gone again in a moment
    known = replace(made.workers[KEY].memory, better_since=NOW - timedelta(minutes=6))
    specs = replace(specs, workers=(replace(specs.workers[0], known=known),))
    made = plan(specs, snapshot, NOW)
    assert made.actions == (Scale(KEY, "best", 0, 1),)  # the new one first
    known = made.workers[KEY].memory
    specs = replace(specs, workers=(replace(specs.workers[0], known=known),))
    both = replace(snapshot, replicas={(KEY, "best"): 1, (KEY, "second"): 1})
    cold = replace(both, pods=(on_second, pod("q", pool="best", node="best-0", ready=False, created=NOW)))
    assert plan(specs, cold, NOW).actions == ()  # nobody is left without a warm worker
    warm = replace(both, pods=(on_second, pod("q", pool="best", node="best-0")))
    assert Scale(KEY, "second", 1, 0) in plan(specs, warm, NOW).actions


def test_two_workers_never_both_count_on_the_last_node() -> None:
    workers = (worker("a", devices=2, floor=1), worker("b", devices=2, floor=1))
    made = plan(Specs((pool(),), workers), world(nodes=nodes(1, 3)), NOW)
    assert made.actions == (Scale(("viva", "a"), "gpu", 0, 1),)
    refused = next(v for v in made.workers["viva", "b"].verdicts if v.type == "CapacityAvailable")
    assert refused.holds is False
    assert refused.reason == "DevicesExhausted"
    assert "1 missing" in refused.message


def test_free_devices_on_too_many_nodes_are_fragmented() -> None:
    made = one(world(nodes=tuple(Node(f"n{i}", "gpu", 2, 1) for i in range(3))), devices=2, floor=1)
    refused = verdict(made, "CapacityAvailable")
    assert (refused.holds, refused.reason) == (False, "Fragmented")
    assert "3 free devices, but at most 1 on one node and a pod needs 2: 1 missing" in refused.message


def test_pack_fills_the_node_that_fits_best() -> None:
    two = Specs((pool(devices=1),), (worker("a", devices=1, floor=1), worker("b", devices=4, floor=1)))
    made = plan(two, world(nodes=(Node("n0", "gpu", 4), Node("n1", "gpu", 2))), NOW)
    assert len(made.actions) == 2  # the small one leaves the whole node to the large one


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"memory": 100_000}, "ModelTooLarge"),
        ({"pools": ("none",)}, "PoolMissing"),
        ({"devices": 8}, "PodTooLarge"),
    ],
)
def test_a_worker_without_a_pool_says_what_is_missing(more: dict[str, Any], reason: str) -> None:
    made = one(world(), floor=1, **more)
    assert made.actions == ()
    assert (verdict(made, "PoolResolved").holds, verdict(made, "PoolResolved").reason) == (False, reason)
    assert verdict(made, "Ready").holds is False


def test_a_pool_without_nodes_says_so() -> None:
    made = plan(Specs((pool(),), ()), world(nodes=()), NOW)
    ready = next(v for v in made.pools["gpu"].verdicts if v.type == "Ready")
    assert (ready.holds, ready.reason) == (False, "NoMatchingNode")
    assert "label a node" in ready.message


def test_what_runs_on_a_deleted_pool_stays_until_it_runs_elsewhere() -> None:
    old = pod("p", pool="old", node="old-0")
    made = one(running(old), pools=("old", "gpu"), floor=1, known=Memory(target=1))
    assert made.actions == (Scale(KEY, "gpu", 0, 1),)
    both = running(old, pod("q"))
    assert Scale(KEY, "old", 1, 0) in one(both, pools=("old", "gpu"), floor=1, known=Memory(target=1)).actions


def test_karpenters_nodes_count_before_they_are_there() -> None:
    specs = Specs((pool(more_nodes=2, node_devices=2),), (worker(floor=5),))
    made = plan(specs, world(nodes=()), NOW)
    assert made.actions == (Scale(KEY, "gpu", 0, 4),)
    assert verdict(made, "CapacityAvailable").holds is False


def test_the_budget_is_kept_and_named() -> None:
    made = plan(Specs((pool(price=2.0),), (worker(floor=4, budget=5.0),)), world(), NOW)
    assert made.actions == (Scale(KEY, "gpu", 0, 2),)
    refused = verdict(made, "CapacityAvailable")
    assert refused.reason == "BudgetReached"
    assert "1 missing" in refused.message


def test_spread_goes_to_the_zone_with_the_fewest() -> None:
    zones = tuple(Node(f"n{i}", "gpu", 4, domain=f"zone-{i % 2}") for i in range(4))
    made = plan(Specs((pool(packing=Packing.SPREAD),), (worker(floor=4, devices=4),)), world(nodes=zones), NOW)
    assert made.actions == (Scale(KEY, "gpu", 0, 4),)


def test_a_plan_for_a_large_cluster_is_made_in_one_go() -> None:
    """Its time is measured by the bench; here it only must come to an end, with a place for everybody."""
    workers = tuple(worker(f"w{n}", floor=3, devices=1 + n % 4) for n in range(200))
    made = plan(Specs((pool(),), workers), world(nodes=nodes(1000, 8)), NOW)
    assert len(made.actions) == 200
