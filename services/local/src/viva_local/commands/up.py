"""`viva up`, `down`, `reset` and `status`."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.table import Table
from viva_core.errors import Invalid, Refused, VivaError
from viva_core.models.catalogue import catalogue

from viva_local.commands.link import candidate_link
from viva_local.commands.models import pull_with_progress
from viva_local.home import Home, RunningStack
from viva_local.stack.child import StartFailed
from viva_local.stack.logview import LogView
from viva_local.stack.pages import pages
from viva_local.stack.stack import Choices, Stack
from viva_local.terminal import EXIT_FAILED, plain_errors, screen

_STOP_SECONDS = 60.0
DEFAULT_MODEL = Choices().question_model
EXPRESSION_MODEL = "fer-mini-xception"


def up(
    port: Annotated[int, typer.Option(help="The gateway's port; another is chosen when it is taken.")] = 8080,
    model: Annotated[
        str | None, typer.Option(help="A model of the catalogue for both roles; see `viva models list`.")
    ] = None,
    model_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A GGUF file instead; its scores are demo.")
    ] = None,
    text_only: Annotated[
        bool, typer.Option("--text-only", help="Neither media nor vision: interviews are held in writing.")
    ] = False,
    turn: Annotated[
        bool, typer.Option("--turn", help="A TURN server (coturn) for pages that cannot reach this machine's ports.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show warnings and errors only.")] = False,
) -> None:
    """Start the whole stack and show one log; Ctrl-C stops it and leaves nothing behind."""
    chosen = model or DEFAULT_MODEL
    choices = Choices(
        gateway_port=port,
        question_model=chosen,
        evaluator_model=chosen,
        model_file=model_file,
        text_only=text_only or not can_hear(),
        turn=turn,
    )
    with plain_errors():
        if choices.text_only and not text_only:
            screen.print("media and vision are not installed: interviews are held in writing (viva-local\\[voice])")
        if turn and choices.text_only:
            raise Invalid("--turn is for speech: leave out --text-only, and install viva-local[voice]")
        home = Home.from_environment()
        refuse_second(home)
        home.create()
        if model_file is None:
            pull_with_progress(catalogue().get(chosen))
        if not choices.text_only:
            pull_with_progress(catalogue().get(EXPRESSION_MODEL))
        code = asyncio.run(run_stack(home, choices, quiet=quiet))
    raise typer.Exit(code)


def can_hear() -> bool:
    """Whether media and vision are installed."""
    return all(importlib.util.find_spec(module) is not None for module in ("viva_media", "viva_vision"))


def down() -> None:
    """Stop the stack that runs on this machine."""
    home = Home.from_environment()
    stack = home.running()
    if stack is None:
        screen.print("no stack runs")
        return
    os.kill(stack.pid, signal.SIGTERM)
    limit = time.monotonic() + _STOP_SECONDS
    while home.running() is not None or _alive(stack.pid):
        if time.monotonic() > limit:
            screen.print(f"process {stack.pid} has not stopped after {_STOP_SECONDS:g} s; its log is {home.log}")
            raise typer.Exit(EXIT_FAILED)
        time.sleep(0.1)
    screen.print("stopped")


def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop the stack and delete its data: interviews, streams, accounts, reports. Pulled models stay."""
    home = Home.from_environment()
    if not home.root.exists():
        screen.print(f"{home.root} does not exist: nothing to delete")
        return
    if not (home.root / "tenant").exists():
        screen.print(f"{home.root} is not a folder of Viva's: nothing was deleted")
        raise typer.Exit(EXIT_FAILED)
    if not yes and not typer.confirm(f"Delete {home.root} and everything in it?", err=True):
        raise typer.Exit(EXIT_FAILED)
    if home.running() is not None:
        down()
    shutil.rmtree(home.root)
    screen.print(f"deleted {home.root}")


def status() -> None:
    """What runs, and where."""
    home = Home.from_environment()
    stack = home.running()
    if stack is None:
        screen.print(f"no stack runs on {home.root}")
        raise typer.Exit(EXIT_FAILED)
    table = Table(show_header=False)
    table.add_row("gateway", f"{stack.gateway_url} ({_readiness(stack)})")
    table.add_row("nats", stack.nats_url)
    table.add_row("process", str(stack.pid))
    table.add_row("account", f"{stack.admin_email}, password in {home.secret('admin-password')}")
    table.add_row("log", str(home.log))
    screen.print(table)


def refuse_second(home: Home) -> None:
    """Raise Refused when a stack runs on this folder already."""
    running = home.running()
    if running is not None:
        raise Refused(f"a stack already runs at {running.gateway_url} (process {running.pid}): `viva down` stops it")


async def run_stack(home: Home, choices: Choices, *, quiet: bool) -> int:
    """Run until a signal comes; the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    log = LogView(home.log, screen, quiet=quiet)
    stack = Stack(home, log, choices)
    started = time.monotonic()
    starting = asyncio.create_task(stack.start(lambda step: log.say("viva", f"starting {step}")))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, StartFailed):
                await starting
            return 128 + signal.SIGINT
        state = starting.result()
        screen.print(f"\n[bold]Viva is ready[/] at {state.gateway_url} after {time.monotonic() - started:.1f} s")
        await _tell_links(home, state)
        await stop.wait()
        return 0
    finally:
        log.say("viva", "stopping")
        await stack.stop()
        log.close()


async def _tell_links(home: Home, state: RunningStack) -> None:
    """Where a candidate and where a recruiter begin."""
    begin = "/positions"
    if pages() or "VIVA_WEB_FOLDER" in os.environ:
        try:
            # As it is: a link that was broken into lines could not be opened.
            screen.print(f"Candidate: {await candidate_link(home, state)}", soft_wrap=True)
        except VivaError as error:
            screen.print(f"No candidate's link could be made: {error}", markup=False)
    else:
        begin = "/api/v1/auth/token"
        screen.print("The pages are not built: `make web` builds them")
    screen.print(
        f"Recruiter: sign in at {state.gateway_url}{begin} as {state.admin_email}; the password is in "
        f"{home.secret('admin-password')}\n",
        soft_wrap=True,
    )


def _readiness(stack: RunningStack) -> str:
    try:
        return "ready" if httpx.get(f"{stack.gateway_url}/readyz", timeout=2).status_code == 200 else "not ready"
    except httpx.HTTPError:
        return "does not answer"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return sys.platform != "linux" or _state(pid) != "Z"


def _state(pid: int) -> str:
    """The kernel's letter for the process's state; Z is a zombie that its parent has not taken notice of."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return "Z"
