"""Packets that overtook, came twice, came late or never."""

from hypothesis import given
from hypothesis import strategies as st
from viva_media.domain.reorder import Reorder

PATIENCE = 0.3


def through(arrivals: list[tuple[float, int]]) -> list[int]:
    """The numbers in the order in which they come out; arrivals are (seconds, number)."""
    order: Reorder[int] = Reorder(PATIENCE)
    out = [number for at, sent in arrivals for number in order.add(sent % 65_536, sent, at)]
    return [*out, *order.rest()]


def test_what_comes_in_order_waits_for_nothing() -> None:
    order: Reorder[str] = Reorder(PATIENCE)
    assert [order.add(7 + n, f"{n}", 0.04 * n) for n in range(3)] == [["0"], ["1"], ["2"]]
    assert not order.waiting


def test_who_overtook_waits_for_those_before() -> None:
    order: Reorder[int] = Reorder(PATIENCE)
    assert order.add(1, 1, 0.0) == [1]
    assert order.add(3, 3, 0.1) == []
    assert order.waiting
    assert order.add(2, 2, 0.2) == [2, 3]


def test_a_lost_packet_is_waited_for_and_then_passed_over_alone() -> None:
    order: Reorder[int] = Reorder(PATIENCE)
    order.add(1, 1, 0.0)
    assert [order.add(n, n, 0.04 * n) for n in (3, 4, 6)] == [[], [], []]
    assert order.due(0.12 + PATIENCE - 0.01) == []
    assert order.due(0.12 + PATIENCE) == [3, 4]
    assert order.add(5, 5, 0.12 + PATIENCE) == [5, 6]


def test_one_that_comes_twice_or_after_its_place_was_passed_over_is_dropped() -> None:
    order: Reorder[int] = Reorder(PATIENCE)
    assert order.add(1, 1, 0.0) == [1]
    assert order.add(1, 1, 0.0) == []
    order.add(3, 3, 0.0)
    assert order.due(PATIENCE) == [3]
    assert order.add(2, 2, PATIENCE) == []


def test_numbers_begin_anew_after_65535() -> None:
    assert through([(0.04 * n, n) for n in range(65_530, 65_560)]) == list(range(65_530, 65_560))


def test_a_sender_that_begins_anew_is_followed_after_what_waits() -> None:
    order: Reorder[int] = Reorder(PATIENCE)
    order.add(5_000, 5_000, 0.0)
    order.add(5_002, 5_002, 0.0)
    assert order.add(100, 100, 0.1) == [5_002, 100]


def test_a_flood_behind_a_hole_is_not_kept() -> None:
    order: Reorder[int] = Reorder(PATIENCE)
    order.add(0, 0, 0.0)
    out = [each for n in range(2, 1_000) for each in order.add(n, n, 0.0)]
    assert out == list(range(2, 1_000))


@given(
    lost=st.sets(st.integers(1, 299)),
    late=st.lists(st.floats(0, PATIENCE * 0.99), min_size=300, max_size=300),
    first=st.integers(0, 65_535),
)
def test_all_that_arrives_no_later_than_the_patience_comes_out_in_order(
    lost: set[int], late: list[float], first: int
) -> None:
    late[0] = 0.0  # what comes before the first that arrives is before the beginning
    sent = [n for n in range(300) if n not in lost]
    arrivals = sorted((n * 0.02 + late[n], first + n) for n in sent)
    assert through(arrivals) == [first + n for n in sent]
