"""Reads prompt files: `prompts/<id>.v<version>.md`, a part under each `# heading`. Old versions stay, for replays."""

import hashlib
import re
from collections.abc import Mapping
from importlib import resources

from viva_core.errors import NotFound

from viva_evaluator.domain.context import Language
from viva_evaluator.domain.prompt import PromptFile

_NAME = re.compile(r"^(?P<id>evaluate\.(?P<language>ko|en))\.v(?P<version>\d+)\.md$")
_HEADING = re.compile(r"^# (\w+)$", re.MULTILINE)
_LANGUAGES: tuple[Language, ...] = ("ko", "en")


class PromptLibrary:
    """Every version of every language's prompt."""

    def __init__(self, prompts: Mapping[Language, Mapping[int, PromptFile]]) -> None:
        self._prompts = prompts

    def get(self, language: Language, version: int = 0) -> PromptFile:
        """That version; 0 is the newest. Raises NotFound and names those that exist."""
        versions = self._prompts[language]
        prompt = versions.get(version or max(versions))
        if prompt is None:
            known = ", ".join(str(number) for number in sorted(versions))
            raise NotFound(
                f"There is no version {version} of the prompt evaluate.{language}; there are: {known}.",
                reason="PROMPT_VERSION_NOT_FOUND",
            )
        return prompt


def load_prompts() -> PromptLibrary:
    """The prompts that ship with the evaluator.

    Raises:
        NotFound: a language has no prompt file, which is a fault of the build.
    """
    found: dict[Language, dict[int, PromptFile]] = {language: {} for language in _LANGUAGES}
    for entry in resources.files("viva_evaluator").joinpath("prompts").iterdir():
        match = _NAME.match(entry.name)
        if match is None:
            continue
        content = entry.read_bytes()
        version = int(match["version"])
        prompt = PromptFile(match["id"], version, hashlib.sha256(content).hexdigest(), _parts(content.decode()))
        found["ko" if match["language"] == "ko" else "en"][version] = prompt
    missing = sorted(language for language, versions in found.items() if not versions)
    if missing:
        raise NotFound(f"no prompt file evaluate.{', evaluate.'.join(missing)}")
    return PromptLibrary(found)


def _parts(text: str) -> dict[str, str]:
    pieces = _HEADING.split(text)
    return {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
