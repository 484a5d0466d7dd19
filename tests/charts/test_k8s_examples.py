"""What is applied by hand fits the chart."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from viva_core.bus.topology import CONSUMERS
from viva_operator.api.worker import ModelWorkerSpec
from viva_operator.ownership import OPERATOR, REPLICAS

from tests.charts.kubernetes import MINORS, faults
from tests.charts.rendering import CHART, Manifest, containers, helm, named, of_kind, pods, render, setting

K8S = CHART.parents[1] / "k8s"
EXAMPLES = sorted((K8S / "values").glob("*.yaml"))
CUSTOM = {"Certificate", "ServiceMonitor", "PrometheusRule", "ModelWorker", "PodMonitor", "CustomResourceDefinition"}
CHARTS = ["viva-crds", "viva-operator", "viva"]  # in the order in which they are installed


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_values_render_what_kubernetes_takes(example: Path) -> None:
    done = helm("template", "viva", str(CHART), "--namespace", "viva", "--values", str(example))
    assert done.code == 0, done.stderr
    assert wrong(done.stdout) == []


def wrong(rendered: str) -> list[str]:
    """What a server would refuse of what Helm wrote."""
    manifests = [each for each in yaml.load_all(rendered, Loader=yaml.CSafeLoader) if each]
    assert manifests
    return [each for one in manifests if one["kind"] not in CUSTOM for each in faults(one, MINORS[-1])]


def documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((K8S / file).read_text(encoding="utf-8")))


def test_there_are_values_for_each_kind_of_cluster() -> None:
    names = ["air-gapped", "external-everything", "karpenter", "laptop-cpu", "one-gpu-node"]
    assert [path.stem for path in EXAMPLES] == names


def test_the_worker_of_the_karpenter_values_is_what_the_crd_takes_and_fits_the_example_s_pool() -> None:
    values = yaml.safe_load((K8S / "values/karpenter.yaml").read_text(encoding="utf-8"))["gpu"]
    (pool,) = [each for each in documents("examples/karpenter-two-zones.yaml") if each["kind"] == "ComputePool"]
    for spec in values["modelWorkers"].values():
        worker = ModelWorkerSpec.model_validate(spec)
        assert worker.pools == (pool["metadata"]["name"],)
        assert worker.deployment is not None
        rendered = helm(
            "template", "viva", str(CHART), "--namespace", "viva", "--values", str(K8S / "values/karpenter.yaml")
        ).stdout
        found = list(yaml.load_all(rendered, Loader=yaml.CSafeLoader))
        deployment = named([each for each in found if each], "Deployment", worker.deployment.name)
        assert "replicas" not in deployment["spec"]  # the operator's to write
        assert deployment["metadata"]["annotations"][REPLICAS] == OPERATOR
    assert values["nodeSelector"] == pool["spec"]["nodes"]["selector"]


OF_THE_CHART: dict[str, tuple[str, dict[str, object]]] = {
    "cpu-only": ("laptop-cpu", {"evaluator.scaledByOperator": True}),
    "one-gpu-node": ("one-gpu-node", {"gpu.nodeSelector": {"viva.dev/pool": "gpu"}, "vllm.scaledByOperator": True}),
}
"""Examples of the operator that name a Deployment of the chart: with which values the chart makes it, and leaves its
number of pods alone."""


def test_each_example_that_names_a_deployment_is_among_them() -> None:
    found = {file.stem: documents(f"examples/{file.name}") for file in (K8S / "examples").glob("*.yaml")}
    naming = {name for name, made in found.items() if any("deployment" in each["spec"] for each in made)}
    assert naming == OF_THE_CHART.keys()


@pytest.mark.parametrize("example", OF_THE_CHART)
def test_an_example_names_a_deployment_whose_number_the_chart_leaves_to_the_operator(example: str) -> None:
    file, values = OF_THE_CHART[example]
    said = (K8S / f"examples/{example}.yaml").read_text(encoding="utf-8")
    assert [path for path in values if path not in said] == []
    pool, worker = documents(f"examples/{example}.yaml")
    given = [setting(path, value) for path, value in {**values, "apis.viva": "served"}.items()]
    done = helm("template", "viva", str(CHART), "-n", "viva", "--values", str(K8S / f"values/{file}.yaml"), *given)
    assert done.code == 0, done.stderr
    made = [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]
    deployment = named(made, "Deployment", worker["spec"]["deployment"]["name"])
    assert "replicas" not in deployment["spec"]
    assert deployment["metadata"]["annotations"][REPLICAS] == OPERATOR
    selector = deployment["spec"]["template"]["spec"].get("nodeSelector", {})
    assert selector.items() <= pool["spec"]["nodes"]["selector"].items()  # where the pool is, and nowhere else


def rendered(chart: str, values: dict[str, Any], files: list[Path], folder: Path) -> str:
    """As a GitOps controller renders it."""
    own = folder / "values.json"
    own.write_text(json.dumps(values))
    given = [argument for file in [*files, own] for argument in ("--values", str(file))]
    done = helm("template", Path(chart).name, str(K8S.parent / chart), "--namespace", "viva", *given)
    assert done.code == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("chart", CHARTS)
def test_flux_installs_each_chart_with_values_that_it_takes(chart: str, tmp_path: Path) -> None:
    source, *releases = documents("gitops/flux.yaml")
    assert [release["metadata"]["name"] for release in releases] == CHARTS
    spec = releases[CHARTS.index(chart)]["spec"]
    known = {"interval", "timeout", "dependsOn", "chart", "values", "upgrade"}
    assert spec.keys() <= known
    of = spec["chart"]["spec"]
    assert of.keys() <= {"chart", "sourceRef", "reconcileStrategy", "valuesFiles"}
    assert of["sourceRef"] == {"kind": source["kind"], "name": source["metadata"]["name"]}
    files = [K8S.parent / file for file in of.get("valuesFiles", ())]  # from the repository's root
    assert wrong(rendered(of["chart"], spec.get("values", {}), files, tmp_path)) == []
    before = CHARTS[: CHARTS.index(chart)][-1:]
    assert [each["name"] for each in spec.get("dependsOn", ())] == before


@pytest.mark.parametrize("chart", CHARTS)
def test_argo_cd_installs_each_chart_with_values_that_it_takes(chart: str, tmp_path: Path) -> None:
    applications = documents("gitops/argocd.yaml")
    assert [each["metadata"]["name"] for each in applications] == CHARTS
    application = applications[CHARTS.index(chart)]
    wave = application["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
    assert int(wave) == CHARTS.index(chart)
    source = application["spec"]["source"]
    given = source.get("helm", {})
    files = [(K8S.parent / source["path"] / file).resolve() for file in given.get("valueFiles", ())]  # from the chart
    assert wrong(rendered(source["path"], given.get("valuesObject", {}), files, tmp_path)) == []
    assert application["spec"]["syncPolicy"]["automated"]["prune"] is (chart != "viva-crds")


def test_both_ways_of_gitops_install_the_same() -> None:
    _, *releases = documents("gitops/flux.yaml")
    for release, application in zip(releases, documents("gitops/argocd.yaml"), strict=True):
        source = application["spec"]["source"]
        assert release["spec"]["chart"]["spec"]["chart"] == source["path"]
        assert release["spec"].get("values") == source.get("helm", {}).get("valuesObject")


def _installed(way: str, folder: Path) -> dict[str, list[Manifest]]:
    """What each chart makes as a GitOps controller renders it, by chart."""
    if way == "flux":
        _, *releases = documents("gitops/flux.yaml")
        of = [release["spec"]["chart"]["spec"] for release in releases]
        given = [(each["chart"], each.get("valuesFiles", ())) for each in of]
        values = [release["spec"].get("values", {}) for release in releases]
    else:
        sources = [each["spec"]["source"] for each in documents("gitops/argocd.yaml")]
        helms = [source.get("helm", {}) for source in sources]
        given = [
            (source["path"], [f"{source['path']}/{file}" for file in one.get("valueFiles", ())])
            for source, one in zip(sources, helms, strict=True)
        ]
        values = [one.get("valuesObject", {}) for one in helms]
    made = {}
    for (chart, files), own in zip(given, values, strict=True):
        text = rendered(chart, own, [(K8S.parent / file).resolve() for file in files], folder)
        made[Path(chart).name] = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
    return made


@pytest.mark.parametrize("way", ["flux", "argocd"])
def test_gitops_pulls_every_image_of_viva_from_one_registry(way: str, tmp_path: Path) -> None:
    made = _installed(way, tmp_path)
    for chart in ("viva-operator", "viva"):
        images = {each["image"] for _, _, spec in pods(made[chart]) for each in containers(spec)}
        own = {image for image in images if re.search(r"(^|/)viva/", image)}
        assert own
        assert [image for image in sorted(own) if not image.startswith("registry.example.org/viva/")] == []


@pytest.mark.parametrize("way", ["flux", "argocd"])
def test_the_policies_of_gitops_let_its_operator_ask_who_is_live(way: str, tmp_path: Path) -> None:
    made = _installed(way, tmp_path)
    operator = named(made["viva-operator"], "Deployment", "viva-operator")
    session = named(made["viva"], "NetworkPolicy", "viva-session")
    assert operator["metadata"]["namespace"] == session["metadata"]["namespace"]  # a peer without a namespace is there
    labels = operator["spec"]["template"]["metadata"]["labels"].items()
    peers = [
        peer["podSelector"]["matchLabels"].items()
        for rule in session["spec"]["ingress"]
        if any(port["port"] == 50051 for port in rule["ports"])
        for peer in rule["from"]
    ]
    assert [peer for peer in peers if peer <= labels]


@pytest.mark.parametrize("way", ["flux", "argocd"])
def test_where_gitops_scrapes_the_operator_it_is_an_alert_that_nobody_sees_it(way: str, tmp_path: Path) -> None:
    made = _installed(way, tmp_path)
    assert of_kind(made["viva-operator"], "PodMonitor")
    (group,) = named(made["viva"], "PrometheusRule", "viva-alerts")["spec"]["groups"]
    assert "VivaOperatorGone" in [rule["alert"] for rule in group["rules"]]


def test_a_release_whose_schema_may_have_moved_on_is_not_rolled_back() -> None:
    remediation = named(documents("gitops/flux.yaml"), "HelmRelease", "viva")["spec"]["upgrade"]["remediation"]
    assert "strategy" not in remediation
    assert (remediation["retries"], remediation["remediateLastFailure"]) == (0, False)


def test_argo_cd_applies_the_number_of_pods_that_git_says() -> None:
    for application in documents("gitops/argocd.yaml"):
        assert "ignoreDifferences" not in application["spec"]
        assert application["spec"]["syncPolicy"]["syncOptions"] == ["ServerSideApply=true"]


def test_the_samples_are_about_what_the_chart_and_the_bus_have() -> None:
    (scaled,) = documents("samples/keda.yaml")
    deployments = {each["metadata"]["name"] for each in of_kind(render("cpu"), "Deployment")}
    assert scaled["spec"]["scaleTargetRef"]["name"] in deployments
    lag = scaled["spec"]["triggers"][0]["metadata"]
    assert (lag["stream"], lag["consumer"]) in {(each.stream, each.durable) for each in CONSUMERS}
    assert scaled["spec"]["fallback"]["behavior"] == "currentReplicasIfHigher"
    (nodes,) = documents("samples/karpenter.yaml")
    assert nodes["spec"]["disruption"]["consolidationPolicy"] == "WhenEmpty"


def test_the_kind_configuration_has_somewhere_to_drain_to() -> None:
    (kind,) = documents("kind.yaml")
    assert (kind["kind"], kind["apiVersion"]) == ("Cluster", "kind.x-k8s.io/v1alpha4")
    assert [node["role"] for node in kind["nodes"]].count("worker") >= 2
    assert all(node.keys() == {"role"} for node in kind["nodes"])


def _secrets(release: str, **environment: str) -> dict[str, str]:
    done = subprocess.run(
        [K8S / "secrets.sh", release], env={**os.environ, **environment}, capture_output=True, check=True, timeout=60
    )
    manifest = yaml.safe_load(done.stdout)
    assert faults(manifest, MINORS[-1]) == []
    return {key: base64.b64decode(value).decode() for key, value in manifest["data"].items()}


def test_the_secret_has_every_key_that_the_chart_names() -> None:
    keys = yaml.safe_load((CHART / "values.yaml").read_text())["secrets"]["keys"]
    made = _secrets(
        "viva", DEEPGRAM_KEY="d", S3_ACCESS_KEY="a", S3_SECRET_KEY="s", OIDC_CLIENT_SECRET="o", MODEL_API_KEY="m"
    )
    wanted = {value for name, value in keys.items() if name != "natsPrefix"}
    assert {key for key in made if not key.startswith(keys["natsPrefix"])} == wanted


def test_passwords_are_new_each_time_and_nats_server_cannot_take_them_for_numbers() -> None:
    first, second = _secrets("viva"), _secrets("viva")
    assert all(first[key] != second[key] for key in first)
    assert all(value[0].isalpha() for key, value in first.items() if key.startswith("nats-"))


@pytest.mark.parametrize(("release", "host"), [("viva", "viva-postgresql"), ("trial", "trial-viva-postgresql")])
def test_the_database_s_address_is_the_release_s(release: str, host: str) -> None:
    made = _secrets(release)
    assert made["database-url"] == f"postgresql://viva:{made['postgresql-password']}@{host}:5432/viva"


def test_a_name_that_is_none_is_refused() -> None:
    done = subprocess.run([K8S / "secrets.sh", "Viva;x"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "is no name of a release" in done.stderr
