"""The simulated day: what it promises of Viva's rules, and how it takes a trace."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from viva_operator.simulate.day import Day, Setting, held
from viva_operator.simulate.draw import svg
from viva_operator.simulate.errors import BadTrace
from viva_operator.simulate.trace import Reclaim, Trace, read, synthetic, write


@pytest.fixture(scope="module")
def day() -> Day:
    return held(synthetic(1, 120), Setting())


def test_no_scheduled_candidate_meets_a_cold_worker_and_it_costs_a_third_less_than_a_fixed_size(day: Day) -> None:
    ours, fixed, lag, _ = day.figures
    assert ours.cold_scheduled == 0
    assert lag.cold_scheduled > 0  # what is only seen when it waits comes too late
    assert ours.gpu_hours <= 0.65 * fixed.gpu_hours


def test_every_question_is_answered_under_every_rule(day: Day) -> None:
    assert [each.rule for each in day.figures] == ["Viva", "fixed size", "lag only (KEDA)", "CPU (HPA)"]
    assert all(len(each.replicas) == 24 * 60 * 4 for each in day.figures)


def test_never_more_than_the_nodes_hold() -> None:
    small = held(synthetic(2, 30), Setting(nodes=1, devices=2, most=2))
    assert all(max(each.replicas) <= 2 for each in small.figures)


def test_the_same_seed_is_the_same_day() -> None:
    assert synthetic(7, 30) == synthetic(7, 30)
    assert synthetic(7, 30) != synthetic(8, 30)


def test_a_node_that_is_taken_is_made_up_for() -> None:
    trace = replace(synthetic(3, 30), reclaims=(Reclaim(10 * 3600.0, 1800.0),))
    ours = held(trace, Setting()).figures[0]
    after = ours.replicas[10 * 240 + 8 : 10 * 240 + 60]
    assert max(after) > 0


def test_a_trace_survives_its_file(tmp_path: Path) -> None:
    trace = synthetic(1, 5)
    write(trace, tmp_path / "trace.json")
    assert read(tmp_path / "trace.json") == trace


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "no JSON"),
        ("[]", "interviews"),
        ('{"interviews": [{"planned": 1}]}', r"interviews\[0\].*turns"),
        ('{"interviews": [], "reclaims": [{"at": "soon", "away": 1}]}', r"reclaims\[0\].*soon"),
    ],
)
def test_a_bad_trace_is_refused_by_the_name_of_its_entry(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "trace.json"
    path.write_text(text)
    with pytest.raises(BadTrace, match=named):
        read(path)


def test_an_empty_day_costs_nothing_but_the_fixed_size() -> None:
    ours, fixed, *_ = held(Trace((), ()), Setting()).figures
    assert (ours.gpu_hours, ours.money) == (0.0, 0.0)
    assert fixed.gpu_hours > 0


def test_the_plot_is_an_svg_with_a_line_for_each_rule(day: Day) -> None:
    root = ElementTree.fromstring(svg(day))
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 4
    assert json.dumps([each.rule for each in day.figures])
