"""What k8s/ shows of other projects is what their own schemas take, without a field that they do not know."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from viva_operator.resources import NODE_POOLS, POOLS, SCALED_OBJECTS, WORKERS, Resource

from tests.cluster.admin import Admin

K8S = Path(__file__).parents[2] / "k8s"
SOURCES = Resource("source.toolkit.fluxcd.io", "v1", "GitRepository", "gitrepositories")
APPLICATIONS = Resource("argoproj.io", "v1alpha1", "Application", "applications")
SHOWN = {
    "samples/karpenter.yaml": NODE_POOLS,
    "samples/keda.yaml": SCALED_OBJECTS,
    "gitops/flux.yaml": SOURCES,
    "gitops/argocd.yaml": APPLICATIONS,
}
"""File → the kind in it that is asked for. Flux' HelmRelease is not published as a module: tests/charts looks at it."""

EXAMPLES = sorted(path.stem for path in (K8S / "examples").glob("*.yaml"))


@pytest.mark.parametrize("file", SHOWN)
async def test_an_example_is_what_its_project_s_schema_takes(file: str, admin: Admin) -> None:
    resource = SHOWN[file]
    found: list[dict[str, Any]] = [
        each for each in yaml.safe_load_all((K8S / file).read_text()) if each["kind"] == resource.kind
    ]
    assert found
    await admin.serve(resource)
    try:
        for each in found:
            if "namespace" in each["metadata"]:
                each["metadata"]["namespace"] = "default"  # the one that there is
            assert await admin.refusal(each, resource.plural) == ""
            unknown = {**each, "spec": {**each["spec"], "tpyo": 1}}
            assert "tpyo" in await admin.refusal(unknown, resource.plural)
    finally:
        await admin.unserve(resource)


@pytest.mark.parametrize("file", [f"examples/{name}.yaml" for name in EXAMPLES])
async def test_an_example_of_the_operator_s_is_what_the_api_server_takes(file: str, admin: Admin) -> None:
    """Its rules included, which no schema of a library knows."""
    kinds = {each.kind: each for each in (POOLS, WORKERS)}
    for each in yaml.safe_load_all((K8S / file).read_text()):
        if "namespace" in each["metadata"]:
            each["metadata"]["namespace"] = "default"  # the one that there is
        plural = kinds[each["kind"]].plural
        assert await admin.refusal(each, plural) == ""
        assert "tpyo" in await admin.refusal({**each, "spec": {**each["spec"], "tpyo": 1}}, plural)
