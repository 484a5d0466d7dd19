"""A question while it is being written: what of the model's text is shown, and when it is done.

Small models wrap a question in quotes, put a label before it or go on talking after it. What can be taken off without
touching a word of the question is taken off here, so the candidate never sees it; all else is left to the checks.
"""

import re
from dataclasses import dataclass

from viva_question_gen.domain.checks import MARK

_LABEL = re.compile(
    r"""^\s*(?:[*_\#>\s]*(?:(?:next\ |interview\ )?question(?:\ \d+)?|q\d*|interviewer|질문(?:\ ?\d+)?|면접관)
        [*_\ ]*[:：.][*_\ ]*)?["'“”‘’「『]*\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# A label can only be told from the question once this much of it is there.
_UNDECIDED = re.compile(r"^[\s*_#>\"'“”‘’「『]*[A-Za-z가-힣]{0,11}(?: ?\d*)?[*_\s]*$")
_MIN_QUESTION = 12


@dataclass(frozen=True)
class Draft:
    """The raw text so far; a new one is made with each piece."""

    raw: str = ""

    def plus(self, piece: str) -> "Draft":
        """The draft with one more piece."""
        return Draft(self.raw + piece)

    @property
    def shown(self) -> str:
        """What may be shown: no label, no quotes, nothing after the question's end. Only ever grows."""
        if not self.finished and _UNDECIDED.match(self.raw):
            return ""
        text = _LABEL.sub("", self.raw, count=1)
        end = _end(text)
        return text[:end].rstrip()  # white space waits for the word after it

    @property
    def finished(self) -> bool:
        """Whether the question has ended: nothing that follows will be shown."""
        return _end(_LABEL.sub("", self.raw, count=1)) is not None

    def text(self) -> str:
        """The question as it will be asked once the model is done."""
        return " ".join(self.shown.rstrip("\"'“”‘’」』*_ ").split(" ")).strip()


def _end(text: str) -> int | None:
    for mark in MARK.finditer(text):
        if mark.end() >= _MIN_QUESTION:
            return mark.end()
    blank = text.find("\n\n")
    return blank if blank >= _MIN_QUESTION else None
