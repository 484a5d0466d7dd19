"""The interview as it stands: immutable data, and questions about it. What changes it is in `rules`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from viva_core.errors import NotFound

from viva_session.domain import consent as ledger
from viva_session.domain.consent import Consent, Purpose
from viva_session.domain.outcome import Event, Request, Timer
from viva_session.domain.position import Plan, PlannedCompetency
from viva_session.domain.request import CandidateRequest
from viva_session.domain.resume import Resume
from viva_session.domain.review import Review
from viva_session.domain.turn import AnswerState, Turn


class State(StrEnum):
    """Where an interview is."""

    INVITED = "invited"
    CONSENTED = "consented"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    REPORTED = "reported"
    DECIDED = "decided"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    ERASED = "erased"


BEFORE_START = (State.INVITED, State.CONSENTED, State.READY)
ENDED = (State.EXPIRED, State.ABANDONED, State.ERASED)
REPORTABLE = (State.REPORTED, State.DECIDED)


@dataclass(frozen=True)
class Candidate:
    """Who is interviewed."""

    name: str
    email: str


@dataclass(frozen=True)
class Interview:
    """One interview. Immutable: every command returns a new one."""

    interview_id: UUID
    tenant_id: UUID
    position_id: UUID
    plan: Plan
    candidate: Candidate | None
    created_at: datetime
    invitation_expires_at: datetime
    state: State = State.INVITED
    scheduled_at: datetime | None = None
    extra_time_percent: int = 0
    consents: tuple[Consent, ...] = ()
    resume: Resume | None = None
    turns: tuple[Turn, ...] = ()
    started_at: datetime | None = None
    ends_at: datetime | None = None
    completed_at: datetime | None = None
    asking_finished: bool = False
    report_version: int = 0
    reviews: tuple[Review, ...] = ()
    requests: tuple[CandidateRequest, ...] = ()

    def turn(self, turn_id: UUID) -> Turn:
        """The turn of that id. Raises NotFound."""
        found = next((turn for turn in self.turns if turn.turn_id == turn_id), None)
        if found is None:
            raise NotFound("this interview has no such turn")
        return found

    def competency_of(self, turn: Turn) -> PlannedCompetency:
        """What a turn probes."""
        return self.plan.competency(turn.competency_id)

    @property
    def asked_turns(self) -> tuple[Turn, ...]:
        """The turns whose question the candidate has seen."""
        return tuple(turn for turn in self.turns if turn.asked)

    @property
    def open_turn(self) -> Turn | None:
        """The turn that waits for its answer."""
        return next((turn for turn in self.turns if turn.answer.state is AnswerState.OPEN), None)

    @property
    def settled(self) -> bool:
        """Whether of every answer nothing is to come any more."""
        return all(turn.settled for turn in self.turns)

    def time_left(self, now: datetime) -> timedelta:
        """What is left; the whole time before the start."""
        if self.ends_at is None:
            return self.full_time
        return max(self.ends_at - now, timedelta())

    @property
    def full_time(self) -> timedelta:
        """The position's duration with this candidate's extra time."""
        return self.plan.duration * (100 + self.extra_time_percent) / 100

    def may(self, purpose: Purpose) -> bool:
        """Whether the candidate consents to it now."""
        return ledger.holds(self.consents, purpose)

    @property
    def may_be_seen(self) -> bool:
        """Whether what a face shows may be kept: in practice, with consent, never in hiring or after an erasure."""
        asked = Purpose.EXPRESSIONS in ledger.purposes_of(self.plan.mode)
        return asked and self.may(Purpose.EXPRESSIONS) and self.state is not State.ERASED


@dataclass(frozen=True)
class Outcome:
    """What a command led to. `changed` is false when it changed nothing at all."""

    interview: Interview
    events: tuple[Event, ...] = ()
    requests: tuple[Request, ...] = ()
    timers: tuple[Timer, ...] = ()
    changed: bool = True

    def then(self, further: "Outcome") -> "Outcome":
        """This and what followed from it."""
        return Outcome(
            further.interview,
            self.events + further.events,
            self.requests + further.requests,
            self.timers + further.timers,
            self.changed or further.changed,
        )
