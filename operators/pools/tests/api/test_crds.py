"""The CRDs: what is in the chart is what the types say, and every field has its limits and its words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from viva_operator.api import crds

CHART = Path(__file__).parents[4] / "charts/viva-crds/templates"
CRDS = {crd["spec"]["names"]["kind"]: crd for crd in crds.crds()}


def schema_of(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = CRDS[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each schema with its path."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if key in schema:
            yield from nodes(schema[key], f"{path}[]")


ALL = [(kind, path, node) for kind in CRDS for path, node in nodes(schema_of(kind))]


def test_the_chart_holds_what_the_types_say() -> None:
    held = {path.name: path.read_text(encoding="utf-8") for path in CHART.glob("*.yaml")}
    assert held == crds.files(), "the CRDs changed: run `python -m viva_operator crds`"


def test_a_file_reads_back_as_the_crd() -> None:
    assert [yaml.safe_load(text) for text in crds.files().values()] == crds.crds()


def test_every_string_list_and_map_has_a_limit() -> None:
    without = []
    for kind, path, node in ALL:
        if path.startswith(".metadata"):
            continue
        wanted = {"string": "maxLength", "array": "maxItems"}.get(node.get("type", ""))
        if wanted and wanted not in node and "enum" not in node:
            without.append(f"{kind}{path}: {wanted}")
        if "additionalProperties" in node and "maxProperties" not in node:
            without.append(f"{kind}{path}: maxProperties")
    assert without == []


def test_every_number_has_a_smallest_value() -> None:
    assert [
        f"{kind}{path}" for kind, path, node in ALL if node.get("type") == "integer" and "minimum" not in node
    ] == []


def test_every_field_of_spec_and_status_says_what_it_is() -> None:
    said = [(kind, path, node) for kind, path, node in ALL if re.match(r"\.(spec|status)", path) and path[-1] != "]"]
    assert [f"{kind}{path}" for kind, path, node in said if not node.get("description")] == []


def test_every_list_says_how_it_is_merged() -> None:
    assert [
        f"{kind}{path}"
        for kind, path, node in ALL
        if node.get("type") == "array" and "x-kubernetes-list-type" not in node
    ] == []


@pytest.mark.parametrize("kind", CRDS)
def test_a_schema_is_structural(kind: str) -> None:
    for path, node in nodes(schema_of(kind)):
        assert node.get("type"), path
        assert not {"$ref", "anyOf", "allOf", "oneOf", "title", "const"} & node.keys(), path
        assert "properties" not in node or "additionalProperties" not in node, path


def test_every_rule_says_what_to_do() -> None:
    rules = [(f"{kind}{path}", rule) for kind, path, node in ALL for rule in node.get("x-kubernetes-validations", ())]
    assert len(rules) > 20
    cures = r"\b(set|make|leave|name|lower|raise|take|put|give|must|no more|has either)\b"
    assert [where for where, rule in rules if not re.search(cures, rule["message"])] == []


def test_kubectl_tells_at_a_glance() -> None:
    names = {kind: crd["spec"]["names"] for kind, crd in CRDS.items()}
    assert {kind: (name["shortNames"], name["categories"]) for kind, name in names.items()} == {
        "ComputePool": (["cpool"], ["viva"]),
        "ModelWorker": (["mw"], ["viva"]),
    }
    for crd in CRDS.values():
        columns = {column["name"] for column in crd["spec"]["versions"][0]["additionalPrinterColumns"]}
        assert {"Ready", "Why", "Age"} <= columns


def test_a_worker_can_be_scaled_by_its_subresource() -> None:
    assert CRDS["ModelWorker"]["spec"]["versions"][0]["subresources"]["scale"] == {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }


def test_conditions_are_a_map_by_type() -> None:
    for kind in CRDS:
        conditions = schema_of(kind)["properties"]["status"]["properties"]["conditions"]
        assert conditions["x-kubernetes-list-type"] == "map"
        assert conditions["x-kubernetes-list-map-keys"] == ["type"]
        assert {"type", "status", "reason", "message", "lastTransitionTime"} <= set(conditions["items"]["required"])
