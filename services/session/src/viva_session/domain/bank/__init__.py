"""The question bank: curated questions and ready rubrics for the common competencies, in Korean and in English.

One TOML file a competency, both languages side by side, so that a reviewer sees what belongs together in one diff.
`load_bank()` reads and checks them all; whoever needs the bank calls it once (bootstrap) and hands it on.
"""

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
from viva_session.domain.bank.parse import load_bank, parse_bank

__all__ = [
    "BANDS",
    "LANGUAGES",
    "Bank",
    "BankCompetency",
    "BankCriterion",
    "BankQuestion",
    "Difficulty",
    "Language",
    "Probe",
    "ProbeKind",
    "load_bank",
    "parse_bank",
]
