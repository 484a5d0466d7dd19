"""Whose a field is that the operator would set: what the API server says of it, and how it becomes the operator's.

A field of another manager is left to it, but for one: the number of replicas of a Deployment that says by an annotation
that this number is the operator's. The chart viva writes it where it leaves the number out; without it Helm would own
the number all the same, since Helm 3 creates the Deployment whole, its default of one replica included.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viva_operator.ports import Manifest, Ref
from viva_operator.resources import DEPLOYMENTS

REPLICAS = "viva.dev/replicas"
"""The annotation of a Deployment whose number of replicas is the operator's, with the value `operator`."""
OPERATOR = "operator"

_REPLICAS = ".spec.replicas"
_MANAGER = re.compile(r'conflict with "([^"]+)"')
_VALUES = {
    "question-gen": "questionGen.scaledByOperator: true",
    "evaluator": "evaluator.scaledByOperator: true",
    "vision": "vision.scaledByOperator: true",
    "vllm": "vllm.scaledByOperator: true",
}
"""Component of the chart viva → the value that leaves its number to the operator."""


@dataclass(frozen=True)
class Held:
    """A field that we would set, as `.spec.replicas`, and the manager that owns it."""

    field: str
    manager: str


def held(status: Mapping[str, Any]) -> tuple[Held, ...]:
    """The conflicts of a refused server-side apply, from the Status that the API server answered."""
    causes = (status.get("details") or {}).get("causes") or ()
    found = ((each.get("field", ""), _MANAGER.search(each.get("message", ""))) for each in causes)
    return tuple(Held(field, match[1]) for field, match in found if match is not None)


def handed_over(live: Manifest | None, conflicts: Sequence[Held]) -> bool:
    """Whether the operator may take what it was refused: the number of replicas and nothing else, of a Deployment that
    says so."""
    notes = ((live or {}).get("metadata") or {}).get("annotations") or {}
    return notes.get(REPLICAS) == OPERATOR and bool(conflicts) and all(each.field == _REPLICAS for each in conflicts)


def managers(conflicts: Sequence[Held]) -> str:
    """Their names, each once."""
    return ", ".join(dict.fromkeys(each.manager for each in conflicts))


def cure(ref: Ref, live: Manifest | None, conflicts: Sequence[Held]) -> str:
    """What gives the operator the fields that it was refused, as a sentence; empty where nobody holds any."""
    if not conflicts:
        return ""
    others = [each for each in conflicts if each.field != _REPLICAS]
    if others or ref.resource != DEPLOYMENTS:
        fields = ", ".join(dict.fromkeys(each.field.removeprefix(".") for each in others or conflicts))
        return f"leave {fields} out of what {managers(others or conflicts)} writes"
    labels = ((live or {}).get("metadata") or {}).get("labels") or {}
    value = _VALUES.get(labels.get("app.kubernetes.io/component", ""))
    if value is not None and labels.get("app.kubernetes.io/part-of") == "viva":
        release = labels.get("app.kubernetes.io/instance", "viva")
        return f"to leave the number to the operator, set {value} in the chart viva's values of release {release}"
    return (
        f"to leave the number to the operator, see that {managers(conflicts)} writes spec.replicas no more, then "
        f"kubectl -n {ref.namespace} annotate deployment {ref.name} {REPLICAS}={OPERATOR}"
    )
