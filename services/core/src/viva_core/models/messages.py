"""A model's part in a result, as protobuf says it: which model, which prompt, at what cost."""

from dataclasses import dataclass

from viva.common.v1 import types_pb2 as common

from viva_core import wellknown
from viva_core.models.port import ModelInfo, Usage
from viva_core.models.prompts import PromptFile


@dataclass(frozen=True)
class Cost:
    """What all tries cost together; seconds from the first request."""

    usage: Usage
    first_token_seconds: float
    seconds: float


def model_message(info: ModelInfo) -> common.ModelRef:
    """Which model it is."""
    return common.ModelRef(id=info.id, engine=info.engine, sha256=info.sha256 or "", judge=info.judge)


def prompt_message(prompt: PromptFile) -> common.PromptRef:
    """Which prompt it was."""
    return common.PromptRef(id=prompt.prompt_id, version=prompt.version, sha256=prompt.sha256)


def usage_message(cost: Cost) -> common.ModelUsage:
    """What it cost."""
    return common.ModelUsage(
        prompt_tokens=cost.usage.prompt_tokens,
        cached_prompt_tokens=cost.usage.cached_prompt_tokens,
        completion_tokens=cost.usage.completion_tokens,
        first_token=wellknown.seconds(cost.first_token_seconds),
        total=wellknown.seconds(cost.seconds),
    )
