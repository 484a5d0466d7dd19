"""What the chart renders is valid Kubernetes, passes restricted Pod Security, and is what the services understand."""

import re

import pytest

from charts.generator.schema import SETTINGS
from tests.charts.kubernetes import MINORS, faults
from tests.charts.rendering import CASES, CHART, Manifest, containers, named, of_kind, pods, render, setting

CUSTOM = {"Certificate", "HTTPRoute", "ScaledObject", "ServiceMonitor", "ModelWorker", "PrometheusRule"}
VIVA = {"session", "question-gen", "evaluator", "media", "vision", "gateway"}


@pytest.mark.parametrize("minor", MINORS)
@pytest.mark.parametrize("case", CASES)
def test_manifests_are_valid_for_the_last_minors(case: str, minor: str) -> None:
    assert [fault for each in render(case) if each["kind"] not in CUSTOM for fault in faults(each, minor)] == []


@pytest.mark.parametrize("minor", MINORS)
def test_the_look_at_manifests_sees_what_a_server_would_refuse(minor: str) -> None:
    gateway = named(render("cpu"), "Deployment", "viva-gateway")
    (fault,) = faults({**gateway, "spec": {**gateway["spec"], "replicsa": 1}}, minor)
    assert "replicsa" in fault


def _restricted(spec: Manifest) -> list[str]:
    """What of a pod the level `restricted` of the Pod Security Standards refuses."""
    faults = [f"{key} is true" for key in ("hostNetwork", "hostPID", "hostIPC", "hostUsers") if spec.get(key)]
    pod = spec.get("securityContext", {})
    faults += ["sysctls"] if pod.get("sysctls") else []
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
    for volume in spec.get("volumes", []):
        faults += [f"volume {volume['name']} is {kind}" for kind in set(volume) - {"name"} - allowed]
    for container in containers(spec):
        own = container.get("securityContext", {})
        name = container["name"]
        capabilities = own.get("capabilities", {})
        faults += [f"{name}: privilege escalation"] if own.get("allowPrivilegeEscalation") is not False else []
        faults += [f"{name}: capabilities"] if capabilities.get("drop") != ["ALL"] or capabilities.get("add") else []
        faults += [f"{name}: privileged"] if own.get("privileged") else []
        faults += [f"{name}: may be root"] if not own.get("runAsNonRoot", pod.get("runAsNonRoot")) else []
        faults += [f"{name}: is root"] if own.get("runAsUser", pod.get("runAsUser")) == 0 else []
        seccomp = own.get("seccompProfile", pod.get("seccompProfile", {})).get("type")
        faults += [f"{name}: seccomp"] if seccomp not in ("RuntimeDefault", "Localhost") else []
        faults += [f"{name}: host port"] if any("hostPort" in port for port in container.get("ports", [])) else []
    return faults


@pytest.mark.parametrize("case", CASES)
def test_every_pod_passes_restricted_pod_security(case: str) -> None:
    assert {where: found for where, _, spec in pods(render(case)) if (found := _restricted(spec))} == {}


def test_the_look_at_pod_security_sees_what_it_should() -> None:
    container = {"name": "c", "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}}
    spec = {"hostNetwork": True, "containers": [container], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}
    assert _restricted(spec) == [
        "hostNetwork is true",
        "volume v is hostPath",
        "c: privilege escalation",
        "c: capabilities",
        "c: may be root",
        "c: seccomp",
    ]


@pytest.mark.parametrize("case", CASES)
def test_no_pod_has_a_token_and_every_root_is_read_only(case: str) -> None:
    for where, _, spec in pods(render(case)):
        assert spec["automountServiceAccountToken"] is False, where
        assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in containers(spec)), where
        assert isinstance(spec["securityContext"]["runAsUser"], int), where


@pytest.mark.parametrize("case", CASES)
def test_every_container_says_what_it_needs(case: str) -> None:
    for where, _, spec in pods(render(case)):
        for container in containers(spec):
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, (where, container["name"])
            assert "memory" in container["resources"]["limits"], (where, container["name"])


@pytest.mark.parametrize("case", CASES)
def test_every_mount_has_its_volume(case: str) -> None:
    manifests = render(case)
    claims = {
        f"StatefulSet/{each['metadata']['name']}": {
            claim["metadata"]["name"] for claim in each["spec"]["volumeClaimTemplates"]
        }
        for each in of_kind(manifests, "StatefulSet")
    }
    for where, _, spec in pods(manifests):
        volumes = {volume["name"] for volume in spec.get("volumes", [])} | claims.get(where, set())
        mounts = {mount["name"] for container in containers(spec) for mount in container.get("volumeMounts", [])}
        assert mounts == volumes, where


