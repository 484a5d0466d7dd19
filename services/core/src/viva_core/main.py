"""What the `__main__` of every service does: read the settings, or print them, and run.

`python -m viva_<service>` runs it, `--print-settings` shows the effective settings with secrets masked. Further
subcommands (`migrate`) are the service's own.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from viva_core.errors import VivaError
from viva_core.settings import ServiceSettings, load, print_settings

S = TypeVar("S", bound=ServiceSettings)
Run = Callable[[S], Awaitable[int]]
Subcommand = Callable[[S, Sequence[str]], int]


def main(
    service: str,
    settings_class: type[S],
    run: Run[S],
    subcommands: Mapping[str, Subcommand[S]] | None = None,
    arguments: Sequence[str] | None = None,
) -> int:
    """Run a service's command line and return the exit code; what is wrong is one sentence on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands = subcommands or {}
    usage = f"usage: python -m viva_{service} [--print-settings{''.join(f' | {name} …' for name in commands)}]"
    try:
        if not given:
            return asyncio.run(_awaited(run, load(settings_class)))
        if given == ["--print-settings"]:
            print_settings(load(settings_class))
            return 0
        if given[0] in commands:
            return commands[given[0]](load(settings_class), given[1:])
    except VivaError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    sys.stderr.write(f"{usage}\n")
    return 0 if given in (["--help"], ["-h"]) else 2


async def _awaited(run: Run[S], settings: S) -> int:
    return await run(settings)
