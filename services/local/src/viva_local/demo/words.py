"""How many words went wrong on the way from the mouth to the transcript."""

import re

_WORD = re.compile(r"[\w']+")


def words(text: str) -> list[str]:
    """The words of a text, without case and punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def word_errors(said: str, heard: str) -> int:
    """Words to put in, leave out or replace so that what was said becomes what was heard (Levenshtein)."""
    there = words(heard)
    row = list(range(len(there) + 1))
    for count, word in enumerate(words(said), start=1):
        above, row = row, [count]
        for place, other in enumerate(there, start=1):
            row.append(min(row[-1] + 1, above[place] + 1, above[place - 1] + (word != other)))
    return row[-1]
