"""What the evaluator can be told from outside."""

from pydantic import Field
from viva_core.models.settings import TextModelSettings
from viva_core.settings import GrpcServerSettings, NatsSettings, ServiceSettings


class Settings(TextModelSettings, NatsSettings, GrpcServerSettings, ServiceSettings):
    """Environment variables, prefix VIVA_."""

    slots: int = Field(
        default=1, ge=1, le=64, description="answers scored at once; 1 for llama.cpp, as many as fit for vLLM"
    )
    evaluation_longest: float = Field(
        default=300.0, gt=0, le=840, description="seconds for an answer whose command names no time; then unscored"
    )
