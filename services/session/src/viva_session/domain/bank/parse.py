"""Reads the bank's TOML files. Everything that is wrong is reported at once, with its place in the file.

Raises Invalid (reason BANK_INVALID): the bank ships with the code, so a fault in it must stop the service at start.
"""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources

from viva_core.errors import Invalid, Violation

from viva_session.domain.bank.model import (
    BANDS,
    LANGUAGES,
    Bank,
    BankCompetency,
    BankCriterion,
    BankQuestion,
    Difficulty,
    Language,
    Probe,
    ProbeKind,
)

PROBES = "probes"
# The order in which competencies are offered to a recruiter; a file that is not named here comes last.
_ORDER = (
    "technical_depth system_design problem_solving debugging_and_operations code_quality "
    "communication collaboration ownership learning customer_focus"
).split()


class _Reader:
    """Takes values out of parsed TOML by path, and notes what is missing or of another type."""

    def __init__(self, file: str, violations: list[Violation]) -> None:
        self._file = file
        self._violations = violations

    def fault(self, path: str, wanted: str) -> None:
        self._violations.append(Violation(f"{self._file}: {path}", wanted))

    def table(self, parent: Mapping[str, object], key: str, path: str) -> Mapping[str, object]:
        value = parent.get(key)
        if isinstance(value, dict):
            return value
        self.fault(f"{path}{key}", "a table is wanted")
        return {}

    def tables(self, parent: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = parent.get(key)
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return value
        self.fault(key, "a list of tables is wanted")
        return []

    def text(self, parent: Mapping[str, object], key: str, path: str) -> str:
        value = parent.get(key)
        if isinstance(value, str) and value and value == value.strip():
            return value
        self.fault(f"{path}{key}", "a text without blanks around it is wanted")
        return ""

    def texts(self, parent: Mapping[str, object], key: str, path: str, least: int, most: int) -> tuple[str, ...]:
        value = parent.get(key)
        if (
            isinstance(value, list)
            and least <= len(value) <= most
            and all(isinstance(item, str) and item.strip() for item in value)
            and len(set(value)) == len(value)
        ):
            return tuple(value)
        self.fault(f"{path}{key}", f"{least} to {most} different texts are wanted")
        return ()

    def weight(self, parent: Mapping[str, object], path: str) -> int:
        value = parent.get("weight")
        if isinstance(value, int) and 1 <= value <= 100:
            return value
        self.fault(f"{path}weight", "a whole number from 1 to 100 is wanted")
        return 0

    def question(self, parent: Mapping[str, object], key: str, path: str) -> str:
        text = self.text(parent, key, path)
        if text:
            self.one_question(text, f"{path}{key}")
        return text

    def one_question(self, text: str, path: str) -> None:
        if text.count("?") + text.count("？") != 1 or not text.endswith("?") or "\n" in text:
            self.fault(path, "one question in one line is wanted, with one question mark, at its end")


def load_bank() -> Bank:
    """The bank that ships with Viva. Reads files: call it once, at start."""
    files = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in resources.files(__package__).iterdir()
        if entry.name.endswith(".toml")
    }
    return parse_bank(files)


