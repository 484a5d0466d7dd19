"""What the session can be told from outside."""

from pydantic import Field
from viva_core.settings import DatabaseSettings, GrpcServerSettings, NatsSettings, ServiceSettings


class Settings(DatabaseSettings, NatsSettings, GrpcServerSettings, ServiceSettings):
    """Environment variables, prefix VIVA_."""

    question_timeout: float = Field(
        default=20.0, gt=0, le=600, description="seconds to wait for question_gen before the bank's question is asked"
    )
    evaluation_timeout: float = Field(
        default=120.0, gt=0, le=7200, description="seconds to wait for the evaluator before an answer is left unscored"
    )
    review_time: float = Field(
        default=900.0,
        gt=0,
        le=86400,
        description="seconds a candidate has to read the transcript after the last answer",
    )
    erasure_sweep: float = Field(
        default=1200.0,
        gt=0,
        le=86400,
        description="seconds after an erasure at which the streams are searched again: longer than any worker may be "
        "at one command (the evaluator: 900)",
    )
    slots: int = Field(default=4, ge=1, le=64, description="events of workers that are taken in at once")
