"""Grafana's boards as code: what candidates feel, what the bus does, what the models do, and how the
operator places them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import prometheus, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, DatasourceVariable, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

_SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
_RATE = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """One panel: PromQL by legend; `single` shows the last value as a number."""

    title: str
    unit: str
    queries: Mapping[str, str]
    single: bool = False


def _sum(metric: str, by: str = "", per: str = _RATE, function: str = "rate") -> str:
    return f"sum{f' by ({by})' if by else ''} ({function}({metric}[{per}]))"


def _quantile(histogram: str, quantile: float, by: str = "") -> str:
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({quantile}, sum by ({grouped}) (rate({histogram}_bucket[{_RATE}])))"


def _ratio(part: str, whole: str) -> str:
    return f"{_sum(part)} / {_sum(whole)}"


def _times(histogram: str) -> dict[str, str]:
    return {f"p{quantile * 100:.0f}": _quantile(histogram, quantile) for quantile in (0.5, 0.95, 0.99)}


def _share(part: str, whole: str) -> str:
    part, whole = (f"sum by (pool) (viva_operator_devices{{state='{state}'}})" for state in (part, whole))
    return f"{part} / {whole}"


BOARDS: dict[str, Sequence[tuple[str, Sequence[Panel]]]] = {
    "Interview": (
        (
            "What a candidate feels",
            (
                Panel("Interviews watched now", "short", {"interviews": "sum(viva_live_interviews)"}, single=True),
                Panel("Calls now", "short", {"calls": "sum(viva_media_peers)"}, single=True),
                Panel(
                    "Sound that cannot be read, 24 h",
                    "short",
                    {"files": _sum("viva_media_spool_damaged_total", per="24h", function="increase")},
                    single=True,
                ),
                Panel("Time to a question", "s", _times("viva_question_seconds")),
                Panel("Time to a question's first word", "s", _times("viva_question_first_token_seconds")),
                Panel("From word to browser", "s", _times("viva_live_relay_seconds")),
                Panel(
                    "Questions by source",
                    "reqps",
                    {"{{source}} {{bank_reason}}": _sum("viva_questions_total", "source, bank_reason")},
                ),
                Panel("Time that ran out", "reqps", {"{{kind}}": _sum("viva_timers_fired_total", "kind")}),
                Panel("WebSockets that Viva closed", "reqps", {"{{reason}}": _sum("viva_live_closed_total", "reason")}),
            ),
        ),
        (
            "The gateway",
            (
                Panel("Requests by status", "reqps", {"{{status}}": _sum("viva_http_requests_total", "status")}),
                Panel("Time of a request", "s", _times("viva_http_request_seconds")),
                Panel("Offers refused", "reqps", {"{{why}}": _sum("viva_media_offers_refused_total", "why")}),
            ),
        ),
    ),
    "Bus": (
        (
            "Messages",
            (
                Panel(
                    "Published",
                    "reqps",
                    {"{{stream}} {{outcome}}": _sum("viva_bus_published_total", "stream, outcome")},
                ),
                Panel(
                    "Handled",
                    "reqps",
                    {"{{consumer}} {{outcome}}": _sum("viva_bus_handled_total", "consumer, outcome")},
                ),
                Panel("Delivered again", "reqps", {"{{consumer}}": _sum("viva_bus_redelivered_total", "consumer")}),
                Panel(
                    "Dead letters, 24 h",
                    "short",
                    {"dead": _sum('viva_bus_handled_total{outcome="dead"}', per="24h", function="increase")},
                    single=True,
                ),
                Panel("In hand", "short", {"{{consumer}}": "sum by (consumer) (viva_bus_in_progress)"}),
                Panel(
                    "Time of a handler, p95",
                    "s",
                    {"{{consumer}}": _quantile("viva_bus_handle_seconds", 0.95, "consumer")},
                ),
            ),
        ),
        (
            "Connections and the outbox",
            (
                Panel("Connected", "bool", {"{{job}} {{instance}}": "viva_bus_connected"}),
                Panel("Silent pulls", "reqps", {"{{consumer}}": _sum("viva_bus_silent_pulls_total", "consumer")}),
                Panel("Age of the oldest row that waits", "s", {"oldest": "max(viva_outbox_oldest_seconds)"}),
                Panel("From row to PubAck", "s", _times("viva_outbox_lag_seconds")),
                Panel("Publish to PubAck", "s", _times("viva_bus_publish_seconds")),
                Panel("Live messages dropped", "reqps", {"dropped": _sum("viva_bus_live_dropped_total")}),
            ),
        ),
    ),
    "Models": (
        (
            "Questions",
            (
                Panel("First word", "s", _times("viva_question_first_token_seconds")),
                Panel("Whole question", "s", _times("viva_question_seconds")),
                Panel(
                    "Checks that a try failed",
                    "reqps",
                    {"{{check}}": _sum("viva_question_checks_failed_total", "check")},
                ),
            ),
        ),
        (
            "Scores",
            (
                Panel("Answers by outcome", "reqps", {"{{outcome}}": _sum("viva_evaluations_total", "outcome")}),
                Panel("Unscored by reason", "reqps", {"{{reason}}": _sum("viva_unscored_total", "reason")}),
                Panel("Time to scores", "s", _times("viva_evaluation_seconds")),
                Panel("First token", "s", _times("viva_evaluation_first_token_seconds")),
                Panel("Tokens a second", "short", {"{{kind}}": _sum("viva_evaluation_tokens_total", "kind")}),
                Panel(
                    "Prompt tokens found in the cache",
                    "percentunit",
                    {
                        "hits": _ratio(
                            "viva_evaluation_tokens_total{kind='cached'}", "viva_evaluation_tokens_total{kind='prompt'}"
                        )
                    },
                ),
                Panel(
                    "Quotes that were no evidence", "reqps", {"refused": _sum("viva_evaluation_quotes_refused_total")}
                ),
                Panel("Second tries", "reqps", {"{{language}}": _sum("viva_evaluation_repairs_total", "language")}),
            ),
        ),
        (
            "Faces, in practice mode",
            (
                Panel("Frames by outcome", "reqps", {"{{outcome}}": _sum("viva_vision_frames_total", "outcome")}),
                Panel("Time of a frame", "s", _times("viva_vision_seconds")),
            ),
        ),
    ),
    "Pools": (
        (
            "Workers",
            (
                Panel(
                    "Cold starts that a candidate met, 24 h",
                    "short",
                    {"{{role}}": _sum("viva_operator_cold_starts_total", "role", "24h", "increase")},
                    single=True,
                ),
                Panel("Pods", "short", {"{{role}} {{state}}": "sum by (role, state) (viva_operator_replicas)"}),
                Panel("Decisions", "reqps", {"{{reason}}": _sum("viva_operator_decisions_total", "reason")}),
                Panel(
                    "Not as it should be",
                    "short",
                    {
                        "{{role}} {{condition}} {{reason}}": (
                            "sum by (role, condition, reason) (viva_operator_worker_conditions)"
                        )
                    },
                ),
            ),
        ),
        (
            "Devices and money",
            (
                Panel("Devices", "short", {"{{pool}} {{state}}": "sum by (pool, state) (viva_operator_devices)"}),
                Panel("In use", "percentunit", {"{{pool}}": _share("used", "total")}),
                Panel("Free, and too scattered for a pod", "percentunit", {"{{pool}}": _share("fragmented", "free")}),
                Panel("Cost an hour", "short", {"{{pool}}": "sum by (pool) (viva_operator_cost_per_hour)"}),
            ),
        ),
        (
            "The operator",
            (
                Panel(
                    "Since the last reconcile",
                    "s",
                    {"age": "time() - max(viva_operator_last_reconcile_timestamp_seconds)"},
                    single=True,
                ),
                Panel(
                    "Time of a step, p95", "s", {"{{step}}": _quantile("viva_operator_reconcile_seconds", 0.95, "step")}
                ),
                Panel("Errors", "reqps", {"{{kind}}": _sum("viva_operator_errors_total", "kind")}),
                Panel(
                    "Requests to the API server",
                    "reqps",
                    {"{{verb}} {{code}}": _sum("viva_operator_requests_total", "verb, code")},
                ),
                Panel(
                    "Who leads",
                    "short",
                    {
                        "{{pod}}": "max by (pod) (viva_operator_leading)",
                        "the Lease changed hands": "max(changes(viva_operator_lease_transitions[15m]))",
                    },
                ),
                Panel("Served by the cluster", "bool", {"{{name}}": "max by (name) (viva_operator_capability)"}),
            ),
        ),
    ),
}


def boards() -> dict[str, str]:
    """Each board's JSON by its file's name."""
    return {f"{title.lower()}.json": _board(title, rows) for title, rows in BOARDS.items()}


def _board(title: str, rows: Sequence[tuple[str, Sequence[Panel]]]) -> str:
    board = (
        Dashboard(f"Viva: {title}")
        .uid(f"viva-{title.lower()}")
        .tags(["viva"])
        .editable()
        .refresh("30s")
        .time("now-6h", "now")
        .with_variable(DatasourceVariable("source").label("Prometheus").type("prometheus"))
    )
    for row, panels in rows:
        board = board.with_row(Row(row))
        for panel in panels:
            board = board.with_panel(_built(panel))
    return json.dumps(board.build(), cls=JSONEncoder, sort_keys=True, indent=2) + "\n"


def _built(panel: Panel) -> stat.Panel | timeseries.Panel:
    kind: Callable[[], stat.Panel | timeseries.Panel] = stat.Panel if panel.single else timeseries.Panel
    built = kind().title(panel.title).unit(panel.unit).datasource(_SOURCE).height(7).span(8)
    for legend, expression in panel.queries.items():
        built = built.with_target(prometheus.Dataquery().expr(expression).legend_format(legend).datasource(_SOURCE))
    return built
