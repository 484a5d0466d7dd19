"""The pod template of a ModelWorker: any field of a pod is let through, and those that reach the host are not.

Fields that are not named here are kept as they are (x-kubernetes-preserve-unknown-fields); the API server checks them
when the Deployment is applied, and what it says becomes a condition.
"""

from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from viva_operator.api.base import Part, rule, schema


class Open(Part):
    """A part whose other fields are kept."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True, extra="allow")


class SecurityContext(Open):
    """What a container may do."""

    privileged: bool | None = Field(default=None, description="Whether the container is the host's root.")


class Port(Open):
    """A port of a container."""

    host_port: Annotated[int | None, Field(description="The same port of the host: refused.", ge=0, le=65535)] = None


class Container(Open):
    """One container of the pod; the first one computes, and gets the devices."""

    name: Annotated[str, Field(description="Its name.", min_length=1, max_length=63)]
    image: Annotated[str, Field(description="Its image, best by digest.", min_length=1, max_length=512)]
    security_context: SecurityContext | None = Field(default=None, description="What it may do.")
    ports: Annotated[
        tuple[Port, ...] | None,
        Field(
            description="The ports that it listens on.",
            max_length=16,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ] = None


class Volume(Open):
    """A volume of the pod."""

    name: Annotated[str, Field(description="Its name.", min_length=1, max_length=63)]
    host_path: Annotated[
        dict[str, Annotated[str, Field(max_length=1024)]] | None,
        Field(description="A folder of the host: refused.", max_length=2),
    ] = None


def _every(condition: str) -> str:
    """That a condition on `c` holds of every container, those that run before the others included."""
    return (
        f"self.containers.all(c, {condition}) && (!has(self.initContainers) || self.initContainers.all(c, {condition}))"
    )


class PodSpec(Open):
    """The pod. nodeSelector, tolerations and the first container's devices are the pool's to say."""

    rules: ClassVar = [
        rule(
            "!has(self.hostNetwork) || !self.hostNetwork",
            "a worker gets no host access: take hostNetwork out of template.spec",
        ),
        rule("!has(self.hostPID) || !self.hostPID", "a worker gets no host access: take hostPID out of template.spec"),
        rule("!has(self.hostIPC) || !self.hostIPC", "a worker gets no host access: take hostIPC out of template.spec"),
        rule(
            "!has(self.volumes) || self.volumes.all(v, !has(v.hostPath))",
            "a worker gets no host access: put what hostPath held into an image, a ConfigMap or a claim",
        ),
        rule(
            _every("!has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged"),
            "a worker gets no host access: take securityContext.privileged out of containers and initContainers",
        ),
        rule(
            _every("!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)"),
            "a worker gets no host access: take hostPort out of the ports; a Service reaches its pods without",
        ),
    ]

    host_network: Annotated[bool | None, Field(description="The host's network: refused.")] = None
    host_pid: Annotated[bool | None, Field(description="The host's processes: refused.", alias="hostPID")] = None
    host_ipc: Annotated[bool | None, Field(description="The host's IPC: refused.", alias="hostIPC")] = None
    containers: Annotated[
        tuple[Container, ...],
        Field(
            description="The containers; the first one gets the devices.",
            min_length=1,
            max_length=8,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ]
    init_containers: Annotated[
        tuple[Container, ...] | None,
        Field(
            description="Containers that run before the others.",
            max_length=8,
            json_schema_extra=schema(x_kubernetes_list_type="atomic"),
        ),
    ] = None
    volumes: Annotated[
        tuple[Volume, ...] | None,
        Field(description="The volumes.", max_length=32, json_schema_extra=schema(x_kubernetes_list_type="atomic")),
    ] = None


class TemplateMeta(Part):
    """Labels and annotations of the pods."""

    labels: Annotated[
        dict[str, Annotated[str, Field(max_length=63)]],
        Field(default={}, description="Labels beside the operator's own.", max_length=32),
    ]
    annotations: Annotated[
        dict[str, Annotated[str, Field(max_length=4096)]], Field(default={}, description="Annotations.", max_length=32)
    ]


class Template(Part):
    """The pods of a worker."""

    metadata: TemplateMeta = Field(
        default=TemplateMeta(labels={}, annotations={}),
        description="Labels and annotations.",
        json_schema_extra=schema(default={}),
    )
    spec: PodSpec = Field(description="The pod.")
