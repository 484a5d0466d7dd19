"""A held interview in the short form that `viva demo --json` prints, and as a page for the terminal."""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from viva_local.demo.client import Json
from viva_local.demo.interview import Held


def summary(held: Held) -> Json:
    """What a program wants to know; `answer[start:end]` of a quote is the quote, in code points."""
    report = held.report
    interview = report["interview"]
    scores = _scores_by_turn(report)
    return {
        "interview_id": held.interview_id,
        "language": interview["language"],
        "mode": interview["mode"],
        "models": {
            "question_gen": _model(report["question_models"]),
            "evaluator": _model(report["judge_models"]),
        },
        "turns": [
            {
                "question": turn["question"]["text"],
                "source": turn["question"]["origin"]["source"],
                "reason": _reason(turn),
                "answer": turn["answer"]["text"],
                "scores": scores.get(turn["turn_id"], []),
            }
            for turn in interview["turns"]
        ],
        "totals": {
            "overall": report["total"],
            "competencies": {
                competency["competency"]["competency_id"]: competency["total"] for competency in report["competencies"]
            },
            "demo": report["demo"],
        },
        "timings": {
            "total_seconds": round(held.timings.total, 2),
            "to_first_question_seconds": round(held.timings.to_first_question, 2),
            "waits_for_question_seconds": [round(wait, 2) for wait in held.timings.waits],
            "to_report_seconds": round(held.timings.to_report, 2),
        },
    }


def _model(models: list[Json]) -> Json:
    return {"id": models[0]["id"], "judge": models[0]["judge"]} if models else {"id": None, "judge": False}


def _reason(turn: Json) -> str | None:
    """Why the bank asked; else why the question follows up; None for a new topic by the model."""
    origin = turn["question"]["origin"]
    reason: str | None = origin["bank_reason"] if origin["source"] == "bank" else turn["follow_up_reason"]
    return reason


def _scores_by_turn(report: Json) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for competency in report["competencies"]:
        for criterion in competency["criteria"]:
            for entry in criterion["turns"]:
                score = entry["score"]
                found.setdefault(entry["turn_id"], []).append(
                    {
                        "criterion": score["criterion_id"],
                        "score": score["score"],
                        "unscored_reason": score["unscored_reason"],
                        "quotes": [
                            {
                                "text": quote["text"],
                                "start": quote["span"]["start"],
                                "end": quote["span"]["end"],
                            }
                            for quote in score["quotes"]
                        ],
                    }
                )
    return found


def show(console: Console, held: Held) -> None:
    """The report, for eyes."""
    report, short = held.report, summary(held)
    interview = report["interview"]
    console.rule(f"[bold]{interview['position_title']}[/] · {interview['candidate']['name']}")
    if report["demo"]:
        console.print(
            Panel(
                "DEMO: the model that scored is not trusted to judge. No decision may rest on these scores.",
                style="yellow",
            )
        )
    for number, turn in enumerate(short["turns"], start=1):
        origin = turn["source"] + (f", {turn['reason']}" if turn["reason"] else "")
        console.print(f"\n[bold]{number}. {turn['question']}[/] [dim]({origin})[/]")
        console.print(_marked(turn))
        for score in turn["scores"]:
            value = (
                f"[green]{score['score']}[/]" if score["score"] else f"[yellow]unscored: {score['unscored_reason']}[/]"
            )
            console.print(f"   {score['criterion']}: {value}")
    table = Table(title="Totals, computed from the rubrics' weights")
    for heading in ("competency", "weight", "score", "scored weight"):
        table.add_column(heading)
    for competency in report["competencies"]:
        total = competency["total"]
        table.add_row(
            competency["competency"]["title"],
            f"{competency['weight']} %",
            _number(total["score"]),
            f"{total['scored_weight']:.0f} %",
        )
    table.add_row("overall", "", _number(report["total"]["score"]), f"{report['total']['scored_weight']:.0f} %")
    console.print()
    console.print(table)
    coverage = report["coverage"]
    console.print(
        f"{coverage['competencies_answered']} of {coverage['competencies_planned']} competencies answered, "
        f"{coverage['criteria_unscored']} of {coverage['criteria_total']} criteria unscored"
    )
    models = short["models"]
    console.print(f"asked by {models['question_gen']['id']}, scored by {models['evaluator']['id']}", style="dim")


def _number(score: float | None) -> str:
    return "unscored" if score is None else f"{score:.2f}"


def _marked(turn: Json) -> Text:
    """The answer with its quotes underlined."""
    text = Text(turn["answer"])
    for score in turn["scores"]:
        for quote in score["quotes"]:
            text.stylize("underline", quote["start"], quote["end"])
    return text
