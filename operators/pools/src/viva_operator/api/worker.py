"""ModelWorker: the workers of one role and model, where they may run, and by what they are sized."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viva_operator.api.base import Duration, Money, Name, Part, Quantity, Short, Text, rule, schema
from viva_operator.api.conditions import Conditions
from viva_operator.api.template import Template

Count = Annotated[int, Field(ge=0, le=10_000)]


def _within(field: str, most: str, why: str) -> dict[str, str]:
    words = f"{field} must be between 0s and {most}: {why}"
    return rule(f"duration(self) <= duration('{most}')", words)


class Model(Part):
    """The model that a worker serves."""

    name: Annotated[str, Field(description="Its id in the catalogue of models.", min_length=1, max_length=128)]
    memory: Annotated[
        Quantity, Field(description="Device memory that it needs with its cache, as 20Gi; over all devices of a pod.")
    ]
    devices: Annotated[
        int | None,
        Field(description="Devices that one pod takes; the pool's devicesPerPod where it is left out.", ge=1, le=256),
    ] = None


class DeploymentRef(Part):
    """A Deployment that is there already: the operator says how many replicas, and nothing else."""

    name: Annotated[Name, Field(description="Its name, in the worker's namespace.")]


class Warm(Part):
    """Workers that are there before anything waits."""

    while_interviews_live: Annotated[
        bool, Field(description="Keep workers for every live interview, although nothing waits at this moment.")
    ] = True
    interviews_per_replica: Annotated[
        int, Field(description="Live interviews that one worker carries without making anybody wait.", ge=1, le=1000)
    ] = 4
    before_scheduled: Annotated[
        Duration,
        Field(
            description="How long before a planned interview its worker is there; longer than a cold start takes.",
            json_schema_extra=schema(rules=[_within("beforeScheduled", "2h", "the forecast looks no further ahead")]),
        ),
    ] = "10m"
    floor: Annotated[Count, Field(description="Workers that are always there.")] = 0


class ModelWorkerSpec(Part):
    """What is wanted of a worker."""

    rules: ClassVar = [
        rule("self.minReplicas <= self.maxReplicas", "minReplicas is above maxReplicas: lower one or raise the other"),
        rule(
            "self.warm.floor <= self.maxReplicas",
            "warm.floor is above maxReplicas: no more than maxReplicas can be kept warm",
        ),
        rule(
            "has(self.template) != has(self.deployment)",
            "a worker has either a template, from which the operator makes Deployments, or a deployment that is there: "
            "set exactly one of both",
        ),
        rule(
            "!has(self.deployment) || size(self.pools) == 1",
            "all pods of a Deployment lie on one pool: name one pool, or use template to fall back to others",
        ),
        rule(
            "self.scaler != 'External' || has(self.replicas)",
            "scaler External takes the number from replicas: set it, or let scaler be Auto",
        ),
        rule(
            "!has(self.budgetPerHour) || double(self.budgetPerHour) > 0.0",
            "budgetPerHour must be more than 0: leave it out for no limit, or set maxReplicas",
        ),
    ]

    role: Literal["question-gen", "evaluator", "vision", "media"] = Field(
        description="Whose work it does; the name of the role on the bus.",
        json_schema_extra=schema(
            rules=[
                rule("self == oldSelf", "role cannot change: make a new worker, and delete this one when it is idle")
            ]
        ),
    )
    model: Model = Field(description="The model that it serves.")
    pools: Annotated[
        tuple[Name, ...],
        Field(
            description="ComputePools, the best one first; the next is taken where one has no room.",
            min_length=1,
            max_length=8,
            json_schema_extra=schema(
                x_kubernetes_list_type="atomic",
                rules=[
                    rule(
                        "self.all(p, self.exists_one(q, q == p))",
                        "a pool is named twice in pools: name each once, the best first",
                    )
                ],
            ),
        ),
    ]
    template: Template | None = Field(
        default=None, description="The pods; one Deployment is made for each pool in use."
    )
    deployment: DeploymentRef | None = Field(default=None, description="A Deployment that is there already.")
    min_replicas: Annotated[Count, Field(description="Never fewer.")] = 0
    max_replicas: Annotated[int, Field(description="Never more.", ge=1, le=10_000)] = 10
    replicas: Annotated[
        int | None,
        Field(
            description="What an outside scaler asks for (kubectl scale, an autoscaler, KEDA): it stands in for lag. "
            "Warm rules, bounds and the budget hold still.",
            ge=0,
            le=10_000,
        ),
    ] = None
    scaler: Literal["Auto", "Lag", "External"] = Field(
        default="Auto",
        description="Who counts what waits. Auto: KEDA where it is served, the operator elsewhere. Lag: the operator. "
        "External: whoever sets replicas.",
    )
    lag_per_replica: Annotated[
        int, Field(description="Messages that wait, or are worked on, for each worker.", ge=1, le=10_000)
    ] = 2
    warm: Warm = Field(
        default=Warm(), description="Workers that are there beforehand.", json_schema_extra=schema(default={})
    )
    scale_down_delay: Annotated[
        Duration,
        Field(
            description="How long fewer must be enough before there are fewer.",
            json_schema_extra=schema(rules=[_within("scaleDownDelay", "24h", "for longer set minReplicas")]),
        ),
    ] = "5m"
    drain_time: Annotated[
        Duration,
        Field(
            description="How long a busy pod may finish its work before it is ended.",
            json_schema_extra=schema(rules=[_within("drainTime", "1h", "no answer takes longer")]),
        ),
    ] = "5m"
    budget_per_hour: Annotated[
        Money | None, Field(description="The most that all its pods together may cost an hour, by the pools' prices.")
    ] = None


class WorkerLag(Part):
    """What waits for a worker."""

    pending: Annotated[int, Field(description="Messages not delivered yet.", ge=0)] = 0
    ack_pending: Annotated[int, Field(description="Messages that a worker has and has not acknowledged.", ge=0)] = 0
    oldest_seconds: Annotated[int, Field(description="Age of the oldest message, seconds.", ge=0)] = 0


class Hysteresis(Part):
    """The operator's memory: in the status, so that a new leader knows what the old one knew."""

    below_since: Annotated[
        str | None,
        Field(
            description="Since when fewer would be enough.", max_length=32, json_schema_extra={"format": "date-time"}
        ),
    ] = None
    target: Annotated[int | None, Field(description="Pods that were meant to run.", ge=0, le=10_000)] = None
    peak: Annotated[int | None, Field(description="The most that was wanted since belowSince.", ge=0, le=10_000)] = None
    better_since: Annotated[
        str | None,
        Field(
            description="Since when a better pool has had room.",
            max_length=32,
            json_schema_extra={"format": "date-time"},
        ),
    ] = None


