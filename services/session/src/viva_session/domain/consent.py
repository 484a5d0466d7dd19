"""The consent ledger: one row a purpose, the newest counts, revocable at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from viva_core.errors import Invalid, Violation

from viva_session.domain.position import Mode


class Purpose(StrEnum):
    """What a consent is for."""

    RECORD = "record"
    TRANSCRIBE = "transcribe"
    AI_SCORING = "ai_scoring"
    EXPRESSIONS = "expressions"


@dataclass(frozen=True)
class Consent:
    """One row: who said so is the candidate, always."""

    purpose: Purpose
    granted: bool
    text_version: str
    recorded_at: datetime


def purposes_of(mode: Mode) -> frozenset[Purpose]:
    """What is asked. In hiring mode expressions are not even asked for (EU AI Act, Art. 5(1)(f))."""
    everything = frozenset(Purpose)
    return everything - {Purpose.EXPRESSIONS} if mode is Mode.HIRING else everything


def check_applies(consents: Sequence[Consent], mode: Mode) -> None:
    """Raise Invalid when a purpose is not for this mode, or is answered twice."""
    faults = []
    seen: set[Purpose] = set()
    for index, consent in enumerate(consents):
        field = f"consents[{index}].purpose"
        if consent.purpose in seen:
            faults.append(Violation(field, f"{consent.purpose} is there twice"))
        seen.add(consent.purpose)
        if consent.purpose not in purposes_of(mode) and consent.granted:
            faults.append(Violation(field, "expressions are never looked at in a hiring interview"))
    if faults:
        raise Invalid("; ".join(fault.description for fault in faults), faults)


def newest(ledger: Sequence[Consent]) -> dict[Purpose, Consent]:
    """The row that counts, by purpose."""
    return {consent.purpose: consent for consent in ledger}


def news(ledger: Sequence[Consent], said: Sequence[Consent]) -> list[Consent]:
    """Of what is said, what is not what the ledger's newest rows say already of the same words."""
    known = {(row.purpose, row.granted, row.text_version) for row in newest(ledger).values()}
    return [row for row in said if (row.purpose, row.granted, row.text_version) not in known]


def holds(ledger: Sequence[Consent], purpose: Purpose) -> bool:
    """Whether the ledger holds a yes now."""
    row = newest(ledger).get(purpose)
    return row is not None and row.granted


def is_complete(ledger: Sequence[Consent], mode: Mode) -> bool:
    """Whether every purpose of the mode was answered, and answers may be kept: without that there is no interview."""
    return purposes_of(mode) <= newest(ledger).keys() and holds(ledger, Purpose.TRANSCRIBE)
