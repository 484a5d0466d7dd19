"""Answers to score."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as pb
from viva_evaluator.domain.context import AnswerContext, Criterion, Rubric

ANCHORS = (
    "Names nothing that was done.",
    "General words without an own action.",
    "An own action without a result.",
    "An own action with a result.",
    "An own action, the alternatives weighed, and a measured result.",
)
EN = AnswerContext(
    request_id=UUID(int=1),
    turn_id=UUID(int=2),
    answer_revision=1,
    language="en",
    position_title="Backend engineer",
    competency_title="System design",
    competency_description="Designs services that stay simple under load.",
    question="Tell me about a system that you made faster. What did you do?",
    answer=(
        "Our settlement batch took forty minutes. I partitioned the ledger table by month and rewrote the two slowest "
        "queries. After that the batch ran in six minutes, measured over three weeks."
    ),
    rubric=Rubric(
        UUID(int=3),
        1,
        "a" * 64,
        (
            Criterion("own_action", "Own action", "Says what they did themselves.", 60, ANCHORS),
            Criterion("result", "Result", "Says what came of it.", 40, ANCHORS),
        ),
    ),
)
KO_ANCHORS = (
    "한 일을 말하지 않는다.",
    "본인의 행동 없이 일반적인 말만 한다.",
    "본인의 행동은 있으나 결과가 없다.",
    "본인의 행동과 결과가 있다.",
    "본인의 행동, 대안 비교, 측정한 결과가 있다.",
)
KO = replace(
    EN,
    language="ko",
    position_title="백엔드 엔지니어",
    competency_title="시스템 설계",
    competency_description="부하가 커져도 단순한 서비스를 설계한다.",
    question="더 빠르게 만든 시스템에 대해 말씀해 주세요. 무엇을 하셨나요?",
    answer=(
        "정산 배치가 40분 걸렸습니다. 저는 원장 테이블을 월별로 파티셔닝하고 가장 느린 쿼리 두 개를 다시 작성했습니다. "
        "그 뒤 3주 동안 측정해 보니 배치가 6분 만에 끝났습니다."
    ),
    rubric=replace(
        EN.rubric,
        criteria=(
            Criterion("own_action", "본인의 행동", "본인이 직접 한 일을 말한다.", 60, KO_ANCHORS),
            Criterion("result", "결과", "어떤 결과가 나왔는지 말한다.", 40, KO_ANCHORS),
        ),
    ),
)


@pytest.fixture
def english() -> AnswerContext:
    """An answer in English."""
    return EN


@pytest.fixture
def korean() -> AnswerContext:
    """An answer in Korean."""
    return KO


@pytest.fixture
def context_in() -> Callable[[str], AnswerContext]:
    """An answer by language."""
    return lambda language: KO if language == "ko" else EN


@pytest.fixture
def verdict() -> Callable[..., str]:
    """What a model says, as JSON: verdict(own_action=(4, "quote"), result=None)."""

    def said(**criteria: tuple[Any, str] | None) -> str:
        return json.dumps(
            {
                criterion_id: (
                    {"score": None}
                    if given is None
                    else {"quotes": [given[1]], "score": given[0], "reason": "Because of that."}
                )
                for criterion_id, given in criteria.items()
            },
            ensure_ascii=False,
        )

    return said


@pytest.fixture
def request_in() -> Callable[..., pb.EvaluateRequest]:
    """The request for an answer by language; further arguments replace its fields."""

    def request(language: str = "en", **fields: Any) -> pb.EvaluateRequest:
        context = KO if language == "ko" else EN
        given = {
            "request_id": str(uuid4()),
            "tenant_id": str(UUID(int=0xA)),
            "interview_id": str(UUID(int=0xB)),
            "turn_id": str(context.turn_id),
            "answer_revision": 1,
            "language": common.LANGUAGE_KO if language == "ko" else common.LANGUAGE_EN,
            "position_title": context.position_title,
            "competency": common.Competency(competency_id="system_design", title=context.competency_title),
            "question": context.question,
            "answer": context.answer,
            "rubric": rubric_message(context.rubric),
        }
        return pb.EvaluateRequest(**(given | fields))

    return request


def rubric_message(rubric: Rubric) -> common.Rubric:
    """The rubric as it travels."""
    return common.Rubric(
        rubric_id=str(rubric.rubric_id),
        version=rubric.version,
        sha256=rubric.sha256,
        criteria=[
            common.Criterion(
                criterion_id=each.criterion_id,
                title=each.title,
                description=each.description,
                weight=each.weight,
                anchors=[common.BandAnchor(band=band, description=text) for band, text in enumerate(each.anchors, 1)],
            )
            for each in rubric.criteria
        ],
    )
