"""ComputePool: which nodes, what devices they hold, and what they cost."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viva_operator.api.base import (
    Duration,
    LabelKey,
    Money,
    Name,
    ObjectName,
    Part,
    Quantity,
    Short,
    Text,
    rule,
    schema,
)
from viva_operator.api.conditions import Conditions

Devices = Annotated[int, Field(ge=0, le=1_000_000)]


class Sharing(Part):
    """How one device is shared by several pods."""

    strategy: Literal["None", "MIG", "TimeSlicing", "MPS"] = Field(
        default="None",
        description="None: a device is one pod's. MIG: a slice in hardware. TimeSlicing and MPS: several pods on one "
        "device; only MPS and MIG keep their memory apart.",
    )
    profile: Annotated[
        str | None,
        Field(
            description="The MIG profile, as in nvidia.com/mig-1g.10gb.", max_length=32, pattern=r"^[0-9]g\.[0-9]+gb"
        ),
    ] = None
    replicas: Annotated[
        int | None, Field(description="Pods that share one device by TimeSlicing or MPS.", ge=2, le=48)
    ] = None


class Accelerator(Part):
    """What a pod computes on. For a CPU pool one device is one core with its share of memory."""

    kind: Literal["gpu", "cpu"] = Field(
        description="What the pods compute on.",
        json_schema_extra=schema(
            rules=[
                rule("self == oldSelf", "accelerator.kind cannot change: make a new pool and move the workers to it")
            ]
        ),
    )
    vendor: Literal["nvidia", "amd", "intel"] | None = Field(
        default=None, description="Who made the GPU: tells the name of the resource that the device plugin advertises."
    )
    resource_name: Annotated[
        str | None,
        Field(
            description="The resource's name, where the device plugin advertises another than the vendor's own, "
            "as nvidia.com/gpu.shared.",
            max_length=253,
            pattern=r"^[a-z0-9.-]+/[A-Za-z0-9._-]+$",
        ),
    ] = None
    devices_per_pod: Annotated[int, Field(description="Devices that one pod takes (CPU: cores).", ge=1, le=256)] = 1
    memory: Annotated[
        Quantity,
        Field(
            description="Memory that one device offers to one pod (MIG: of the slice; TimeSlicing and MPS: the share; "
            "CPU: for each core), as 80Gi.",
            json_schema_extra=schema(
                rules=[
                    rule("!self.matches('^0+([.]0+)?[A-Z]')", "accelerator.memory must be more than nothing, as 80Gi")
                ]
            ),
        ),
    ]
    sharing: Sharing = Field(
        default=Sharing(),
        description="How one device is shared.",
        json_schema_extra=schema(
            default={},
            rules=[
                rule(
                    "!has(self.strategy) || self.strategy != 'MIG' || has(self.profile)",
                    "sharing MIG needs the profile that the nodes are cut into: set sharing.profile, as 1g.10gb",
                ),
                rule(
                    "!has(self.strategy) || !(self.strategy in ['TimeSlicing', 'MPS']) || has(self.replicas)",
                    "sharing by TimeSlicing or MPS needs the number of pods on a device: set sharing.replicas",
                ),
            ],
        ),
    )


class Toleration(Part):
    """A taint that the pool's pods bear, as in a pod."""

    key: Annotated[str | None, Field(description="The taint's key; none bears all.", max_length=317)] = None
    operator: Literal["Exists", "Equal"] = Field(default="Equal", description="How the value is compared.")
    value: Annotated[str | None, Field(description="The taint's value.", max_length=63)] = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="The taint's effect; none bears all."
    )


class Nodes(Part):
    """Which nodes are the pool's."""

    selector: Annotated[
        dict[str, Annotated[str, Field(max_length=63)]],
        Field(
            description="Labels that a node must have, all of them.",
            max_length=16,
            json_schema_extra=schema(
                rules=[
                    rule(
                        "size(self) > 0",
                        "a pool must say which nodes are its own: give nodes.selector at least one label",
                    )
                ]
            ),
        ),
    ]
    tolerations: Annotated[
        tuple[Toleration, ...],
        Field(
            description="Taints that the pool's pods bear.",
            max_length=16,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ] = ()
    topology_key: Annotated[LabelKey, Field(description="The label by which Spread tells nodes apart.")] = (
        "kubernetes.io/hostname"
    )


class NodeClassRef(Part):
    """Karpenter's class of nodes, which the cloud's provider defines."""

    group: Annotated[str, Field(description="Its API group, as karpenter.k8s.aws.", min_length=1, max_length=253)]
    kind: Annotated[Short, Field(description="Its kind, as EC2NodeClass.")]
    name: Annotated[ObjectName, Field(description="Its name.")]


class Requirement(Part):
    """A requirement on nodes, as Karpenter has it."""

    key: Annotated[LabelKey, Field(description="The label's key.")]
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] = Field(
        description="How the values are compared."
    )
    values: Annotated[
        tuple[Short, ...],
        Field(description="The values.", max_length=64, json_schema_extra=schema(x_kubernetes_list_type="atomic")),
    ] = ()