def parse_bank(files: Mapping[str, str]) -> Bank:
    """A bank from the texts of its files by name (a competency's id, or `probes`); raises Invalid with all faults."""
    violations: list[Violation] = []
    names = sorted(files, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    competencies: dict[Language, list[BankCompetency]] = {language: [] for language in LANGUAGES}
    probes: dict[Language, list[Probe]] = {language: [] for language in LANGUAGES}
    for name in names:
        reader = _Reader(f"{name}.toml", violations)
        try:
            document = tomllib.loads(files[name])
        except tomllib.TOMLDecodeError as error:
            reader.fault("", f"TOML is wanted: {error}")
            continue
        for language in LANGUAGES:
            if name == PROBES:
                probes[language] = _probes(reader, document, language)
            else:
                competencies[language].append(_competency(reader, document, name, language))
    if PROBES not in files:
        violations.append(Violation(f"{PROBES}.toml", "the file is wanted"))
    violations += _repeated(competencies, probes)
    if violations:
        unique = tuple(dict.fromkeys(violations))
        listing = "; ".join(f"{fault.field}: {fault.description}" for fault in unique)
        raise Invalid(f"The question bank is not sound: {listing}", unique, reason="BANK_INVALID")
    return Bank(competencies, probes)


def _competency(reader: _Reader, document: Mapping[str, object], name: str, language: Language) -> BankCompetency:
    if reader.text(document, "id", "") != name:
        reader.fault("id", f"{name!r} is wanted, as the file is called")
    words = reader.table(document, language, "")
    criteria = tuple(
        _criterion(reader, table, f"criteria[{index}].", language)
        for index, table in enumerate(reader.tables(document, "criteria"))
    )
    if sum(criterion.weight for criterion in criteria) != 100:
        reader.fault("criteria", "weights that sum to 100 are wanted")
    if len({criterion.criterion_id for criterion in criteria}) != len(criteria):
        reader.fault("criteria", "an id stands twice")
    return BankCompetency(
        competency_id=name,
        language=language,
        title=reader.text(words, "title", f"{language}."),
        description=reader.text(words, "description", f"{language}."),
        criteria=criteria,
        questions=tuple(
            _question(reader, table, f"questions[{index}].", name, language)
            for index, table in enumerate(reader.tables(document, "questions"))
        ),
    )


def _criterion(reader: _Reader, table: Mapping[str, object], path: str, language: Language) -> BankCriterion:
    words = reader.table(table, language, path)
    here = f"{path}{language}."
    return BankCriterion(
        criterion_id=reader.text(table, "id", path),
        title=reader.text(words, "title", here),
        description=reader.text(words, "description", here),
        weight=reader.weight(table, path),
        anchors=reader.texts(words, "anchors", here, len(BANDS), len(BANDS)),
    )


def _question(
    reader: _Reader, table: Mapping[str, object], path: str, competency_id: str, language: Language
) -> BankQuestion:
    question_id = reader.text(table, "id", path)
    if not question_id.startswith(f"{competency_id}."):
        reader.fault(f"{path}id", f"an id that starts with {competency_id!r} and a dot is wanted")
    difficulty = reader.text(table, "difficulty", path)
    if difficulty not in set(Difficulty):
        reader.fault(f"{path}difficulty", f"one of {', '.join(Difficulty)} is wanted")
    words = reader.table(table, language, path)
    here = f"{path}{language}."
    follow_ups = reader.texts(words, "follow_ups", here, 2, 2)
    for index, follow_up in enumerate(follow_ups):
        reader.one_question(follow_up, f"{here}follow_ups[{index}]")
    return BankQuestion(
        question_id=question_id,
        competency_id=competency_id,
        difficulty=Difficulty(difficulty) if difficulty in set(Difficulty) else Difficulty.CORE,
        text=reader.question(words, "text", here),
        strong=reader.texts(words, "strong", here, 2, 4),
        follow_ups=follow_ups,
    )


def _probes(reader: _Reader, document: Mapping[str, object], language: Language) -> list[Probe]:
    found = []
    for kind in ProbeKind:
        for index, table in enumerate(reader.tables(document, kind)):
            path = f"{kind}[{index}]."
            text = reader.question(table, language, path)
            if ("{competency}" in text) is not (kind is ProbeKind.OPENING):
                reader.fault(f"{path}{language}", "an opening names {competency}, no other probe does")
            found.append(Probe(reader.text(table, "id", path), kind, text))
    return found


def _repeated(
    competencies: Mapping[Language, Sequence[BankCompetency]], probes: Mapping[Language, Sequence[Probe]]
) -> list[Violation]:
    """Ids and texts that stand more than once in a language."""
    faults = []
    for language in LANGUAGES:
        questions = [question for competency in competencies[language] for question in competency.questions]
        items = [*((q.question_id, q.text) for q in questions), *((p.question_id, p.text) for p in probes[language])]
        seen: set[str] = set()
        for value in (value for item in items for value in item if value):
            if value in seen:
                faults.append(Violation(f"{language}: {value}", "stands twice in the bank"))
            seen.add(value)
    return faults
