"""Words in order, and models that repeat themselves."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from viva_media.domain.audio import RATE, Span
from viva_media.domain.transcript import Word, loop_at, settle, spread, text_of

SPAN = Span(2 * RATE, 5 * RATE)
times = st.floats(0, 8, allow_nan=False)
words = st.lists(st.builds(Word, st.text("abc ", max_size=5), times, times, st.floats(-1, 2)), max_size=20)


@given(words)
def test_settled_words_are_in_order_inside_and_apart(given_words: list[Word]) -> None:
    settled = settle(given_words, SPAN)
    assert len(settled) == sum(bool(word.text.strip()) for word in given_words)
    for word in settled:
        assert 2.0 <= word.start <= word.end <= 5.0
        assert 0.0 <= word.confidence <= 1.0
    for before, after in itertools.pairwise(settled):
        assert before.end <= after.start


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=30))
def test_spread_words_fill_the_utterance(texts: list[str]) -> None:
    spread_words = spread(texts, [0.5] * len(texts), SPAN)
    assert [word.text for word in spread_words] == texts
    assert spread_words[0].start == 2.0
    assert abs(spread_words[-1].end - 5.0) < 0.001


def test_words_out_of_order_are_put_in_order() -> None:
    mixed = [Word("brown", 3.0, 3.5, 0.9), Word("the", 2.1, 2.3, 0.9), Word("quick", 2.4, 2.9, 0.9)]
    assert text_of(settle(mixed, SPAN)) == "the quick brown"


def test_a_loop_is_found_where_it_begins() -> None:
    assert loop_at("I went home and then and then and then and then and then".split()) == 5
    assert loop_at("the cache the cache the cache the cache".split()) == 2


def test_what_people_repeat_is_no_loop() -> None:
    assert loop_at("No, no, no, that is not what I meant".split()) is None
    assert loop_at("it was very very very very slow".split()) is None
    assert loop_at("step by step by step we moved".split()) is None
