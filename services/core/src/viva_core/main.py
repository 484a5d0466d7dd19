"""What the `__main__` of every service does: read the settings, or print them, and run.

`python -m viva_<service>` runs it, `--print-settings` shows the effective settings with secrets masked. Further
subcommands (`migrate`) are the service's own.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from viva_core.errors import VivaError
from viva_core.settings import ServiceSettings, load, print_settings
from viva_core.telemetry.logs import safe_traceback

S = TypeVar("S", bound=ServiceSettings)
Run = Callable[[S], Awaitable[int]]
Subcommand = Callable[[S, Sequence[str]], int]
_LEFTOVERS = 5.0  # seconds for threads that still compute when every part has stopped


def main(
    service: str,
    settings_class: type[S],
    run: Run[S],
    subcommands: Mapping[str, Subcommand[S]] | None = None,
    arguments: Sequence[str] | None = None,
    new_loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Run a service's command line and return the exit code; what is wrong is one sentence on stderr. `new_loop`: makes
    another event loop than asyncio's own."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands = subcommands or {}
    usage = f"usage: python -m viva_{service} [--print-settings{''.join(f' | {name} …' for name in commands)}]"
    try:
        if not given:
            return _run(run, load(settings_class), new_loop)
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
    except Exception as error:  # the last net: an exception's own words may quote what was said, or a password
        sys.stderr.write("viva_" + service + " fell over\n" + "\n".join(safe_traceback(error)) + "\n")
        return 1
    sys.stderr.write(f"{usage}\n")
    return 0 if given in (["--help"], ["-h"]) else 2


def _run(run: Run[S], settings: S, new_loop: Callable[[], asyncio.AbstractEventLoop] | None) -> int:
    """Run to the end. asyncio would then wait for its threads however long they compute; this waits a little."""
    watchdogs: list[threading.Timer] = []

    async def to_the_end() -> int:
        code = await run(settings)
        watchdog = threading.Timer(_LEFTOVERS, _leave, [code])
        watchdog.daemon = True
        watchdog.start()
        watchdogs.append(watchdog)
        return code

    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(to_the_end())
    finally:
        for watchdog in watchdogs:
            watchdog.cancel()


def _leave(code: int) -> None:
    sys.stderr.write("a thread still computes: leaving without it\n")
    os._exit(code)
