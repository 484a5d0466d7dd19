"""What an answer is scored on: criteria with weights and behaviour-anchored bands, frozen when published."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from viva_core.errors import Invalid, Violation

BANDS = (1, 2, 3, 4, 5)
FULL_WEIGHT = 100


@dataclass(frozen=True)
class Criterion:
    """One thing that is scored. `anchors[0]` describes band 1, `anchors[4]` band 5; `weight` in percent."""

    criterion_id: str
    title: str
    description: str
    weight: int
    anchors: tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """A version of a rubric; `sha256` names its content."""

    rubric_id: UUID
    version: int
    criteria: tuple[Criterion, ...]

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical form: JSON, sorted keys, no spaces. Title and dates are not part of it."""
        return canonical_hash(self.criteria)

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The criterion of that id."""
        return next((c for c in self.criteria if c.criterion_id == criterion_id), None)


def canonical_hash(criteria: Sequence[Criterion]) -> str:
    """The hash of criteria: the same for the same content, whatever made it."""
    content = [
        {
            "id": criterion.criterion_id,
            "title": criterion.title,
            "description": criterion.description,
            "weight": criterion.weight,
            "anchors": list(criterion.anchors),
        }
        for criterion in criteria
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_draft(criteria: Sequence[Criterion]) -> None:
    """Raise Invalid unless ids are unique and every criterion has five anchors. Weights may still be wrong."""
    _raise_if(list(_draft_faults(criteria)))


def check_publishable(criteria: Sequence[Criterion]) -> None:
    """Raise Invalid unless the rubric is complete: what `check_draft` asks for, and weights that sum to 100."""
    faults = list(_draft_faults(criteria))
    total = sum(criterion.weight for criterion in criteria)
    if total != FULL_WEIGHT:
        faults.append(Violation("criteria", f"the weights sum to {total}; they must sum to {FULL_WEIGHT}"))
    _raise_if(faults)


def _draft_faults(criteria: Sequence[Criterion]) -> Iterator[Violation]:
    seen: set[str] = set()
    if not criteria:
        yield Violation("criteria", "a rubric needs at least one criterion")
    for index, criterion in enumerate(criteria):
        if criterion.criterion_id in seen:
            yield Violation(f"criteria[{index}].criterion_id", f"{criterion.criterion_id} is there twice")
        seen.add(criterion.criterion_id)
        if len(criterion.anchors) != len(BANDS) or not all(anchor.strip() for anchor in criterion.anchors):
            yield Violation(f"criteria[{index}].anchors", "each band from 1 to 5 needs a description")


def _raise_if(faults: list[Violation]) -> None:
    if faults:
        raise Invalid("the rubric is not complete: " + "; ".join(f.description for f in faults), faults)
