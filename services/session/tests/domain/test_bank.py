"""The question bank as it ships, and what its reader refuses."""

import re
from importlib import resources

import pytest
from viva_core.errors import Invalid, NotFound
from viva_session.domain.bank import (
    BANDS,
    LANGUAGES,
    Bank,
    BankCompetency,
    BankCriterion,
    BankQuestion,
    Difficulty,
    Language,
    ProbeKind,
    load_bank,
    parse_bank,
)

BANK = load_bank()
COMPETENCIES = [competency for language in LANGUAGES for competency in BANK.competencies(language)]
QUESTIONS = [(competency.language, question) for competency in COMPETENCIES for question in competency.questions]
CRITERIA = [(competency.language, criterion) for competency in COMPETENCIES for criterion in competency.criteria]

# Equality Act 2010 (UK), sections 39 and 60; Fair Hiring Procedure Act (Korea), article 4-3; and words that a
# question generator's own filter would take for such a topic.
MUST_NOT_ASK = re.compile(
    r"""\b(age|how\ old|married|marital|spouse|husband|wife|pregnan\w*|children|kids|family|religio\w*|church|
        nationality|ethnic\w*|race|sexual|disabilit\w*|health|political|union|military|birth\w*|hometown|salary)\b
    | 나이 | 연세 | 생년 | 결혼 | 배우자 | 임신 | 출산 | 자녀 | 가족 | 부모 | 종교 | 교회 | 국적 | 출신 | 고향 |
      인종 | 성적\ 지향 | 장애가\ 있 | 건강 | 정치 | 노조 | 병역 | 군대 | 외모 | 키와\ 몸무게 | 재산""",
    re.IGNORECASE | re.VERBOSE,
)
POLITE_ENDING = re.compile(r"(나요|까요|가요|신가요|시겠어요|습니까|는지요)\?$")


def hangul_share(text: str) -> float:
    letters = [character for character in text if character.isalpha()]
    return sum("가" <= character <= "힣" for character in letters) / len(letters)


def reads_as(text: str, language: Language) -> bool:
    return hangul_share(text) >= 0.8 if language == "ko" else hangul_share(text) == 0


def named(item: tuple[str, BankQuestion] | tuple[str, BankCriterion] | BankCompetency) -> str:
    match item:
        case BankCompetency(competency_id=name, language=language):
            return f"{name}-{language}"
        case (language, BankQuestion(question_id=name)):
            return f"{name}-{language}"
        case (language, BankCriterion(criterion_id=name)):
            return f"{name}-{language}"
    raise AssertionError(item)


def test_the_bank_holds_at_least_eight_competencies_with_six_questions_each() -> None:
    for language in LANGUAGES:
        competencies = BANK.competencies(language)
        assert len(competencies) >= 8
        assert all(len(competency.questions) >= 6 for competency in competencies)


def test_both_languages_hold_the_same_competencies_questions_and_criteria() -> None:
    def outline(language: Language) -> list[object]:
        return [
            (
                competency.competency_id,
                [
                    (question.question_id, question.difficulty, len(question.strong))
                    for question in competency.questions
                ],
                [(criterion.criterion_id, criterion.weight) for criterion in competency.criteria],
            )
            for competency in BANK.competencies(language)
        ]

    assert outline("ko") == outline("en")


def test_question_ids_and_texts_are_unique() -> None:
    for language in LANGUAGES:
        questions = [question for of, question in QUESTIONS if of == language]
        assert len({question.question_id for question in questions}) == len(questions)
        texts = [text for question in questions for text in (question.text, *question.follow_ups)]
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("language", "question"), QUESTIONS, ids=map(named, QUESTIONS))
def test_a_question_is_one_question_in_its_language_that_may_be_asked(
    language: Language, question: BankQuestion
) -> None:
    for text in (question.text, *question.follow_ups):
        assert text.count("?") == 1
        assert text.endswith("?")
        assert "\n" not in text
        assert reads_as(text, language)
        assert not MUST_NOT_ASK.search(text)
        if language == "ko":
            assert POLITE_ENDING.search(text), text
    assert 20 <= len(question.text) <= (110 if language == "ko" else 220)
    assert len(question.text.split()) <= 40


@pytest.mark.parametrize(("language", "question"), QUESTIONS, ids=map(named, QUESTIONS))
def test_a_question_says_what_a_strong_answer_shows(language: Language, question: BankQuestion) -> None:
    assert 2 <= len(question.strong) <= 4
    assert len(question.follow_ups) == 2
    assert all(reads_as(point, language) for point in question.strong)


@pytest.mark.parametrize("competency", COMPETENCIES, ids=map(named, COMPETENCIES))
def test_a_competency_is_described_in_its_language_and_asks_at_every_depth(competency: BankCompetency) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,63}", competency.competency_id)
    assert reads_as(competency.title, competency.language)
    assert reads_as(competency.description, competency.language)
    assert {question.difficulty for question in competency.questions} == set(Difficulty)


@pytest.mark.parametrize("competency", COMPETENCIES, ids=map(named, COMPETENCIES))
def test_a_ready_rubric_has_two_or_three_criteria_whose_weights_sum_to_a_hundred(competency: BankCompetency) -> None:
    assert 2 <= len(competency.criteria) <= 3
    assert sum(criterion.weight for criterion in competency.criteria) == 100


