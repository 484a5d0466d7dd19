"""Values that cannot work are refused before anything is installed, with a sentence that names the value."""

import pytest
from viva_core.models.catalogue import catalogue

from tests.charts.rendering import CASES, CHART, helm, setting, template, values_file


@pytest.mark.parametrize("case", CASES)
def test_lints_strictly(case: str) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", values_file(case))
    assert done.code == 0, done.stdout + done.stderr


REFUSED_BY_SCHEMA = [
    ("gatway", {}, "gatway"),
    ("gateway.replica", 2, "replica"),
    ("gateway.replicas", 0, "gateway.replicas"),
    ("gateway.replicas", "two", "gateway.replicas"),
    ("mode", "tpu", "mode"),
    ("session.settings.question_timeot", 5, "question_timeot"),
    ("session.settings.question_timeout", -1, "question_timeout"),
    ("session.settings.database_url", "postgresql://", "database_url"),
    ("gateway.image.digest", "sha256:abc", "gateway.image.digest"),
    ("defaults.maxUnavailable", 0, "defaults.maxUnavailable"),
    ("evaluator.maxUnavailable", 0, "evaluator.maxUnavailable"),
    ("nats.streamReplicas", 2, "nats.streamReplicas"),
    ("nats.external.url", "redis://x", "nats.external.url"),
    ("secrets.keys.tokenKey", "a b", "secrets.keys.tokenKey"),
    ("account.tenantId", "1", "account.tenantId"),
    ("account.roles", "owner", "account.roles"),
    ("evaluator.model", "gpt-5", "evaluator.model"),
    ("apis.keda", True, "apis.keda"),
    ("evaluator.scaledByOperator", "yes", "evaluator.scaledByOperator"),
    ("session.scaledByOperator", True, "scaledByOperator"),  # no worker of a model
    ("nats.storage.size", "8GB", "nats.storage.size"),
    ("gateway.resources.limit", {}, "limit"),
    ("gateway.publicUrl", "interviews.example.org", "gateway.publicUrl"),
]


@pytest.mark.parametrize(("path", "value", "named"), REFUSED_BY_SCHEMA)
def test_a_value_of_the_wrong_name_or_kind_is_refused(path: str, value: object, named: str) -> None:
    done = template("cpu", setting(path, value))
    assert done.code != 0
    assert "values don't meet the specifications of the schema" in done.stderr
    assert named in done.stderr


REFUSED = [
    ("cpu", {"secrets.existingSecret": ""}, "secrets.existingSecret is empty: make a Secret"),
    ("cpu", {"replicaCount": 2}, "replicaCount is not a value of this chart: every component has its own"),
    ("cpu", {"imagePullSecrets": []}, "imagePullSecrets is not a value of this chart: use global.imagePullSecrets"),
    ("cpu", {"nats.bundled": False}, "nats.external.url is empty"),
    ("cpu", {"nats.streamReplicas": 3}, "the bundled server is a single one"),
    ("cpu", {"nats.external.url": "nats://n:4222"}, "set nats.bundled to false"),
    ("cpu", {"media.enabled": True}, "turn.externalIp is empty"),
    ("voice", {"media.recordings.enabled": True}, "name a PersistentVolumeClaim"),
    ("cpu", {"ingress.enabled": True}, "ingress.host is empty"),
    ("cpu", {"ingress.tlsSecret": "t", "ingress.host": "a.b"}, "set it to https://a.b"),
    ("cpu", {"certificate.issuer": "ca"}, "certificate.issuer needs ingress.enabled"),
    ("cpu", {"httpRoute.enabled": True}, "httpRoute.parentRefs is empty"),
    ("cpu", {"account.email": ""}, "account.create needs"),
    ("cpu", {"evaluator.autoscaling.enabled": True}, "evaluator.autoscaling.enabled needs KEDA"),
    ("cpu", {"evaluator.scaledByOperator": True}, "or set evaluator.scaledByOperator to false"),
    ("cpu", {"vision.enabled": True, "vision.scaledByOperator": True}, "or set vision.scaledByOperator to false"),
    ("cpu", {"questionGen.scaledByOperator": True}, "or set questionGen.scaledByOperator to false"),
    ("gpu", {"vllm.scaledByOperator": True, "apis.viva": "absent"}, "or set vllm.scaledByOperator to false"),
    ("gpu", {"evaluator.scaledByOperator": True}, "and two would write the number of pods: set one of both to false"),
    ("gpu", {"evaluator.autoscaling.min": 9}, "min may be at most max"),
    ("gpu", {"nats.external.monitoring": ""}, "needs nats.external.monitoring"),
    ("gpu", {"apis.viva": "absent"}, "install the charts viva-crds and viva-operator first"),
    ("gpu", {"gpu.modelWorkers": None}, "gpu.modelWorkers is empty"),
    ("gpu", {"gpu.placement": "scheduler"}, "gpu.nodeSelector is empty"),
    ("gpu", {"vllm.enabled": False}, "set questionGen.settings.model_url"),
    ("gpu", {"models.sha256": None}, "has no sha256 in the catalogue"),
    ("gpu", {"models.sha256": None, "models.pull": False}, "has no sha256 in the catalogue"),
    ("cpu", {"evaluator.model": "solar-10.7b-instruct-q8_0"}, "add the id to models.acceptLicences"),
    ("cpu", {"evaluator.model": "qwen2.5-7b-instruct"}, "is served by vLLM and has no file"),
]


@pytest.mark.parametrize(("case", "values", "sentence"), REFUSED)
def test_values_that_do_not_fit_together_are_refused_with_the_way_out(
    case: str, values: dict[str, object], sentence: str
) -> None:
    done = template(case, *(setting(path, value) for path, value in values.items()))
    assert done.code != 0
    assert sentence in done.stderr


def test_the_model_for_tests_is_taken_and_says_that_it_is_no_judge() -> None:
    """Installing on a small cluster, to see that everything is there, needs no gigabyte of weights."""
    small = "smollm2-135m-instruct"
    done = template("cpu", setting("questionGen.model", small), setting("evaluator.model", small))
    assert done.code == 0, done.stderr
    assert not catalogue().get(small).judge
