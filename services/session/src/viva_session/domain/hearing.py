"""Spoken answers: what the speech engine says of them, whenever it says it.

Passages may come late (the engine was away) and in any order. Those of an answer that was closed meanwhile make a new
revision of it, which is scored anew, unless the candidate corrected it by hand: then the hand counts, and what was
heard is kept beside it. The same passage twice changes nothing.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from viva_session.domain.changes import nothing, with_turn
from viva_session.domain.consent import Purpose
from viva_session.domain.flow import Flow
from viva_session.domain.interview import Interview, Outcome, State
from viva_session.domain.outcome import TranscriptFinal, TranscriptGap
from viva_session.domain.turn import AnswerState, ClosedBy, Gap, Modality, Revision, Turn, Utterance


class Hearing:
    """The commands that come from media."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def heard(self, interview: Interview, turn_id: UUID, utterance: Utterance, now: datetime) -> Outcome:
        """A passage was written down."""
        turn = _listening(interview, turn_id)
        if turn is None or utterance in turn.answer.heard:
            return nothing(interview)
        others = tuple(one for one in turn.answer.heard if one.utterance_id != utterance.utterance_id)
        told = replace(turn, answer=replace(turn.answer, heard=(*others, utterance)))
        outcome = Outcome(with_turn(interview, told), (TranscriptFinal(turn_id, utterance),))
        return outcome.then(self._catch_up(outcome.interview, told, now))

    def missed(self, interview: Interview, turn_id: UUID, gap: Gap) -> Outcome:
        """Something was spoken that could not be written down."""
        turn = _listening(interview, turn_id)
        if turn is None or gap in turn.answer.gaps:
            return nothing(interview)
        gaps = tuple(sorted((*turn.answer.gaps, gap), key=lambda one: one.start))
        told = replace(turn, answer=replace(turn.answer, gaps=gaps))
        return Outcome(with_turn(interview, told), (TranscriptGap(turn_id, gap),))

    def fell_silent(self, interview: Interview, turn_id: UUID, now: datetime) -> Outcome:
        """The silence outlasted the position's patience: what was said is the answer. Nothing said, or something typed:
        the candidate is let be."""
        turn = _listening(interview, turn_id)
        if turn is None or interview.state is not State.IN_PROGRESS or turn.answer.state is not AnswerState.OPEN:
            return nothing(interview)
        if not turn.answer.heard or turn.answer.draft.strip():
            return nothing(interview)
        closed = self._flow.close(interview, turn, "", Modality.VOICE, now, ClosedBy.SILENCE)
        return closed.then(self._flow.ask_next(closed.interview, now))

    def _catch_up(self, interview: Interview, turn: Turn, now: datetime) -> Outcome:
        """A closed answer whose text is by ear takes in what was heard since."""
        answer = turn.answer
        if not answer.by_ear or answer.spoken == answer.text:
            return nothing(interview)
        return self._flow.revise(
            interview, turn, Revision(answer.spoken, now, heard=True), answer.spoken_confidence, now
        )


def _listening(interview: Interview, turn_id: UUID) -> Turn | None:
    """The turn, if what was said to it may still be kept."""
    if interview.state not in (State.IN_PROGRESS, State.COMPLETED) or not interview.may(Purpose.TRANSCRIBE):
        return None
    return next((turn for turn in interview.turns if turn.turn_id == turn_id and turn.asked), None)