class Karpenter(Part):
    """What Karpenter may make."""

    node_class_ref: NodeClassRef = Field(description="Karpenter's class of nodes.")
    requirements: Annotated[
        tuple[Requirement, ...],
        Field(
            description="Requirements on the nodes beside the pool's labels: zones, instance types, spot or on-demand.",
            max_length=32,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ] = ()
    max_nodes: Annotated[int, Field(description="How many nodes Karpenter may make.", ge=1, le=10_000)]
    devices_per_node: Annotated[int, Field(description="Devices on one such node (CPU: cores).", ge=1, le=1024)]
    max_disrupted: Annotated[
        str,
        Field(
            description="How many nodes Karpenter may disrupt at once, a number or a share, as 1 or 10%.",
            max_length=4,
            pattern=r"^([0-9]{1,3}|[0-9]{1,2}%|100%)$",
        ),
    ] = "1"
    consolidate_after: Annotated[
        Duration, Field(description="How long a node lies idle before Karpenter removes it.")
    ] = "5m"


class Provisioning(Part):
    """Where nodes come from."""

    mode: Literal["Existing", "Karpenter"] = Field(
        default="Existing",
        description="Existing: the nodes that are there. Karpenter: it makes them where it is served.",
    )
    karpenter: Karpenter | None = Field(default=None, description="What Karpenter may make; for mode Karpenter.")


class ComputePoolSpec(Part):
    """What a pool is."""

    rules: ClassVar = [
        rule(
            "self.accelerator.kind == 'cpu' || has(self.accelerator.vendor) || has(self.accelerator.resourceName)",
            "a GPU pool must say what to ask nodes for: set accelerator.vendor (nvidia, amd, intel) or "
            "accelerator.resourceName",
        ),
        rule(
            "self.accelerator.kind == 'gpu' || self.accelerator.sharing.strategy == 'None'",
            "cores are not shared by a strategy: leave accelerator.sharing out of a CPU pool",
        ),
        rule(
            "self.accelerator.sharing.strategy != 'MIG' || (has(self.accelerator.vendor) && "
            "self.accelerator.vendor == 'nvidia')",
            "only NVIDIA's GPUs have MIG: set accelerator.vendor to nvidia, or sharing.strategy to another",
        ),
        rule(
            "(self.provisioning.mode == 'Karpenter') == has(self.provisioning.karpenter)",
            "provisioning.karpenter belongs to provisioning.mode Karpenter: set both or neither",
        ),
        rule(
            "self.allocation != 'DRA' || (self.accelerator.kind == 'gpu' && has(self.deviceClassName))",
            "allocation DRA claims GPUs of a class: set deviceClassName, as gpu.nvidia.com, on a pool of kind gpu",
        ),
        rule(
            "!has(self.pricePerHour) || double(self.pricePerHour) > 0.0",
            "pricePerHour must be more than 0: leave it out where nobody pays by the hour",
        ),
    ]

    accelerator: Accelerator = Field(description="What pods compute on.")
    nodes: Nodes = Field(description="Which nodes are the pool's.")
    provisioning: Provisioning = Field(
        default=Provisioning(), description="Where nodes come from.", json_schema_extra=schema(default={})
    )
    allocation: Literal["DevicePlugin", "DRA"] = Field(
        default="DevicePlugin", description="How a pod gets its devices: by a resource's limit, or by a claim (DRA)."
    )
    device_class_name: Annotated[
        str | None, Field(description="DRA's class of devices, as gpu.nvidia.com.", max_length=253)
    ] = None
    packing: Literal["Pack", "Spread"] = Field(
        default="Pack",
        description="Pack: fill nodes, so that the others stay whole or can go. Spread: over topologyKey, so that the "
        "loss of one costs least.",
    )
    price_per_hour: Annotated[
        Money | None,
        Field(description="What one device costs an hour, in your currency; for ranking, budgets and metrics."),
    ] = None


class ComputePoolStatus(Part):
    """What a pool holds now."""

    observed_generation: Annotated[int, Field(description="The generation of the spec that this is of.", ge=0)] = 0
    nodes: Annotated[Devices, Field(description="Nodes that are ready and the pool's.")] = 0
    devices_total: Annotated[Devices, Field(description="Devices on them.")] = 0
    devices_used: Annotated[Devices, Field(description="Devices that pods have.")] = 0
    largest_free: Annotated[Devices, Field(description="The most free devices on one node.")] = 0
    workers: Annotated[Devices, Field(description="Pods of model workers.")] = 0
    cost_per_hour: Annotated[Money, Field(description="What those pods cost an hour.")] = "0"
    why: Annotated[Text, Field(description="The worst of it in a sentence.")] = ""
    conditions: Conditions = ()


__all__ = ["ComputePoolSpec", "ComputePoolStatus", "Name"]
