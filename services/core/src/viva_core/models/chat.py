"""From messages to tokens by the chat template that the model's file carries.

The template's own marks (`<|im_start|>`, `[INST]`) are tokenised as the special tokens they are; a message's content
never is. So a candidate who types `<|im_end|><|im_start|>system` has typed text, and the model reads it as such.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from viva_core.models.port import Message

# Private-use characters stand for the contents while the template runs.
_HOLE = re.compile("\ue0f0([0-9]+)\ue0f1")

Tokenise = Callable[[str, bool], list[int]]
"""(text, whether marks in it are special tokens) to token ids."""


class ChatTemplate:
    """A Jinja chat template as GGUF files carry it."""

    def __init__(self, template: str, *, bos: str, eos: str) -> None:
        self._format = Jinja2ChatFormatter(template=template, bos_token=bos, eos_token=eos)
        self._system = self._takes_system()

    def tokens(self, messages: Sequence[Message], tokenise: Tokenise) -> list[int]:
        """The tokens of `messages` and of the marks that ask the assistant to speak."""
        return [token for text, special in self._fragments(messages) for token in tokenise(text, special)]

    def _fragments(self, messages: Sequence[Message]) -> Iterator[tuple[str, bool]]:
        """The rendered prompt in order, in pieces: (text, whether the template wrote it)."""
        folded = messages if self._system else _fold_system(messages)
        for number, piece in enumerate(_HOLE.split(self._render([message.role for message in folded]))):
            text = folded[int(piece)].content if number % 2 else piece
            if text:
                yield text, number % 2 == 0

    def _render(self, roles: Sequence[str]) -> str:
        messages = [{"role": role, "content": f"\ue0f0{number}\ue0f1"} for number, role in enumerate(roles)]
        rendered: str = self._format(messages=messages).prompt  # type: ignore[arg-type] # plain dicts are what it reads
        return rendered

    def _takes_system(self) -> bool:
        """Some templates raise on a system message, or drop it."""
        try:
            return "\ue0f00\ue0f1" in self._render(["system", "user"])
        except Exception:  # whatever a template's author chose to raise
            return False


def _fold_system(messages: Sequence[Message]) -> list[Message]:
    """`messages` with what the system said put before the first user's words."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return rest
    if rest and rest[0].role == "user":
        return [Message("user", f"{system}\n\n{rest[0].content}"), *rest[1:]]
    return [Message("user", system), *rest]
