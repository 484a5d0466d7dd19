"""Small steps on an interview that the rules share."""

from dataclasses import replace
from uuid import UUID

from viva_core.errors import Refused

from viva_session.domain.interview import ENDED, Interview, Outcome, State
from viva_session.domain.turn import Turn


def nothing(interview: Interview) -> Outcome:
    """No change."""
    return Outcome(interview, changed=False)


def find(interview: Interview, turn_id: UUID, request_id: UUID) -> Turn | None:
    """The turn whose question was asked for by this request; None when the interview has moved on."""
    if interview.state is not State.IN_PROGRESS:
        return None
    return next((t for t in interview.turns if t.turn_id == turn_id and t.question.request_id == request_id), None)


def with_turn(interview: Interview, turn: Turn) -> Interview:
    """The interview with this turn in the place of the one with its id."""
    turns = tuple(turn if old.turn_id == turn.turn_id else old for old in interview.turns)
    return replace(interview, turns=turns)


def without_unasked(interview: Interview) -> Interview:
    """A question that was asked for and never put is no turn."""
    return replace(interview, turns=interview.asked_turns)


def refuse_unless(interview: Interview, wanted: State) -> None:
    """Raises Refused in any other state."""
    if interview.state is not wanted:
        raise Refused(f"the interview is {interview.state}, not {wanted}", reason="WRONG_STATE")


def refuse_ended(interview: Interview) -> None:
    """Raises Refused when nothing but an erasure may happen any more."""
    if interview.state in ENDED:
        raise Refused(f"the interview is {interview.state}", reason="INTERVIEW_ENDED")
