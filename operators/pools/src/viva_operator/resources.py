"""Every kind of object that the operator touches, and what it does to each: the one table that its rights come from.

`adapters/kubernetes.py` makes no call that is not declared here, and `rbac.py` renders exactly these rights.
"""

from dataclasses import dataclass
from enum import StrEnum

MANAGER = "viva-operator"
"""The field manager of every server-side apply, and the name that Events are reported by."""


class Verb(StrEnum):
    """What may be asked of the API server, as RBAC calls it."""

    GET = "get"
    LIST = "list"
    WATCH = "watch"
    CREATE = "create"
    UPDATE = "update"
    PATCH = "patch"
    DELETE = "delete"


@dataclass(frozen=True)
class Resource:
    """A kind of object. `optional`: served only where its CRD is installed."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    optional: bool = False

    @property
    def name(self) -> str:
        """As kubectl takes it, and as a metric's label: `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def api_version(self) -> str:
        """As a manifest names it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str = "") -> str:
        """The URL's path of the collection, of an object, or of its subresource."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root, *(["namespaces", namespace] if namespace else []), self.plural]
        return "/".join([*parts, *([name] if name else []), *([subresource] if subresource else [])])


POOLS = Resource("viva.dev", "v1alpha1", "ComputePool", "computepools", namespaced=False)
WORKERS = Resource("viva.dev", "v1alpha1", "ModelWorker", "modelworkers")
NODES = Resource("", "v1", "Node", "nodes", namespaced=False)
PODS = Resource("", "v1", "Pod", "pods")
DEPLOYMENTS = Resource("apps", "v1", "Deployment", "deployments")
EVENTS = Resource("events.k8s.io", "v1", "Event", "events")
LEASES = Resource("coordination.k8s.io", "v1", "Lease", "leases")
SCALED_OBJECTS = Resource("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", optional=True)
NODE_POOLS = Resource("karpenter.sh", "v1", "NodePool", "nodepools", namespaced=False, optional=True)
CLAIM_TEMPLATES = Resource("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", optional=True)
SLICES = Resource("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", namespaced=False, optional=True)


@dataclass(frozen=True)
class Right:
    """One thing that the operator does, and why it must."""

    resource: Resource
    verb: Verb
    why: str
    subresource: str = ""
    own_namespace: bool = False
    """Needed in the operator's own namespace only: goes into a Role rather than the ClusterRole."""


def _watched(resource: Resource, why: str) -> tuple[Right, ...]:
    return Right(resource, Verb.LIST, why), Right(resource, Verb.WATCH, why)


def _applied(resource: Resource, why: str) -> tuple[Right, ...]:
    """Server-side apply is a patch, and a create where there is nothing yet."""
    return Right(resource, Verb.CREATE, why), Right(resource, Verb.PATCH, why)


RIGHTS: tuple[Right, ...] = (
    *_watched(POOLS, "the pools that there are"),
    Right(POOLS, Verb.PATCH, "what a pool holds", "status"),
    *_watched(WORKERS, "the workers that are wanted"),
    Right(WORKERS, Verb.PATCH, "where a worker runs, and why", "status"),
    *_watched(NODES, "devices, labels, taints and readiness"),
    *_watched(PODS, "which devices are taken, and which workers are ready"),
    Right(PODS, Verb.PATCH, "which pod of a Deployment should go first (pod-deletion-cost)"),
    *_watched(DEPLOYMENTS, "what runs now"),
    *_applied(DEPLOYMENTS, "a worker's pods, through their Deployment"),
    Right(DEPLOYMENTS, Verb.DELETE, "the Deployment of a pool that a worker has left"),
    Right(EVENTS, Verb.CREATE, "each decision, on the object that it is about"),
    Right(LEASES, Verb.GET, "who leads", own_namespace=True),
    Right(LEASES, Verb.CREATE, "who leads, the first time", own_namespace=True),
    Right(LEASES, Verb.UPDATE, "to lead on", own_namespace=True),
    Right(SCALED_OBJECTS, Verb.LIST, "what KEDA was told"),
    *_applied(SCALED_OBJECTS, "bounds and triggers for KEDA"),
    Right(SCALED_OBJECTS, Verb.DELETE, "a worker that KEDA no longer scales"),
    Right(NODE_POOLS, Verb.LIST, "what Karpenter was told"),
    *_applied(NODE_POOLS, "the nodes that Karpenter may make for a pool"),
    Right(CLAIM_TEMPLATES, Verb.LIST, "which devices are claimed"),
    *_applied(CLAIM_TEMPLATES, "devices by claim, where a pool allocates by DRA"),
    Right(SLICES, Verb.LIST, "the devices of each node, where a pool allocates by DRA"),
)
