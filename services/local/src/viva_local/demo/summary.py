"""A held interview in the short form that `viva demo --json` prints, and as a page for the terminal."""

from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from viva.common.v1 import types_pb2 as common
from viva.evaluation.v1 import evaluation_pb2
from viva.media.v1 import media_pb2
from viva.question.v1 import question_pb2
from viva.session.v1 import interview_pb2
from viva_core.wellknown import seconds_of

from viva_local.demo.interview import Held

Json = dict[str, Any]


def summary(held: Held, voice: Json | None = None, spoken_timings: Json | None = None) -> Json:
    """What a program wants to know; `answer[start:end]` of a quote is the quote, in code points. `voice` and
    `spoken_timings` are there when the candidate spoke."""
    report = held.report
    scores = _scores_by_turn(report)
    return {
        "interview_id": held.interview_id,
        "language": _word(common.Language.Name(report.interview.language), "LANGUAGE"),
        "mode": _word(common.InterviewMode.Name(report.interview.mode), "INTERVIEW_MODE"),
        "models": {
            "question_gen": _model(list(report.question_models)),
            "evaluator": _model(list(report.judge_models)),
        },
        "turns": [
            {
                "question": turn.question.text,
                "source": _word(question_pb2.QuestionSource.Name(turn.question.origin.source), "QUESTION_SOURCE"),
                "reason": _reason(turn),
                "answer": turn.answer.text,
                "scores": scores.get(turn.turn_id, []),
            }
            for turn in report.interview.turns
        ],
        "totals": {
            "overall": _total(report.total),
            "competencies": {
                competency.competency.competency_id: _total(competency.total) for competency in report.competencies
            },
            "demo": report.demo,
        },
        "timings": {
            "total_seconds": round(held.timings.total, 2),
            "to_first_question_seconds": round(held.timings.to_first_question, 2),
            "waits_for_question_seconds": [round(wait, 2) for wait in held.timings.waits],
            "to_report_seconds": round(held.timings.to_report, 2),
            **(spoken_timings or {}),
        },
        **({"voice": voice} if voice is not None else {}),
    }


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(f"{prefix}_").lower()


def _model(models: list[common.ModelRef]) -> Json:
    return {"id": models[0].id, "judge": models[0].judge} if models else {"id": None, "judge": False}


def _total(total: common.WeightedTotal) -> Json:
    return {"score": total.score if total.HasField("score") else None, "scored_weight": total.scored_weight}


def _reason(turn: interview_pb2.Turn) -> str | None:
    """Why the bank asked; else why the question follows up; None for a new topic by the model."""
    origin = turn.question.origin
    if origin.source == question_pb2.QUESTION_SOURCE_BANK:
        return _word(question_pb2.BankReason.Name(origin.bank_reason), "BANK_REASON")
    if turn.follow_up_reason:
        return _word(question_pb2.FollowUpReason.Name(turn.follow_up_reason), "FOLLOW_UP_REASON")
    return None


def _scores_by_turn(report: interview_pb2.Report) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for competency in report.competencies:
        for criterion in competency.criteria:
            for entry in criterion.turns:
                found.setdefault(entry.turn_id, []).append(_score(entry.score))
    return found


def _score(score: evaluation_pb2.CriterionScore) -> Json:
    scored = score.HasField("score")
    reason = _word(evaluation_pb2.UnscoredReason.Name(score.unscored_reason), "UNSCORED_REASON")
    return {
        "criterion": score.criterion_id,
        "score": score.score if scored else None,
        "unscored_reason": None if scored else reason,
        "quotes": [_quote(quote) for quote in score.quotes],
    }


def _quote(quote: common.Quote) -> Json:
    """A quote; with its time in the answer, seconds, when it was spoken."""
    told: Json = {"text": quote.text, "start": quote.span.start, "end": quote.span.end}
    if quote.HasField("start_time"):
        told["spoken_seconds"] = [seconds_of(quote.start_time), seconds_of(quote.end_time)]
    return told


def show(console: Console, held: Held, short: Json) -> None:
    """The report, for eyes."""
    report = held.report
    console.rule(f"[bold]{report.interview.position_title}[/] · {report.interview.candidate.name}")
    if report.demo:
        warning = "DEMO: the model that scored is not trusted to judge. No decision may rest on these scores."
        console.print(Panel(warning, style="yellow"))
    for number, turn in enumerate(short["turns"], start=1):
        origin = turn["source"] + (f", {turn['reason']}" if turn["reason"] else "")
        console.print(f"\n[bold]{number}. {turn['question']}[/] [dim]({origin})[/]")
        console.print(_marked(turn))
        for score in turn["scores"]:
            value = (
                f"[green]{score['score']}[/]" if score["score"] else f"[yellow]unscored: {score['unscored_reason']}[/]"
            )
            console.print(f"   {score['criterion']}: {value}")
            for quote in score["quotes"]:
                if "spoken_seconds" in quote:
                    console.print(Text(f"      {clock(quote['spoken_seconds'][0])} “{quote['text']}”", style="dim"))
        answer = report.interview.turns[number - 1].answer
        if answer.line_faults:
            faults = (_word(media_pb2.LineFault.Name(fault), "LINE_FAULT") for fault in answer.line_faults)
            console.print(f"   [yellow]bad line: {', '.join(faults)}[/]")
        for gap in answer.gaps:
            where = f"{clock(seconds_of(gap.start))} to {clock(seconds_of(gap.end))}"
            console.print(f"   [yellow]{where}: spoken, but not written down ({gap.reason})[/]")
    console.print()
    console.print(_totals(report))
    coverage, models = report.coverage, short["models"]
    console.print(
        f"{coverage.competencies_answered} of {coverage.competencies_planned} competencies answered, "
        f"{coverage.criteria_unscored} of {coverage.criteria_total} criteria unscored"
    )
    console.print(f"asked by {models['question_gen']['id']}, scored by {models['evaluator']['id']}", style="dim")


def clock(seconds: float) -> str:
    """A place in an answer: m:ss."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _totals(report: interview_pb2.Report) -> Table:
    table = Table(title="Totals, computed from the rubrics' weights")
    for heading in ("competency", "weight", "score", "scored weight"):
        table.add_column(heading)
    for competency in report.competencies:
        total = competency.total
        table.add_row(
            competency.competency.title, f"{competency.weight} %", _number(total), f"{total.scored_weight:.0f} %"
        )
    table.add_row("overall", "", _number(report.total), f"{report.total.scored_weight:.0f} %")
    return table


def _number(total: common.WeightedTotal) -> str:
    return f"{total.score:.2f}" if total.HasField("score") else "unscored"


def _marked(turn: Json) -> Text:
    """The answer with its quotes underlined."""
    text = Text(turn["answer"])
    for score in turn["scores"]:
        for quote in score["quotes"]:
            text.stylize("underline", quote["start"], quote["end"])
    return text
