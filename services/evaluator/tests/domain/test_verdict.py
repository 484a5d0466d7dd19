"""What the model is held to, and what is taken of what it wrote."""

import json

import pytest
from viva_core.models.grammar import gbnf
from viva_evaluator.domain.context import AnswerContext, Language
from viva_evaluator.domain.verdict import Verdict, most_tokens, read_verdicts, schema


@pytest.mark.parametrize("language", ["en", "ko"])
def test_llama_cpp_can_hold_a_model_to_the_schema(language: Language, english: AnswerContext) -> None:
    assert gbnf(schema(english.rubric.criteria, language))


def test_the_schema_allows_five_bands_and_no_score_without_a_quote(english: AnswerContext) -> None:
    judged, not_addressed = schema(english.rubric.criteria, "en")["properties"]["result"]["anyOf"]
    assert judged["properties"]["score"] == {"enum": [1, 2, 3, 4, 5]}
    assert judged["properties"]["quotes"]["minItems"] == 1
    assert not_addressed["properties"] == {"score": {"type": "null"}}


def test_a_longer_rubric_may_take_more_tokens(english: AnswerContext) -> None:
    criteria = english.rubric.criteria
    assert most_tokens(criteria, "en") - most_tokens(criteria[:1], "en") == most_tokens(criteria[1:], "en") - 24


def said(**criteria: object) -> str:
    return json.dumps(criteria, ensure_ascii=False)


def test_what_has_the_form_is_taken_and_the_rest_is_missing(english: AnswerContext) -> None:
    text = said(
        own_action={"score": 3, "quotes": ["a b", 7], "reason": "Because."}, result={"score": 9}, charm={"score": 5}
    )
    assert read_verdicts(text, english.rubric.criteria) == {"own_action": Verdict(3, ("a b",), "Because.")}


@pytest.mark.parametrize(
    ("reason", "rationale"),
    [
        ("Names a result.", "Names a result."),
        ("Names\n a  result", "Names a result"),
        ("Names a clear result with a figure. It also sho", "Names a clear result with a figure."),
        (
            "The answer names the mechanism and the figure, but it does not sa",
            "The answer names the mechanism and the figure, but it does not …",
        ),
        ("결과를 수치로 밝혔습니다. 다만 검", "결과를 수치로 밝혔습니다."),
        ("", ""),
    ],
)
def test_a_reason_that_was_cut_ends_decently(reason: str, rationale: str, english: AnswerContext) -> None:
    text = said(result={"score": 3, "quotes": ["a b"], "reason": reason})
    verdicts = read_verdicts(text, english.rubric.criteria)
    assert verdicts is not None
    assert verdicts["result"].rationale == rationale
