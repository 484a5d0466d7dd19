"""`viva pools`: what the operator plans, and what its rules would cost; for whoever has the operator installed."""

import asyncio
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from prometheus_client import CollectorRegistry
from rich.table import Table
from viva_core.errors import Invalid, NotFound

from viva_local.terminal import plain_errors, screen

if TYPE_CHECKING:
    from viva_operator.simulate.day import Figures

pools = typer.Typer(
    no_args_is_help=True, help="Model workers on GPU and CPU pools: what is planned, and what it costs."
)


@pools.command("simulate")
def simulate(
    nodes: Annotated[int, typer.Option(min=1, max=1000, help="Nodes of the pool.")] = 4,
    devices: Annotated[int, typer.Option(min=1, max=64, help="GPUs on each.")] = 4,
    interviews: Annotated[int, typer.Option(min=1, max=5000, help="Interviews of the drawn day.")] = 120,
    cold_start: Annotated[float, typer.Option(min=0, max=3600, help="Seconds until a new worker is ready.")] = 180.0,
    price: Annotated[float, typer.Option(min=0, help="What a GPU costs an hour.")] = 2.5,
    seed: Annotated[int, typer.Option(help="Another day.")] = 1,
    trace: Annotated[Path | None, typer.Option(help="A day from a file instead of a drawn one.")] = None,
    write_trace: Annotated[Path | None, typer.Option(help="Write the day that was used, as JSON.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the day into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The table as JSON on stdout.")] = False,
) -> None:
    """A day of interviews under Viva's rules, a fixed size, lag only (KEDA) and CPU (HPA)."""
    with plain_errors():
        _installed()
        from viva_operator.simulate.day import Setting, held
        from viva_operator.simulate.draw import svg as drawn
        from viva_operator.simulate.errors import BadTrace
        from viva_operator.simulate.trace import read, synthetic, write

        try:
            day_of = read(trace) if trace is not None else synthetic(seed, interviews)
        except BadTrace as error:
            raise Invalid(str(error)) from None
        if write_trace is not None:
            write(day_of, write_trace)
        setting = Setting(nodes=nodes, devices=devices, cold_start=cold_start, price=price, most=nodes * devices)
        day = held(day_of, setting)
        if svg is not None:
            svg.write_text(drawn(day), encoding="utf-8")
    if as_json:
        rows = [{key: value for key, value in asdict(each).items() if key != "replicas"} for each in day.figures]
        typer.echo(json.dumps(rows, indent=2))
        return
    screen.print(_table(day.figures))


@pools.command("explain")
def explain(
    worker: Annotated[str, typer.Argument(help="The ModelWorker's name.")],
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Where it lies.")] = "viva",
) -> None:
    """The operator's last plan for a worker, in words; from its status, by your kubeconfig."""
    with plain_errors():
        _installed()
        found = asyncio.run(_worker(namespace, worker))
        status: dict[str, Any] = found.get("status") or {}
        if not status.get("explanation"):
            raise NotFound(f"{namespace}/{worker} has no plan yet: is the operator running? (kubectl get lease -A)")
    for line in status["explanation"]:
        typer.echo(line)
    for condition in status.get("conditions", ()):
        typer.echo(f"{condition['type']}={condition['status']} {condition['reason']}: {condition['message']}")


async def _worker(namespace: str, name: str) -> dict[str, Any]:
    from viva_operator.adapters.kubernetes import Cluster, load_config
    from viva_operator.metrics import OperatorMetrics
    from viva_operator.resources import WORKERS

    async with Cluster(load_config(), OperatorMetrics(CollectorRegistry())) as cluster:
        items = await cluster.list(WORKERS)
    there = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in items}
    if (namespace, name) not in there:
        known = ", ".join("/".join(key) for key in sorted(there)) or "none at all"
        raise NotFound(f"there is no ModelWorker {namespace}/{name}; there is {known}")
    return there[namespace, name]


def _installed() -> None:
    if importlib.util.find_spec("viva_operator") is None:
        raise Invalid("the operator is not installed here: pip install viva-local[pools]")


def _table(figures: "Sequence[Figures]") -> Table:
    table = Table(title="One day, the same for each rule")
    for heading in ("rule", "cold: scheduled", "cold: walk-in", "wait p50", "p95", "longest", "GPU-hours", "money"):
        table.add_column(heading, justify="left" if heading == "rule" else "right")
    for each in figures:
        waits = (f"{seconds:.1f} s" for seconds in (each.wait_p50, each.wait_p95, each.wait_most))
        cold = (str(each.cold_scheduled), str(each.cold_walk_in))
        table.add_row(each.rule, *cold, *waits, f"{each.gpu_hours:.1f}", f"{each.money:.0f}")
    return table
