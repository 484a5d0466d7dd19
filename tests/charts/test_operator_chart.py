"""The operator's charts: exactly the code's rights, restricted Pod Security, settings that the operator knows."""

import json

import pytest
from viva_operator.api.crds import crds
from viva_operator.api.worker import ModelWorkerSpec
from viva_operator.commands import rights_json
from viva_operator.settings import Settings

from tests.charts.kubernetes import MINORS, faults
from tests.charts.rendering import CHART, Manifest, helm, named, of_kind, render, rendered_operator, setting
from tests.charts.test_chart_manifests import _restricted

CHARTS = CHART.parent
NAME = "viva-operator"


def container(*arguments: str) -> Manifest:
    (found,) = named(rendered_operator(*arguments), "Deployment", NAME)["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("minor", MINORS)
def test_manifests_are_valid_for_the_last_minors(minor: str) -> None:
    assert [fault for each in rendered_operator() for fault in faults(each, minor)] == []


def test_the_pod_passes_restricted_pod_security() -> None:
    assert _restricted(named(rendered_operator(), "Deployment", NAME)["spec"]["template"]["spec"]) == []


def test_the_rights_are_those_of_the_code() -> None:
    kept = (CHARTS / NAME / "files/rights.json").read_text(encoding="utf-8")
    assert kept == rights_json(), "the rights changed: run `python -m viva_operator rights`"
    rights = json.loads(kept)
    assert named(rendered_operator(), "ClusterRole", NAME)["rules"] == rights["cluster"]
    assert named(rendered_operator(), "Role", NAME)["rules"] == rights["own"]


def test_every_variable_is_a_setting_of_the_operator() -> None:
    names = {each["name"] for each in container(setting("otlpEndpoint", "http://c:4317"))["env"]} - {"HOME", "USER"}
    known = {f"VIVA_{name.upper()}" for name in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in names} <= known


def test_two_replicas_that_are_not_taken_away_together() -> None:
    assert named(rendered_operator(), "Deployment", NAME)["spec"]["replicas"] == 2
    assert named(rendered_operator(), "PodDisruptionBudget", NAME)["spec"]["maxUnavailable"] == 1
    assert of_kind(rendered_operator(setting("replicas", 1)), "PodDisruptionBudget") == []


def test_a_digest_stands_above_a_tag() -> None:
    digest = f"sha256:{'c' * 64}"
    assert container(setting("image.digest", digest))["image"] == f"viva/operator@{digest}"


def test_one_registry_for_both_charts() -> None:
    """An umbrella chart, or one file of values, hands `global` to the chart viva and to this one."""
    everywhere = setting("global.imageRegistry", "registry.example.org/")
    assert container(everywhere)["image"].startswith("registry.example.org/viva/operator:")
    digest = f"sha256:{'c' * 64}"
    digested = container(everywhere, setting("image.digest", digest))["image"]
    assert digested == f"registry.example.org/viva/operator@{digest}"
    own = container(everywhere, setting("image.registry", "own.example.org"))["image"]
    assert own.startswith("own.example.org/viva/operator:")
    secrets = setting("global.imagePullSecrets", ["one", "two"]), setting("imagePullSecrets", ["two", "three"])
    pod = named(rendered_operator(*secrets), "Deployment", NAME)["spec"]["template"]["spec"]
    assert [each["name"] for each in pod["imagePullSecrets"]] == ["one", "two", "three"]


@pytest.mark.parametrize("wrong", [("replicsa", 2), ("nats.url", "viva-nats:4222"), ("leaseDuration", 1)])
def test_a_value_that_is_wrong_is_refused(wrong: tuple[str, object]) -> None:
    done = helm("template", NAME, str(CHARTS / NAME), setting(*wrong))
    assert done.code != 0
    assert wrong[0].split(".")[-1] in done.stderr


@pytest.mark.parametrize(("value", "field"), [("interval", "operator_interval"), ("leaseDuration", "lease_duration")])
def test_the_chart_takes_what_the_operator_takes(value: str, field: str) -> None:
    schema = json.loads((CHARTS / NAME / "values.schema.json").read_text())["properties"][value]
    limits = {type(each).__name__: each for each in Settings.model_fields[field].metadata}
    assert schema["maximum"] == limits["Le"].le
    assert helm("template", NAME, str(CHARTS / NAME), setting(value, limits["Le"].le)).code == 0
    assert helm("template", NAME, str(CHARTS / NAME), setting(value, limits["Le"].le + 1)).code != 0


def test_the_crds_are_a_chart_that_keeps_them() -> None:
    done = helm("template", "crds", str(CHARTS / "viva-crds"))
    assert done.code == 0, done.stderr
    for each in crds():
        assert f"name: {each['metadata']['name']}" in done.stdout
    assert done.stdout.count("helm.sh/resource-policy: keep") == len(crds())


def test_the_workers_that_the_stack_s_chart_makes_are_what_the_crd_takes() -> None:
    manifests = render("gpu")
    workers = of_kind(manifests, "ModelWorker")
    assert workers
    for each in workers:
        worker = ModelWorkerSpec.model_validate(each["spec"])
        assert worker.deployment is not None
        assert "replicas" not in named(manifests, "Deployment", worker.deployment.name)["spec"]  # the operator's


@pytest.mark.parametrize("chart", [NAME, "viva-crds"])
def test_helm_lint_has_nothing_to_say(chart: str) -> None:
    done = helm("lint", "--strict", str(CHARTS / chart))
    assert done.code == 0, done.stdout + done.stderr


def test_the_user_that_is_a_number_has_a_name_for_kopf() -> None:
    """kopf asks getpass who runs it, which knows no user that is not in the image's /etc/passwd."""
    (deployment,) = of_kind(rendered_operator(), "Deployment")
    (operator,) = deployment["spec"]["template"]["spec"]["containers"]
    assert {"name": "USER", "value": "viva"} in operator["env"]
