"""The examples of k8s/examples are what the schema takes, without a field that it does not know."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from viva_operator.api import crds
from viva_operator.api.pool import ComputePoolSpec
from viva_operator.api.worker import ModelWorkerSpec

FOLDER = Path(__file__).parents[4] / "k8s/examples"
FILES = sorted(FOLDER.glob("*.yaml"))
CRDS = {crd["spec"]["names"]["kind"]: crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"] for crd in crds.crds()}


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, refusing what the API server would prune."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes")}
    if "properties" in schema:
        made["properties"] = {key: strict(value) for key, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = strict(schema[key])
    return made


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def test_there_is_an_example_for_each_kind_of_cluster() -> None:
    assert [path.stem for path in FILES] == ["cpu-only", "karpenter-two-zones", "mig-a100", "one-gpu-node"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_what_the_schema_takes(path: Path) -> None:
    for document in documents(path):
        schema = strict(CRDS[document["kind"]])
        schema["properties"]["metadata"] = {"type": "object"}
        jsonschema_rs.validator_for(schema).validate(document)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_names_only_pools_that_it_has(path: Path) -> None:
    found = documents(path)
    pools = {each["metadata"]["name"] for each in found if each["kind"] == "ComputePool"}
    for each in found:
        if each["kind"] == "ComputePool":
            ComputePoolSpec.model_validate(each["spec"])
        else:
            worker = ModelWorkerSpec.model_validate(each["spec"])
            assert set(worker.pools) <= pools
            assert (worker.template is None) != (worker.deployment is None)


def test_a_field_that_the_schema_does_not_know_is_noticed() -> None:
    schema = strict(CRDS["ComputePool"])
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validator_for(schema).validate({"spec": {"acelerator": {}}})
