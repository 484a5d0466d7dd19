"""The demo's candidates: what they can say, and which of it they say to a question."""

import re
from importlib import resources

import pytest
from viva_core.errors import Invalid, Refused
from viva_local.demo.material import LANGUAGES, Language, load_position, load_resume, parse_position
from viva_local.demo.persona import Persona, PersonaName, Script, load_persona, load_script, parse_script
from viva_session.domain.bank import load_bank

BANK = load_bank()
SCRIPTS = [load_script(name, language) for name in PersonaName for language in LANGUAGES]
STRONG = [script for script in SCRIPTS if script.persona is PersonaName.STRONG]


def named(script: Script) -> str:
    return f"{script.persona}-{script.language}"


def hangul_share(text: str) -> float:
    letters = [character for character in text if character.isalpha()]
    return sum("가" <= character <= "힣" for character in letters) / len(letters)


def length(text: str, language: Language) -> int:
    """Characters in Korean, words in English."""
    return len(text) if language == "ko" else len(text.split())


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_a_persona_has_three_answers_for_each_competency_of_the_bank_and_four_follow_ups(script: Script) -> None:
    for competency in BANK.competencies(script.language):
        assert sum(line.competency == competency.competency_id for line in script.answers) >= 3
    assert {line.competency for line in script.answers} == {
        competency.competency_id for competency in BANK.competencies("en")
    }
    assert len(script.follow_ups) >= 4


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_a_persona_speaks_its_language(script: Script) -> None:
    for line in (*script.answers, *script.follow_ups):
        share = hangul_share(line.text)
        assert share >= 0.8 if script.language == "ko" else share == 0, line.text


@pytest.mark.parametrize("script", STRONG, ids=named)
def test_the_strong_persona_tells_stories_with_figures(script: Script) -> None:
    least, most = (250, 500) if script.language == "ko" else (90, 180)
    for line in script.answers:
        assert least <= length(line.text, script.language) <= most
        assert line.about
    for competency in BANK.competencies(script.language):
        told = " ".join(line.text for line in script.answers if line.competency == competency.competency_id)
        assert len(re.findall(r"\d[\d,.]*", told)) >= 3


@pytest.mark.parametrize("script", STRONG, ids=named)
def test_the_strong_persona_knows_the_figures_of_its_resume(script: Script) -> None:
    said = " ".join(line.text for line in script.answers)
    resume = load_resume(script.language).content.decode()
    for figure in ("820", "190", "140", "37", "0.05", "1.4", "23" if script.language == "ko" else "2,300", "3,800"):
        assert figure in said
    for figure in ("820", "190", "140", "37", "0.05", "1.4", "2,300", "3,800"):
        assert figure in resume


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_thin_and_the_evasive_persona_say_much_less(language: Language) -> None:
    def average(name: PersonaName) -> float:
        lengths = [length(line.text, language) for line in load_script(name, language).answers]
        return sum(lengths) / len(lengths)

    assert average(PersonaName.THIN) * 3 < average(PersonaName.STRONG)
    assert average(PersonaName.EVASIVE) * 3 < average(PersonaName.STRONG)


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_no_answer_is_ever_given_twice_and_a_persona_that_has_said_all_refuses(script: Script) -> None:
    persona = Persona(script)
    topics = [*(competency.competency_id for competency in BANK.competencies("en")), None, "juggling"]
    written = len(script.answers) + len(script.follow_ups)
    said = [
        persona.answer("Could you say more about that?", topics[turn % len(topics)], turn) for turn in range(written)
    ]
    assert len(set(said)) == written
    with pytest.raises(Refused) as refused:
        persona.answer("And what else?", "ownership", written)
    assert refused.value.reason == "PERSONA_EXHAUSTED"


@pytest.mark.parametrize("script", SCRIPTS, ids=named)
def test_the_first_answer_on_a_competency_is_one_written_for_it(script: Script) -> None:
    for competency in BANK.competencies(script.language):
        written = {line.text for line in script.answers if line.competency == competency.competency_id}
        for question in competency.questions:
            assert Persona(script).answer(question.text, competency.competency_id, 1) in written


def test_two_runs_of_an_interview_are_the_same() -> None:
    def run() -> list[str]:
        persona = load_persona(PersonaName.STRONG, "ko")
        questions = [question for competency in BANK.competencies("ko") for question in competency.questions[:2]]
        return [persona.answer(question.text, question.competency_id, turn) for turn, question in enumerate(questions)]

    assert run() == run()


def test_the_same_turn_gets_the_same_answer() -> None:
    persona = load_persona(PersonaName.STRONG, "en")
    first = persona.answer("Which production incident do you remember best?", "debugging_and_operations", 1)
    assert persona.answer("Which production incident do you remember best?", "debugging_and_operations", 1) == first
    assert persona.answer("Which production incident do you remember best?", "debugging_and_operations", 2) != first


