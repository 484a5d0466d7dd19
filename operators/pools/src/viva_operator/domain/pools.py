"""Which pools a worker may use, and why not the others."""

from viva_operator.domain.fleet import Fleet
from viva_operator.domain.model import Pool, Snapshot, Worker
from viva_operator.domain.room import PoolRoom


def usable(
    worker: Worker, rooms: dict[str, PoolRoom], snapshot: Snapshot
) -> tuple[tuple[Pool, ...], list[tuple[str, str]]]:
    """The pools that fit, in the worker's order, and (reason, words) for each of the others."""
    fit: list[Pool] = []
    lacks: list[tuple[str, str]] = []
    for name in worker.pools:
        room = rooms.get(name)
        lack = (
            ("PoolMissing", f"there is no pool {name}: make it, or take it out of spec.pools") if room is None else None
        )
        if room is not None:
            lack = _unfit(worker, room, snapshot)
        if lack is not None or room is None:
            lacks.append(lack or ("PoolMissing", name))
        else:
            fit.append(room.pool)
    return tuple(fit), lacks


def _unfit(worker: Worker, room: PoolRoom, snapshot: Snapshot) -> tuple[str, str] | None:
    pool = room.pool
    devices = worker.devices or pool.devices
    offered = pool.memory * devices
    if offered < worker.memory:
        return (
            "ModelTooLarge",
            f"the model needs {worker.memory} MiB and pool {pool.name} offers {offered} MiB a pod "
            f"({devices} x {pool.memory}): {worker.memory - offered} MiB missing; take more devices or a smaller model",
        )
    if pool.by_claim and not snapshot.claims:
        return (
            "ClaimsNotServed",
            f"pool {pool.name} allocates by DRA, which this cluster does not serve: use DevicePlugin",
        )
    largest = max([node.devices for node in room.nodes] + ([pool.node_devices] if pool.more_nodes else []), default=0)
    if largest and largest < devices:
        return (
            "PodTooLarge",
            f"a pod needs {devices} devices and no node of pool {pool.name} has more than {largest}: "
            f"{devices - largest} missing",
        )
    return None


def better(fleet: Fleet) -> list[tuple[str, Pool]]:
    """(from, to) for each pool in use that has a better one: ranked earlier and no more expensive, or any at all where
    the pool went or fits no more."""
    found: list[tuple[str, Pool]] = []
    names = [pool.name for pool in fleet.pools]
    for name in sorted(fleet.count):
        if not fleet.count[name]:
            continue
        if name not in names:
            found += [(name, pool) for pool in fleet.pools]
            continue
        index = names.index(name)
        price = fleet.price(fleet.pools[index])
        found += [(name, pool) for pool in fleet.pools[:index] if fleet.price(pool) <= price]
    return found
