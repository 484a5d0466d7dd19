"""With a real model in process. It is too small to judge; the form of what it says is what counts here."""

import json
import time
from pathlib import Path

import pytest
from viva_core.models import open_model
from viva_core.models.port import complete
from viva_core.models.settings import TextModelSettings
from viva_evaluator.adapters.prompts import load_prompts
from viva_evaluator.domain.context import AnswerContext
from viva_evaluator.domain.prompt import judging
from viva_evaluator.domain.verdict import read_verdicts, schema
from viva_evaluator.evaluator import Evaluator

pytestmark = pytest.mark.model


async def test_a_real_model_keeps_to_the_form(english: AnswerContext, small_model_path: Path) -> None:
    model = open_model(TextModelSettings(model_file=small_model_path, model_context=2048, model_threads=1))
    criteria = english.rubric.criteria
    messages = judging(load_prompts().get("en"), english, english.answer)
    try:
        completion = await complete(
            model,
            messages,
            schema=schema(criteria, "en"),
            max_tokens=900,  # so small a model writes rubbish, which takes more tokens than sense does
            deadline=time.monotonic() + 100,
        )
        evaluation = await Evaluator(model, load_prompts()).evaluate(english, time.monotonic() + 100)
    finally:
        await model.aclose()
    assert completion.finish_reason == "stop"
    assert list(json.loads(completion.text)) == ["own_action", "result"]
    verdicts = read_verdicts(completion.text, criteria)
    assert verdicts is not None
    assert set(verdicts) == {"own_action", "result"}
    for score in evaluation.scores:
        assert (score.score is None) == (score.unscored is not None)
        assert all(english.answer[quote.start : quote.end] == quote.text for quote in score.quotes)
    assert evaluation.cost is not None
