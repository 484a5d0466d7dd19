"""Spoken answers: what the speech engine says of them, whenever it says it.

Passages may come late (the engine was away) and in any order. Those of an answer that was closed meanwhile make a new
revision of it, which is scored anew: a spoken answer is all that was heard, to a typed one it is added at the end;
and so is what came before it was closed, but was not on the page that sent it (`Flow.close`). If the candidate has
corrected the closed answer by hand, the hand counts, and what was heard is kept beside it. The same passage twice
changes nothing.

    in progress, completed   the answer is made of it
    reported                 so it is, and the report has another version
    decided, abandoned       it is kept beside the answer: what was decided was decided on other words
    erased                   nothing
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from viva_session.domain.changes import nothing, with_turn
from viva_session.domain.consent import Purpose
from viva_session.domain.flow import Flow
from viva_session.domain.interview import Interview, Outcome, State
from viva_session.domain.line import Line
from viva_session.domain.outcome import LineQualityMeasured, TranscriptFinal, TranscriptGap
from viva_session.domain.turn import AnswerState, ClosedBy, Gap, Modality, Revision, Turn, Utterance, with_late

_ANSWERING = (State.IN_PROGRESS, State.COMPLETED, State.REPORTED)
_KEEPING = (State.DECIDED, State.ABANDONED)


class Hearing:
    """The commands that come from media."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def heard(self, interview: Interview, turn_id: UUID, utterance: Utterance, now: datetime) -> Outcome:
        """A passage was written down."""
        turn = _listening(interview, turn_id)
        if turn is None or utterance in turn.answer.heard:
            return nothing(interview)
        anew = any(one.utterance_id == utterance.utterance_id for one in turn.answer.heard)
        heard = tuple(utterance if one.utterance_id == utterance.utterance_id else one for one in turn.answer.heard)
        told = replace(turn, answer=replace(turn.answer, heard=heard if anew else (*heard, utterance)))
        outcome = Outcome(with_turn(interview, told), (TranscriptFinal(turn_id, utterance),))
        if interview.state in _KEEPING:
            return outcome
        caught_up = outcome.then(self._catch_up(outcome.interview, told, None if anew else utterance, now))
        return caught_up.then(self._flow.report(caught_up.interview))

    def missed(self, interview: Interview, turn_id: UUID, gap: Gap) -> Outcome:
        """Something was spoken that could not be written down."""
        turn = _listening(interview, turn_id)
        if turn is None or gap in turn.answer.gaps:
            return nothing(interview)
        gaps = tuple(sorted((*turn.answer.gaps, gap), key=lambda one: one.start))
        told = replace(turn, answer=replace(turn.answer, gaps=gaps))
        outcome = Outcome(with_turn(interview, told), (TranscriptGap(turn_id, gap),))
        return outcome.then(self._flow.report(outcome.interview))

    def speech_overdue(self, interview: Interview, turn_id: UUID, revision: int, now: datetime) -> Outcome:
        """Not a word came of an answer that was given by voice: as long as none does, it is empty."""
        turn = next((turn for turn in interview.turns if turn.turn_id == turn_id), None)
        if turn is None or not turn.answer.owed or turn.answer.revision != revision:
            return nothing(interview)
        empty = self._flow.judge(interview, turn, now)
        return empty.then(self._flow.report(empty.interview))

    def line_measured(self, interview: Interview, turn_id: UUID, line: Line, now: datetime) -> Outcome:
        """How good the line was. Media says it when all that was spoken is written down or given up, so that an answer
        without a word is an empty one now."""
        turn = _listening(interview, turn_id)
        if turn is None or turn.answer.line == line:
            return nothing(interview)
        told = replace(turn, answer=replace(turn.answer, line=line))
        if told.answer.spoken_line is None and not turn.answer.owed:
            return nothing(interview)
        outcome = Outcome(with_turn(interview, told), (LineQualityMeasured(turn_id, line),))
        if turn.answer.owed and interview.state not in _KEEPING:
            outcome = outcome.then(self._flow.judge(outcome.interview, told, now))
        return outcome.then(self._flow.report(outcome.interview))

    def fell_silent(self, interview: Interview, turn_id: UUID, now: datetime) -> Outcome:
        """The silence outlasted the position's patience: what was said is the answer. Nothing said, or something typed:
        the candidate is let be."""
        turn = _listening(interview, turn_id)
        if turn is None or interview.state is not State.IN_PROGRESS or turn.answer.state is not AnswerState.OPEN:
            return nothing(interview)
        if not turn.answer.heard or turn.answer.typed_so_far:
            return nothing(interview)
        closed = self._flow.close(interview, turn, "", Modality.VOICE, now, ClosedBy.SILENCE)
        return closed.then(self._flow.ask_next(closed.interview, now))

    def _catch_up(self, interview: Interview, turn: Turn, late: Utterance | None, now: datetime) -> Outcome:
        """A closed answer takes in what was heard since. `late`: the passage, unless it was heard before and reads
        differently now: whoever typed the text has seen it."""
        answer = turn.answer
        if answer.takes_late_words and late is not None and late.text:
            return self._flow.revise(interview, turn, with_late(answer.text, (late,), now), None, now)
        if not answer.by_ear or answer.spoken == answer.text:
            return nothing(interview)
        spoken = replace(turn, answer=replace(answer, modality=Modality.VOICE))
        return self._flow.revise(
            interview, spoken, Revision(answer.spoken, now, heard=True), answer.spoken_confidence, now
        )


def _listening(interview: Interview, turn_id: UUID) -> Turn | None:
    """The turn, if what was said to it may still be kept."""
    if interview.state not in (*_ANSWERING, *_KEEPING) or not interview.may(Purpose.TRANSCRIBE):
        return None
    return next((turn for turn in interview.turns if turn.turn_id == turn_id and turn.asked), None)
