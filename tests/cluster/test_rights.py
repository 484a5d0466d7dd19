"""The operator's rights, on an API server with RBAC on: enough, and none too many."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs
from viva_core.errors import Denied
from viva_operator.adapters.kubernetes import Cluster
from viva_operator.ports import Manifest
from viva_operator.resources import (
    CLAIM_TEMPLATES,
    DEPLOYMENTS,
    EVENTS,
    LEASES,
    NODE_POOLS,
    RIGHTS,
    SCALED_OBJECTS,
    Right,
    Verb,
)
from viva_operator.view import WATCHED
from viva_testkit.bus import eventually

from tests.cluster.admin import Admin
from tests.cluster.replica import SLOW
from tests.cluster.world import placed, want

CALLED = [right for right in RIGHTS if right.verb is not Verb.WATCH]
NEEDED = [right for right in RIGHTS if right.verb in (Verb.LIST, Verb.WATCH) and right.resource in WATCHED]


def name(right: Right) -> str:
    subresource = f"/{right.subresource}" if right.subresource else ""
    return f"{right.verb} {right.resource.name}{subresource}"


async def call(cluster: Cluster, right: Right) -> Any:
    """What the right is for, on an object that need not be there: the right is asked for first."""
    resource, namespace = right.resource, "default" if right.resource.namespaced else None
    manifest: Manifest = {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": "probe", **({"namespace": namespace} if namespace else {})},
    }
    if resource is DEPLOYMENTS:  # what is not valid is refused before the right is asked for
        labels = {"matchLabels": {"app": "probe"}}
        template = {"metadata": {"labels": {"app": "probe"}}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}
        manifest["spec"] = {"selector": labels, "template": template}
    if resource is SCALED_OBJECTS:
        manifest["spec"] = {"scaleTargetRef": {"name": "probe"}, "triggers": [{"type": "cron", "metadata": {}}]}
    if resource is NODE_POOLS:
        nodes = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"}
        manifest["spec"] = {"template": {"spec": {"nodeClassRef": nodes, "requirements": []}}}
    calls: dict[Verb, Callable[[], Any]] = {
        Verb.GET: lambda: cluster.get(resource, namespace, "probe"),
        Verb.LIST: lambda: cluster.list(resource),
        # Server-side apply of what is not there asks for both rights, so for CREATE the patch must be allowed.
        Verb.CREATE: lambda: (
            cluster.create(resource, manifest) if resource in (EVENTS, LEASES) else cluster.apply(resource, manifest)
        ),
        Verb.PATCH: lambda: cluster.apply(resource, manifest, subresource=right.subresource),
        Verb.UPDATE: lambda: cluster.replace(resource, manifest),
        Verb.DELETE: lambda: cluster.delete(resource, namespace, "probe"),
    }
    return await calls[right.verb]()


@pytest.mark.usefixtures("gpus")
async def test_with_exactly_these_rights_everything_works(admin: Admin, launch: Callable[..., Any]) -> None:
    await want(admin, "rightful")
    operator = await launch()
    await placed(admin, "rightful")
    await want(admin, "rightful", 2)
    await placed(admin, "rightful", 2)
    assert operator.figure('viva_operator_errors_total{kind="forbidden"}') == 0
    assert not operator.said("orbidden")


@pytest.mark.parametrize("right", CALLED, ids=name)
async def test_the_log_names_a_right_that_is_missing(
    admin: Admin, granted: Callable[..., Any], cluster: Callable[[str], Cluster], right: Right
) -> None:
    for resource in (SCALED_OBJECTS, NODE_POOLS):
        await admin.serve(resource)
    user = f"without-{right.verb}-{right.resource.plural}{'-' + right.subresource if right.subresource else ''}"
    await granted(user, tuple(other for other in RIGHTS if other is not right))
    client = cluster(user)
    logged: list[Any] = []

    async def denied() -> bool:
        """Until the API server has heard of the new roles, it denies everything: also what is another's."""
        with capture_logs() as lines:
            try:
                await client.list(next(r.resource for r in RIGHTS if r.verb is Verb.LIST and r is not right))
                await call(client, right)
            except Denied:
                logged[:] = [line["operation"] for line in lines if line.get("reason") == "forbidden"]
            except Exception:
                return False
        return logged == [name(right)]

    await eventually(denied, within=SLOW)


@pytest.mark.parametrize("right", NEEDED, ids=name)
async def test_an_operator_that_may_not_see_a_kind_says_which(
    admin: Admin, launch: Callable[..., Any], right: Right
) -> None:
    user = f"blind-{right.verb}-{right.resource.plural}"
    await want(admin, "unseen")
    operator = await launch("blind", user=user, rights=tuple(other for other in RIGHTS if other is not right))
    await eventually(lambda: operator.said(f'"operation": "{name(right)}"'), within=SLOW)


def test_the_rights_name_what_they_are_for() -> None:
    assert all(right.why for right in RIGHTS)
    assert CLAIM_TEMPLATES in {right.resource for right in RIGHTS}
