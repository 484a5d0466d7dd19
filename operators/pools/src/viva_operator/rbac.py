"""The operator's rights as Kubernetes objects, rendered from `resources.RIGHTS` and from nothing else.

Discovery (`GET /apis`) and asking what oneself may do need no right of ours: every authenticated user has both, by
`system:discovery` and `system:basic-user`.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from viva_operator.resources import MANAGER, RIGHTS, Right

_RBAC = "rbac.authorization.k8s.io"


def rules(rights: Iterable[Right]) -> list[dict[str, Any]]:
    """RBAC rules, one for each resource and subresource, in the order of their names."""
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for right in rights:
        plural = right.resource.plural + (f"/{right.subresource}" if right.subresource else "")
        verbs[right.resource.group, plural].add(right.verb.value)
    return [
        {"apiGroups": [group], "resources": [plural], "verbs": sorted(wanted)}
        for (group, plural), wanted in sorted(verbs.items())
    ]


def manifests(
    *, namespace: str, subject: dict[str, str], rights: Iterable[Right] = RIGHTS, name: str = MANAGER
) -> list[dict[str, Any]]:
    """ClusterRole and Role with their bindings.

    Args:
        namespace: where the operator runs, and its Lease lies.
        subject: whom to bind: `{"kind": "ServiceAccount", "name": …, "namespace": …}`.
        rights: all of them, or fewer to see what breaks.
        name: of the four objects.
    """
    wanted = tuple(rights)
    cluster = rules(right for right in wanted if not right.own_namespace)
    own = rules(right for right in wanted if right.own_namespace)
    return [
        *_pair("ClusterRole", {"name": name}, cluster, subject),
        *_pair("Role", {"name": name, "namespace": namespace}, own, subject),
    ]


def _pair(
    kind: str, metadata: dict[str, str], granted: list[dict[str, Any]], subject: dict[str, str]
) -> list[dict[str, Any]]:
    group = {} if subject["kind"] == "ServiceAccount" else {"apiGroup": _RBAC}
    return [
        {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, "rules": granted},
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": f"{kind}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": metadata["name"]},
            "subjects": [{**group, **subject}],
        },
    ]
