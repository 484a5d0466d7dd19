"""The seven expressions of FER-2013, and what a model says about one face."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Expression(StrEnum):
    """The labels, in FER-2013's order."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    SAD = "sad"
    SURPRISE = "surprise"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Reading:
    """How likely each expression is: all seven, together 1."""

    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(Expression) or not all(0.0 <= each <= 1.0 for each in self.probabilities):
            raise ValueError("a reading has seven probabilities")
        if not math.isclose(sum(self.probabilities), 1.0, abs_tol=1e-3):
            raise ValueError("the probabilities of a reading are 1 together")

    def items(self) -> tuple[tuple[Expression, float], ...]:
        """Each label with its probability."""
        return tuple(zip(Expression, self.probabilities, strict=True))

    @property
    def likeliest(self) -> Expression:
        """The label that the model holds likeliest."""
        return max(self.items(), key=lambda item: item[1])[0]
