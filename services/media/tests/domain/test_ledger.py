"""What is owed is never forgotten."""

from hypothesis import given
from hypothesis import strategies as st
from viva_media.domain.audio import Span
from viva_media.domain.ledger import Ledger

lengths = st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 500)), min_size=1, max_size=20)


def utterances(parts: list[tuple[int, int]]) -> list[Span]:
    """Utterances with pauses between them."""
    place, made = 0, []
    for length, pause in parts:
        made.append(Span(place, place + length))
        place += length + pause
    return made


@given(lengths, st.data())
def test_every_utterance_ends_as_words_or_as_a_gap(parts: list[tuple[int, int]], data: st.DataObject) -> None:
    spoken = utterances(parts)
    ledger = Ledger()
    for span in spoken:
        ledger = ledger.began(span.start)
        assert not ledger.settled
        ledger = ledger.uttered(span)
    for span in data.draw(st.permutations(spoken)):
        assert ledger.needed_from(10**9) <= min(each.start for each in ledger.owed)
        ledger = ledger.lost(span, "X") if data.draw(st.booleans()) else ledger.final(span)
    assert ledger.settled
    assert ledger.pending == 0
    assert sorted([*ledger.finals, *(gap.span for gap in ledger.gaps)]) == spoken


def test_a_final_told_twice_counts_once() -> None:
    span = Span(0, 10)
    ledger = Ledger().uttered(span).final(span).final(span)
    assert ledger.finals == (span,)


def test_the_sound_of_an_utterance_under_way_is_needed() -> None:
    assert Ledger().began(300).needed_from(5000) == 300
    assert Ledger().needed_from(5000) == 5000


def test_an_empty_utterance_owes_nothing() -> None:
    assert Ledger().began(7).uttered(Span(7, 7)).settled