@pytest.mark.parametrize(
    ("language", "question_id", "expected"),
    [
        ("en", "technical_depth.data_consistency", "charged twice"),
        ("en", "technical_depth.performance", "covering index"),
        ("en", "technical_depth.hard_choice", "Kafka against"),
        ("en", "system_design.failure", "circuit breaker"),
        ("en", "system_design.migration", "shadow reads"),
        ("en", "problem_solving.root_cause", "DNS"),
        ("en", "debugging_and_operations.memorable_incident", "sale day"),
        ("en", "debugging_and_operations.alerting", "60 pages a week"),
        ("en", "debugging_and_operations.hard_bug", "sequence number"),
        ("en", "code_quality.refactoring", "1,400 lines"),
        ("en", "communication.bad_news", "a month late"),
        ("en", "collaboration.disagreement", "Redis script"),
        ("en", "ownership.mistake", "migration"),
        ("en", "learning.fast", "written in Go"),
        ("en", "customer_focus.real_need", "every ten minutes"),
        ("ko", "technical_depth.data_consistency", "중복 결제"),
        ("ko", "technical_depth.performance", "커버링 인덱스"),
        ("ko", "technical_depth.hard_choice", "Kafka"),
        ("ko", "system_design.failure", "차단기"),
        ("ko", "system_design.migration", "섀도 읽기"),
        ("ko", "problem_solving.root_cause", "DNS"),
        ("ko", "debugging_and_operations.memorable_incident", "할인 행사"),
        ("ko", "debugging_and_operations.alerting", "오류 예산"),
        ("ko", "debugging_and_operations.hard_bug", "순번"),
        ("ko", "code_quality.refactoring", "1,400줄"),
        ("ko", "communication.bad_news", "한 달쯤 늦어진다"),
        ("ko", "collaboration.disagreement", "Redis 스크립트"),
        ("ko", "ownership.mistake", "마이그레이션"),
        ("ko", "learning.fast", "Go로"),
        ("ko", "customer_focus.real_need", "10분마다"),
    ],
)
def test_the_strong_persona_tells_the_story_that_was_asked_for(
    language: Language, question_id: str, expected: str
) -> None:
    question = BANK.question(question_id, language)
    assert expected in load_persona(PersonaName.STRONG, language).answer(question.text, question.competency_id, 1)


@pytest.mark.parametrize(
    ("language", "follow_up", "expected"),
    [
        ("en", "What came of it in the end, and how could you tell that the pages had become fewer?", "We measured it"),
        ("en", "What did you have to give up for that decision about alerts?", "What I gave up"),
        ("ko", "그래서 호출 경보는 결과가 어떻게 되었고, 무엇으로 그것을 확인하셨나요?", "운영 데이터로 측정"),
        ("ko", "경보를 그렇게 정하면서 감수하신 단점이나 포기하신 것은 무엇이었나요?", "포기한 것은"),
    ],
)
def test_a_follow_up_question_gets_a_follow_up_answer(language: Language, follow_up: str, expected: str) -> None:
    persona = load_persona(PersonaName.STRONG, language)
    question = BANK.question("debugging_and_operations.alerting", language)
    persona.answer(question.text, question.competency_id, 1)
    assert expected in persona.answer(follow_up, question.competency_id, 2)


def test_without_a_competency_the_words_of_the_question_decide() -> None:
    persona = load_persona(PersonaName.STRONG, "en")
    assert "written in Go" in persona.answer("How did you learn Go so quickly, and could you deliver with it?", None, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("follow_ups = [", "later = ["),
        ('competency = "learning"', 'competency = "juggling"'),
        ('text = "No idea, sales would know that."', 'text = "Nothing in particular."'),
        ('name = "Alex Morgan"', ""),
    ],
)
def test_an_unsound_script_is_refused(old: str, new: str) -> None:
    script = load_script_text(PersonaName.EVASIVE, "en")
    assert old in script
    with pytest.raises(Invalid) as refused:
        parse_script(script.replace(old, new, 1), PersonaName.EVASIVE, "en")
    assert refused.value.reason == "PERSONA_INVALID"


def load_script_text(name: PersonaName, language: Language) -> str:
    return (resources.files("viva_local.demo") / "personas" / f"{name}.{language}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_position_asks_for_competencies_and_criteria_of_the_bank(language: Language) -> None:
    position = load_position(language)
    assert sum(competency.weight for competency in position.competencies) == 100
    assert len(position.competencies) == 4
    assert (hangul_share(position.job_description) > 0.6) == (language == "ko")
    for asked in position.competencies:
        criteria = {
            criterion.criterion_id: criterion for criterion in BANK.competency(asked.competency_id, language).criteria
        }
        assert sum(criteria[criterion_id].weight for criterion_id in asked.criteria) == 100


@pytest.mark.parametrize("questions", range(1, 8))
def test_a_shorter_position_keeps_the_weightiest_competencies(questions: int) -> None:
    whole = load_position("en")
    short = whole.of_at_most(questions)
    assert short.max_questions == min(questions, whole.max_questions)
    assert len(short.competencies) == min(questions, len(whole.competencies))
    assert sum(competency.weight for competency in short.competencies) == 100
    left_out = {one.competency_id for one in whole.competencies} - {one.competency_id for one in short.competencies}
    weights = {one.competency_id: one.weight for one in whole.competencies}
    assert all(weights[one.competency_id] >= weights[out] for one in short.competencies for out in left_out)


def test_a_position_whose_weights_do_not_sum_to_a_hundred_is_refused() -> None:
    words = {"title": "t", "job_description": "d", "accommodations": ""}
    document = {
        "duration_minutes": 30,
        "patience_seconds": 4,
        "max_questions": 6,
        "en": words,
        "competencies": [{"id": "ownership", "weight": 99, "criteria": []}],
    }
    with pytest.raises(Invalid, match="100"):
        parse_position(document, "en")
    with pytest.raises(Invalid, match="ko"):
        parse_position(document, "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_resume_is_text_with_sections_and_bears_the_candidates_name(language: Language) -> None:
    resume = load_resume(language)
    text = resume.content.decode()
    assert resume.media_type == "text/plain"
    assert text.splitlines()[0] == load_persona(PersonaName.STRONG, language).candidate
    for heading in (
        ("경력", "프로젝트", "기술", "학력") if language == "ko" else ("EXPERIENCE", "PROJECTS", "SKILLS", "EDUCATION")
    ):
        assert heading in text.splitlines()
