"""What is said of each object: conditions with the number that is missing, and the plan in words."""

from collections.abc import Mapping

from viva_operator.domain.fleet import Fleet
from viva_operator.domain.model import Memory, Pod, Pool, Snapshot, Specs
from viva_operator.domain.outcome import Key, PoolOutcome, Verdict, WorkerOutcome
from viva_operator.domain.room import PoolRoom, lacking
from viva_operator.domain.shrink import Shrunk

_LINES = 32


def worker(fleet: Fleet, pools: dict[str, Pool], snapshot: Snapshot, memory: Memory, shrunk: Shrunk) -> WorkerOutcome:
    """The outcome of one worker."""
    ready = sum(pod.ready and not pod.ending for pod in fleet.pods)
    leaving = sum(pod.ending for pod in fleet.pods) + len(fleet.leaving)
    replicas = {name: count for name, count in sorted(fleet.count.items()) if count}
    lacks = list(dict.fromkeys(words for _, words in fleet.lacks))
    places = ", ".join(f"{count} on {name}" for name, count in replicas.items()) or "nowhere"
    lines = [*fleet.lines, *([shrunk.line] if shrunk.line else []), f"runs {fleet.total}: {places}"]
    lines += [f"could not: {words}" for words in lacks]
    return WorkerOutcome(
        desired=fleet.desired,
        target=fleet.target,
        replicas=replicas,
        ready=ready,
        draining=leaving + shrunk.waiting,
        cost=fleet.cost(pools),
        memory=memory,
        verdicts=_verdicts(fleet, snapshot, ready, leaving + shrunk.waiting),
        explanation=tuple(line[:1024] for line in lines[:_LINES]),
        lacks=tuple(sorted({reason for reason, _ in fleet.lacks})),
    )


def _verdicts(fleet: Fleet, snapshot: Snapshot, ready: int, draining: int) -> tuple[Verdict, ...]:
    refused = snapshot.refused.get(fleet.worker.key, "")
    resolved = _resolved(fleet)
    capacity = _capacity(fleet)
    workload = _workload(fleet, ready, refused)
    unknown = "; ".join(fleet.unknown)
    degraded = unknown or refused
    first = next((verdict for verdict in (resolved, capacity, workload) if not verdict.holds), None)
    whole = Verdict("Ready", True, "AsWanted", f"{ready} of {fleet.target} are ready")
    if first is not None:
        whole = Verdict("Ready", False, first.reason, first.message)
    elif degraded:
        whole = Verdict("Ready", False, "Degraded", degraded)
    return (
        whole,
        resolved,
        capacity,
        workload,
        Verdict(
            "ScalingActive", not unknown, "SignalUnknown" if unknown else "Sized", unknown or f"{fleet.desired} wanted"
        ),
        Verdict("Draining", draining > 0, "Draining" if draining else "Idle", f"{draining} pods finish and go"),
        Verdict(
            "Degraded",
            bool(degraded),
            "SignalUnknown" if unknown else "ApplyRefused" if refused else "Well",
            f"{degraded}; nothing shrinks until it is known" if unknown else degraded or "everything is known",
        ),
    )


def _resolved(fleet: Fleet) -> Verdict:
    if fleet.pools:
        names = ", ".join(pool.name for pool in fleet.pools)
        return Verdict("PoolResolved", True, "Resolved", f"may run on {names}")
    reason, words = fleet.lacks[0] if fleet.lacks else ("NoPool", "no pool is named: name one in spec.pools")
    return Verdict("PoolResolved", False, reason, words)


def _capacity(fleet: Fleet) -> Verdict:
    missing = fleet.target - fleet.total
    if missing <= 0:
        return Verdict("CapacityAvailable", True, "Reserved", f"there is room for all {fleet.total}")
    reason, words = fleet.lacks[-1] if fleet.lacks else ("NoPool", "no pool may be used")
    every = "; ".join(dict.fromkeys(words for _, words in fleet.lacks)) or words
    return Verdict("CapacityAvailable", False, reason, f"{missing} of {fleet.target} have no place: {every}"[:1024])


def _workload(fleet: Fleet, ready: int, refused: str) -> Verdict:
    if refused:
        return Verdict("WorkloadAvailable", False, "ApplyRefused", refused)
    wanted = min(fleet.total, fleet.target)
    if ready >= wanted:
        reason = "Available" if wanted else "ScaledToZero"
        return Verdict("WorkloadAvailable", True, reason, f"{ready} of {wanted} pods are ready")
    return Verdict(
        "WorkloadAvailable", False, "PodsNotReady", f"{ready} of {wanted} pods are ready: {wanted - ready} start"
    )


def pool(room: PoolRoom, specs: Specs, pods: Mapping[Key, list[Pod]]) -> PoolOutcome:
    """The outcome of one pool, as it was before this plan."""
    spec = room.pool
    mine = [(key, pod) for key, found in pods.items() for pod in found if pod.pool == spec.name]
    each = {worker.key: worker.devices or spec.devices for worker in specs.workers}
    cost = sum(spec.price * each.get(key, spec.devices) for key, _ in mine)
    used = room.total - room.free
    return PoolOutcome(
        nodes=len(room.nodes),
        total=room.total,
        used=used,
        largest_free=room.largest,
        fragmented=room.scattered,
        workers=len(mine),
        cost=cost,
        verdicts=_of_pool(room, specs.overlaps.get(spec.name, "")),
    )


def _of_pool(room: PoolRoom, overlap: str) -> tuple[Verdict, ...]:
    spec = room.pool
    there = bool(room.nodes) or spec.more_nodes > 0
    free = room.slots(spec.devices) > 0
    reason, words = lacking(room, spec.devices)
    if overlap:
        exclusive = Verdict("NodesExclusive", False, "Overlap", overlap)
    else:
        exclusive = Verdict("NodesExclusive", True, "Exclusive", "no other pool has its nodes")
    if there:
        ready = Verdict(
            "Ready", not overlap, "Overlap" if overlap else "NodesFound", overlap or f"{len(room.nodes)} nodes"
        )
    else:
        ready = Verdict("Ready", False, reason, words)
    capacity = (
        Verdict("CapacityAvailable", True, "DevicesFree", f"{room.slots(spec.devices)} more pods fit")
        if free
        else Verdict("CapacityAvailable", False, reason, words)
    )
    return ready, capacity, exclusive
