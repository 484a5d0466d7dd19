"""The operator: a plan's time and how it grows, what a real API server sees of it (`operator_api`), and a day of
interviews beside the rules that others scale by."""

import time
from datetime import UTC, datetime
from pathlib import Path

from viva_operator.domain.model import Node, Pod, Pool, Snapshot, Specs, Waits, Worker
from viva_operator.domain.planner import plan
from viva_operator.planning import Planning
from viva_operator.ports import Capabilities, Observation
from viva_operator.simulate.day import Figures, Setting, held
from viva_operator.simulate.trace import synthetic

from operators.pools.tests.manifests import NOBODY, QUIET, deployment, node, pod, pool, worker
from tests.bench import growth, operator_api
from tests.bench.rows import Row, p50, row

_GROWTH = Path("build/plan-growth.svg")
_NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def run(*, quick: bool = False) -> list[Row]:
    """The rows."""
    rounds = 3 if quick else 15
    sizes = (10, 100, 1000) if quick else (10, 100, 1000, 10_000)
    took = {size: _plan_ms(size, 200, rounds) for size in sizes}
    _GROWTH.parent.mkdir(exist_ok=True)
    _GROWTH.write_text(growth.svg(took, "A plan for 200 workers, by nodes"))
    rows = [row("plan, 1,000 nodes x 200 workers, p50", "ms", took[1000], 100)]
    rows += [row(f"plan, {size:,} nodes x 200 workers, p50", "ms", ms) for size, ms in took.items() if size != 1000]
    rows.append(row("objects to objects, 1,000 nodes x 200 workers, p50", "ms", _whole_ms(1000, 200, rounds)))
    return [*rows, *operator_api.run(), *_day()]


def _plan_ms(nodes: int, workers: int, rounds: int) -> float:
    """Half of the nodes are taken by pods that run; every worker wants one more."""
    made = tuple(
        Worker("viva", f"w{n}", "evaluator", ("gpu",), 20_000, floor=4, devices=1 + n % 2) for n in range(workers)
    )
    running = min(3 * workers, nodes * 2)
    pods: list[Pod] = []
    replicas: dict[tuple[tuple[str, str], str], int] = {}
    for index in range(running):
        key = made[index % workers].key
        pods.append(Pod(f"p{index}", key, "gpu", _NOW, f"n{index % nodes}", ready=True, busy=False))
        replicas[key, "gpu"] = replicas.get((key, "gpu"), 0) + 1
    snapshot = Snapshot(
        nodes=tuple(Node(f"n{index}", "gpu", 8) for index in range(nodes)),
        pods=tuple(pods),
        replicas=replicas,
        waits={"evaluator": Waits()},
        expected={},
    )
    specs = Specs((Pool("gpu", devices=1, memory=24_000, price=2.0),), made)
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        plan(specs, snapshot, _NOW)
        times.append((time.perf_counter() - begin) * 1000)
    return p50(times)


def _whole_ms(nodes: int, workers: int, rounds: int) -> float:
    """What the API server holds, read, planned and rendered again: everything of a reconcile but its requests."""
    observed = Observation(
        pools=(pool(),),
        workers=tuple(worker(f"w{index}", warm={"floor": 4}) for index in range(workers)),
        nodes=tuple(node(f"n{index}", **{"nvidia.com/gpu": "8"}) for index in range(nodes)),
        pods=tuple(
            pod(f"p{index}", {"viva.dev/worker": f"w{index % workers}", "viva.dev/pool": "gpu"}, f"n{index % nodes}")
            for index in range(3 * workers)
        ),
        deployments=tuple(
            deployment(f"w{index}-gpu", 3, {"viva.dev/worker": f"w{index}", "viva.dev/pool": "gpu"})
            for index in range(workers)
        ),
        optional={},
        lag=QUIET,
        ahead=NOBODY,
        capabilities=Capabilities(),
    )
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        Planning()(observed, _NOW)
        times.append((time.perf_counter() - begin) * 1000)
    return p50(times)


def _day() -> list[Row]:
    ours, fixed, *others = held(synthetic(1, 120), Setting()).figures
    rows = [
        row("day, scheduled candidates who met a cold worker", "", float(ours.cold_scheduled), 0),
        row(
            "day, GPU-hours saved against a fixed size",
            "%",
            100 * (1 - ours.gpu_hours / fixed.gpu_hours),
            35,
            at="least",
        ),
    ]
    for peer in (fixed, *others):
        rows += _beside(ours, peer)
    return rows


def _beside(ours: Figures, peer: Figures) -> list[Row]:
    name = peer.rule
    cold, theirs = ours.cold_scheduled + ours.cold_walk_in, peer.cold_scheduled + peer.cold_walk_in
    return [
        row(f"day, cold starts met, beside {name}", "", float(cold), peer=float(theirs), peer_name=name),
        row(f"day, GPU-hours, beside {name}", "h", ours.gpu_hours, peer=peer.gpu_hours, peer_name=name),
        row(f"day, wait p95, beside {name}", "s", ours.wait_p95, peer=peer.wait_p95, peer_name=name),
    ]
