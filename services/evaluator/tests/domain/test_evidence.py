"""Quotes are found where their words stand, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from viva_evaluator.domain.context import SpokenWord
from viva_evaluator.domain.evidence import Evidence
from viva_evaluator.domain.folding import fold

ANSWER = (
    "Our “settlement batch” took 40 minutes — too long. I partitioned the ledger table by month, and I didn’t stop "
    "there: p99 fell to 1.5 seconds."
)
ENGLISH = "ledger batch partition query month measured minutes team release table index rollback customer".split()
KOREAN = "정산 배치를 파티셔닝했고 쿼리를 다시 작성했습니다 팀과 측정한 결과 원장 테이블이 빨라졌습니다".split()
GAPS = st.sampled_from([" ", "  ", "\n", ", ", " — ", "; ", " “", "” ", "\u200b ", ": "])


def texts(answer: str, quote: str) -> list[str]:
    return [found.text for found in Evidence(answer).find(quote)]


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("I partitioned the ledger table by month", "I partitioned the ledger table by month"),
        ("i PARTITIONED  the\nledger table, by month.", "I partitioned the ledger table by month"),
        ('"settlement batch" took 40 minutes', "settlement batch” took 40 minutes"),
        ("and I didn't stop there", "and I didn’t stop there"),
        ("ｌｅｄｇｅｒ ｔａｂｌｅ ｂｙ ｍｏｎｔｈ", "ledger table by month"),
    ],
)
def test_form_does_not_count(quote: str, text: str) -> None:
    assert texts(ANSWER, quote) == [text]


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "…",
        "partitioned",  # one word proves nothing
        "by the",
        "I partitioned the table by month",  # a word left out
        "the table ledger by month",  # another order
        "I partitioned the ledger tables by month",
        "p99 fell to 15 seconds",  # 1.5 is not 15
        "took 4 minutes",
    ],
)
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert texts(ANSWER, quote) == []


def test_every_part_of_a_quote_with_an_ellipsis_must_be_there_in_order() -> None:
    assert texts(ANSWER, "took 40 minutes … the ledger table by month") == [
        "took 40 minutes",
        "the ledger table by month",
    ]
    assert texts(ANSWER, "took 40 minutes ... for three long years") == []
    assert texts(ANSWER, "the ledger table by month [...] took 40 minutes") == []


def test_an_ellipsis_of_the_answer_itself_is_punctuation() -> None:
    assert texts("Well... I rewrote the queries myself.", "Well... I rewrote the queries") == [
        "Well... I rewrote the queries"
    ]


def test_one_word_counts_when_the_answer_is_no_longer() -> None:
    assert texts("PostgreSQL.", "postgresql") == ["PostgreSQL"]


def test_korean_spacing_does_not_count_but_particles_do() -> None:
    answer = "저는 원장 테이블을 파티셔닝할 수 있었습니다."
    assert texts(answer, "원장테이블을 파티셔닝할수 있었습니다") == ["원장 테이블을 파티셔닝할 수 있었습니다"]
    assert texts(answer, "원장 테이블이 파티셔닝할 수") == []


def test_decomposed_hangul_is_the_same_hangul() -> None:
    import unicodedata

    answer = unicodedata.normalize("NFD", "저는 원장 테이블을 월별로 나눴습니다.")
    (quote,) = Evidence(answer).find("원장 테이블을 월별로")
    assert answer[quote.start : quote.end] == quote.text
    assert unicodedata.normalize("NFC", quote.text) == "원장 테이블을 월별로"


def test_the_same_passage_twice_is_one_quote() -> None:
    quotes = Evidence(ANSWER).find_all(["the ledger table by month", "I partitioned the ledger table by month"])
    assert [quote.text for quote in quotes] == ["I partitioned the ledger table by month"]


def test_a_passage_that_is_excluded_is_taken_at_its_other_place() -> None:
    answer = "I measured the batch. Then I measured the batch again."
    (quote,) = Evidence(answer, excluded=[(0, 21)]).find("I measured the batch")
    assert quote.start > 21


def test_corrected_words_have_no_time_and_their_neighbours_do() -> None:
    words = [SpokenWord(text, float(n), n + 0.5) for n, text in enumerate("I petitioned the ledger table".split())]
    (quote,) = Evidence("I partitioned the ledger table", words=words).find("partitioned the ledger table")
    assert (quote.start_time, quote.end_time) == (2.0, 4.5)


@st.composite
def answers(draw: st.DrawFn) -> tuple[str, list[str], int, int]:
    """An answer, its words, and the first and one past the last word of a passage long enough to count."""
    words = draw(st.lists(st.sampled_from(draw(st.sampled_from([ENGLISH, KOREAN]))), min_size=4, max_size=20))
    gaps = draw(st.lists(GAPS, min_size=len(words), max_size=len(words)))
    first = draw(st.integers(0, len(words) - 3))
    last = draw(st.integers(first + 3, len(words)))
    return "".join(word + gap for word, gap in zip(words, gaps, strict=True)), words, first, last


@given(answers(), st.data())
def test_any_whole_words_are_found_however_they_are_written(
    given_answer: tuple[str, list[str], int, int], data: st.DataObject
) -> None:
    answer, words, first, last = given_answer
    change = st.sampled_from([str.upper, str.title, str.casefold])
    quote = "".join(data.draw(change)(word) + data.draw(GAPS) for word in words[first:last])
    (found,) = Evidence(answer).find(quote)
    assert answer[found.start : found.end] == found.text
    assert fold(found.text).key == fold(quote).key


@given(answers(), st.data())
def test_words_in_an_order_that_is_not_there_are_never_found(
    given_answer: tuple[str, list[str], int, int], data: st.DataObject
) -> None:
    answer, words, first, last = given_answer
    order = data.draw(st.permutations(words[first:last]))
    stands = any(words[at : at + len(order)] == list(order) for at in range(len(words)))
    assert bool(Evidence(answer).find(" ".join(order))) == stands


@given(answers(), st.sampled_from(["kubernetes", "쿠버네티스를"]), st.data())
def test_a_word_too_many_is_never_found(
    given_answer: tuple[str, list[str], int, int], foreign: str, data: st.DataObject
) -> None:
    answer, words, first, last = given_answer
    quote = words[first:last]
    quote.insert(data.draw(st.integers(0, len(quote))), foreign)
    assert Evidence(answer).find(" ".join(quote)) == ()
