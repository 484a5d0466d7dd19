"""The CustomResourceDefinitions, made of the types. `charts/viva-crds` holds them as YAML; a test compares."""

from typing import Any

import yaml

from viva_operator.api.base import GROUP, VERSION
from viva_operator.api.pool import ComputePoolSpec, ComputePoolStatus
from viva_operator.api.schema import structural
from viva_operator.api.worker import ModelWorkerSpec, ModelWorkerStatus

HEADER = "# Made by `python -m viva_operator crds`; change the types in operators/pools, not this file.\n"


def _column(name: str, kind: str, path: str, description: str, *, wide: bool = False) -> dict[str, Any]:
    made = {"name": name, "type": kind, "jsonPath": path, "description": description}
    return {**made, "priority": 1} if wide else made


def _condition(kind: str, field: str) -> str:
    return f'.status.conditions[?(@.type=="{kind}")].{field}'


_POOL_COLUMNS = [
    _column("Kind", "string", ".spec.accelerator.kind", "gpu or cpu"),
    _column("Nodes", "integer", ".status.nodes", "Nodes that are ready"),
    _column("Devices", "integer", ".status.devicesTotal", "Devices on them"),
    _column("Used", "integer", ".status.devicesUsed", "Devices that pods have"),
    _column("Largest", "integer", ".status.largestFree", "The most free devices on one node"),
    _column("Ready", "string", _condition("Ready", "status"), "Whether workers can be placed"),
    _column("Why", "string", ".status.why", "The worst of it"),
    _column("Cost/h", "string", ".status.costPerHour", "What its workers cost an hour", wide=True),
    _column("Age", "date", ".metadata.creationTimestamp", "Since when it is there"),
]
_WORKER_COLUMNS = [
    _column("Role", "string", ".spec.role", "Whose work it does"),
    _column("Pool", "string", ".status.pool", "Where most of its pods are"),
    _column("Desired", "integer", ".status.desired", "Pods that the rules ask for"),
    _column("Replicas", "integer", ".status.replicas", "Pods that are meant to run"),
    _column("Available", "integer", ".status.ready", "Pods that are ready"),
    _column("Lag", "integer", ".status.lag.pending", "Messages that wait"),
    _column("Ready", "string", _condition("Ready", "status"), "Whether all that is wanted is there"),
    _column("Why", "string", ".status.why", "The last plan in a sentence"),
    _column("Draining", "integer", ".status.draining", "Pods that finish and go", wide=True),
    _column("Cost/h", "string", ".status.costPerHour", "What its pods cost an hour", wide=True),
    _column("Age", "date", ".metadata.creationTimestamp", "Since when it is there"),
]


def crds() -> list[dict[str, Any]]:
    """Both, in the order in which they should be applied."""
    pool = _crd(
        kind="ComputePool",
        short="cpool",
        scope="Cluster",
        description="Nodes of one sort, with the devices that model workers run on.",
        spec=structural(ComputePoolSpec),
        status=structural(ComputePoolStatus),
        columns=_POOL_COLUMNS,
    )
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    worker = _crd(
        kind="ModelWorker",
        short="mw",
        scope="Namespaced",
        description="Workers of one role and model, sized by interviews.",
        spec=structural(ModelWorkerSpec),
        status=structural(ModelWorkerStatus),
        columns=_WORKER_COLUMNS,
        scale=scale,
    )
    return [pool, worker]


def _crd(
    *,
    kind: str,
    short: str,
    scope: str,
    description: str,
    spec: dict[str, Any],
    status: dict[str, Any],
    columns: list[dict[str, Any]],
    scale: dict[str, str] | None = None,
) -> dict[str, Any]:
    plural = f"{kind.lower()}s"
    # The name becomes part of a Deployment's, `worker-pool`, and a label's value, which is 63 characters at most.
    name = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 40}}}
    whole = {
        "description": description,
        "type": "object",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "description": "The version of this schema.", "maxLength": 64},
            "kind": {"type": "string", "description": "The kind of object.", "maxLength": 64},
            "metadata": name,
            "spec": spec,
            "status": status,
        },
    }
    version: dict[str, Any] = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": whole},
        "subresources": {"status": {}, **({"scale": scale} if scale else {})},
        "additionalPrinterColumns": columns,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{GROUP}",
            "annotations": {"helm.sh/resource-policy": "keep"},
            "labels": {"app.kubernetes.io/part-of": "viva"},
        },
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "shortNames": [short],
                "categories": ["viva"],
            },
            "versions": [version],
        },
    }


class _Plain(yaml.SafeDumper):
    """Without anchors: a reader wants to see the whole."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(manifest: dict[str, Any]) -> str:
    """One manifest as a YAML document."""
    text: str = yaml.dump(manifest, Dumper=_Plain, sort_keys=False, width=120, allow_unicode=True)
    return text


def files() -> dict[str, str]:
    """File name → its text."""
    return {f"{crd['spec']['names']['plural']}.yaml": HEADER + as_yaml(crd) for crd in crds()}
