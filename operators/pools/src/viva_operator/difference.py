"""Whether an object is as it should be, so that nothing is sent for one that is."""

import hashlib
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from viva_operator.ports import Manifest

APPLIED = "viva.dev/applied"
"""The annotation with the digest of what was applied: a field that we no longer set shows by it alone."""

_UNITS = {
    **{unit: Decimal(1000) ** power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), 1)},
    **{unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)},
    "m": Decimal(1) / 1000,
}


def stamped(manifest: Manifest) -> Manifest:
    """The manifest with its digest."""
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]
    meta = manifest["metadata"]
    return {**manifest, "metadata": {**meta, "annotations": {**(meta.get("annotations") or {}), APPLIED: digest}}}


def within(wanted: Any, found: Any) -> bool:
    """Whether all that is wanted is found; what the API server filled in beside it does not count."""
    if isinstance(wanted, dict):
        there = found if isinstance(found, dict) else {}
        return all(within(value, there.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(within, wanted, found))
    return wanted == found or (not wanted and not found) or _same_quantity(wanted, found)


def same_status(wanted: Manifest, found: Manifest) -> bool:
    """Whether a status is exactly as wanted: nobody else writes it, so what is there too much is out of date."""
    return bool(_pruned(wanted.get("status")) == _pruned(found.get("status")))


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(item) for key, item in value.items() if item is not None}
    return [_pruned(item) for item in value] if isinstance(value, list) else value


def _same_quantity(one: Any, other: Any) -> bool:
    """1000m is 1, 1024Mi is 1Gi: the API server keeps the canonical form."""
    first, second = _quantity(one), _quantity(other)
    return first is not None and first == second


def _quantity(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    text = str(value)
    number = text.rstrip("EGKMPTikm")
    unit = text[len(number) :]
    try:
        return Decimal(number) * (_UNITS[unit] if unit else 1)
    except (InvalidOperation, KeyError):
        return None
