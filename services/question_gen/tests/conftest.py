"""Contexts to ask in."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from viva_question_gen.domain.context import AskContext, BankQuestion, Excerpt, Intent, PastTurn

EN = AskContext(
    request_id=UUID(int=1),
    turn_id=UUID(int=2),
    language="en",
    position_title="Backend engineer",
    job_description="You build payment services in Python on PostgreSQL and Kafka.",
    competency_id="system_design",
    competency_title="System design",
    competency_description="Designs services that stay simple under load.",
    intent=Intent.MAIN,
    follow_up=None,
    excerpts=(
        Excerpt("r1", "experience", "Cut the settlement batch from 40 minutes to 6 by partitioning the ledger table."),
        Excerpt("r2", "experience", "Led the migration of card payments to Kafka."),
    ),
    history=(
        PastTurn(
            1,
            "communication",
            "How did you explain the outage to your customers?",
            "I wrote a timeline of the outage and called our three largest merchants myself.",
        ),
    ),
    fallback=BankQuestion("system_design.1", "How would you design a service that must never lose a payment?"),
    seed=1,
)
KO = replace(
    EN,
    language="ko",
    position_title="백엔드 엔지니어",
    job_description="Python과 PostgreSQL로 결제 서비스를 만듭니다.",
    competency_title="시스템 설계",
    competency_description="부하가 커져도 단순함을 유지하는 서비스를 설계합니다.",
    excerpts=(Excerpt("r1", "경력", "원장 테이블을 파티셔닝하여 정산 배치를 40분에서 6분으로 줄였습니다."),),
    history=(
        PastTurn(
            1,
            "communication",
            "장애를 고객에게 어떻게 설명하셨나요?",
            "장애 경과를 정리해서 가맹점에 직접 전화로 설명했습니다.",
        ),
    ),
    fallback=BankQuestion("system_design.1", "결제를 절대 잃어버리지 않는 서비스를 어떻게 설계하시겠습니까?"),
)


@pytest.fixture
def english() -> AskContext:
    """A context in English."""
    return EN


@pytest.fixture
def korean() -> AskContext:
    """A context in Korean."""
    return KO


@pytest.fixture
def context_in() -> Callable[[str], AskContext]:
    """A context by language."""
    return lambda language: KO if language == "ko" else EN
