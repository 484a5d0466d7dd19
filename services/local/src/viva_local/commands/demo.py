"""`viva demo`: one whole interview with a synthetic candidate, over the public API, with its report."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer
from rich.live import Live
from rich.text import Text
from viva_core.errors import Invalid, Refused, Transient
from viva_core.models.catalogue import catalogue

from viva_local.commands.models import pull_with_progress
from viva_local.commands.up import DEFAULT_MODEL, EXPRESSION_MODEL, can_hear
from viva_local.demo.client import ApiClient
from viva_local.demo.interview import Demo, Held, Listener
from viva_local.demo.persona import PersonaName, load_persona
from viva_local.demo.summary import show, summary
from viva_local.home import Home, RunningStack
from viva_local.terminal import plain_errors, screen

if TYPE_CHECKING:
    from viva_local.demo.line import Network
    from viva_local.demo.speaking import Speaking

_START_SECONDS = 300
_STOP_SECONDS = 60


def demo(
    lang: Annotated[Literal["en", "ko"], typer.Option("--lang", help="The language of the interview.")] = "en",
    persona: Annotated[PersonaName, typer.Option(help="How the candidate answers.")] = PersonaName.STRONG,
    as_json: Annotated[bool, typer.Option("--json", help="Print nothing but a summary in JSON on stdout.")] = False,
    model: Annotated[str | None, typer.Option(help="A model of the catalogue, for a stack that is started.")] = None,
    model_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A GGUF file instead; its scores are demo.")
    ] = None,
    questions: Annotated[
        int | None, typer.Option(min=1, max=6, help="Ask at most so many, about as many competencies; 6 otherwise.")
    ] = None,
    voice: Annotated[bool, typer.Option("--voice", help="The candidate speaks, over WebRTC; English.")] = False,
    mode: Annotated[
        Literal["hiring", "practice"],
        typer.Option(help="practice, with --voice: the candidate shows a face too, and a model looks at it."),
    ] = "hiring",
    count: Annotated[int, typer.Option(min=1, max=60, help="With --voice: so many interviews at once.")] = 1,
    network: Annotated[
        Literal["good", "bad"],
        typer.Option(help="With --voice; bad: 5 % of packets lost, 200 ms of jitter, one cut of 10 s."),
    ] = "good",
    url: Annotated[str | None, typer.Option(help="A stack elsewhere: its address, as a browser has it.")] = None,
    email: Annotated[str | None, typer.Option(help="With --url: the account of a recruiter there.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="With --url: a file with its password.")
    ] = None,
) -> None:
    """Hold one interview with a synthetic candidate and print its report. Starts a stack if none runs."""
    with plain_errors():
        elsewhere = _elsewhere(url, email, password_file)
        if elsewhere and (voice or model or model_file):
            raise Invalid(
                "--url is for a candidate who writes; that stack has its models: leave out --voice and --model"
            )
        if not voice and (count > 1 or network == "bad"):
            raise Invalid("--count and --network are for a candidate who speaks: add --voice")
        if voice:
            _check_voice(lang)
        home = Home.from_environment()
        home.create()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what we started ends with us
        with nullcontext(elsewhere) if elsewhere else _here(home, model, model_file, voice=voice) as stack:
            choice = _Choice(
                lang,
                persona,
                mode,
                questions,
                voice=voice,
                bad_line=network == "bad",
                quiet=as_json or count > 1,
            )
            all_held = asyncio.run(_hold_all(home, stack, choice, count))
    summaries = [
        summary(one.held, one.mouth.summary(), one.mouth.timings()) if one.mouth else summary(one.held)
        for one in all_held
    ]
    if as_json:
        document = summaries[0] if count == 1 else {"interviews": summaries}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for one, short in zip(all_held, summaries, strict=True):
        show(screen, one.held, short)
        screen.print("\nThe report is saved:")
        for path in one.saved:
            screen.print(f"  {path.as_uri()}")


@dataclass(frozen=True)
class _Choice:
    """Who is interviewed, and how."""

    language: Literal["en", "ko"]
    persona: PersonaName
    mode: Literal["hiring", "practice"]
    questions: int | None
    voice: bool
    bad_line: bool
    quiet: bool


@dataclass(frozen=True)
class _Account:
    """Where a stack is reached, and as whom."""

    url: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class _Done:
    """An interview that was held; `mouth` is that of a candidate who spoke."""

    held: Held
    saved: list[Path]
    mouth: "Speaking | None"


def _check_voice(language: str) -> None:
    if not can_hear():
        raise Invalid("--voice needs media, which is not installed: install viva-local[voice]")
    from viva_local.demo.speaking import check_voice  # needs viva-local[voice]

    check_voice(language)


def _elsewhere(url: str | None, email: str | None, password_file: Path | None) -> _Account | None:
    """The stack that the options name. Raises Invalid."""
    if url is None and email is None and password_file is None:
        return None
    if url is None or email is None or password_file is None:
        raise Invalid("--url, --email and --password-file go together: give all three, or none for a stack of your own")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Invalid(f"--url is {url!r}: want http://host:port or https://host")
    return _Account(url.rstrip("/"), email, password_file.read_text().strip())


@contextmanager
def _here(home: Home, model: str | None, model_file: Path | None, *, voice: bool) -> Iterator[_Account]:
    """The stack on this machine."""
    with running_stack(home, model, model_file) as stack:
        if voice and not stack.voice:
            raise Refused("the stack that runs hears nobody: `viva down`, then start it without --text-only")
        yield _Account(stack.gateway_url, stack.admin_email, home.secret("admin-password").read_text())


async def _hold_all(home: Home, stack: _Account, choice: _Choice, count: int) -> list[_Done]:
    async with _network(choice) as network, asyncio.TaskGroup() as tasks:
        holding = [tasks.create_task(_hold(home, stack, choice, network)) for _ in range(count)]
    return [one.result() for one in holding]


def _network(choice: _Choice) -> "AbstractAsyncContextManager[Network | None]":
    """What a candidate who speaks calls over."""
    if not choice.voice:
        return nullcontext(None)
    from viva_local.demo.line import bad_line, good_line  # needs viva-local[voice]

    return bad_line(lambda sentence: screen.print(sentence, style="dim")) if choice.bad_line else good_line()


async def _hold(home: Home, stack: _Account, choice: _Choice, network: "Network | None") -> _Done:
    recruiter, candidate = ApiClient(stack.url), ApiClient(stack.url)
    mouth = _mouth(candidate, choice, network)
    try:
        await recruiter.sign_in(stack.email, stack.password)
        with _spectator(quiet=choice.quiet) as listener:
            persona = load_persona(choice.persona, choice.language)
            demo = Demo(recruiter, candidate, listener, mouth, choice.mode, choice.questions)
            held = await demo.hold(choice.language, persona)
        return _Done(held, await _save(home, recruiter, held.interview_id), mouth)
    finally:
        await candidate.aclose()
        await recruiter.aclose()


def _mouth(candidate: ApiClient, choice: _Choice, network: "Network | None") -> "Speaking | None":
    if network is None:
        return None
    from viva_local.demo.speaking import Speaking  # needs viva-local[voice]

    return Speaking(candidate, network, cut=choice.bad_line, face=choice.mode == "practice")


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
    if can_hear():
        pull_with_progress(catalogue().get(EXPRESSION_MODEL))
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
