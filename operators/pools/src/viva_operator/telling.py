"""What a plan says: statuses with conditions as Kubernetes has them, Events, and figures for the metrics."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from viva_operator.domain import outcome
from viva_operator.domain.outcome import PoolOutcome, Scale, Verdict, WorkerOutcome
from viva_operator.inventory import WORKER_LABEL, Key, key_of
from viva_operator.ports import Figures, Lag, Manifest, Note, Observation, Ref
from viva_operator.resources import POOLS, WORKERS, Resource
from viva_operator.translate import Seen

_SAYS = {True: "True", False: "False", None: "Unknown"}
_ILL = ("Degraded", "Draining")
"""Conditions that are well when they do not hold."""
_QUIETLY = ("Draining", "PodsNotReady")
"""Reasons that pass by themselves, and are no event."""


class Telling:
    """Says what a plan means for each object."""

    def __init__(self, observation: Observation, seen: Seen, plan: outcome.Plan, now: datetime) -> None:
        self._observation = observation
        self._seen = seen
        self._plan = plan
        self._now = now

    def statuses(self) -> Iterator[tuple[Resource, Manifest]]:
        """Of every pool and every worker."""
        for item in self._observation.pools:
            key = key_of(item)
            if key in self._seen.broken:
                yield POOLS, self._broken(item)
            else:
                yield POOLS, self._with(item, self._of_pool(item, self._plan.pools[key[1]]))
        for item in self._observation.workers:
            key = key_of(item)
            if key in self._seen.broken:
                yield WORKERS, self._broken(item)
            else:
                yield WORKERS, self._with(item, self._of_worker(item, self._plan.workers[key]))

    def notes(self) -> Iterator[Note]:
        """Each decision, on the object that it is about; several of one kind in one sentence."""
        for key, reason, words in self._decisions():
            yield Note(Ref(WORKERS, *key), reason, words)
        for item in self._observation.pools:
            yield from _warnings(Ref.of(POOLS, item), self._verdicts(self._plan.pools.get(key_of(item)[1])))
        for item in self._observation.workers:
            yield from _warnings(Ref.of(WORKERS, item), self._verdicts(self._plan.workers.get(key_of(item))))
        for key, words in self._seen.broken.items():
            yield Note(Ref(WORKERS if key[0] else POOLS, *key), "Unreadable", words, warning=True)

    def figures(self) -> Figures:
        """For the metrics."""
        devices: dict[tuple[str, str], int] = {}
        for name, each in self._plan.pools.items():
            states = {"total": each.total, "used": each.used, "free": each.total - each.used}
            devices |= {(name, state): count for state, count in {**states, "fragmented": each.fragmented}.items()}
        replicas: Counter[tuple[str, str]] = Counter()
        for key, said in self._plan.workers.items():
            role = self._seen.workers[key].role
            for state, count in (("desired", said.desired), ("ready", said.ready), ("draining", said.draining)):
                replicas[role, state] += count
        ahead = self._observation.ahead or {}
        roles = {spec.role for spec in self._seen.workers.values()}
        cold: dict[str, int] = {
            role: 0 if replicas[role, "ready"] or role not in ahead else ahead[role].live for role in sorted(roles)
        }
        costs = {name: each.cost for name, each in self._plan.pools.items()}
        return Figures(devices, costs, dict(replicas), self._ill(), cold)

    def _ill(self) -> dict[tuple[str, str, str], int]:
        """Workers by what is not well with them. Where several pools could not be taken, each reason counts."""
        found: Counter[tuple[str, str, str]] = Counter()
        for key, said in self._plan.workers.items():
            for verdict in said.verdicts:
                if verdict.type == "Draining" or verdict.holds is not (verdict.type in _ILL):
                    continue
                lacks = said.lacks if verdict.type == "CapacityAvailable" else ()
                found.update(
                    (self._seen.workers[key].role, verdict.type, reason) for reason in lacks or [verdict.reason]
                )
        unreadable = sum(bool(namespace) for namespace, _ in self._seen.broken)
        return dict(found) | ({("unknown", "Ready", "Unreadable"): unreadable} if unreadable else {})

    def _verdicts(self, said: WorkerOutcome | PoolOutcome | None) -> tuple[Verdict, ...]:
        return said.verdicts if said is not None else ()

    def _decisions(self) -> Iterator[tuple[Key, str, str]]:
        found: dict[tuple[Key, str], list[str]] = defaultdict(list)
        for action in self._plan.actions:
            if isinstance(action, Scale):
                reason = "ScaledUp" if action.to > action.was else "ScaledDown"
                found[action.worker, reason].append(f"{action.was} to {action.to} on pool {action.pool}")
            elif action.since is None:
                found[action.worker, "DrainCancelled"].append(f"pod {action.pod} stays")
            else:
                found[action.worker, "DrainStarted"].append(f"pod {action.pod} goes when its work is done")
        for (key, reason), parts in sorted(found.items()):
            why = f": {_wants(self._plan.workers[key])}" if reason.startswith("Scaled") else ""
            yield key, reason, "; ".join(parts) + why

    def _with(self, item: Manifest, status: dict[str, Any]) -> Manifest:
        meta = item["metadata"]
        about = {"name": meta["name"], **({"namespace": meta["namespace"]} if meta.get("namespace") else {})}
        return {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": about, "status": status}

    def _broken(self, item: Manifest) -> Manifest:
        """What was said before stays, its memory above all; only that it cannot be read any more is new."""
        words = self._seen.broken[key_of(item)][:1024]
        verdicts = (Verdict("Ready", False, "Unreadable", words),)
        before = {key: value for key, value in (item.get("status") or {}).items() if key != "conditions"}
        generation = item["metadata"].get("generation", 0)
        return self._with(
            item,
            {
                **before,
                "observedGeneration": generation,
                "why": words,
                "conditions": self._conditions(item, verdicts),
            },
        )

    def _conditions(self, item: Manifest, verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
        """With the time at which each began to be so."""
        before = {each["type"]: each for each in (item.get("status") or {}).get("conditions") or ()}
        made = []
        for verdict in verdicts:
            status, known = _SAYS[verdict.holds], before.get(verdict.type, {})
            since = known.get("lastTransitionTime") if known.get("status") == status else None
            made.append(
                {
                    "type": verdict.type,
                    "status": status,
                    "reason": verdict.reason,
                    "message": verdict.message[:1024],
                    "lastTransitionTime": since or _time(self._now),
                    "observedGeneration": item["metadata"].get("generation", 0),
                }
            )
        return made

    def _of_pool(self, item: Manifest, said: PoolOutcome) -> dict[str, Any]:
        return {
            "observedGeneration": item["metadata"].get("generation", 0),
            "nodes": said.nodes,
            "devicesTotal": said.total,
            "devicesUsed": said.used,
            "largestFree": said.largest_free,
            "workers": said.workers,
            "costPerHour": _money(said.cost),
            "why": next((each.message for each in said.verdicts if not each.holds), "")[:1024],
            "conditions": self._conditions(item, said.verdicts),
        }

    def _of_worker(self, item: Manifest, said: WorkerOutcome) -> dict[str, Any]:
        spec = self._seen.workers[key_of(item)]
        lag = (self._observation.lag or {}).get(spec.role)
        whole = next(each for each in said.verdicts if each.type == "Ready")
        most = max(said.replicas.items(), key=lambda entry: entry[1], default=(None, 0))[0]
        placements = [{"pool": name, "replicas": count} for name, count in sorted(said.replicas.items())]
        status = {
            "observedGeneration": item["metadata"].get("generation", 0),
            "replicas": sum(said.replicas.values()),
            "desired": said.desired,
            "ready": said.ready,
            "draining": said.draining,
            "selector": self._selector(key_of(item)),
            "lag": _lag(lag),
            "pool": most,
            "placements": placements[:8],
            "why": (_wants(said) if whole.holds else whole.message)[:1024],
            "explanation": list(said.explanation),
            "costPerHour": _money(said.cost),
            "hysteresis": _memory(said),
            "conditions": self._conditions(item, said.verdicts),
        }
        return {key: value for key, value in status.items() if value is not None}

    def _selector(self, key: Key) -> str:
        """The pods' labels, as autoscalers want them."""
        spec = self._seen.workers[key]
        if spec.deployment is None:
            return f"{WORKER_LABEL}={key[1]}"
        wanted = (key[0], spec.deployment.name)
        live = next((each for each in self._observation.deployments if key_of(each) == wanted), None)
        labels = ((live or {}).get("spec") or {}).get("selector", {}).get("matchLabels") or {}
        return ",".join(f"{name}={value}" for name, value in sorted(labels.items()))[:512]


