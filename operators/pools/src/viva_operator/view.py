"""The cluster as kopf's indexes hold it, and what we wrote ourselves until they have heard of it.

A reconcile that follows a write at once would otherwise not see it, and would write again.
"""

from collections.abc import Mapping
from typing import Any

from viva_core.clock import Clock

from viva_operator.ports import Manifest, Ref
from viva_operator.resources import DEPLOYMENTS, NODES, PODS, POOLS, WORKERS, Resource

WATCHED = (POOLS, WORKERS, NODES, PODS, DEPLOYMENTS)
_PATIENCE = 60.0  # seconds after which a watch that has not told of our write is believed over it


class View:
    """What there is. Used by one event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._indexes: Mapping[Resource, Mapping[Any, Any]] = {}
        self._listed: dict[Ref, Manifest] = {}
        self._written: dict[Ref, tuple[Manifest, float]] = {}
        self._deleted: dict[Ref, tuple[str, float]] = {}
        self._ghosts: dict[Resource, frozenset[str]] = {}

    def attach(self, indexes: Mapping[Resource, Mapping[Any, Any]]) -> None:
        """Read these indexes: of each kind (namespace, name) → the object."""
        self._indexes = indexes

    def listed(self, resource: Resource, objects: list[Manifest]) -> None:
        """What a list of a kind without an index just gave."""
        self._listed = {ref: manifest for ref, manifest in self._listed.items() if ref.resource != resource}
        for manifest in objects:
            ref = Ref.of(resource, manifest)
            self._listed[ref] = manifest
        self._written = {ref: entry for ref, entry in self._written.items() if ref.resource != resource}

    def gone(self, ref: Ref, version: int) -> None:
        """A watch told that an object went: what we wrote to it before is no object any more."""
        if ref in self._written and _version(self._written[ref][0]) <= version:
            del self._written[ref]

    def there(self, resource: Resource, version: int, uids: frozenset[str]) -> None:
        """These are all objects of a kind at that resource version. kopf tells nothing of an object that went while
        its watch was down, and would hold it for ever: what is older and not among them is no object any more."""
        held = [manifest for store in self._indexes.get(resource, {}).values() for manifest in store]
        self._ghosts[resource] = frozenset(
            manifest["metadata"]["uid"]
            for manifest in held
            if manifest["metadata"]["uid"] not in uids and _version(manifest) <= version
        )
        for ref, (manifest, _) in list(self._written.items()):
            if ref.resource == resource and manifest["metadata"]["uid"] not in uids:
                self.gone(ref, version)

    def all(self, resource: Resource) -> tuple[Manifest, ...]:
        """Every object of a kind, in the order of their names."""
        known = {Ref(resource, *key) for key in self._indexes.get(resource, {})}
        known |= {ref for ref in self._listed if ref.resource == resource}
        known |= {ref for ref in self._written if ref.resource == resource}
        found = (self.find(ref) for ref in sorted(known, key=lambda ref: (ref.namespace, ref.name)))
        return tuple(manifest for manifest in found if manifest is not None)

    def find(self, ref: Ref) -> Manifest | None:
        """One object as it is known, None when there is none."""
        heard = self._heard(ref)
        if ref in self._deleted:
            uid, at = self._deleted[ref]
            if heard is not None and heard["metadata"]["uid"] == uid and not self._old(at):
                return None
            del self._deleted[ref]
        if ref in self._written:
            written, at = self._written[ref]
            if not self._old(at) and (heard is None or _version(heard) < _version(written)):
                return written
            del self._written[ref]
        return heard

    def _old(self, at: float) -> bool:
        return self._clock.monotonic() - at > _PATIENCE

    def _heard(self, ref: Ref) -> Manifest | None:
        store = self._indexes.get(ref.resource, {}).get((ref.namespace, ref.name))
        if store is None:
            return self._listed.get(ref)
        ghosts = self._ghosts.get(ref.resource, frozenset())
        return next((manifest for manifest in store if manifest["metadata"]["uid"] not in ghosts), None)

    def put(self, ref: Ref, manifest: Manifest) -> None:
        """We wrote this."""
        self._written[ref] = (slim(manifest), self._clock.monotonic())

    def drop(self, ref: Ref) -> None:
        """We deleted this."""
        known = self.find(ref)
        self._written.pop(ref, None)
        if known is not None:
            self._deleted[ref] = (known["metadata"]["uid"], self._clock.monotonic())


def _version(manifest: Manifest) -> int:
    """Resource versions of one kind grow (Kubernetes promises it since 1.35)."""
    return int(manifest["metadata"]["resourceVersion"])


def slim(manifest: Manifest) -> Manifest:
    """Without managedFields, which are most of an object and of no use here."""
    meta = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": meta}
