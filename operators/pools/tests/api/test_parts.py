"""Durations and quantities of the API, and what an object becomes in code."""

from datetime import timedelta

import pytest
from viva_operator.api.base import duration, mebibytes
from viva_operator.api.pool import ComputePoolSpec
from viva_operator.api.worker import ModelWorkerSpec


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("1h30m", 5400), ("2h", 7200), ("1h0m5s", 3605), ("0s", 0)]
)
def test_a_duration_is_read_as_go_writes_it(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(("text", "mib"), [("512Mi", 512), ("80Gi", 81920), ("1.5Gi", 1536), ("2Ti", 2097152)])
def test_a_quantity_is_read_in_mebibytes(text: str, mib: int) -> None:
    assert mebibytes(text) == mib


def test_a_pool_has_defaults_like_the_schema() -> None:
    pool = ComputePoolSpec.model_validate(
        {"accelerator": {"kind": "cpu", "memory": "4Gi"}, "nodes": {"selector": {"pool": "cpu"}}}
    )
    assert (pool.packing, pool.allocation, pool.provisioning.mode) == ("Pack", "DevicePlugin", "Existing")
    assert pool.accelerator.devices_per_pod == 1


def test_a_template_keeps_fields_that_the_schema_does_not_name() -> None:
    worker = ModelWorkerSpec.model_validate(
        {
            "role": "evaluator",
            "model": {"name": "solar", "memory": "12Gi"},
            "pools": ["gpu"],
            "template": {
                "spec": {
                    "serviceAccountName": "evaluator",
                    "containers": [{"name": "worker", "image": "evaluator:1", "env": [{"name": "A", "value": "b"}]}],
                }
            },
        }
    )
    assert worker.template is not None
    spec = worker.template.spec.model_dump(by_alias=True, exclude_none=True)
    assert spec["serviceAccountName"] == "evaluator"
    assert spec["containers"][0]["env"] == [{"name": "A", "value": "b"}]
