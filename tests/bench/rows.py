"""What a measurement leads to: a row of the table and of build/bench.json."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure beside its peer's. `ratio` is ours / peer; `holds` says whether ours keeps the budget.

    A row without a budget is reported and always holds; `ours` is None when the part failed, and `budget` says why.
    """

    name: str
    unit: str
    ours: float | None
    peer: float | None
    peer_name: str
    ratio: float | None
    budget: str
    holds: bool


def row(
    name: str,
    unit: str,
    ours: float,
    budget: float | None = None,
    *,
    at: Literal["most", "least"] = "most",
    peer: float | None = None,
    peer_name: str = "",
) -> Row:
    """A row whose figure must be at most, or at least, the budget."""
    ratio = None if not peer else round(ours / peer, 3)
    rounded = peer and round(peer, 3)
    if budget is None:
        return Row(name, unit, round(ours, 3), rounded, peer_name, ratio, "", True)
    holds = ours <= budget if at == "most" else ours >= budget
    sign = "≤" if at == "most" else "≥"
    return Row(name, unit, round(ours, 3), rounded, peer_name, ratio, f"{sign} {budget:g}", holds)


def failed(part: str, why: str) -> Row:
    """What stands for a part that did not come to its end."""
    return Row(f"{part}: failed", "", None, None, "", None, why, False)


def of_part(part: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with the part's name before their own: that is how `merged` tells them apart."""
    return [replace(entry, name=f"{part}: {entry.name}") for entry in rows]


def merged(kept: Sequence[Row], fresh: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """`fresh` in the place of what `kept` has of the same parts; the rest stays. Parts stand in `order`."""
    anew = {_part(entry) for entry in fresh}
    rows = [entry for entry in kept if _part(entry) not in anew and _part(entry) in order] + list(fresh)
    return sorted(rows, key=lambda entry: order.index(_part(entry)))


def _part(entry: Row) -> str:
    return entry.name.partition(":")[0]


def p50(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The 95th percentile, nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


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
        if entry.ours is None:
            table.add_row(f"[red]{entry.name}[/]", "", "", "", entry.budget, "[red]no[/]")
            continue
        peer = "" if entry.peer is None else f"{entry.peer:g} {entry.unit} ({entry.peer_name})"
        ratio = "" if entry.ratio is None else f"{entry.ratio:.2f}"
        holds = "–" if not entry.budget else "[green]yes[/]" if entry.holds else f"[red]no[/] ({_by(entry)})"
        budget = f"{entry.budget} {entry.unit}" if entry.budget else ""
        table.add_row(entry.name, f"{entry.ours:g} {entry.unit}", peer, ratio, budget, holds)
    Console(width=150).print(table)


def _by(entry: Row) -> str:
    """By how much the budget is missed."""
    assert entry.ours is not None
    budget = float(entry.budget[1:])
    return f"{(entry.ours / budget - 1) * 100:+.0f} %" if budget else f"{entry.ours:+g}"


def load(path: Path) -> list[Row]:
    """What `save` wrote; empty when there is nothing, or what an older version wrote."""
    try:
        return [Row(**entry) for entry in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError):
        return []


def save(rows: Sequence[Row], path: Path) -> None:
    """The same rows as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(entry) for entry in rows], ensure_ascii=False, indent=2) + "\n")
