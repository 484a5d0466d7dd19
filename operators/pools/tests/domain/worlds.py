"""Worlds for the planner: by hand, and drawn by hypothesis."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from viva_operator.domain.model import Expected, Memory, Node, Packing, Pod, Pool, Snapshot, Specs, Waits, Worker
from viva_operator.domain.outcome import Drain, Plan, Scale

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ROLES = ("evaluator", "question-gen")


def pool(name: str = "gpu", **more: Any) -> Pool:
    return Pool(**{"name": name, "devices": 1, "memory": 24_000, **more})


def worker(name: str = "evaluator", **more: Any) -> Worker:
    given = {"namespace": "viva", "name": name, "role": "evaluator", "pools": ("gpu",), "memory": 20_000, **more}
    return Worker(**given)


def nodes(count: int, devices: int, of: str = "gpu") -> tuple[Node, ...]:
    return tuple(Node(f"{of}-{index}", of, devices) for index in range(count))


def pod(name: str, **more: Any) -> Pod:
    given = {"worker": ("viva", "evaluator"), "pool": "gpu", "created": NOW - timedelta(hours=1), **more}
    return Pod(name, **{"node": "gpu-0", "ready": True, "busy": False, **given})


def after(specs: Specs, snapshot: Snapshot, made: Plan) -> tuple[Specs, Snapshot]:
    """The moment after a plan was applied: Deployments were told, pods marked, memories written; no pod has moved."""
    replicas = dict(snapshot.replicas)
    marks: dict[tuple[Any, str], datetime | None] = {}
    for action in made.actions:
        if isinstance(action, Scale):
            replicas[action.worker, action.pool] = action.to
        if isinstance(action, Drain):
            marks[action.worker, action.pod] = action.since
    pods = tuple(replace(p, draining=marks.get((p.worker, p.name), p.draining)) for p in snapshot.pods)
    workers = tuple(replace(w, known=made.workers[w.key].memory) for w in specs.workers)
    return replace(specs, workers=workers), replace(snapshot, pods=pods, replicas=replicas)


def settled(specs: Specs, snapshot: Snapshot, now: datetime) -> Snapshot:
    """What a cluster makes of it: marked pods that are too many go, what is missing is scheduled where it fits and is
    ready at once."""
    kept: list[Pod] = []
    used = {node.name: node.used for node in snapshot.nodes}
    each = {w.key: w.devices for w in specs.workers}
    sizes = {p.name: p.devices for p in specs.pools}
    for (key, name), count in sorted(snapshot.replicas.items()):
        mine = [p for p in snapshot.pods if (p.worker, p.pool) == (key, name)]
        mine.sort(key=lambda p: (p.draining is not None, not p.ready, p.name))
        kept += mine[:count]
    for p in kept:
        if p.node in used:
            used[p.node] += each[p.worker] or sizes[p.pool]
    for (key, name), count in sorted(snapshot.replicas.items()):
        there = sum((p.worker, p.pool) == (key, name) for p in kept)
        for index in range(there, count):
            size = each[key] or sizes[name]
            home = next((n.name for n in snapshot.nodes if n.pool == name and n.devices - used[n.name] >= size), None)
            if home is not None:
                used[home] += size
            fresh = f"{key[1]}-{name}-{now:%H%M%S}-{index}"
            kept.append(Pod(fresh, key, name, now, node=home, ready=home is not None, busy=False))
    return replace(snapshot, pods=tuple(kept))


@st.composite
def worlds(draw: st.DrawFn, *, most_workers: int = 4, known: bool = False) -> tuple[Specs, Snapshot]:
    """Pools, nodes, workers, and pods that do not overbook any node."""
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    pools = tuple(
        Pool(
            name,
            devices=draw(st.integers(1, 4)),
            memory=draw(st.sampled_from([8_000, 24_000, 80_000])),
            packing=draw(st.sampled_from(list(Packing))),
            price=draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])),
        )
        for name in names
    )
    made_nodes = tuple(
        Node(
            f"{p.name}-{index}",
            p.name,
            (size := draw(st.integers(1, 8))),
            draw(st.integers(0, min(2, size))),
            f"zone-{index % 2}",
        )
        for p in pools
        for index in range(draw(st.integers(0, 4)))
    )
    free = {node.name: node.devices - node.used for node in made_nodes}
    workers, pods, replicas = [], [], {}
    for number in range(draw(st.integers(1, most_workers))):
        least = draw(st.integers(0, 2))
        this = Worker(
            "viva",
            f"w{number}",
            draw(st.sampled_from(ROLES)),
            tuple(draw(st.permutations([*names, "gone"]))[: draw(st.integers(1, 3))]),
            memory=draw(st.sampled_from([4_000, 20_000, 100_000])),
            devices=draw(st.sampled_from([None, 1, 2, 4])),
            least=least,
            most=draw(st.integers(max(1, least), 12)),
            lag_per_replica=draw(st.integers(1, 4)),
            interviews_per_replica=draw(st.integers(1, 4)),
            floor=draw(st.integers(0, 1)),
            budget=draw(st.sampled_from([None, None, 2.0, 6.0])),
        )
        running = 0
        for name in names:
            size = this.devices or next(p.devices for p in pools if p.name == name)
            for node in [n for n in made_nodes if n.pool == name]:
                if free[node.name] >= size and draw(st.booleans()):
                    free[node.name] -= size
                    ready = draw(st.booleans())
                    pods.append(
                        Pod(
                            f"w{number}-{node.name}",
                            this.key,
                            name,
                            NOW - timedelta(seconds=draw(st.sampled_from([5, 3600]))),
                            node.name,
                            ready,
                            draw(st.sampled_from([True, False, None])),
                            draw(st.sampled_from([None, None, NOW - timedelta(minutes=1), NOW - timedelta(hours=1)])),
                        )
                    )
                    replicas[this.key, name] = replicas.get((this.key, name), 0) + 1
                    running += 1
        memory = Memory(
            target=draw(st.sampled_from([None, running])),
            below_since=draw(st.sampled_from([None, NOW - timedelta(hours=1), NOW + timedelta(hours=1)])),
            peak=draw(st.integers(0, 3)),
            better_since=draw(st.sampled_from([None, NOW - timedelta(hours=1)])),
        )
        workers.append(replace(this, known=memory))
    waits = st.fixed_dictionaries({r: st.builds(Waits, st.integers(0, 40), st.integers(0, 6)) for r in ROLES})
    ahead = st.builds(
        Expected,
        st.integers(0, 12),
        st.integers(0, 4),
        st.lists(
            st.tuples(st.datetimes(NOW.replace(tzinfo=None), timezones=st.just(UTC)), st.integers(1, 9)), max_size=2
        ).map(tuple),
    )
    expected = st.fixed_dictionaries(dict.fromkeys(ROLES, ahead))
    snapshot = Snapshot(
        made_nodes,
        tuple(pods),
        replicas,
        draw(waits if known else st.none() | waits),
        draw(expected if known else st.none() | expected),
    )
    return Specs(pools, tuple(workers)), snapshot
