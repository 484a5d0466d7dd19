"""What is applied by hand fits the chart."""

import base64
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.charts.kubernetes import MINORS, faults
from tests.charts.rendering import CHART, helm

K8S = CHART.parents[1] / "k8s"
EXAMPLES = sorted((K8S / "values").glob("*.yaml"))
CUSTOM = {"Certificate", "ServiceMonitor", "PrometheusRule"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example_values_render_what_kubernetes_takes(example: Path) -> None:
    done = helm("template", "viva", str(CHART), "--namespace", "viva", "--values", str(example))
    assert done.code == 0, done.stderr
    manifests = [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]
    assert [each for one in manifests if one["kind"] not in CUSTOM for each in faults(one, MINORS[-1])] == []


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
