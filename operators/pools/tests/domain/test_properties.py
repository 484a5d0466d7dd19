"""What holds of every plan, whatever the world."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from viva_operator.domain.model import Snapshot, Specs, Waits
from viva_operator.domain.outcome import Drain, Scale
from viva_operator.domain.planner import plan
from viva_operator.domain.shrink import busy

from operators.pools.tests.domain.worlds import NOW, after, settled, worlds

World = tuple[Specs, Snapshot]
pytestmark = pytest.mark.timeout(300)
# Drawn the same way each time: a rare world is found by raising max_examples, not by chance in somebody's build.
relaxed = settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@relaxed
@given(worlds())
def test_never_above_max(world: World) -> None:
    specs, snapshot = world
    made = plan(specs, snapshot, NOW)
    for this in specs.workers:
        was = sum(count for (key, _), count in snapshot.replicas.items() if key == this.key)
        assert sum(made.workers[this.key].replicas.values()) <= max(this.most, was)  # what ran too much may be busy
        assert made.workers[this.key].target <= this.most


@relaxed
@given(worlds())
def test_never_grows_above_the_budget(world: World) -> None:
    specs, snapshot = world
    made = plan(specs, snapshot, NOW)
    prices = {pool.name: pool for pool in specs.pools}
    for this in specs.workers:
        grew = [a for a in made.actions if isinstance(a, Scale) and a.worker == this.key and a.to > a.was]
        moved = [a for a in made.actions if isinstance(a, Scale) and a.worker == this.key and a.to < a.was]
        if this.budget is not None and any(prices[a.pool].price for a in grew) and not moved:
            assert made.workers[this.key].cost <= this.budget + 1e-6


@relaxed
@given(worlds())
def test_never_promises_more_than_there_is(world: World) -> None:
    specs, snapshot = world
    made = plan(specs, snapshot, NOW)
    for pool in specs.pools:
        each = {w.key: w.devices or pool.devices for w in specs.workers}
        there = sum(n.devices for n in snapshot.nodes if n.pool == pool.name)
        others = sum(n.used for n in snapshot.nodes if n.pool == pool.name)
        running = sum(each[p.worker] for p in snapshot.pods if p.pool == pool.name)
        grown = sum(
            (a.to - a.was) * each[a.worker]
            for a in made.actions
            if isinstance(a, Scale) and a.pool == pool.name and a.to > a.was
        )
        assert grown == 0 or running + others + grown <= there


@relaxed
@given(worlds())
def test_a_busy_pod_goes_only_after_its_drain_time(world: World) -> None:
    specs, snapshot = world
    made = plan(specs, snapshot, NOW)
    workers = {w.key: w for w in specs.workers}
    for action in made.actions:
        if not isinstance(action, Scale) or action.to >= action.was:
            continue
        this = workers[action.worker]
        mine = [p for p in snapshot.pods if p.worker == action.worker and p.pool == action.pool]
        may_go = [
            p
            for p in mine
            if not busy(p, snapshot, this.role) or (p.draining is not None and NOW - p.draining >= this.drain)
        ]
        assert action.was - action.to <= len(may_go)


@relaxed
@given(worlds())
def test_the_plan_of_what_was_planned_is_empty(world: World) -> None:
    specs, snapshot = world
    specs, snapshot = after(specs, snapshot, plan(specs, snapshot, NOW))
    assert plan(specs, snapshot, NOW).actions == ()


@relaxed
@given(worlds(most_workers=3, known=True), st.integers(1, 30))
def test_more_lag_never_means_fewer(world: World, more: int) -> None:
    specs, snapshot = world
    (first, *_) = specs.workers
    others = tuple(replace(w, role="question-gen") for w in specs.workers[1:])
    specs = replace(specs, workers=(replace(first, role="evaluator"), *others))
    assert snapshot.waits is not None
    was = snapshot.waits["evaluator"]
    risen = {**snapshot.waits, "evaluator": Waits(was.pending + more, was.in_hand)}
    less, greater = plan(specs, snapshot, NOW), plan(specs, replace(snapshot, waits=risen), NOW)
    before, behind = less.workers[first.key], greater.workers[first.key]
    assert before.target <= behind.target
    assert sum(before.replicas.values()) <= sum(behind.replicas.values())


@relaxed
@given(worlds(), st.randoms())
def test_the_order_of_the_input_does_not_matter(world: World, random: Random) -> None:
    specs, snapshot = world

    def shuffled(items: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(random.sample(items, len(items)))

    other = plan(
        replace(specs, pools=shuffled(specs.pools), workers=shuffled(specs.workers)),
        replace(snapshot, nodes=shuffled(snapshot.nodes), pods=shuffled(snapshot.pods)),
        NOW,
    )
    assert other == plan(specs, snapshot, NOW)


@settings(relaxed, max_examples=25)
@given(worlds(known=True))
def test_a_constant_input_comes_to_rest(world: World) -> None:
    specs, snapshot = world
    now = NOW
    assert snapshot.expected is not None
    quiet = {role: replace(ahead, planned=()) for role, ahead in snapshot.expected.items()}
    snapshot = replace(snapshot, expected=quiet)
    changes = []
    for _ in range(120):
        made = plan(specs, snapshot, now)
        changes.append(made.actions)
        specs, snapshot = after(specs, snapshot, made)
        snapshot = settled(specs, snapshot, now)
        now += timedelta(seconds=60)
    assert changes[-30:] == [()] * 30


@relaxed
@given(worlds())
def test_every_refusal_names_the_pool_and_the_number_that_is_missing(world: World) -> None:
    specs, snapshot = world
    made = plan(specs, snapshot, NOW)
    for this in specs.workers:
        verdicts = {v.type: v for v in made.workers[this.key].verdicts}
        capacity = verdicts["CapacityAvailable"]
        if not capacity.holds:
            assert any(name in capacity.message for name in this.pools), capacity.message
            assert any(character.isdigit() for character in capacity.message)


@relaxed
@given(worlds())
def test_what_is_not_known_shrinks_nothing(world: World) -> None:
    specs, snapshot = world
    snapshot = replace(snapshot, waits=None)
    made = plan(specs, snapshot, NOW)
    for this in specs.workers:
        was = sum(count for (key, _), count in snapshot.replicas.items() if key == this.key)
        if was <= this.most and this.budget is None:
            assert sum(made.workers[this.key].replicas.values()) >= was
        assert {v.type: v.holds for v in made.workers[this.key].verdicts}["Degraded"] is True


@relaxed
@given(worlds())
def test_only_pods_that_are_there_are_marked(world: World) -> None:
    specs, snapshot = world
    there = {(p.worker, p.name) for p in snapshot.pods}
    made = plan(specs, snapshot, NOW)
    assert all((a.worker, a.pod) in there for a in made.actions if isinstance(a, Drain))
