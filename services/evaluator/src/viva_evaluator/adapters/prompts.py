"""The prompts that ship with the evaluator."""

from viva_core.models import prompts


def load_prompts() -> prompts.PromptLibrary:
    """Every version in every language. Raises NotFound when a language has none: a fault of the build."""
    return prompts.load_prompts(__package__.partition(".")[0], "evaluate", ("en", "ko"))
