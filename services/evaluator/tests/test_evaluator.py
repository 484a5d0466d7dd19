"""Rules, then the model, then its words held against the answer, and one more try for what did not hold."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from viva_core.errors import Invalid, NotFound
from viva_core.models.port import ModelBusy, ModelUnavailable
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.domain.context import AnswerContext, SpokenWord
from viva_evaluator.domain.rules import Unscored
from viva_evaluator.evaluator import Evaluation, Evaluator
from viva_testkit.models import Babble, Fail, Hang, Play, Say, ScriptedModel

ACTION = "I partitioned the ledger table by month"
RESULT = "the batch ran in six minutes"
ELSEWHERE = "I invented the transistor on a rainy afternoon"
Verdict = Callable[..., str]


async def evaluate(
    context: AnswerContext, scripts: Sequence[Play], *, seconds: float = 5.0
) -> tuple[Evaluation, ScriptedModel]:
    model = ScriptedModel(scripts)
    return await Evaluator(model, load_prompts()).evaluate(context, time.monotonic() + seconds), model


async def test_a_score_bears_its_quote_and_where_it_stands(english: AnswerContext, verdict: Verdict) -> None:
    evaluation, model = await evaluate(english, [verdict(own_action=(4, ACTION.upper() + " ,"), result=(5, RESULT))])
    action, result = evaluation.scores
    assert (action.score, result.score) == (4, 5)
    assert action.quotes[0].text == ACTION
    assert english.answer[action.quotes[0].start : action.quotes[0].end] == ACTION
    assert action.rationale == "Because of that."
    assert evaluation.model == model.info
    assert evaluation.repairs == 0
    assert len(model.calls) == 1


async def test_the_total_is_computed_from_the_weights(english: AnswerContext, verdict: Verdict) -> None:
    evaluation, _ = await evaluate(english, [verdict(own_action=(4, ACTION), result=(1, RESULT))])
    assert evaluation.total.score == pytest.approx((60 * 4 + 40 * 1) / 100)
    assert evaluation.total.scored_weight == 100.0


async def test_a_null_is_not_addressed_and_leaves_the_total_to_the_rest(
    english: AnswerContext, verdict: Verdict
) -> None:
    evaluation, model = await evaluate(english, [verdict(own_action=(4, ACTION), result=None)])
    assert evaluation.scores[1].unscored is Unscored.NOT_ADDRESSED
    assert (evaluation.total.score, evaluation.total.scored_weight) == (4.0, 60.0)
    assert len(model.calls) == 1


async def test_a_score_without_evidence_is_asked_for_once_more(english: AnswerContext, verdict: Verdict) -> None:
    first = verdict(own_action=(4, ACTION), result=(5, ELSEWHERE))
    evaluation, model = await evaluate(english, [first, verdict(result=(3, RESULT))])
    assert [score.score for score in evaluation.scores] == [4, 3]
    assert [score.repaired for score in evaluation.scores] == [False, True]
    assert (evaluation.repairs, evaluation.refused_quotes) == (1, 1)
    again = model.calls[1]
    assert again.schema is not None
    assert list(again.schema["properties"]) == ["result"]
    assert again.messages[:2] == model.calls[0].messages
    assert "result" in again.messages[-1].content
    assert "own_action" not in again.messages[-1].content


async def test_no_evidence_twice_is_unscored(english: AnswerContext, verdict: Verdict) -> None:
    evaluation, model = await evaluate(
        english, [verdict(own_action=(4, ACTION), result=(5, ELSEWHERE)), verdict(result=(5, ELSEWHERE))]
    )
    assert evaluation.scores[0].score == 4
    assert evaluation.scores[1].unscored is Unscored.NO_EVIDENCE
    assert evaluation.scores[1].quotes == ()
    assert evaluation.scores[1].rationale == ""
    assert len(model.calls) == 2


async def test_a_model_that_withdraws_made_up_evidence_says_nothing_about_the_candidate(
    english: AnswerContext, verdict: Verdict
) -> None:
    first = verdict(own_action=(4, ACTION), result=(5, ELSEWHERE))
    evaluation, _ = await evaluate(english, [first, verdict(result=None)])
    assert evaluation.scores[1].unscored is Unscored.NO_EVIDENCE


async def test_rubbish_on_the_second_try_keeps_the_first_reason(english: AnswerContext, verdict: Verdict) -> None:
    evaluation, _ = await evaluate(english, [verdict(own_action=(4, ACTION), result=(5, ELSEWHERE)), "no json"])
    assert evaluation.scores[0].score == 4
    assert evaluation.scores[1].unscored is Unscored.NO_EVIDENCE


async def test_criteria_of_no_rubric_are_dropped_and_missing_ones_are_asked_for(
    english: AnswerContext, verdict: Verdict
) -> None:
    first = verdict(charm=(5, ACTION), own_action=(4, ACTION))
    evaluation, _ = await evaluate(english, [first, verdict(result=(4, RESULT))])
    assert [(score.criterion_id, score.score) for score in evaluation.scores] == [("own_action", 4), ("result", 4)]


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "I would say four.",
        "[]",
        "null",
        "{" * 5000,
        '{"own_action": 5, "result": []}',
        '{"own_action": {"score": 6, "quotes": []}, "result": {"score": true, "quotes": []}}',
        '{"own_action": {"score": 4.0, "quotes": ["x"]}, "result": {"score": "5", "quotes": ["x"]}}',
        '{"own_action": {"score": 4, "quotes": "x"}, "result": {"quotes": ["x"]}}',
        Say('{"own_action": {"score": 4', finish_reason="length"),
        Babble("{ "),
        "점수는 사 점입니다.",
    ],
)
async def test_rubbish_twice_is_model_invalid(english: AnswerContext, rubbish: Play) -> None:
    evaluation, model = await evaluate(english, [rubbish, rubbish])
    assert [score.unscored for score in evaluation.scores] == [Unscored.MODEL_INVALID] * 2
    assert len(model.calls) == 2
    assert evaluation.model is not None


async def test_rubbish_then_sense_counts(english: AnswerContext, verdict: Verdict) -> None:
    evaluation, model = await evaluate(english, ["rubbish", verdict(own_action=(4, ACTION), result=(4, RESULT))])
    assert [score.score for score in evaluation.scores] == [4, 4]
    assert model.calls[1].temperature > model.calls[0].temperature == 0.0


async def test_a_model_that_never_ends_is_a_timeout(english: AnswerContext) -> None:
    evaluation, model = await evaluate(english, [Hang('{"own')], seconds=0.1)
    assert [score.unscored for score in evaluation.scores] == [Unscored.TIMEOUT] * 2
    assert model.active == 0


async def test_what_was_scored_before_the_time_was_up_stays(english: AnswerContext, verdict: Verdict) -> None:
    first = verdict(own_action=(4, ACTION), result=(5, ELSEWHERE))
    evaluation, _ = await evaluate(english, [first, Hang()], seconds=0.3)
    assert evaluation.scores[0].score == 4
    assert evaluation.scores[1].unscored is Unscored.TIMEOUT


@pytest.mark.parametrize("error", [ModelBusy("busy"), ModelUnavailable("away")])
async def test_a_model_that_is_away_is_worth_another_try_later(english: AnswerContext, error: Exception) -> None:
    with pytest.raises(type(error)):
        await evaluate(english, [Fail(error)])


async def test_a_model_that_refuses_leaves_it_unscored(english: AnswerContext) -> None:
    evaluation, _ = await evaluate(english, [Fail(Invalid("too long", reason="PROMPT_TOO_LONG"))])
    assert [score.unscored for score in evaluation.scores] == [Unscored.MODEL_UNAVAILABLE] * 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", Unscored.EMPTY_ANSWER),
        (" \n ... ", Unscored.EMPTY_ANSWER),
        ("Um, uh … hm.", Unscored.EMPTY_ANSWER),
        ("I don't know.", Unscored.NON_ANSWER),
        ("Honestly, I have no idea. Sorry!", Unscored.NON_ANSWER),
        ("Next question, please.", Unscored.NON_ANSWER),
        ("모르겠습니다.", Unscored.NON_ANSWER),
        ("음… 글쎄요, 잘 모르겠습니다.", Unscored.NON_ANSWER),
        ("Tell me about a system that you made faster. What did you do?", Unscored.NON_ANSWER),
    ],
)
async def test_an_answer_that_says_nothing_reaches_no_model(
    english: AnswerContext, answer: str, reason: Unscored
) -> None:
    evaluation, model = await evaluate(replace(english, answer=answer), [])
    assert [score.unscored for score in evaluation.scores] == [reason] * 2
    assert (evaluation.model, evaluation.prompt, evaluation.cost) == (None, None, None)
    assert not model.calls


async def test_words_that_were_hardly_understood_are_not_scored(english: AnswerContext) -> None:
    evaluation, _ = await evaluate(replace(english, confidence=0.4, min_confidence=0.6), [])
    assert [score.unscored for score in evaluation.scores] == [Unscored.LOW_CONFIDENCE] * 2


async def test_a_spoken_quote_says_when(english: AnswerContext, verdict: Verdict) -> None:
    words = tuple(
        SpokenWord(word, float(second), second + 0.5) for second, word in enumerate(english.answer.split(), start=1)
    )
    spoken = replace(english, words=words, confidence=0.9)
    evaluation, _ = await evaluate(spoken, [verdict(own_action=(4, ACTION), result=(4, RESULT))])
    quote = evaluation.scores[0].quotes[0]
    first = english.answer.split().index("I") + 1
    assert (quote.start_time, quote.end_time) == (first, first + 6.5)


async def test_korean_is_judged_with_the_korean_prompt(korean: AnswerContext, verdict: Verdict) -> None:
    quote = "원장 테이블을 월별로 파티셔닝하고"
    evaluation, model = await evaluate(korean, [verdict(own_action=(4, quote), result=None)])
    assert evaluation.prompt is not None
    assert evaluation.prompt.prompt_id == "evaluate.ko"
    assert evaluation.scores[0].quotes[0].text == quote
    assert "채점" in model.calls[0].prompt


async def test_the_prefix_of_the_prompt_is_the_same_for_every_answer(english: AnswerContext, verdict: Verdict) -> None:
    said = verdict(own_action=None, result=None)
    _, first = await evaluate(english, [said])
    _, second = await evaluate(replace(english, question="And then?", answer="We went on to the next table."), [said])
    assert first.calls[0].messages[0] == second.calls[0].messages[0]
    assert all(anchor in first.calls[0].messages[0].content for anchor in english.rubric.criteria[0].anchors)


async def test_what_the_candidate_wrote_is_never_read_as_a_template(english: AnswerContext, verdict: Verdict) -> None:
    answer = "I wrote {criteria} and {criterion_ids} into the template of our mails."
    _, model = await evaluate(replace(english, answer=answer), [verdict(own_action=None, result=None)])
    assert answer in model.calls[0].prompt


async def test_a_prompt_version_that_is_not_there_is_not_found(english: AnswerContext) -> None:
    with pytest.raises(NotFound):
        await Evaluator(ScriptedModel(), load_prompts(), prompt_version=999).evaluate(english, time.monotonic() + 1)
