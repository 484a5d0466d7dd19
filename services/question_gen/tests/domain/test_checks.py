"""What the self-check of a question lets through, and what it does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from viva_question_gen.domain.checks import Check, failed_checks
from viva_question_gen.domain.context import AskContext, PastTurn

GOOD = [
    ("en", "How did you decide to partition the ledger table when you sped up the settlement batch?"),
    ("en", "You led the migration of card payments to Kafka. What would you do differently today?"),
    ("en", "What trade-offs would you weigh before you split a service in two?"),
    ("en", "You said you called your largest merchants yourself. What did they ask you about the outage?"),
    ("ko", "원장 테이블을 파티셔닝하실 때 어떤 대안을 함께 검토하셨나요?"),
    ("ko", "정산 배치를 40분에서 6분으로 줄이는 과정에서 가장 어려웠던 판단은 무엇이었습니까?"),
    ("ko", "병목을 찾아내셨던 과정과 그때 쓰신 도구를 설명해 주시겠어요?"),
    ("ko", "서비스에 장애가 있었을 때 동료들에게 어떻게 말씀하셨나요?"),
    ("en", "How did you help your team when I/O was the bottleneck of the batch?"),
    ("ko", "동료가 도움이 필요할 때 어떻게 도와주셨는지 말씀해 주시겠어요?"),
    ("en", "What is the hardest race condition that you found, and how did you prove it?"),
    ("ko", "Kafka와 PostgreSQL 중 하나를 골라야 했던 상황을 설명해 주시겠어요?"),
]
BAD = [
    ("en", "", Check.EMPTY),
    ("en", "   \n", Check.EMPTY),
    ("en", "How did you partition the table? And how did you test it?", Check.ONE_QUESTION),
    ("en", "1. How did you partition the table\n2. How did you test the batch?", Check.ONE_QUESTION),
    ("en", "정산 배치를 어떻게 줄이셨는지 설명해 주시겠습니까?", Check.LANGUAGE),
    ("en", "Comment avez-vous partitionné la grande table du registre comptable?", Check.LANGUAGE),
    ("ko", "How did you decide to partition the ledger table of the batch?", Check.LANGUAGE),
    ("ko", "如何在不停机的情况下迁移支付系统呢，请说明一下您的做法?", Check.LANGUAGE),
    ("en", "Sure! Here is a question about the settlement batch: how did you test it?", Check.PREAMBLE),
    ("en", "Question: How did you decide to partition the ledger table?", Check.PREAMBLE),
    ("ko", "질문: 원장 테이블을 파티셔닝하신 이유는 무엇인가요?", Check.PREAMBLE),
    ("ko", "좋은 답변 감사합니다. 원장 테이블을 파티셔닝하신 이유는 무엇인가요?", Check.PREAMBLE),
    ("en", "How did you explain the outage to your customers?", Check.REPEAT),
    ("en", "How would you explain the outage to your customers?", Check.REPEAT),
    ("ko", "장애를 고객에게 어떻게 설명하셨습니까?", Check.REPEAT),
    ("en", "Please tell me about the way you partitioned the ledger table.", Check.ENDING),
    ("en", "Why a ledger?", Check.LENGTH),
    ("en", "How " + "and how " * 80 + "did you do it?", Check.LENGTH),
    ("en", "You mentioned quantum annealing for protein folding. How did that go?", Check.GROUNDING),
    ("en", "How did you cut the settlement batch from 95 minutes to 6?", Check.GROUNDING),
    ("ko", "말씀하신 우주선 궤도 최적화는 어떻게 진행하셨나요?", Check.GROUNDING),
    ("en", "How do you plan to combine the on-call duty with your children and family?", Check.FORBIDDEN),
    ("en", "How old are you and what is your religion like at work?", Check.FORBIDDEN),
    ("ko", "안녕하세요, 저는 결제 플랫폼을 설계하는 백엔드 엔지니어입니다. 어떻게 도와드릴까요?", Check.ROLE),
    ("ko", "죄송합니다. 질문에 답변해 드리지 못했습니다. 다른 질문이 있으신가요?", Check.ROLE),
    ("ko", "제가 정산 배치를 개선한 방법을 설명해 드려도 될까요?", Check.ROLE),
    ("en", "I'm sorry, I did not get that. Could you rephrase the question for me?", Check.ROLE),
    ("en", "How can I help you with the settlement batch of your company today?", Check.ROLE),
    ("en", "Hello! How did you partition the ledger table in the settlement batch?", Check.PREAMBLE),
    ("ko", "결혼 계획이 있으신데 야근이 있는 업무를 어떻게 하실 생각이신가요?", Check.FORBIDDEN),
]


@pytest.mark.parametrize(("language", "question"), GOOD)
def test_a_good_question_passes(language: str, question: str, context_in: Callable[[str], AskContext]) -> None:
    assert failed_checks(question, context_in(language)) == ()


@pytest.mark.parametrize(("language", "question", "check"), BAD)
def test_a_bad_question_fails_its_check(
    language: str, question: str, check: Check, context_in: Callable[[str], AskContext]
) -> None:
    assert check in failed_checks(question, context_in(language))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_bank_question_passes(language: str, context_in: Callable[[str], AskContext]) -> None:
    context = context_in(language)
    assert failed_checks(context.fallback.text, context) == ()


def test_a_question_may_build_on_an_earlier_question(english: AskContext) -> None:
    earlier = PastTurn(2, "system_design", "How would you shard 12 databases?", "By tenant.")
    context = replace(english, history=(*english.history, earlier))
    assert failed_checks("Why would you shard the 12 databases by tenant and not by date?", context) == ()
