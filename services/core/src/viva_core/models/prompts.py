"""Prompts as files of a service: `prompts/<name>.<language>.v<version>.md`, a part under each `# heading`.

Every version stays at hand: a score or a question names the version and the hash of the prompt that led to it.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from viva_core.errors import NotFound

_HEADING = re.compile(r"^# (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class PromptFile:
    """A prompt as it stands in its file: id (evaluate.en), version, SHA-256, and its named parts."""

    prompt_id: str
    version: int
    sha256: str
    parts: Mapping[str, str]

    def fill(self, part: str, **values: str) -> str:
        """The part with its {names} replaced, all at once: a value is never read as a template itself."""
        pieces = [self.parts[part]]
        for name, value in values.items():
            mark = "{" + name + "}"
            pieces = [
                new
                for index, piece in enumerate(pieces)
                for new in (_split(piece, mark, value) if index % 2 == 0 else [piece])
            ]
        return "".join(pieces)


def _split(template: str, mark: str, value: str) -> list[str]:
    """Template, value, template, …: the odd ones are done with."""
    pieces = template.split(mark)
    return [new for piece in pieces for new in (value, piece)][1:]


class PromptLibrary:
    """Every version of one prompt in every language."""

    def __init__(self, name: str, prompts: Mapping[str, Mapping[int, PromptFile]]) -> None:
        self._name = name
        self._prompts = prompts

    def get(self, language: str, version: int = 0) -> PromptFile:
        """That version; 0 is the newest. Raises NotFound and names those that exist."""
        versions = self._prompts.get(language)
        if versions is None:
            known = ", ".join(sorted(self._prompts))
            raise NotFound(f"There is no prompt {self._name} in {language}; there is: {known}.")
        prompt = versions.get(version or max(versions))
        if prompt is None:
            known = ", ".join(str(number) for number in sorted(versions))
            raise NotFound(
                f"There is no version {version} of the prompt {self._name}.{language}; there are: {known}.",
                reason="PROMPT_VERSION_NOT_FOUND",
            )
        return prompt


def load_prompts(package: str, name: str, languages: tuple[str, ...]) -> PromptLibrary:
    """The prompts that ship with a package. Raises NotFound when a language has none: a fault of the build."""
    pattern = re.compile(rf"^(?P<id>{re.escape(name)}\.(?P<language>\w+))\.v(?P<version>\d+)\.md$")
    found: dict[str, dict[int, PromptFile]] = {}
    for entry in resources.files(package).joinpath("prompts").iterdir():
        match = pattern.match(entry.name)
        if match is None:
            continue
        content = entry.read_bytes()
        version = int(match["version"])
        prompt = PromptFile(match["id"], version, hashlib.sha256(content).hexdigest(), _parts(content.decode()))
        found.setdefault(match["language"], {})[version] = prompt
    missing = sorted(set(languages) - found.keys())
    if missing:
        raise NotFound(f"no prompt file for {', '.join(f'{name}.{language}' for language in missing)}")
    return PromptLibrary(name, found)


def _parts(text: str) -> dict[str, str]:
    pieces = _HEADING.split(text)
    return {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
