"""The message that hops: a command for question_gen as an interview sends it, about 1 KB."""

import time
import uuid

from viva.common.v1 import types_pb2 as common
from viva.question.v1 import question_pb2 as question

TENANT = uuid.UUID(int=1)


def command() -> question.GenerateRequest:
    """A fresh command. `request_id` holds the time it was made, so that the handler can tell how long it took."""
    return question.GenerateRequest(
        request_id=str(uuid.UUID(int=time.monotonic_ns())),
        tenant_id=str(TENANT),
        interview_id=str(uuid.uuid4()),
        turn_id=str(uuid.uuid4()),
        language=common.LANGUAGE_EN,
        position_title="Backend engineer",
        job_description="You build payment services in Python on PostgreSQL. " * 8,
        competency=common.Competency(competency_id="system_design", title="System design"),
        intent=question.QUESTION_INTENT_MAIN,
        resume_excerpts=[question.ResumeExcerpt(excerpt_id="r1", section="experience", text="Cut the batch. " * 10)],
        fallback=question.BankQuestion(question_id="b1", text="What did you build, and why that?"),
    )


class Handled:
    """When a process handled what: (age in ms, monotonic seconds), kept in memory while the clock runs."""

    def __init__(self) -> None:
        self.times: list[tuple[float, float]] = []

    def note(self, request_id: str) -> None:
        """One command is done. The monotonic clock is one for all processes of a machine."""
        now = time.monotonic_ns()
        self.times.append(((now - uuid.UUID(request_id).int) / 1e6, now / 1e9))
