"""What the types of the API are made of: strings with limits, durations, quantities, CEL rules."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

GROUP, VERSION = "viva.dev", "v1alpha1"


def rule(expression: str, message: str, *, path: str = "", reason: str = "") -> dict[str, str]:
    """One entry of `x-kubernetes-validations`: CEL, and the words for whoever wrote what it refuses."""
    more = {"fieldPath": path} if path else {}
    return {"rule": expression, "message": message, **more, **({"reason": reason} if reason else {})}


def schema(**keys: Any) -> Callable[[dict[str, Any]], None]:
    """Adds keys to a schema; `x_kubernetes_` becomes `x-kubernetes-`, `rules` the validations."""

    def add(made: dict[str, Any]) -> None:
        for key, value in keys.items():
            name = "x-kubernetes-validations" if key == "rules" else key.replace("x_kubernetes_", "x-kubernetes-")
            made[name.replace("_", "-") if name.startswith("x-") else name] = value

    return add


class Part(BaseModel):
    """A part of an object. Unknown fields are pruned by the API server, and ignored here."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="ignore")


Name = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
"""A DNS label: the names that become part of another name."""
ObjectName = Annotated[str, Field(min_length=1, max_length=253)]
Short = Annotated[str, Field(min_length=1, max_length=63)]
LabelKey = Annotated[str, Field(min_length=1, max_length=317)]
Text = Annotated[str, Field(max_length=1024)]
Quantity = Annotated[str, Field(min_length=2, max_length=16, pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?(Mi|Gi|Ti)$")]
Money = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[0-9]{1,7}(\.[0-9]{1,6})?$")]
"""A decimal as a string, as Kubernetes' API conventions want it: a float would not survive every client."""
Duration = Annotated[str, Field(min_length=2, max_length=16, pattern=r"^([0-9]{1,5}h)?([0-9]{1,5}m)?([0-9]{1,6}s)?$")]
"""Go's notation as far as it is used here: 90s, 10m, 1h30m."""

_MIB = {"Mi": 1, "Gi": 1024, "Ti": 1024 * 1024}
_PARTS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def mebibytes(quantity: str) -> int:
    """A Quantity in MiB, rounded down."""
    return int(float(quantity[:-2]) * _MIB[quantity[-2:]])


def duration(text: str) -> timedelta:
    """A Duration."""
    found = _PARTS.fullmatch(text)
    assert found is not None, f"{text!r} is no duration: the schema lets none through"
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
