"""Reports of spoken interviews: where a quote was spoken, what could not be written down, and how good the line was."""

import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2 as pb
from viva_core import wellknown
from viva_gateway.adapters.report.html import HtmlRenderer
from viva_gateway.adapters.report.page import page_of
from viva_gateway.adapters.report.pdf import PdfRenderer
from viva_gateway.adapters.report.texts import TEXTS

ANSWER = "I rebuilt the ledger and the batch fell to six minutes"
QUOTE = "the batch fell to six minutes"


def spoken(**changes: Any) -> pb.Answer:
    usual: dict[str, Any] = {
        "state": pb.ANSWER_STATE_EVALUATED,
        "text": ANSWER,
        "modality": common.ANSWER_MODALITY_VOICE,
        "line": media.LineQuality(loss=0.001, jitter_ms=3, round_trip_ms=20, level_dbfs=-23),
    }
    return pb.Answer(**(usual | changes))


def report(answer: pb.Answer, *, timed: bool = True, language: str = "EN") -> pb.Report:
    at = ANSWER.index(QUOTE)
    quote = common.Quote(text=QUOTE, span=common.TextSpan(start=at, end=at + len(QUOTE)))
    if timed:
        quote.start_time.CopyFrom(wellknown.duration(timedelta(seconds=83.9)))
        quote.end_time.CopyFrom(wellknown.duration(timedelta(seconds=86)))
    score = evaluation.CriterionScore(criterion_id="c", weight=100, score=4, quotes=[quote], rationale="It says so.")
    turn = pb.Turn(turn_id="t", number=1, question=pb.Question(text="What did you do?"), answer=answer)
    return pb.Report(
        interview=pb.Interview(
            position_title="Engineer", language=common.Language.Value(f"LANGUAGE_{language}"), turns=[turn]
        ),
        view=pb.REPORT_VIEW_RECRUITER,
        competencies=[
            pb.CompetencyReport(
                competency=common.Competency(competency_id="k", title="Depth"),
                criteria=[
                    pb.CriterionReport(
                        criterion=common.Criterion(criterion_id="c", title="Evidence"),
                        score=4,
                        turns=[pb.TurnScore(turn_id="t", turn_number=1, score=score)],
                    )
                ],
            )
        ],
        strengths=[pb.Finding(title="Evidence", score=4, rationale="It says so.", quote=quote, turn_number=1)],
    )


def seconds(value: float) -> Any:
    return wellknown.duration(timedelta(seconds=value))


async def drawn(made: pb.Report) -> tuple[str, str]:
    """The report as HTML, and what a PDF reader finds in it, white space evened."""
    page = page_of(made)
    document = pypdf.PdfReader(io.BytesIO(await PdfRenderer().render(page)))
    found = " ".join(sheet.extract_text() for sheet in document.pages).replace("\x00", "")  # two bytes a character
    pdf = " ".join(found.split())
    return " ".join(HtmlRenderer().render(page).split()), pdf


async def test_a_spoken_quote_bears_its_time_wherever_it_stands() -> None:
    html, pdf = await drawn(report(spoken()))
    assert html.count("at 1:23") == 2  # with the strength, and with the score
    assert pdf.count("at 1:23") == 2


async def test_a_typed_quote_bears_no_time() -> None:
    html, pdf = await drawn(report(spoken(modality=common.ANSWER_MODALITY_TEXT), timed=False))
    assert "at 1:" not in html + pdf
    assert 'class="time"' not in html


async def test_what_could_not_be_written_down_stands_in_the_transcript_with_its_time_and_reason() -> None:
    gap = pb.SpokenGap(start=seconds(7), end=seconds(67.5), reason="ENGINE_AWAY")
    html, pdf = await drawn(report(spoken(gaps=[gap])))
    for document in (html, pdf):
        assert "0:07 to 1:07: spoken, but not written down (speech to text was away)" in document
        assert "60 s that were spoken could not be written down" in document


async def test_an_answer_of_which_nothing_was_written_down_is_no_silence() -> None:
    gap = pb.SpokenGap(start=seconds(0), end=seconds(9), reason="TOO_LATE")
    html, pdf = await drawn(report(spoken(text="", gaps=[gap])))
    for document in (html, pdf):
        assert "Nothing of this answer could be written down." in document
        assert "No answer." not in document


async def test_a_bad_line_is_told_of_before_the_scores() -> None:
    line = media.LineQuality(loss=0.08, jitter_ms=70, level_dbfs=-52, clipping=0.01)
    faults = [
        media.LINE_FAULT_TOO_QUIET,
        media.LINE_FAULT_CLIPPING,
        media.LINE_FAULT_LOSS,
        media.LINE_FAULT_JITTER,
    ]
    html, pdf = await drawn(report(spoken(line=line, line_faults=faults)))
    for document in (html, pdf):
        for told in ("-52 dBFS", "1.0 % was cut off", "8 % of the sound was lost", "70 ms of jitter"):
            assert document.index("Before you read the scores") < document.index(told) < document.index("Overall")


async def test_how_long_the_microphone_was_too_quiet_or_too_loud_is_told() -> None:
    line = media.LineQuality(level_dbfs=-30, clipping=0.01, too_quiet=seconds(11.2), clipped=seconds(3))
    faults = [media.LINE_FAULT_TOO_QUIET, media.LINE_FAULT_CLIPPING]
    html, pdf = await drawn(report(spoken(line=line, line_faults=faults)))
    for document in (html, pdf):
        assert "the voice was too quiet for 12 s (-30 dBFS)" in document
        assert "the microphone was too loud for 3 s (1.0 % was cut off)" in document


async def test_a_good_line_is_told_of_with_the_answer_alone() -> None:
    html, pdf = await drawn(report(spoken()))
    assert "Before you read" not in html + pdf
    assert "sound: good" in html
    assert "sound: good" in pdf


async def test_loss_that_was_concealed_is_told_of_but_is_no_warning() -> None:
    line = media.LineQuality(loss=0.03, level_dbfs=-23)
    html, _ = await drawn(report(spoken(line=line)))
    assert "sound: 3 % of the sound was lost" in html
    assert "Before you read" not in html


async def test_it_is_told_in_the_language_of_the_interview() -> None:
    gap = pb.SpokenGap(start=seconds(7), end=seconds(9), reason="PEER_LOST")
    line = media.LineQuality(loss=0.08, level_dbfs=-23)
    made = report(spoken(gaps=[gap], line=line, line_faults=[media.LINE_FAULT_LOSS]), language="KO")
    html, pdf = await drawn(made)
    for document in (html, pdf):
        assert "소리의 8%가 유실됨" in document
        assert "0:07~0:09" in document


@pytest.mark.parametrize("fault", list(media.LineFault.DESCRIPTOR.values_by_name)[1:])
def test_every_fault_of_a_line_has_words_in_both_languages(fault: str) -> None:
    key = f"line_{fault.removeprefix('LINE_FAULT_').lower()}"
    assert all(TEXTS[language][key] for language in TEXTS)
