"""One supervised process: started, watched, restarted with back-off when it dies, stopped in good order.

It runs in a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone, which then stops everything
in order; and it is told to die with the supervisor (PR_SET_PDEATHSIG), so that even a killed supervisor leaves nothing.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from viva_local.stack.logview import LogView

_PR_SET_PDEATHSIG = 1
_BACKOFF_SECONDS = (0.5, 1, 2, 4, 8, 15)
_STEADY_SECONDS = 60
_LAST_LINES = 5


@dataclass(frozen=True)
class Command:
    """What to run. `ready` returns once the process serves; it is asked again after each restart."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[None]]
    start_timeout: float = 180.0
    grace: float = 30.0
    nice: int = 0


class StartFailed(Exception):
    """A process ended or stayed silent while it was starting."""


@dataclass
class Child:
    """A process and its watcher."""

    command: Command
    log: LogView
    restarts: int = 0
    _process: asyncio.subprocess.Process | None = None
    _watcher: asyncio.Task[None] | None = None
    _readers: set[asyncio.Task[None]] = field(default_factory=set)
    _said: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    _stopping: bool = False

    @property
    def pid(self) -> int | None:
        """The process id; None when it does not run."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Start it and wait until it serves. Raises StartFailed."""
        await self._spawn()
        await self._await_ready()
        self._watcher = asyncio.create_task(self._watch(), name=f"watch {self.command.name}")

    async def stop(self) -> None:
        """SIGTERM, the grace, then SIGKILL."""
        self._stopping = True
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.command.grace)
            except TimeoutError:
                self.log.say(self.command.name, f"did not stop within {self.command.grace:g} s: killed", "warning")
                self._process.kill()
                await self._process.wait()
        await self._read_to_end()

    async def _spawn(self) -> None:
        self._said.clear()  # the words of one before it would not say why this one failed
        # The name of an executable of ours and its arguments, never a shell.
        self._process = await asyncio.create_subprocess_exec(
            *self.command.argv,
            env={**os.environ, **self.command.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: _in_child(self.command.nice),
            limit=1 << 20,
        )
        reader = asyncio.create_task(self._read(self._process), name=f"log {self.command.name}")
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)

    async def _await_ready(self) -> None:
        assert self._process is not None
        ended = asyncio.create_task(self._process.wait())
        ready = asyncio.ensure_future(self.command.ready())
        done, _ = await asyncio.wait(
            {ended, ready}, timeout=self.command.start_timeout, return_when=asyncio.FIRST_COMPLETED
        )
        for task in (ended, ready):
            if task not in done:
                task.cancel()
        if ready in done:
            await ready
            return
        if ended in done:
            await self._read_to_end()
            what = f"ended with code {self._process.returncode} while it was starting"
        else:
            what = f"was not ready within {self.command.start_timeout:g} s"
        raise StartFailed("\n  ".join((f"{self.command.name} {what}", *self._said)))  # its last words say why

    async def _read_to_end(self) -> None:
        if self._readers:
            await asyncio.wait(self._readers, timeout=2)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line longer than the limit: its rest follows as lines of its own
                continue
            if not line:
                return
            said = line.decode(errors="replace").rstrip()
            self._said.append(said)
            self.log.line(self.command.name, said)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:
            assert self._process is not None
            since = loop.time()
            code = await self._process.wait()
            if loop.time() - since > _STEADY_SECONDS:
                self.restarts = 0
            pause = _BACKOFF_SECONDS[min(self.restarts, len(_BACKOFF_SECONDS) - 1)]
            self.restarts += 1
            self.log.say(self.command.name, f"ended with code {code}: restarted in {pause:g} s", "error")
            await asyncio.sleep(pause)
            await self._spawn()
            try:
                await self._await_ready()
            except StartFailed as error:
                self.log.say(self.command.name, str(error), "error")
                if self._process.returncode is None:
                    self._process.kill()
            else:
                self.log.say(self.command.name, "is back")


def _in_child(nice: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if nice:
        os.nice(nice)
