"""`viva demo`: one whole interview with a synthetic candidate, over the public API, with its report."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.live import Live
from rich.text import Text
from viva_core.errors import Transient
from viva_core.models.catalogue import catalogue

from viva_local.commands.models import pull_with_progress
from viva_local.commands.up import DEFAULT_MODEL
from viva_local.demo.client import ApiClient
from viva_local.demo.interview import Demo, Held, Listener
from viva_local.demo.persona import PersonaName, load_persona
from viva_local.demo.summary import show, summary
from viva_local.home import Home, RunningStack
from viva_local.terminal import plain_errors, screen

_START_SECONDS = 180
_STOP_SECONDS = 60


def demo(
    lang: Annotated[Literal["en", "ko"], typer.Option("--lang", help="The language of the interview.")] = "en",
    persona: Annotated[PersonaName, typer.Option(help="How the candidate answers.")] = PersonaName.STRONG,
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but a summary in JSON on stdout.")] = False,
    model: Annotated[str | None, typer.Option(help="A model of the catalogue, for a stack that is started.")] = None,
    model_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A GGUF file instead; its scores are demo.")
    ] = None,
) -> None:
    """Hold one interview with a synthetic candidate and print its report. Starts a stack if none runs."""
    with plain_errors():
        home = Home.from_environment()
        home.create()
        with running_stack(home, model, model_file) as stack:
            held, saved = asyncio.run(_hold(home, stack, lang, persona, quiet=as_json))
    if as_json:
        typer.echo(json.dumps(summary(held), ensure_ascii=False, indent=2))
        return
    show(screen, held)
    screen.print("\nThe report is saved:")
    for path in saved:
        screen.print(f"  {path.as_uri()}")


async def _hold(
    home: Home, stack: RunningStack, lang: Literal["en", "ko"], name: PersonaName, *, quiet: bool
) -> tuple[Held, list[Path]]:
    recruiter, candidate = ApiClient(stack.gateway_url), ApiClient(stack.gateway_url)
    try:
        await recruiter.sign_in(stack.admin_email, home.secret("admin-password").read_text())
        with _spectator(quiet=quiet) as listener:
            held = await Demo(recruiter, candidate, listener).hold(lang, load_persona(name, lang))
        return held, await _save(home, recruiter, held.interview_id)
    finally:
        await candidate.aclose()
        await recruiter.aclose()


async def _save(home: Home, recruiter: ApiClient, interview_id: str) -> list[Path]:
    saved = []
    for kind in ("html", "pdf", "json"):
        path = home.reports / f"{interview_id}.{kind}"
        path.write_bytes(await recruiter.download(f"/interviews/{interview_id}/report", format=kind, view="recruiter"))
        saved.append(path)
    return saved


@contextmanager
def _spectator(*, quiet: bool) -> Iterator[Listener]:
    """Shows the interview while it is held; the question as it is written."""
    if quiet:
        yield Listener()
        return
    with Live(console=screen, refresh_per_second=12, transient=True) as live:

        def question(turn: dict[str, object]) -> None:
            live.update(Text(""))
            text = turn["question"]
            assert isinstance(text, dict)
            screen.print(f"\n[bold cyan]Viva[/]  {text['text']}")

        yield Listener(
            delta=lambda text: live.update(Text(f"Viva  {text}", style="cyan")),
            question=question,
            answer=lambda text: screen.print(f"[bold green]Candidate[/]  {text}"),
            state=lambda text: screen.print(f"[dim]{text}[/]"),
        )


@contextmanager
def running_stack(home: Home, model: str | None, model_file: Path | None) -> Iterator[RunningStack]:
    """The stack that runs here; else one of our own for the time of the block."""
    found = home.running()
    if found is not None:
        yield found
        return
    if model_file is None:
        pull_with_progress(catalogue().get(model or DEFAULT_MODEL))
    arguments = [sys.executable, "-m", "viva_local", "up", "--quiet", "--port", "0"]
    arguments += ["--model", model] if model else []
    arguments += ["--model-file", str(model_file)] if model_file else []
    with (home.root / "demo-stack.log").open("wb") as log:
        process = subprocess.Popen(  # a session of its own: Ctrl-C reaches us alone, and we stop it in order
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        with screen.status("starting the stack: PostgreSQL, nats-server, the services and the model"):
            state = _await_stack(home, process)
        yield state
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_stack(home: Home, process: "subprocess.Popen[bytes]") -> RunningStack:
    limit = time.monotonic() + _START_SECONDS
    while time.monotonic() < limit:
        state = home.running()
        if state is not None:
            return state
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise Transient(f"the stack did not start: its log is {home.log}")
