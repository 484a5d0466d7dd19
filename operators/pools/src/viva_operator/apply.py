"""Makes the cluster as the plan says: only what differs is sent, one failure holds up no other object, and a field that
another manager owns is left to it and reported, unless it was handed over (`ownership.py`)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from viva_core.errors import Conflict, Invalid, NotFound, Permanent, Transient, VivaError
from viva_core.ids import IdFactory
from viva_core.telemetry.logs import get_logger

from viva_operator.adapters.kubernetes import Cluster, FieldConflict
from viva_operator.difference import same_status, stamped, within
from viva_operator.metrics import OperatorMetrics
from viva_operator.ownership import OPERATOR, REPLICAS, cure, handed_over, managers
from viva_operator.ports import Manifest, Note, Plan, Ref
from viva_operator.resources import EVENTS, MANAGER, PODS, Resource
from viva_operator.view import View

_TOGETHER = 16
_EVENT_NOTE = 1024  # characters that an Event's note may have
_log = get_logger("viva.operator.apply")


class Deposed(Transient):
    """This replica leads no more: what is left of the plan is the next leader's."""

    reason = "DEPOSED"


@dataclass
class Applied:
    """What came of a plan."""

    changed: int = 0
    unchanged: int = 0
    refused: dict[Ref, str] = field(default_factory=dict)
    """What could not be set, why, and what would cure it; the next plan says it on the object."""
    taken: list[Note] = field(default_factory=list)
    """Numbers of replicas that somebody else had written, and that are the operator's."""


