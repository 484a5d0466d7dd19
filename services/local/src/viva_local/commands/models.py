"""`viva models`: what the catalogue holds, and bringing it here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from viva_core.models.catalogue import Model, catalogue
from viva_core.models.download import Progress as Pulled
from viva_core.models.download import place, pull, state
from viva_core.models.settings import default_folder

from viva_local.terminal import EXIT_FAILED, plain_errors, screen

app = typer.Typer(no_args_is_help=True, help="Language models: list, pull, verify.")

Folder = Annotated[Path | None, typer.Option("--folder", help="Where models lie (default: the user's cache).")]
Sha256 = Annotated[str | None, typer.Option("--sha256", help="The hash, where the catalogue has none.")]


@app.command("list")
def list_models(folder: Folder = None) -> None:
    """Every model of the catalogue: what it is for, its licence, and whether it is here."""
    where = folder or default_folder()
    table = Table(title="Models", caption=f"kept in {where}")
    for heading in ("id", "roles", "languages", "size", "licence", "judge", "here"):
        table.add_column(heading)
    for model in catalogue():
        here = "served by vLLM" if model.file is None else state(model, where, thorough=False)
        licence = f"{model.licence.id} (limits use)" if model.licence.limits_use else model.licence.id
        size = f"{model.size / 1e6:,.0f} MB" if model.size else "?"
        judge = "yes" if model.judge else "no: demo"
        table.add_row(model.id, ", ".join(model.roles), ", ".join(model.languages), size, licence, judge, here)
    screen.print(table)


@app.command("pull")
def pull_model(
    model_id: Annotated[str, typer.Argument(help="From `viva models list`.")],
    folder: Folder = None,
    sha256: Sha256 = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="I have read the licence and may use the model.")
    ] = False,
) -> None:
    """Bring a model here: resumes, checks the hash, never leaves a half file in place."""
    with plain_errors():
        path = pull_with_progress(catalogue().get(model_id), folder, accept_licence=accept_licence, sha256=sha256)
        screen.print(f"{model_id} is at {path}")


@app.command("verify")
def verify_model(
    model_id: Annotated[str, typer.Argument(help="From `viva models list`.")],
    folder: Folder = None,
    sha256: Sha256 = None,
) -> None:
    """Read the whole file and compare its hash."""
    with plain_errors():
        model = catalogue().get(model_id)
        where = folder or default_folder()
        found = state(model, where, sha256=sha256)
        screen.print(f"{model_id}: {found} ({place(model, where)})")
        if found != "good":
            raise typer.Exit(EXIT_FAILED)


def pull_with_progress(
    model: Model, folder: Path | None = None, *, accept_licence: bool = False, sha256: str | None = None
) -> Path:
    """Pull with a progress bar a source; says nothing when the model is here."""
    where = folder or default_folder()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=screen,
    )
    with bar:
        tasks: dict[str, TaskID] = {}

        def show(pulled: Pulled) -> None:
            task = tasks.get(pulled.source)
            if task is None:
                task = tasks[pulled.source] = bar.add_task(f"{pulled.model_id} from {pulled.source}", total=None)
            bar.update(task, completed=pulled.done, total=pulled.total)

        return pull(model, where, accept_licence=accept_licence, sha256=sha256, on_progress=show)
