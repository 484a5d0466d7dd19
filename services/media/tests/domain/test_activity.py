"""Turns: what holds for every pattern of voice, and the silences told apart."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from viva_media.domain.activity import (
    WINDOW,
    Activity,
    Happening,
    Phase,
    SpeechBegan,
    TurnEnded,
    Uttered,
    enter,
    finish,
    skip,
    step,
)
from viva_media.domain.audio import RATE, samples, seconds

SECOND = round(RATE / WINDOW)


def voice(duration: float) -> list[float]:
    """So many seconds of voice, as windows."""
    return [0.9] * round(duration * RATE / WINDOW)


def quiet(duration: float) -> list[float]:
    """So many seconds of silence, as windows."""
    return [0.02] * round(duration * RATE / WINDOW)


def through(state: Activity, windows: list[float]) -> tuple[Activity, list[Happening]]:
    """Step through windows."""
    happened: list[Happening] = []
    for probability in windows:
        state, more = step(state, probability)
        happened += more
    return state, happened


def spans(happened: list[Happening]) -> list[tuple[int, int]]:
    """The utterances."""
    return [(each.span.start, each.span.end) for each in happened if isinstance(each, Uttered)]


pieces = st.lists(
    st.tuples(st.floats(0, 1), st.integers(1, 400)).map(lambda piece: [piece[0]] * piece[1]), min_size=1, max_size=30
).map(lambda lists: [window for each in lists for window in each])


@given(pieces, st.floats(0.5, 3.0))
def test_utterances_are_in_order_bounded_and_do_not_overlap(windows: list[float], patience: float) -> None:
    state, happened = through(Activity(patience=patience), windows)
    _, last = finish(state)
    found = spans([*happened, *last])
    for start, end in found:
        assert 0 <= start <= end <= len(windows) * WINDOW
        assert end - start <= state.tuning.longest
    for before, after in itertools.pairwise(found):
        assert before[1] <= after[0]


@given(pieces)
def test_every_stretch_of_voice_lies_in_an_utterance(windows: list[float]) -> None:
    state, happened = through(Activity(), windows)
    _, last = finish(state)
    found = spans([*happened, *last])
    needed = state.tuning.onset // WINDOW
    run = 0
    for number, probability in enumerate(windows):
        run = run + 1 if probability >= state.tuning.begins else 0
        if run >= needed:
            start, end = (number + 1 - run) * WINDOW, (number + 1) * WINDOW
            covered = sum(max(min(end, b) - max(start, a), 0) for a, b in found)
            assert covered == end - start


@given(pieces, st.floats(0.5, 3.0))
def test_a_turn_never_ends_before_the_patience_is_over(windows: list[float], patience: float) -> None:
    state = Activity(patience=patience)
    silent = 0
    for probability in windows:
        was_speaking = state.speaking
        state, happened = step(state, probability)
        silent = 0 if was_speaking and probability >= state.tuning.goes_on else silent + WINDOW
        for each in happened:
            if isinstance(each, TurnEnded):
                assert each.silence >= patience - 0.001
                assert not state.speaking


def test_speech_begins_with_its_pre_roll() -> None:
    _, happened = through(Activity(), [*quiet(1.0), *voice(0.5)])
    (began,) = [each for each in happened if isinstance(each, SpeechBegan)]
    first = round(1.0 * RATE / WINDOW) * WINDOW
    assert began.start == first - samples(0.3)


def test_a_click_is_no_speech() -> None:
    _, happened = through(Activity(), [*quiet(0.5), 0.9, 0.9, *quiet(1.0)])
    assert happened == []


def test_a_pause_ends_an_utterance_and_the_patience_ends_the_turn() -> None:
    _, happened = through(Activity(patience=1.5), [*voice(1.0), *quiet(1.0), *voice(1.0), *quiet(2.5)])
    assert [type(each) for each in happened] == [SpeechBegan, Uttered, SpeechBegan, Uttered, TurnEnded]


def test_the_turn_ends_once_until_somebody_speaks_again() -> None:
    state, happened = through(Activity(patience=1.0), [*voice(1.0), *quiet(10.0)])
    assert sum(isinstance(each, TurnEnded) for each in happened) == 1
    _, more = through(state, [*voice(1.0), *quiet(2.0)])
    assert sum(isinstance(each, TurnEnded) for each in more) == 1


def test_silence_before_the_first_word_ends_nothing() -> None:
    _, happened = through(Activity(patience=1.0), quiet(30.0))
    assert happened == []


def test_thinking_lengthens_the_patience() -> None:
    state, _ = enter(through(Activity(patience=1.0), voice(1.0))[0], Phase.THINKING)
    state, happened = through(state, quiet(3.5))
    assert not any(isinstance(each, TurnEnded) for each in happened)
    _, happened = through(state, quiet(1.0))
    assert any(isinstance(each, TurnEnded) for each in happened)


def test_while_the_question_is_read_out_speech_barges_in_and_no_turn_ends() -> None:
    state, _ = enter(Activity(patience=1.0), Phase.QUESTION)
    _, happened = through(state, [*voice(0.5), *quiet(5.0)])
    assert isinstance(happened[0], SpeechBegan)
    assert happened[0].barged_in
    assert not any(isinstance(each, TurnEnded) for each in happened)


def test_done_ends_the_utterance_under_way() -> None:
    state, _ = through(Activity(), [*quiet(0.5), *voice(1.0)])
    state, happened = enter(state, Phase.DONE)
    assert len(spans(happened)) == 1
    assert not state.speaking


def test_a_long_utterance_is_cut_where_the_voice_was_weakest() -> None:
    windows = [*voice(9.0), 0.4, *voice(5.0)]
    _, happened = through(Activity(), windows)
    cut = next(each for each in happened if isinstance(each, Uttered))
    assert cut.cut
    assert seconds(cut.span.end) == (round(9.0 * RATE / WINDOW) + 1) * WINDOW / RATE


def test_time_without_a_peer_is_no_silence_of_the_candidate() -> None:
    state, _ = through(Activity(patience=1.0), voice(1.0))
    state, happened = skip(state, state.at + 60 * RATE)
    assert len(spans(happened)) == 1
    _, happened = through(state, quiet(0.5))
    assert not any(isinstance(each, TurnEnded) for each in happened)


@given(pieces)
def test_a_pause_tells_before_its_end_what_the_utterance_will_be(windows: list[float]) -> None:
    state, told = Activity(), None
    for probability in [*windows, *quiet(1.0)]:
        state, happened = step(state, probability)
        for each in happened:
            if isinstance(each, Uttered) and not each.cut and each.span.length > state.tuning.post_roll:
                assert told == each.span
        told = state.pause


def test_there_is_no_pause_while_there_is_voice() -> None:
    state, _ = through(Activity(), voice(1.0))
    assert state.pause is None
    state, _ = through(state, quiet(0.3))
    assert state.pause is not None
    state, _ = through(state, voice(0.1))
    assert state.pause is None
