"""The operator's planner: an observation becomes values, the domain plans, and the plan becomes manifests.

Pure, as the domain is: what it needs to know comes in, what should be goes out.
"""

from dataclasses import replace
from datetime import UTC, datetime

from viva_operator.domain.outcome import Drain
from viva_operator.domain.planner import plan
from viva_operator.ports import Observation, Plan, Ref
from viva_operator.resources import PODS
from viva_operator.telling import Telling
from viva_operator.translate import DRAINING, seen
from viva_operator.workloads import Workloads

_COST = "controller.kubernetes.io/pod-deletion-cost"
_FIRST = "-1000"
"""A Deployment that gets smaller ends the pods with the lowest cost first."""


class Planning:
    """Plans the whole cluster at once."""

    def __init__(self, monitoring: str = "") -> None:
        """`monitoring`: NATS' monitoring endpoint for KEDA; without it KEDA is left out."""
        self._monitoring = monitoring

    def __call__(self, observation: Observation, now: datetime) -> Plan:
        """What should be."""
        if not self._monitoring:  # KEDA that cannot ask NATS would count nothing
            observation = replace(observation, capabilities=replace(observation.capabilities, keda=False))
        known = seen(observation)
        made = plan(known.specs, known.snapshot, now)
        replicas = {key: said.replicas for key, said in made.workers.items()}
        workloads = Workloads(observation, known, self._monitoring)
        telling = Telling(observation, known, made, now)
        return Plan(
            manifests=tuple(workloads.made(replicas)),
            deletions=tuple(workloads.superfluous(replicas)),
            statuses=tuple(telling.statuses()),
            hints={
                Ref(PODS, action.worker[0], action.pod): _hint(action)
                for action in made.actions
                if isinstance(action, Drain)
            },
            notes=tuple(telling.notes()),
            figures=telling.figures(),
        )


def _hint(drain: Drain) -> dict[str, str | None]:
    if drain.since is None:
        return {DRAINING: None, _COST: None}
    return {DRAINING: drain.since.astimezone(UTC).isoformat(timespec="seconds"), _COST: _FIRST}
