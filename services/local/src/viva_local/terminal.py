"""What a person reads goes to stderr, so that stdout holds nothing but what a program reads."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape
from viva_core.errors import Invalid, VivaError

from viva_local.stack.child import StartFailed

screen = Console(stderr=True, highlight=False)
"""For people: progress, tables, errors."""

EXIT_FAILED = 1
EXIT_USAGE = 2


@contextmanager
def plain_errors() -> Iterator[None]:
    """What Viva raises on purpose becomes one sentence and an exit code; no stack trace."""
    try:
        yield
    except Invalid as error:
        screen.print(f"[bold red]Not possible:[/] {escape(error.message)}")
        for violation in error.violations:
            screen.print(f"  {escape(f'{violation.field}: {violation.description}')}")
        raise typer.Exit(EXIT_USAGE) from None
    except VivaError as error:
        screen.print(f"[bold red]Not possible:[/] {escape(error.message)}")
        raise typer.Exit(EXIT_FAILED) from None
    except StartFailed as error:
        screen.print(f"[bold red]The stack did not start:[/] {escape(str(error))}")
        raise typer.Exit(EXIT_FAILED) from None
