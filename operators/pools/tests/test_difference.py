"""Nothing is sent for what is as it should be; anything else is a difference."""

from typing import Any

import pytest
from viva_operator.difference import APPLIED, same_status, stamped, within


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"replicas": 2}, {"replicas": 2, "strategy": {"type": "RollingUpdate"}}),  # the API server fills in
        ({"limits": {"memory": "1024Mi", "cpu": "1000m"}}, {"limits": {"memory": "1Gi", "cpu": "1"}}),
        ({"containers": [{"name": "a"}]}, {"containers": [{"name": "a", "image": "b"}]}),
        ({"labels": {}}, {}),
        ({"hostNetwork": False}, {}),
    ],
)
def test_what_is_there_is_not_sent_again(wanted: Any, found: Any) -> None:
    assert within(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"replicas": 2}, {"replicas": 3}),
        ({"replicas": 0}, {"replicas": 1}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1G"}}),
        ({"containers": [{"name": "a"}]}, {"containers": [{"name": "a"}, {"name": "b"}]}),
        ({"labels": {"a": "b"}}, {"labels": {}}),
        ({"labels": {"a": "b"}}, None),
        ({"privileged": True}, {"privileged": 1.5}),
    ],
)
def test_what_differs_is_sent(wanted: Any, found: Any) -> None:
    assert not within(wanted, found)


def test_a_field_that_is_wanted_no_more_shows_by_the_digest() -> None:
    def manifest(**spec: Any) -> Any:
        return {"metadata": {"name": "a"}, "spec": spec}

    before, after = stamped(manifest(replicas=1, paused=True)), stamped(manifest(replicas=1))
    assert before["metadata"]["annotations"][APPLIED] != after["metadata"]["annotations"][APPLIED]
    assert not within(after, before)
    assert within(after, stamped(manifest(replicas=1)))


def test_a_status_is_compared_whole() -> None:
    assert same_status({"status": {"ready": 1, "lag": None}}, {"status": {"ready": 1}})
    assert not same_status({"status": {"ready": 1}}, {"status": {"ready": 1, "old": True}})