@pytest.mark.parametrize("case", CASES)
def test_every_variable_is_a_setting_of_its_service(case: str) -> None:
    for where, metadata, spec in pods(render(case)):
        component = metadata["labels"]["app.kubernetes.io/component"]
        if component not in VIVA:
            continue
        words = component.split("-")
        known = SETTINGS[words[0] + "".join(word.title() for word in words[1:])].model_fields
        (container,) = spec["containers"]
        for variable in container["env"]:
            if variable["name"].startswith("VIVA_"):
                name = variable["name"].removeprefix("VIVA_").lower()
                assert name in known or name.removesuffix("_file") in known, f"{where}: {variable['name']}"


@pytest.mark.parametrize("case", CASES)
def test_settings_are_what_the_service_takes(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _, metadata, spec in pods(render(case)):
        component = metadata["labels"]["app.kubernetes.io/component"]
        if component not in VIVA:
            continue
        words = component.split("-")
        settings = SETTINGS[words[0] + "".join(word.title() for word in words[1:])]
        given = {"database_url": "postgresql://x", "media_token_key": "k" * 16} & settings.model_fields.keys()
        with monkeypatch.context() as patch:
            for variable in spec["containers"][0]["env"]:
                if not variable["name"].endswith("_FILE"):
                    patch.setenv(variable["name"], variable["value"])
            settings(**dict.fromkeys(given, "k" * 16))  # raises for a value that is out of its limits


def test_a_large_number_reaches_its_service_as_it_is() -> None:
    gateway = named(render("gpu"), "Deployment", "viva-gateway")
    env = {each["name"]: each.get("value") for each in gateway["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["VIVA_MAX_BODY_BYTES"] == "2097152"


@pytest.mark.parametrize("case", CASES)
def test_each_pod_sees_only_the_keys_of_the_secret_that_it_needs(case: str) -> None:
    manifests = render(case)
    for where, metadata, spec in pods(manifests):
        component = metadata["labels"]["app.kubernetes.io/component"]
        keys = {item["key"] for volume in spec.get("volumes", []) for item in volume.get("secret", {}).get("items", [])}
        whole = [volume for volume in spec.get("volumes", []) if "secret" in volume and "items" not in volume["secret"]]
        assert whole == [], where
        buses = {key for key in keys if key.startswith("nats-")}
        assert buses <= {f"nats-{component}", "nats-admin"}, where
        assert ("nats-admin" in buses) == (component == "streams"), where
        if "database-url" in keys:
            assert component in {"session", "gateway", "migrate-session", "migrate-gateway", "account"}, where


@pytest.mark.parametrize("case", CASES)
def test_no_secret_is_made_and_no_password_stands_in_a_manifest(case: str) -> None:
    manifests = render(case)
    assert of_kind(manifests, "Secret") == []
    for _, _, spec in pods(manifests):
        for container in containers(spec):
            for variable in container.get("env", []):
                if re.search("PASSWORD|SECRET|TOKEN|KEY", variable["name"]):
                    assert "valueFrom" in variable or variable["name"].endswith("_FILE"), variable


@pytest.mark.parametrize("case", CASES)
def test_no_budget_can_hold_up_a_drain(case: str) -> None:
    for budget in of_kind(render(case), "PodDisruptionBudget"):
        assert "minAvailable" not in budget["spec"]
        assert budget["spec"]["maxUnavailable"] >= 1
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_a_single_pod_has_no_budget_and_several_have_one() -> None:
    budgets = [each["metadata"]["name"] for each in of_kind(render("cpu"), "PodDisruptionBudget")]
    assert budgets == []
    budgets = [
        each["metadata"]["name"]
        for each in of_kind(render("cpu", setting("gateway.replicas", 2)), "PodDisruptionBudget")
    ]
    assert budgets == ["viva-gateway"]


@pytest.mark.parametrize("case", CASES)
def test_a_pod_has_the_time_to_drain(case: str) -> None:
    for where, metadata, spec in pods(render(case)):
        if metadata["labels"]["app.kubernetes.io/component"] not in VIVA:
            continue
        (container,) = spec["containers"]
        (grace,) = [float(each["value"]) for each in container["env"] if each["name"] == "VIVA_GRACE"]
        pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert spec["terminationGracePeriodSeconds"] >= grace + pause + 2, where


@pytest.mark.parametrize("case", CASES)
def test_services_are_probed_on_the_health_port(case: str) -> None:
    for where, metadata, spec in pods(render(case)):
        if metadata["labels"]["app.kubernetes.io/component"] not in VIVA:
            continue
        (container,) = spec["containers"]
        assert container["readinessProbe"]["grpc"] == {"port": 9465}, where
        assert container["livenessProbe"]["grpc"] == {"port": 9465, "service": "live"}, where
        assert container["startupProbe"]["grpc"] == {"port": 9465, "service": "live"}, where


def test_what_something_else_scales_has_no_replicas() -> None:
    manifests = render("gpu")
    assert "replicas" not in named(manifests, "Deployment", "viva-evaluator")["spec"]
    assert "replicas" not in named(manifests, "Deployment", "viva-vllm")["spec"]
    assert named(manifests, "ScaledObject", "viva-evaluator")["spec"]["maxReplicaCount"] == 8


def test_vllm_finishes_its_answers_before_its_pod_is_ended() -> None:
    pod = named(render("gpu", setting("vllm.drainSeconds", 90)), "Deployment", "viva-vllm")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert "--shutdown-timeout=90" in container["args"]  # its default, 0, breaks every answer off at SIGTERM
    assert pod["terminationGracePeriodSeconds"] > 90 + container["lifecycle"]["preStop"]["sleep"]["seconds"]


def test_vllm_has_a_user_name_a_model_and_tells_of_its_cache() -> None:
    (container,) = named(render("gpu"), "Deployment", "viva-vllm")["spec"]["template"]["spec"]["containers"]
    # Torch asks for the name when it is loaded; /etc/passwd of the image knows no user 10001.
    assert {"name": "USER", "value": "viva"} in container["env"]
    assert container["args"][0] == "/models/llama-3.1-8b-instruct"
    assert {"--enable-prefix-caching", "--enable-prompt-tokens-details"} <= {*container["args"]}


def test_apis_that_are_not_served_are_left_out() -> None:
    assert {each["kind"] for each in render("cpu")} & CUSTOM == set()
    absent = [setting(f"apis.{api}", "absent") for api in ("prometheusOperator", "certManager", "gatewayApi")]
    assert {each["kind"] for each in render("gpu", *absent)} & CUSTOM == {"ScaledObject", "ModelWorker"}
    asked = render("voice", "--api-versions=monitoring.coreos.com/v1")
    assert "ServiceMonitor" in {each["kind"] for each in asked}


def test_stores_of_the_cluster_make_the_jobs_hooks_before_install() -> None:
    for name in ("migrate-session", "migrate-gateway", "streams"):
        hook = named(render("gpu"), "Job", f"viva-{name}")["metadata"]["annotations"]
        assert hook["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert "annotations" not in named(render("cpu"), "Job", f"viva-{name}")["metadata"]
        again = named(render("cpu", "--is-upgrade"), "Job", f"viva-{name}")["metadata"]["annotations"]
        assert again["helm.sh/hook"] == "pre-install,pre-upgrade"


def test_images_come_from_one_registry_and_by_digest_where_given() -> None:
    for _, _, spec in pods(render("gpu")):
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert all(each["image"].startswith("registry.example.org/mirror/") for each in containers(spec))
    digest = f"sha256:{'a' * 64}"
    gateway = named(render("gpu", setting("gateway.image.digest", digest)), "Deployment", "viva-gateway")
    assert (
        gateway["spec"]["template"]["spec"]["containers"][0]["image"]
        == f"registry.example.org/mirror/viva/gateway@{digest}"
    )


def test_who_waits_for_a_model_knows_the_hash_that_the_catalogue_lacks() -> None:
    model, digest = "mistral-7b-instruct-v0.3-q4_k_m", "b" * 64
    own = render("cpu", setting("evaluator.model", model), setting("models.sha256", {model: digest}))
    evaluator = named(own, "Deployment", "viva-evaluator")["spec"]["template"]["spec"]
    assert evaluator["initContainers"][0]["command"][3:] == ["verify", model, f"--sha256={digest}"]
    questions = named(own, "Deployment", "viva-question-gen")["spec"]["template"]["spec"]
    assert questions["initContainers"][0]["command"][3:] == ["verify", "qwen2.5-coder-1.5b-instruct"]


def test_a_component_s_own_words_come_before_the_defaults() -> None:
    own = render(
        "gpu", setting("vision.priorityClassName", "low"), setting("vision.tolerations", [{"operator": "Exists"}])
    )
    assert named(own, "Deployment", "viva-vision")["spec"]["template"]["spec"]["priorityClassName"] == "low"
    assert named(own, "Deployment", "viva-gateway")["spec"]["template"]["spec"]["priorityClassName"] == "interviews"
    assert named(own, "Deployment", "viva-vision")["spec"]["template"]["spec"]["tolerations"] == [
        {"operator": "Exists"}
    ]


def test_labels_for_all_are_on_every_object() -> None:
    for manifest in render("gpu"):
        if manifest["metadata"]["name"] != "viva-note":
            assert manifest["metadata"]["labels"]["team"] == "hiring", manifest["metadata"]["name"]


def test_further_objects_are_templates() -> None:
    assert named(render("gpu"), "ConfigMap", "viva-note")["data"] == {"mode": "gpu"}


def test_the_chart_and_the_workspace_have_one_version() -> None:
    chart = (CHART / "Chart.yaml").read_text()
    workspace = (CHART.parents[1] / "pyproject.toml").read_text()
    version = re.findall(r'^version = "(.+)"$', workspace, re.MULTILINE)[0]
    assert f"appVersion: {version}\n" in chart


def test_the_test_s_pod_goes_once_it_succeeded() -> None:
    """Helm's uninstall leaves the pods of hooks: one that failed stays to be looked at."""
    annotations = named(render("cpu"), "Pod", "viva-health-check")["metadata"]["annotations"]
    assert annotations["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