def _warnings(about: Ref, verdicts: Sequence[Verdict]) -> Iterator[Note]:
    said: set[str] = set()
    for verdict in verdicts:
        ill = verdict.holds is (verdict.type in _ILL) and verdict.reason not in _QUIETLY
        if ill and verdict.type != "Ready" and verdict.reason not in said:
            said.add(verdict.reason)
            yield Note(about, verdict.reason, verdict.message, warning=True)


def _wants(said: WorkerOutcome) -> str:
    return next((line for line in said.explanation if line.startswith("wants ")), "")


def _lag(lag: Lag | None) -> dict[str, int] | None:
    """The age in steps: one that grows by the second would be a write by the second."""
    if lag is None:
        return None
    oldest = lag.oldest or 0.0
    step = 10 if oldest < 60 else 60
    return {"pending": lag.pending, "ackPending": lag.ack_pending, "oldestSeconds": int(oldest // step * step)}


def _memory(said: WorkerOutcome) -> dict[str, Any]:
    known = said.memory
    written: Mapping[str, Any] = {
        "target": known.target,
        "belowSince": _time(known.below_since),
        "peak": known.peak,
        "betterSince": _time(known.better_since),
    }
    return {key: value for key, value in written.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _money(amount: float) -> str:
    return f"{amount:.4f}".rstrip("0").rstrip(".")
