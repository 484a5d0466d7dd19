"""`viva pools`: the table as JSON, the plot, and plain words for what is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from viva_local.cli import app

RUN = CliRunner()


def test_simulate_prints_nothing_but_the_table_as_json_and_draws_the_day(tmp_path: Path) -> None:
    plot, trace = tmp_path / "day.svg", tmp_path / "day.json"
    asked = ["pools", "simulate", "--interviews", "20", "--json", "--svg", str(plot), "--write-trace", str(trace)]
    answer = RUN.invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    rows = json.loads(answer.stdout)
    assert [row["rule"] for row in rows] == ["Viva", "fixed size", "lag only (KEDA)", "CPU (HPA)"]
    assert plot.read_text().startswith("<svg")
    again = RUN.invoke(app, ["pools", "simulate", "--trace", str(trace), "--json"])
    assert json.loads(again.stdout) == rows


def test_a_bad_trace_is_a_sentence_and_no_stack_trace(tmp_path: Path) -> None:
    answer = RUN.invoke(app, ["pools", "simulate", "--trace", str(tmp_path / "none.json")])
    assert answer.exit_code == 2
    assert "none.json" in answer.output.replace("\n", "")
    assert "Traceback" not in answer.output


def test_explain_without_a_cluster_says_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    answer = RUN.invoke(app, ["pools", "explain", "evaluator"])
    assert answer.exit_code == 2
    assert "set KUBECONFIG" in answer.output
