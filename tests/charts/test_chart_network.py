"""NetworkPolicies let through what viva_core's table of edges names, and nothing else."""

import pytest
from viva_core.network import EDGES, JOBS, OUTSIDE, PORTS, SERVICES, STORES

from tests.charts.rendering import CASES, Manifest, of_kind, pods, render, setting

COMPONENT = "app.kubernetes.io/component"


def _component(peer: Manifest) -> str | None:
    return peer.get("podSelector", {}).get("matchLabels", {}).get(COMPONENT)


def _policies(manifests: list[Manifest]) -> dict[str, Manifest]:
    found = {}
    for policy in of_kind(manifests, "NetworkPolicy"):
        component = policy["spec"]["podSelector"]["matchLabels"].get(COMPONENT)
        if component is not None:
            found[component] = policy["spec"]
    return found


def _ports(rule: Manifest) -> set[tuple[int, str, int | None]]:
    return {(port["port"], port["protocol"], port.get("endPort")) for port in rule["ports"]}


def _inside(manifests: list[Manifest], direction: str, key: str) -> set[tuple[str, str, tuple[int, str, int | None]]]:
    """(component, other component, port) of every rule between two components."""
    return {
        (component, other, port)
        for component, policy in _policies(manifests).items()
        for rule in policy[direction]
        for peer in rule.get(key, [])
        if (other := _component(peer)) is not None
        for port in _ports(rule)
    }


def _declared(present: set[str]) -> set[tuple[str, str, tuple[int, str, int | None]]]:
    return {
        (edge.source, edge.target, (PORTS[edge.port].number, PORTS[edge.port].protocol, PORTS[edge.port].last))
        for edge in EDGES
        if {edge.source, edge.target} <= present
    }


@pytest.mark.parametrize("case", CASES)
def test_the_ways_between_components_are_those_of_the_table(case: str) -> None:
    manifests = render(case)
    declared = _declared(set(_policies(manifests)))
    assert _inside(manifests, "egress", "to") == declared
    assert {(target, source, port) for source, target, port in declared} == _inside(manifests, "ingress", "from")


@pytest.mark.parametrize("case", CASES)
def test_every_pod_has_its_policy_and_every_policy_its_pod(case: str) -> None:
    manifests = render(case)
    components = {metadata["labels"][COMPONENT] for _, metadata, _ in pods(manifests)}
    assert components == set(_policies(manifests))


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_named_is_denied(case: str) -> None:
    (deny,) = [
        policy
        for policy in of_kind(render(case), "NetworkPolicy")
        if COMPONENT not in policy["spec"]["podSelector"]["matchLabels"]
    ]
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny["spec"]
    assert "egress" not in deny["spec"]


@pytest.mark.parametrize(
    ("case", "expected"), [("cpu", {"models"}), ("voice", {"models"}), ("gpu", {"models", "media", "gateway"})]
)
def test_only_who_must_reaches_the_internet(case: str, expected: set[str]) -> None:
    reach = {
        component
        for component, policy in _policies(render(case)).items()
        for rule in policy["egress"]
        if "to" not in rule and (443, "TCP", None) in _ports(rule)
    }
    assert expected == reach


def test_with_models_brought_along_nothing_reaches_the_internet() -> None:
    policies = _policies(render("cpu", setting("models.pull", False)))
    everywhere = [component for component, policy in policies.items() for rule in policy["egress"] if "to" not in rule]
    assert everywhere == []


def test_only_the_gateway_takes_requests_from_outside() -> None:
    open_to_all = {
        component
        for component, policy in _policies(render("cpu")).items()
        for rule in policy["ingress"]
        if "from" not in rule
    }
    assert open_to_all == {"gateway"}


def test_given_peers_narrow_what_is_outside() -> None:
    policies = _policies(render("gpu"))
    assert all("from" in rule for rule in policies["gateway"]["ingress"])
    (database,) = [rule for rule in policies["session"]["egress"] if (5432, "TCP", None) in _ports(rule)]
    assert database["to"] == [{"ipBlock": {"cidr": "10.20.0.0/24"}}]


def _may_ask_nats(*arguments: str) -> list[Manifest]:
    """The peers that reach the bundled NATS' monitoring endpoint."""
    rules = _policies(render("cpu", *arguments))["nats"]["ingress"]
    return [peer for rule in rules if (8222, "TCP", None) in _ports(rule) for peer in rule["from"]]


def test_a_scaled_object_of_ones_own_reaches_nats_when_it_is_said_where_keda_is() -> None:
    keda, prometheus = (
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}} for name in ("keda", "monitoring")
    )
    narrow = setting("networkPolicy.prometheusPeers", [prometheus])
    assert _may_ask_nats(narrow) == [prometheus]
    assert _may_ask_nats(narrow, setting("networkPolicy.kedaPeers", [keda])) == [prometheus, keda]


def test_every_end_of_an_edge_is_declared() -> None:
    known = {*SERVICES, *STORES, *JOBS, *OUTSIDE}
    assert {end for edge in EDGES for end in (edge.source, edge.target)} <= known
    assert {edge.port for edge in EDGES} <= set(PORTS)


def test_without_policies_there_are_none() -> None:
    assert of_kind(render("cpu", setting("networkPolicy.enabled", False)), "NetworkPolicy") == []
