"""Text models: one port, an adapter for vLLM and one for llama.cpp in this process, and where the weights come from."""

from viva_core.models.open import open_model
from viva_core.models.port import (
    Completion,
    Delta,
    Message,
    ModelBusy,
    ModelInfo,
    ModelUnavailable,
    PromptTooLong,
    Schema,
    TextModel,
    Usage,
    complete,
)
from viva_core.models.settings import ModelSourceSettings, TextModelSettings
from viva_core.models.watch import ModelWatch

__all__ = [
    "Completion",
    "Delta",
    "Message",
    "ModelBusy",
    "ModelInfo",
    "ModelSourceSettings",
    "ModelUnavailable",
    "ModelWatch",
    "PromptTooLong",
    "Schema",
    "TextModel",
    "TextModelSettings",
    "Usage",
    "complete",
    "open_model",
]
