"""What another manager owns is left to it, with the words that cure it; a number that was handed over is taken."""

from typing import Any

import pytest
from viva_operator.ownership import OPERATOR, REPLICAS, Held, cure, handed_over, held
from viva_operator.ports import Manifest, Ref
from viva_operator.resources import DEPLOYMENTS, SCALED_OBJECTS

from operators.pools.tests.manifests import deployment

NUMBER = Held(".spec.replicas", "kubectl")
IMAGE = Held('.spec.template.spec.containers[name="model"].image', "argocd-controller")
REF = Ref(DEPLOYMENTS, "viva", "viva-evaluator")


def refusal(*causes: tuple[str, str]) -> dict[str, Any]:
    """As the API server answers."""
    made = [{"reason": "FieldManagerConflict", "message": words, "field": name} for words, name in causes]
    return {"kind": "Status", "code": 409, "details": {"causes": made}}


def of_the_chart(component: str, **labels: str) -> Manifest:
    known = {"app.kubernetes.io/part-of": "viva", "app.kubernetes.io/instance": "trial"}
    return deployment("d", 1, {**known, "app.kubernetes.io/component": component, **labels})


def test_the_managers_are_read_from_the_api_server_s_answer() -> None:
    found = held(
        refusal(
            ('conflict with "kubectl" with subresource "scale" using apps/v1', ".spec.replicas"),
            ('conflict with "helm" using apps/v1', ".spec.paused"),
        )
    )
    assert found == (Held(".spec.replicas", "kubectl"), Held(".spec.paused", "helm"))


@pytest.mark.parametrize("answer", [{}, {"details": None}, {"details": {"causes": [{"field": ".spec"}]}}])
def test_an_answer_without_managers_names_none(answer: dict[str, Any]) -> None:
    assert held(answer) == ()
    assert cure(REF, None, held(answer)) == ""


@pytest.mark.parametrize(
    ("annotation", "conflicts", "may"),
    [
        (OPERATOR, (NUMBER,), True),
        (OPERATOR, (NUMBER, IMAGE), False),  # force would take the image as well
        (OPERATOR, (), False),
        ("helm", (NUMBER,), False),
        (None, (NUMBER,), False),
    ],
)
def test_only_a_number_that_was_handed_over_is_taken(
    annotation: str | None, conflicts: tuple[Held, ...], may: bool
) -> None:
    notes = {"annotations": {REPLICAS: annotation}} if annotation else {}
    assert handed_over(deployment("d", 1, **notes), conflicts) is may
    assert handed_over(None, conflicts) is False


@pytest.mark.parametrize(
    ("component", "value"),
    [
        ("question-gen", "questionGen.scaledByOperator: true"),
        ("evaluator", "evaluator.scaledByOperator: true"),
        ("vision", "vision.scaledByOperator: true"),
        ("vllm", "vllm.scaledByOperator: true"),
    ],
)
def test_the_cure_of_a_service_of_the_chart_is_a_value(component: str, value: str) -> None:
    words = cure(REF, of_the_chart(component), (Held(".spec.replicas", "helm"),))
    assert words == f"to leave the number to the operator, set {value} in the chart viva's values of release trial"


@pytest.mark.parametrize(
    "live",
    [None, deployment("d", 1), of_the_chart("gateway"), of_the_chart("vllm", **{"app.kubernetes.io/part-of": "x"})],
)
def test_the_cure_of_any_other_deployment_is_a_command_that_names_it(live: Manifest | None) -> None:
    assert cure(REF, live, (NUMBER,)) == (
        "to leave the number to the operator, see that kubectl writes spec.replicas no more, then "
        "kubectl -n viva annotate deployment viva-evaluator viva.dev/replicas=operator"
    )


def test_any_other_field_is_to_be_left_out_by_whoever_writes_it() -> None:
    words = 'leave spec.template.spec.containers[name="model"].image out of what argocd-controller writes'
    assert cure(REF, deployment("d", 1), (NUMBER, IMAGE)) == words
    scaled = Ref(SCALED_OBJECTS, "viva", "evaluator")
    assert cure(scaled, None, (Held(".spec.maxReplicaCount", "helm"),)) == (
        "leave spec.maxReplicaCount out of what helm writes"
    )
