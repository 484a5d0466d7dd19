"""Reads prompt files: `prompts/<id>.v<version>.md`, a part under each `# heading`."""

import hashlib
import re
from importlib import resources

from viva_core.errors import NotFound

from viva_question_gen.domain.context import Language
from viva_question_gen.domain.prompt import PromptFile

_NAME = re.compile(r"^(?P<id>ask\.(?:ko|en))\.v(?P<version>\d+)\.md$")
_HEADING = re.compile(r"^# (\w+)$", re.MULTILINE)


def load_prompts() -> dict[Language, PromptFile]:
    """The newest version of each language's prompt.

    Raises:
        NotFound: a language has no prompt file, which is a fault of the build.
    """
    newest: dict[str, PromptFile] = {}
    for entry in resources.files("viva_question_gen").joinpath("prompts").iterdir():
        match = _NAME.match(entry.name)
        if match is None:
            continue
        content = entry.read_bytes()
        prompt = PromptFile(
            match["id"], int(match["version"]), hashlib.sha256(content).hexdigest(), _parts(content.decode())
        )
        if prompt.prompt_id not in newest or newest[prompt.prompt_id].version < prompt.version:
            newest[prompt.prompt_id] = prompt
    missing = {"ask.ko", "ask.en"} - newest.keys()
    if missing:
        raise NotFound(f"no prompt file for {', '.join(sorted(missing))}")
    return {"ko": newest["ask.ko"], "en": newest["ask.en"]}


def _parts(text: str) -> dict[str, str]:
    pieces = _HEADING.split(text)
    return {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
