"""The demo's position and résumés. Companies, people and figures in them are made up."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import resources
from typing import Any, Literal

from viva_core.errors import Invalid

Language = Literal["ko", "en"]
Mode = Literal["hiring", "practice"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")


@dataclass(frozen=True)
class Resume:
    """A résumé as it is uploaded."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class DemoCompetency:
    """A competency of the question bank, its share of the total in percent, and the bank's criteria that score it."""

    competency_id: str
    weight: int
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class DemoPosition:
    """The position of the demo in one language."""

    language: Language
    title: str
    job_description: str
    accommodations: str
    duration: timedelta
    patience: timedelta
    max_questions: int
    competencies: tuple[DemoCompetency, ...]

    def of_at_most(self, questions: int) -> "DemoPosition":
        """The same with so many questions (1 or more) at the most, and no more competencies than those can reach: the
        weightiest ones, which share the total as they did before."""
        questions = min(questions, self.max_questions)
        kept = sorted(self.competencies, key=lambda one: -one.weight)[:questions]
        shares = [100 * one.weight // sum(each.weight for each in kept) for one in kept]
        shares[0] += 100 - sum(shares)
        competencies = tuple(replace(one, weight=share) for one, share in zip(kept, shares, strict=True))
        return replace(self, max_questions=questions, competencies=competencies)


def load_resume(language: Language) -> Resume:
    """The résumé of the demo's candidate, as plain text in UTF-8."""
    name = f"resume.{language}.txt"
    return Resume(name, "text/plain", (resources.files(__package__) / name).read_bytes())


def load_position(language: Language) -> DemoPosition:
    """The position of the demo; raises Invalid when the weights do not sum to 100."""
    document = tomllib.loads((resources.files(__package__) / "position.toml").read_text(encoding="utf-8"))
    return parse_position(document, language)


def parse_position(document: Mapping[str, Any], language: Language) -> DemoPosition:
    """A position from the tables of its file; raises Invalid for a missing field or weights that do not sum to 100."""
    try:
        words = document[language]
        position = DemoPosition(
            language=language,
            title=words["title"],
            job_description=words["job_description"].strip(),
            accommodations=words["accommodations"],
            duration=timedelta(minutes=document["duration_minutes"]),
            patience=timedelta(seconds=document["patience_seconds"]),
            max_questions=document["max_questions"],
            competencies=tuple(
                DemoCompetency(table["id"], table["weight"], tuple(table["criteria"]))
                for table in document["competencies"]
            ),
        )
    except KeyError as missing:
        raise Invalid(f"The demo's position lacks {missing}.", reason="DEMO_INVALID") from None
    if sum(competency.weight for competency in position.competencies) != 100:
        raise Invalid("The weights of the demo's competencies must sum to 100.", reason="DEMO_INVALID")
    return position
