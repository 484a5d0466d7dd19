"""What `viva demo` prints of a spoken interview."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from rich.console import Console
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2 as evaluation
from viva.media.v1 import media_pb2 as media
from viva.session.v1 import interview_pb2 as pb
from viva_core import wellknown
from viva_local.demo.interview import Held, Timings
from viva_local.demo.summary import show, summary


def seconds(value: float) -> Duration:
    return wellknown.duration(timedelta(seconds=value))


def held(*, spoken: bool) -> Held:
    text = "the batch fell"
    quote = common.Quote(text=text, span=common.TextSpan(start=0, end=len(text)))
    answer = pb.Answer(text=text)
    if spoken:
        quote.start_time.CopyFrom(seconds(83.9))
        quote.end_time.CopyFrom(seconds(85))
        answer.gaps.add(start=seconds(7), end=seconds(9), reason="ENGINE_AWAY")
        answer.line_faults.append(media.LINE_FAULT_TOO_QUIET)
    score = evaluation.CriterionScore(criterion_id="evidence", weight=100, score=4, quotes=[quote])
    turn = pb.Turn(turn_id="t", number=1, question=pb.Question(text="What did you do?"), answer=answer)
    criterion = pb.CriterionReport(turns=[pb.TurnScore(turn_id="t", turn_number=1, score=score)])
    report = pb.Report(
        interview=pb.Interview(position_title="Engineer", turns=[turn]),
        competencies=[pb.CompetencyReport(criteria=[criterion])],
    )
    return Held("i", report, Timings())


def printed(interview: Held) -> str:
    console = Console(width=120)
    with console.capture() as captured:
        show(console, interview, summary(interview))
    return captured.get()


def test_a_spoken_quote_stands_with_its_time_and_a_gap_with_its_reason() -> None:
    told = printed(held(spoken=True))
    assert "1:23 “the batch fell”" in told
    assert "0:07 to 0:09: spoken, but not written down (ENGINE_AWAY)" in told
    assert "bad line: too_quiet" in told


def test_a_typed_answer_has_no_times() -> None:
    told = printed(held(spoken=False))
    assert "“the batch fell”" not in told
    assert "bad line" not in told