@pytest.mark.parametrize(("language", "criterion"), CRITERIA, ids=map(named, CRITERIA))
def test_a_criterion_describes_five_different_bands(language: Language, criterion: BankCriterion) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,63}", criterion.criterion_id)
    assert len({criterion.anchor(band) for band in BANDS}) == 5
    for text in (criterion.title, criterion.description, *criterion.anchors):
        assert reads_as(text, language)
        assert len(text) <= 1000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ProbeKind)
def test_there_are_three_probes_of_each_kind_in_each_language(language: Language, kind: ProbeKind) -> None:
    asked: list[str] = []
    for _ in range(3):
        probe = BANK.probe(kind, language, competency_title="SQL", exclude_ids=asked)
        assert probe is not None
        assert probe.text.endswith("?")
        assert "{" not in probe.text
        asked.append(probe.question_id)
    assert len(set(asked)) == 3


def test_an_opening_names_the_competency_that_the_bank_does_not_hold() -> None:
    probe = BANK.probe(ProbeKind.OPENING, "ko", competency_title="임베디드 C")
    assert probe is not None
    assert "임베디드 C" in probe.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_pick_draws_every_question_once_and_then_none(language: Language) -> None:
    for competency in BANK.competencies(language):
        asked: list[str] = []
        while question := BANK.pick(competency.competency_id, language, asked, seed=7):
            asked.append(question.question_id)
        assert sorted(asked) == sorted(question.question_id for question in competency.questions)


def test_pick_gives_the_same_question_for_the_same_seed_in_both_languages() -> None:
    for seed in range(20):
        korean, english = (BANK.pick("ownership", language, (), seed) for language in ("ko", "en"))
        assert korean is not None
        assert english is not None
        assert korean.question_id == english.question_id
        assert BANK.pick("ownership", "ko", (), seed) == korean


def test_pick_reaches_every_question_with_some_seed() -> None:
    drawn = {question.question_id for seed in range(200) if (question := BANK.pick("learning", "en", (), seed))}
    assert len(drawn) == len(BANK.competency("learning", "en").questions)


def test_pick_prefers_a_difficulty_while_there_is_one() -> None:
    warmup = BANK.pick("learning", "en", prefer=Difficulty.WARMUP)
    assert warmup is not None
    assert warmup.difficulty is Difficulty.WARMUP
    other = BANK.pick("learning", "en", {warmup.question_id}, prefer=Difficulty.WARMUP)
    assert other is not None
    assert other.difficulty is not Difficulty.WARMUP


def test_an_unknown_competency_or_question_is_not_found() -> None:
    with pytest.raises(NotFound, match="technical_depth"):
        BANK.pick("juggling", "en")
    with pytest.raises(NotFound):
        BANK.question("ownership.juggling", "en")
    assert not BANK.holds("juggling")
    assert BANK.holds("ownership")
    assert BANK.question("ownership.mistake", "ko").competency_id == "ownership"


def shipped() -> dict[str, str]:
    folder = resources.files("viva_session.domain.bank")
    return {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in ("ownership", "probes")}


def test_a_bank_of_fewer_files_is_read() -> None:
    bank = parse_bank(shipped())
    assert isinstance(bank, Bank)
    assert [competency.competency_id for competency in bank.competencies("en")] == ["ownership"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("weight = 50", "weight = 49", "criteria"),
        ('id = "accountability"', 'id = "initiative"', "criteria"),
        ("anchors = [\n", 'anchors = [\n  "a sixth",\n', "criteria[0].ko.anchors"),
        ('difficulty = "core"', 'difficulty = "brutal"', "difficulty"),
        ('id = "ownership.mistake"', 'id = "ownership.unasked"', "ownership.unasked"),
        ('id = "ownership.mistake"', 'id = "mistake"', "questions[1].id"),
        ("[questions.ko]", "[questions.fr]", "questions[0].ko"),
        ("because you thought it had to be done?", "and why? When?", "questions[0].en.text"),
        ("because you thought it had to be done?", "because it had to be done.", "questions[0].en.text"),
        ("Is it still in place today?", "Still there.", "questions[0].en.follow_ups[1]"),
        ('id = "ownership"', 'id = "owner"', "ownership.toml: id"),
        ('id = "ownership"', "id = ", "ownership.toml"),
    ],
)
def test_a_fault_is_refused_with_its_place(old: str, new: str, field: str) -> None:
    files = shipped()
    assert old in files["ownership"]
    with pytest.raises(Invalid) as refused:
        parse_bank(files | {"ownership": files["ownership"].replace(old, new, 1)})
    assert refused.value.reason == "BANK_INVALID"
    assert any(field in violation.field for violation in refused.value.violations)


def test_all_faults_are_told_at_once() -> None:
    files = shipped()
    broken = files["ownership"].replace("weight = 50", "weight = 0").replace('"core"', '"brutal"')
    with pytest.raises(Invalid) as refused:
        parse_bank({"ownership": broken})
    fields = " ".join(violation.field for violation in refused.value.violations)
    assert "weight" in fields
    assert "difficulty" in fields
    assert "probes.toml" in fields