class Applier:
    """Applies plans. `leading` is asked before each write."""

    def __init__(
        self,
        cluster: Cluster,
        view: View,
        metrics: OperatorMetrics,
        leading: Callable[[], bool],
        new_id: IdFactory,
        instance: str,
    ) -> None:
        self._cluster = cluster
        self._view = view
        self._metrics = metrics
        self._leading = leading
        self._new_id = new_id
        self._instance = instance
        self._same: dict[Ref, tuple[str, str]] = {}
        self._told: dict[tuple[Ref, str], str] = {}
        self._slots = asyncio.Semaphore(_TOGETHER)

    async def apply(self, plan: Plan, now: datetime) -> Applied:
        """Hints first (which pod goes must be known before there are fewer), then workloads and deletions, then what is
        said of them. Raises Transient when the API server is
        away or this replica leads no more; everything else is in the result."""
        done = Applied()
        await self._all([self._hint(ref, dict(hints), done) for ref, hints in plan.hints.items()])
        await self._all([self._object(resource, manifest, done) for resource, manifest in plan.manifests])
        await self._all([self._delete(ref, done) for ref in plan.deletions])
        await self._all([self._status(resource, manifest, done) for resource, manifest in plan.statuses])
        await self._all([self._tell(note, now) for note in (*plan.notes, *done.taken)])
        self._told = {key: text for key, text in self._told.items() if any(_key(note) == key for note in plan.notes)}
        return done

    async def _all(self, steps: Sequence[Awaitable[None]]) -> None:
        async def one(step: Awaitable[None]) -> None:
            async with self._slots:
                await step

        outcomes = await asyncio.gather(*map(one, steps), return_exceptions=True)
        faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if faults:
            counted = Counter(type(fault).__name__ for fault in faults)
            _log.warning("a plan could not be applied whole", reason=counted.most_common(1)[0][0], attempts=len(faults))
            raise faults[0]

    def _may(self) -> None:
        if not self._leading():
            raise Deposed("another replica leads")

    async def _object(self, resource: Resource, manifest: Manifest, done: Applied) -> None:
        ref, wanted = Ref.of(resource, manifest), stamped(manifest)
        live = self._view.find(ref)
        if live is not None and self._is(ref, wanted, live):
            done.unchanged += 1
            return
        self._may()
        try:
            became = await self._set(ref, wanted, live, done)
        except FieldConflict as fault:
            self._refuse(ref, fault, done, cure(ref, live, fault.held))
            return
        except (Invalid, NotFound, Permanent) as fault:
            self._refuse(ref, fault, done)
            return
        if live is not None and became["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:
            # Nothing had to change: the API server writes a value in another way than we do.
            self._same[ref] = (_digest(wanted), live["metadata"]["resourceVersion"])
        self._view.put(ref, became)
        done.changed += 1

    async def _set(self, ref: Ref, wanted: Manifest, live: Manifest | None, done: Applied) -> Manifest:
        try:
            return await self._cluster.apply(ref.resource, wanted)
        except FieldConflict as fault:
            if live is None or not handed_over(live, fault.held):
                raise
            self._may()
            became = await self._cluster.apply(ref.resource, wanted, force=True)
            was, number = live["spec"].get("replicas"), wanted["spec"]["replicas"]
            words = f"{managers(fault.held)} had set spec.replicas to {was}: it is {number}, by {REPLICAS}={OPERATOR}"
            done.taken.append(Note(ref, "ReplicasTaken", words))
            return became

    def _is(self, ref: Ref, wanted: Manifest, live: Manifest) -> bool:
        version = live["metadata"]["resourceVersion"]
        return within(wanted, live) or self._same.get(ref) == (_digest(wanted), version)

    async def _status(self, resource: Resource, manifest: Manifest, done: Applied) -> None:
        ref = Ref.of(resource, manifest)
        live = self._view.find(ref)
        if live is None or same_status(manifest, live):
            done.unchanged += live is not None
            return
        self._may()
        try:
            # Only we say what a status is: somebody who wrote there is overruled.
            became = await self._cluster.apply(resource, manifest, subresource="status", force=True)
        except NotFound:
            return
        except (Conflict, Invalid, Permanent) as fault:
            self._refuse(ref, fault, done)
            return
        self._view.put(ref, became)
        done.changed += 1

    async def _delete(self, ref: Ref, done: Applied) -> None:
        if self._view.find(ref) is None:
            return
        self._may()
        await self._cluster.delete(ref.resource, ref.namespace or None, ref.name)
        self._view.drop(ref)
        done.changed += 1

    async def _hint(self, ref: Ref, annotations: dict[str, str | None], done: Applied) -> None:
        live = self._view.find(ref)
        there = ((live or {}).get("metadata") or {}).get("annotations") or {}
        if live is None or all(there.get(key) == value for key, value in annotations.items()):
            return
        self._may()
        try:
            patch = {"metadata": {"annotations": annotations}}
            self._view.put(ref, await self._cluster.merge(PODS, ref.namespace, ref.name, patch))
        except NotFound:
            return
        done.changed += 1

    def _refuse(self, ref: Ref, fault: VivaError, done: Applied, cured_by: str = "") -> None:
        done.refused[ref] = f"{fault.message}; {cured_by}" if cured_by else fault.message
        _log.warning("an object could not be set", kind=ref.resource.kind, reason=fault.reason)

    async def _tell(self, note: Note, now: datetime) -> None:
        """An Event, once for each decision: the same words twice are said once."""
        if self._told.get(_key(note)) == note.message:
            return
        self._may()
        try:
            await self._cluster.create(EVENTS, self._event(note, now, self._new_id()))
        except VivaError as fault:  # an Event is a courtesy: without it the decision stands in the status still
            _log.warning("an event could not be written", reason=fault.reason)
            return
        self._told[_key(note)] = note.message
        self._metrics.decisions.labels(note.reason).inc()

    def _event(self, note: Note, now: datetime, event_id: UUID) -> Manifest:
        about = note.about
        namespace = about.namespace or "default"  # where Kubernetes keeps the Events of what lies in no namespace
        live = self._view.find(about)
        reference = {
            "apiVersion": about.resource.api_version,
            "kind": about.resource.kind,
            "name": about.name,
            **({"namespace": about.namespace} if about.namespace else {}),
            **({"uid": live["metadata"]["uid"]} if live is not None else {}),
        }
        return {
            "apiVersion": EVENTS.api_version,
            "kind": EVENTS.kind,
            "metadata": {"name": f"{about.name[:200]}.{event_id.hex}", "namespace": namespace},
            "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "reportingController": f"viva.dev/{MANAGER}",
            "reportingInstance": self._instance[:128],
            "action": note.reason,
            "reason": note.reason,
            "regarding": reference,
            "note": note.message[:_EVENT_NOTE],
            "type": "Warning" if note.warning else "Normal",
        }


def _key(note: Note) -> tuple[Ref, str]:
    return note.about, note.reason


def _digest(manifest: Manifest) -> str:
    digest: str = manifest["metadata"]["annotations"]["viva.dev/applied"]
    return digest
