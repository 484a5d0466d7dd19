"""Invitations from a spreadsheet: every faulty row is named, and then nobody is invited.

Columns, in any order: `name`, `email`, and optionally `scheduled_at` (RFC 3339 with a zone) and `extra_time_percent`.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from viva_core.errors import Invalid, Violation

from viva_gateway.domain.errors import BadRequest

MAX_ROWS = 500
_COLUMNS = ("name", "email", "scheduled_at", "extra_time_percent")
_ENTRY = re.compile(r"invitations\[(\d+)\](.*)")
_EMAIL = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]{1,189}")


@dataclass(frozen=True)
class Row:
    """One person to invite."""

    name: str
    email: str
    scheduled_at: datetime | None
    extra_time_percent: int


def parse(content: bytes) -> list[Row]:
    """Read a CSV file (UTF-8, with or without a byte order mark; comma or semicolon).

    Raises Invalid with one violation a fault, as `rows[3].email`; rows count from 1, as spreadsheets show them below
    the heading.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest("the file is not UTF-8 text: save it as CSV UTF-8") from None
    if "\x00" in text:
        raise BadRequest("the file is not text: save it as CSV UTF-8")
    heading = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if heading.count(";") > heading.count(",") else ",", strict=True
    )
    try:
        names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        _check_heading(names)
        reader.fieldnames = names
        records = [record for record in reader if any(_texts(record))]
    except csv.Error as error:
        raise Invalid(f"line {reader.line_num} of the file is not CSV: {error}") from None
    if not records:
        raise Invalid("the file names nobody", [Violation("rows", "want at least one row below the heading")])
    if len(records) > MAX_ROWS:
        raise Invalid(f"the file has {len(records)} rows", [Violation("rows", f"at most {MAX_ROWS} a file: split it")])
    violations: list[Violation] = []
    rows = [_row(number, record, violations) for number, record in enumerate(records, start=1)]
    _check_twins(rows, violations)
    if violations:
        faulty = len({violation.field.partition(".")[0] for violation in violations})
        raise Invalid(f"{faulty} of {len(rows)} rows are not right: nobody was invited", violations)
    return rows


def _texts(record: dict[str | None, object]) -> list[str]:
    return [value.strip() for value in record.values() if isinstance(value, str)]


def _check_heading(names: list[str]) -> None:
    violations = [Violation("heading", f"the column {want} is missing") for want in _COLUMNS[:2] if want not in names]
    violations += [Violation("heading", "a column is not known") for name in names if name not in _COLUMNS][:1]
    if len(set(names)) != len(names):
        violations.append(Violation("heading", "a column stands there twice"))
    if violations:
        raise Invalid(f"the first line must name the columns: {', '.join(_COLUMNS)}", violations)


def _row(number: int, record: dict[str | None, object], violations: list[Violation]) -> Row:
    def fault(column: str, description: str) -> None:
        violations.append(Violation(f"rows[{number}].{column}", description))

    def text(column: str) -> str:
        value = record.get(column)
        return value.strip() if isinstance(value, str) else ""

    if None in record:
        fault("columns", "has more columns than the heading")
    name, email = text("name"), text("email")
    if not 1 <= len(name) <= 200:
        fault("name", "want 1 to 200 characters")
    if not _EMAIL.fullmatch(email):
        fault("email", "is not an e-mail address")
    scheduled_at: datetime | None = None
    if text("scheduled_at"):
        try:
            scheduled_at = datetime.fromisoformat(text("scheduled_at"))
        except ValueError:
            fault("scheduled_at", "want a time like 2026-12-01T09:00:00+09:00")
        else:
            if scheduled_at.tzinfo is None:
                fault("scheduled_at", "want a zone too, like 2026-12-01T09:00:00+09:00")
    extra = text("extra_time_percent") or "0"
    if not (extra.isascii() and extra.isdigit() and len(extra) <= 3 and int(extra) <= 200):
        fault("extra_time_percent", "want a whole number from 0 to 200")
        extra = "0"
    return Row(name, email, scheduled_at, int(extra))


def _check_twins(rows: list[Row], violations: list[Violation]) -> None:
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        seen = first.setdefault(row.email.lower(), number)
        if row.email and seen != number:
            violations.append(Violation(f"rows[{number}].email", f"stands in row {seen} too"))


def as_rows(violations: Sequence[Violation]) -> list[Violation]:
    """Faults that another service found in `invitations[2].candidate.email`, as faults of `rows[3].email`."""

    def renamed(field: str) -> str:
        match = _ENTRY.fullmatch(field)
        return field if match is None else f"rows[{int(match[1]) + 1}]{match[2].replace('.candidate', '')}"

    return [Violation(renamed(violation.field), violation.description) for violation in violations]
