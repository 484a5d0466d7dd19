"""Boards and alerts name metrics that the services and the operator have; each alert fires when it should, is quiet
otherwise, and has a runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from viva_operator.api.crds import crds

from charts.generator.dashboards import BOARDS
from charts.generator.slos import SLOS
from tests.charts.metrics import exposed
from tests.charts.rendering import CHART, named, render, setting

ROOT = CHART.parents[1]
ALERTS = sorted((CHART / "files" / "alerts").glob("*.yaml"))
RULES: dict[str, dict[str, Any]] = {file.stem: yaml.safe_load(file.read_text()) for file in ALERTS}
FROM_PROMETHEUS = {"job", "instance", "namespace", "pod"}

ILL, RECONCILED = "viva_operator_worker_conditions", "viva_operator_last_reconcile_timestamp_seconds"

Series = dict[str, str]
# name: (minutes until it is looked at, series with which it fires, series with which it is quiet)
CASES: dict[str, tuple[int, Series, Series]] = {
    "VivaServiceDown": (10, {'up{job="session"}': "0x20"}, {'up{job="session"}': "1x20", 'up{job="other"}': "0x20"}),
    "VivaBusDisconnected": (10, {"viva_bus_connected": "0x20"}, {"viva_bus_connected": "1 0 1x20"}),
    "VivaDeadLetters": (
        10,
        {'viva_bus_handled_total{outcome="dead",stream="S",consumer="c"}': "0x5 1x20"},
        {'viva_bus_handled_total{outcome="done",stream="S",consumer="c"}': "0+5x20"},
    ),
    "VivaOutboxStuck": (10, {"viva_outbox_oldest_seconds": "0+60x20"}, {"viva_outbox_oldest_seconds": "0 90 1x20"}),
    "VivaWorkerDeaf": (
        25,
        {'viva_bus_silent_pulls_total{consumer="evaluator"}': "0+1x30"},
        {'viva_bus_silent_pulls_total{consumer="evaluator"}': "0x10 1x20"},
    ),
    "VivaRedeliveries": (
        40,
        {
            'viva_bus_redelivered_total{consumer="c"}': "0+5x60",
            'viva_bus_handled_total{consumer="c",outcome="done"}': "0+10x60",
        },
        {
            'viva_bus_redelivered_total{consumer="c"}': "0+1x60",
            'viva_bus_handled_total{consumer="c",outcome="done"}': "0+10x60",
        },
    ),
    "VivaAnswersUnscored": (
        40,
        {'viva_unscored_total{reason="TIMEOUT"}': "0+1x60"},
        {'viva_unscored_total{reason="NO_EVIDENCE"}': "0+9x60", 'viva_unscored_total{reason="TIMEOUT"}': "0x60"},
    ),
    "VivaTimersFail": (
        30,
        {'viva_timers_failed_total{kind="review"}': "0+1x60"},
        {'viva_timers_failed_total{kind="review"}': "3x60"},
    ),
    "VivaSpoolDamaged": (
        30,
        {"viva_media_spool_damaged_total": "0x5 1x60"},
        {"viva_media_spool_damaged_total": "1x60"},
    ),
    "VivaRequestsFail": (
        90,
        {
            'viva_http_requests_total{status="200"}': "0+95x200",
            'viva_http_requests_total{status="503"}': "0+5x200",
        },
        {
            'viva_http_requests_total{status="200"}': "0+9999x200",
            'viva_http_requests_total{status="404"}': "0+999x200",
            'viva_http_requests_total{status="503"}': "0+1x200",
        },
    ),
    "VivaQuestionsSlow": (
        90,
        {'viva_question_seconds_bucket{le="15.0"}': "0+1x200", "viva_question_seconds_count": "0+10x200"},
        {'viva_question_seconds_bucket{le="15.0"}': "0+98x200", "viva_question_seconds_count": "0+100x200"},
    ),
    "VivaQuestionsFromBank": (
        90,
        {'viva_questions_total{source="bank"}': "0+9x200", 'viva_questions_total{source="model"}': "0+1x200"},
        {'viva_questions_total{source="bank"}': "0+1x200", 'viva_questions_total{source="model"}': "0+99x200"},
    ),
    "VivaOperatorGone": (10, {'up{job="session"}': "1x20"}, {f'{RECONCILED}{{pod="b"}}': "0x20"}),
    "VivaOperatorStuck": (
        10,
        {f'{RECONCILED}{{pod="a"}}': "0+60x5 300x2 stale", f'{RECONCILED}{{pod="b"}}': "0x20"},
        {f'{RECONCILED}{{pod="a"}}': "0+60x20", f'{RECONCILED}{{pod="b"}}': "0x20"},
    ),
    "VivaWorkerDegraded": (
        10,
        {f'{ILL}{{role="evaluator",condition="Degraded",reason="SignalUnknown"}}': "1x20"},
        {
            f'{ILL}{{role="evaluator",condition="Degraded",reason="SignalUnknown"}}': "1x3 stale",
            f'{ILL}{{role="evaluator",condition="WorkloadAvailable",reason="PodsNotReady"}}': "1x20",
        },
    ),
    "VivaColdStart": (
        10,
        {'viva_operator_cold_starts_total{role="evaluator"}': "0x5 1x20"},
        {'viva_operator_cold_starts_total{role="evaluator"}': "2x20"},
    ),
    "VivaBudgetReached": (
        20,
        {f'{ILL}{{role="evaluator",condition="CapacityAvailable",reason="BudgetReached"}}': "1x30"},
        {f'{ILL}{{role="evaluator",condition="CapacityAvailable",reason="DevicesExhausted"}}': "1x30"},
    ),
    "VivaDevicesFragmented": (
        20,
        {f'{ILL}{{role="evaluator",condition="CapacityAvailable",reason="Fragmented"}}': "1x30"},
        {f'{ILL}{{role="evaluator",condition="CapacityAvailable",reason="Fragmented"}}': "1x5 stale"},
    ),
    "VivaLeaderFlaps": (
        20,
        {'viva_operator_lease_transitions{pod="a"}': "0+1x30"},
        {  # an upgrade: the lead goes from pod to pod, and each new pod has not read the Lease at first
            'viva_operator_lease_transitions{pod="a"}': "57x8 58x2 59 stale",
            'viva_operator_lease_transitions{pod="c"}': "_x9 0 58 59x20",
        },
    ),
}


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool")
    assert found is not None, "promtool is in Debian's package prometheus: run `make test-packages`"
    return found


def _run(promtool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([promtool, *arguments], capture_output=True, text=True, check=False, timeout=60)


def _rule_file(folder: Path) -> Path:
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "viva", "rules": list(RULES.values())}]}))
    return file


def test_promtool_takes_all_rules(promtool: str, tmp_path: Path) -> None:
    done = _run(promtool, "check", "rules", "--lint=all", "--lint-fatal", str(_rule_file(tmp_path)))
    assert done.returncode == 0, done.stdout + done.stderr


def _firing(promtool: str, folder: Path, alert: str, minutes: int, series: Series) -> bool:
    """Whether promtool sees the alert fire: it says what it got where it expects none."""
    rules = _rule_file(folder)
    test = folder / "test.yaml"
    one = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [{"eval_time": f"{minutes}m", "alertname": alert, "exp_alerts": []}],
    }
    test.write_text(yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": [one]}))
    done = _run(promtool, "test", "rules", str(test))
    said = done.stdout + done.stderr
    assert done.returncode == 0 or f'alertname="{alert}"' in said, said
    return done.returncode != 0


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_fires_on_what_it_is_about(alert: str, promtool: str, tmp_path: Path) -> None:
    minutes, firing, _ = CASES[alert]
    assert _firing(promtool, tmp_path, alert, minutes, firing)


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_is_quiet_otherwise(alert: str, promtool: str, tmp_path: Path) -> None:
    minutes, _, quiet = CASES[alert]
    assert not _firing(promtool, tmp_path, alert, minutes, quiet)


@pytest.mark.parametrize(
    "labels",
    [
        'role="evaluator",condition="Degraded",reason="ApplyRefused"',
        'role="unknown",condition="Ready",reason="Unreadable"',
    ],
)
def test_a_worker_that_cannot_be_set_or_read_is_degraded_too(labels: str, promtool: str, tmp_path: Path) -> None:
    assert _firing(promtool, tmp_path, "VivaWorkerDegraded", 10, {f"{ILL}{{{labels}}}": "1x20"})


def test_an_operator_that_has_been_gone_for_hours_is_an_alert_still(promtool: str, tmp_path: Path) -> None:
    gone = {f'{RECONCILED}{{pod="a"}}': "0+60x5 stale"}
    assert _firing(promtool, tmp_path, "VivaOperatorStuck", 5 * 60, gone)
    assert _firing(promtool, tmp_path, "VivaOperatorGone", 5 * 60, gone)


def test_an_operator_that_was_uninstalled_on_purpose_is_none_after_a_day(promtool: str, tmp_path: Path) -> None:
    gone = {f'{RECONCILED}{{pod="a"}}': "0+60x5 stale"}
    assert not _firing(promtool, tmp_path, "VivaOperatorStuck", 25 * 60, gone)


def test_who_has_no_operator_is_not_told_that_it_is_gone() -> None:
    (group,) = named(render("cpu", setting("apis.prometheusOperator", "served")), "PrometheusRule", "viva-alerts")[
        "spec"
    ]["groups"]
    assert [each["alert"] for each in group["rules"]] == sorted(RULES.keys() - {"VivaOperatorGone"})


@pytest.mark.parametrize("alert", RULES)
def test_an_alert_has_its_runbook(alert: str) -> None:
    rule = RULES[alert]
    assert rule["alert"] == alert
    assert rule["annotations"]["runbook"] == f"docs/runbooks/{alert}.md"
    text = (ROOT / rule["annotations"]["runbook"]).read_text()
    assert re.findall("^## (.+)$", text, re.MULTILINE) == ["Meaning", "Impact", "Diagnosis", "Cure"]
    assert text.startswith(f"# {alert}\n")


def test_every_runbook_has_its_alert_and_its_line_in_the_list() -> None:
    runbooks = {file.stem for file in (ROOT / "docs" / "runbooks").glob("*.md")} - {"README"}
    listed = set(re.findall(r"\[(\w+)\]", (ROOT / "docs" / "runbooks" / "README.md").read_text()))
    assert runbooks == set(RULES) == listed
    assert {slo.alert for slo in SLOS} <= set(RULES)


def test_runbooks_read_fields_that_a_status_has() -> None:
    known = {
        each["spec"]["names"]["plural"]: set(version["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"])
        for each in crds()
        for version in each["spec"]["versions"]
    }
    kinds = {"cpool": "computepools", "mw": "modelworkers"}
    asked = {
        (kinds[kind], field)
        for file in (ROOT / "docs" / "runbooks").glob("*.md")
        for kind, field in re.findall(r"get (cpool|mw) \w+ -o jsonpath='\{\.status\.(\w+)", file.read_text())
    }
    assert ("modelworkers", "selector") in asked  # the pods of a Deployment that a worker names carry no label of ours
    assert [(kind, field) for kind, field in asked if field not in known[kind]] == []


def _expressions() -> list[str]:
    boards = [
        query for rows in BOARDS.values() for _, panels in rows for panel in panels for query in panel.queries.values()
    ]
    return boards + [str(rule["expr"]) for rule in RULES.values()]


@pytest.mark.parametrize("expression", _expressions())
def test_every_metric_is_one_that_is_emitted(expression: str) -> None:
    known = exposed()
    names = set(re.findall(r"viva_[a-z0-9_]+", expression))
    assert names <= known.keys()
    for name, matchers in re.findall(r"(viva_[a-z0-9_]+)\{([^}]*)\}", expression):
        labels = set(re.findall(r"([a-z_]+)\s*=", matchers))
        assert labels <= known[name] | FROM_PROMETHEUS, f"{name} has no label {labels - known[name]}"
    grouped = {label.strip() for labels in re.findall(r"by \(([^)]*)\)", expression) for label in labels.split(",")}
    labelled = frozenset().union(*(known[name] for name in names)) if names else frozenset()
    assert grouped <= labelled | FROM_PROMETHEUS


def test_boards_reach_grafana_and_are_whole() -> None:
    data = named(render("cpu"), "ConfigMap", "viva-dashboards")
    assert data["metadata"]["labels"]["grafana_dashboard"] == "1"
    for name, rows in BOARDS.items():
        board = json.loads(data["data"][f"{name.lower()}.json"])
        titles = [panel["title"] for panel in board["panels"] if panel["type"] != "row"]
        assert titles == [panel.title for _, panels in rows for panel in panels]
        for panel in board["panels"]:
            assert all(target["datasource"]["uid"] == "${source}" for target in panel.get("targets", []))


def test_rules_reach_prometheus_with_the_runbooks_address() -> None:
    base = setting("alerts.runbookBase", "https://wiki.example.org/viva/")
    rule = named(render("gpu", base), "PrometheusRule", "viva-alerts")
    (group,) = rule["spec"]["groups"]
    assert [each["alert"] for each in group["rules"]] == sorted(RULES)
    for each in group["rules"]:
        assert each["expr"] == RULES[each["alert"]]["expr"]
        assert each["annotations"]["runbook"] == f"https://wiki.example.org/viva/docs/runbooks/{each['alert']}.md"
