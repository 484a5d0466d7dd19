"""What a measurement leads to: a row of the table and of build/bench.json."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure beside its peer's. `ratio` is ours / peer; `holds` says whether ours keeps the budget."""

    name: str
    unit: str
    ours: float
    peer: float | None
    peer_name: str
    ratio: float | None
    budget: str
    holds: bool


def row(
    name: str,
    unit: str,
    ours: float,
    budget: float,
    *,
    at: Literal["most", "least"],
    peer: float | None = None,
    peer_name: str = "",
) -> Row:
    """A row whose figure must be at most, or at least, the budget."""
    holds = ours <= budget if at == "most" else ours >= budget
    sign = "≤" if at == "most" else "≥"
    ratio = None if not peer else ours / peer
    return Row(name, unit, round(ours, 3), peer and round(peer, 3), peer_name, ratio, f"{sign} {budget:g}", holds)


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p99(values: Sequence[float]) -> float:
    """The 99th percentile, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def show(rows: Sequence[Row]) -> None:
    """The table."""
    table = Table(title="Viva and its peers, same run, same cores")
    for heading in ("name", "ours", "peer", "ratio", "budget", "holds"):
        table.add_column(heading)
    for entry in rows:
        peer = "" if entry.peer is None else f"{entry.peer:g} {entry.unit} ({entry.peer_name})"
        ratio = "" if entry.ratio is None else f"{entry.ratio:.2f}"
        holds = "[green]yes[/]" if entry.holds else "[red]no[/]"
        table.add_row(entry.name, f"{entry.ours:g} {entry.unit}", peer, ratio, f"{entry.budget} {entry.unit}", holds)
    Console(width=140).print(table)


def save(rows: Sequence[Row], path: Path) -> None:
    """The same rows as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(entry) for entry in rows], ensure_ascii=False, indent=2) + "\n")