class PlacedOn(Part):
    """How many of a worker's pods a pool holds."""

    pool: Annotated[Name, Field(description="The pool.")]
    replicas: Annotated[Count, Field(description="Pods that are meant to run there.")] = 0


class ModelWorkerStatus(Part):
    """Where a worker runs now, and why."""

    observed_generation: Annotated[int, Field(description="The generation of the spec that this is of.", ge=0)] = 0
    replicas: Annotated[Count, Field(description="Pods that are meant to run.")] = 0
    desired: Annotated[Count, Field(description="Pods that the rules ask for, before room and budget.")] = 0
    ready: Annotated[Count, Field(description="Pods that are ready.")] = 0
    draining: Annotated[Count, Field(description="Pods that finish their work and go.")] = 0
    selector: Annotated[str, Field(description="The pods' labels, for autoscalers.", max_length=512)] = ""
    lag: WorkerLag | None = Field(default=None, description="What waits; absent when it is not known.")
    pool: Annotated[Short | None, Field(description="The pool that most pods are on.")] = None
    placements: Annotated[
        tuple[PlacedOn, ...],
        Field(
            description="How many pods each pool holds.",
            max_length=8,
            json_schema_extra=schema(x_kubernetes_list_type="map", x_kubernetes_list_map_keys=["pool"]),
        ),
    ] = ()
    why: Annotated[Text, Field(description="The last plan in a sentence.")] = ""
    explanation: Annotated[
        tuple[Text, ...],
        Field(
            description="The last plan in words, a line each; `viva pools explain` prints it.",
            max_length=32,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ] = ()
    cost_per_hour: Annotated[Money, Field(description="What its pods cost an hour.")] = "0"
    hysteresis: Hysteresis | None = Field(default=None, description="The operator's memory.")
    conditions: Conditions = ()
