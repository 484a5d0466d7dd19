"""Conditions, as Kubernetes has them."""

from typing import Annotated, Literal

from pydantic import Field

from viva_operator.api.base import Part, schema


class Condition(Part):
    """One aspect of an object's state."""

    type: Annotated[str, Field(description="Which aspect.", min_length=1, max_length=63)]
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it holds.")
    reason: Annotated[
        str, Field(description="One word for why, for programs.", min_length=1, max_length=63, pattern="^[A-Za-z]+$")
    ]
    message: Annotated[str, Field(description="Why, and what would cure it, for people.", max_length=1024)]
    last_transition_time: Annotated[
        str,
        Field(description="When the status changed last.", max_length=32, json_schema_extra={"format": "date-time"}),
    ]
    observed_generation: Annotated[
        int, Field(description="The generation of the spec that this is said of.", ge=0, json_schema_extra=schema())
    ] = 0


Conditions = Annotated[
    tuple[Condition, ...],
    Field(
        description="What holds and what does not, one entry a type.",
        max_length=16,
        json_schema_extra=schema(x_kubernetes_list_type="map", x_kubernetes_list_map_keys=["type"]),
    ),
]
