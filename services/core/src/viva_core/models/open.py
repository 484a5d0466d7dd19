"""From settings to a `TextModel`."""

from viva_core.errors import Invalid, NotFound
from viva_core.models.catalogue import Catalogue, catalogue
from viva_core.models.download import place, state
from viva_core.models.port import ModelInfo, TextModel
from viva_core.models.settings import TextModelSettings


def open_model(settings: TextModelSettings, *, models: Catalogue | None = None) -> TextModel:
    """The model that `settings` name. Close it with `aclose`; it may still be loading (`check` tells).

    Raises:
        NotFound: the catalogue has no such model, or its file is not there; the message says how to get it.
        Invalid: the settings do not fit together.
    """
    models = models or catalogue()
    if settings.model_engine == "openai":
        return _served(settings, models)
    return _in_process(settings, models)


def _served(settings: TextModelSettings, models: Catalogue) -> TextModel:
    from viva_core.models.openai_chat import OpenAIChat

    known = models.find(settings.model_id)
    info = known.info() if known is not None else _unknown(settings.model_id, "vllm", settings.model_context)
    if known is not None and known.engine != "vllm":
        raise Invalid(f"{known.id} is a file for llama.cpp; set VIVA_MODEL_ENGINE=llama, or name a model of vLLM.")
    key = settings.model_api_key.get_secret_value() if settings.model_api_key else None
    return OpenAIChat(settings.model_url, settings.model_served_name or settings.model_id, info, api_key=key)


def _in_process(settings: TextModelSettings, models: Catalogue) -> TextModel:
    from viva_core.models.llama_cpp import LlamaCpp  # only who runs models in process has llama.cpp installed

    template = None
    if settings.model_file is not None:
        path = settings.model_file
        info = _unknown(path.stem.lower(), "llama.cpp", settings.model_context)
        _need(path.is_file(), f"There is no file {path} (VIVA_MODEL_FILE).")
    else:
        known = models.get(settings.model_id)
        if known.engine != "llama.cpp":
            raise Invalid(f"{known.id} is served by vLLM; set VIVA_MODEL_ENGINE=openai and VIVA_MODEL_URL.")
        path, info, template = place(known, settings.model_folder), known.info(), known.chat_template
        found = state(known, settings.model_folder, thorough=False)
        _need(found in ("good", "unproven"), f"{path} is {found}. Fetch it: viva models pull {known.id}")
    return LlamaCpp(path, info, threads=settings.model_threads, context=settings.model_context, chat_template=template)


def _need(there: bool, message: str) -> None:
    if not there:
        raise NotFound(message, reason="MODEL_FILE_MISSING")


def _unknown(name: str, engine: str, context: int) -> ModelInfo:
    """A model that the catalogue does not know: nobody vouches for its scores."""
    return ModelInfo(
        id=name,
        engine="vllm" if engine == "vllm" else "llama.cpp",
        sha256=None,
        judge=False,
        context_tokens=context,
        languages=(),
        licence="unknown",
    )
