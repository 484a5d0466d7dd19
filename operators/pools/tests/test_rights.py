"""The rights are rendered from one table; nothing that the table lacks can be called."""

import subprocess
import sys

import pytest
import yaml
from lightkube.config.kubeconfig import KubeConfig
from lightkube.config.models import Cluster as Server
from lightkube.config.models import User
from prometheus_client import CollectorRegistry
from viva_operator.adapters.kubernetes import Cluster
from viva_operator.metrics import OperatorMetrics
from viva_operator.rbac import manifests
from viva_operator.resources import NODES, PODS, RIGHTS


async def test_a_call_that_no_right_is_declared_for_is_not_made() -> None:
    """Nobody deletes a node by accident: the client itself refuses, before anything is sent."""
    config = KubeConfig.from_one(cluster=Server(server="http://127.0.0.1:1"), user=User(token="t")).get()
    assert config is not None
    async with Cluster(config, OperatorMetrics(CollectorRegistry())) as cluster:
        with pytest.raises(AssertionError, match="delete nodes is not declared"):
            await cluster.delete(NODES, None, "gpu-0")


def test_it_creates_no_pods_and_edits_no_nodes() -> None:
    verbs = {(right.resource, right.subresource, right.verb.value) for right in RIGHTS}
    assert not {verb for resource, _, verb in verbs if resource is NODES} - {"list", "watch"}
    assert not {verb for resource, _, verb in verbs if resource is PODS} & {"create", "delete", "update"}


def test_nothing_is_granted_by_a_wildcard_and_the_lease_in_one_namespace_only() -> None:
    subject = {"kind": "ServiceAccount", "name": "viva-operator", "namespace": "viva"}
    role, own = (each for each in manifests(namespace="viva", subject=subject) if "rules" in each)
    granted = [each for rule in (*role["rules"], *own["rules"]) for values in rule.values() for each in values]
    assert "*" not in granted
    assert [rule["resources"] for rule in own["rules"]] == [["leases"]]
    assert own["metadata"]["namespace"] == "viva"
    assert ["leases"] not in [rule["resources"] for rule in role["rules"]]


def test_the_command_prints_them_as_yaml() -> None:
    command = [sys.executable, "-m", "viva_operator", "rbac", "--namespace", "here", "--account", "me"]
    text = subprocess.run(command, check=True, capture_output=True, text=True, timeout=100).stdout
    kinds = [each["kind"] for each in yaml.safe_load_all(text)]
    assert kinds == ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]
