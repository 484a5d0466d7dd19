"""What is kept, for how long, and what ends it, as it is built: a page for who must answer for it.

Whoever changes how long something is kept changes it here too; what another part of Viva decides is read from there.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from viva_core.bus.topology import COMMANDS, DEAD, FRAMES

from viva_session.domain import webhook
from viva_session.domain.consent import Purpose


class Subject(StrEnum):
    """What is kept."""

    INTERVIEWS = "interviews"
    TRANSCRIPTS = "transcripts"
    SCORES = "scores"
    CONSENTS = "consents"
    RESUMES = "resumes"
    RECORDINGS = "recordings"
    EXPRESSIONS = "expressions"
    FRAMES = "frames"
    EVENTS = "events"
    COMMANDS = "commands"
    DEAD_LETTERS = "dead_letters"
    WEBHOOK_DELIVERIES = "webhook_deliveries"
    AUDIT = "audit"
    RECEIPTS = "receipts"


class End(StrEnum):
    """What removes it."""

    AGE = "age"
    ERASURE = "erasure"
    REVOCATION = "revocation"
    HANDLED = "handled"


@dataclass(frozen=True)
class Rule:
    """How long one kind of data is kept. `ends` empty: nothing removes it; `kept_for`: the age that does."""

    subject: Subject
    purpose: Purpose | None = None
    ends: tuple[End, ...] = ()
    kept_for: timedelta | None = None


RULES = (
    Rule(Subject.INTERVIEWS, ends=(End.ERASURE,)),
    Rule(Subject.TRANSCRIPTS, Purpose.TRANSCRIBE, (End.ERASURE,)),
    Rule(Subject.SCORES, Purpose.AI_SCORING, (End.ERASURE,)),
    Rule(Subject.RESUMES, ends=(End.ERASURE,)),
    Rule(Subject.RECORDINGS, Purpose.RECORD, (End.ERASURE, End.REVOCATION)),
    Rule(Subject.EXPRESSIONS, Purpose.EXPRESSIONS, (End.ERASURE, End.REVOCATION)),
    Rule(
        Subject.FRAMES,
        Purpose.EXPRESSIONS,
        (End.AGE, End.ERASURE),
        timedelta(seconds=FRAMES.max_age),
    ),
    Rule(Subject.EVENTS, ends=(End.ERASURE,)),
    Rule(Subject.COMMANDS, ends=(End.AGE, End.HANDLED, End.ERASURE), kept_for=timedelta(seconds=COMMANDS.max_age)),
    Rule(Subject.DEAD_LETTERS, ends=(End.AGE, End.ERASURE), kept_for=timedelta(seconds=DEAD.max_age)),
    Rule(Subject.WEBHOOK_DELIVERIES, ends=(End.AGE,), kept_for=webhook.KEPT),
    # They name no candidate: they prove what was agreed to, what was done, and that it is gone.
    Rule(Subject.CONSENTS),
    Rule(Subject.AUDIT),
    Rule(Subject.RECEIPTS),
)
