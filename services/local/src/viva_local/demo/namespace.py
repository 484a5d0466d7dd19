"""A network of its own for one end of a call: a namespace (Linux, root) that is joined to this machine by one cable.

The cable is a pair of virtual interfaces; nothing else of the machine is reached through it, and nothing of the machine
is changed but that the near end exists while the block lasts. A thread that enters the namespace opens its sockets
there, which is how a peer of this process is put into it.
"""

import asyncio
import contextlib
import ctypes
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from viva_core.errors import Permanent

_T = TypeVar("_T")
_FOLDER = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_SECONDS = 10.0  # that a command of iproute2 may take
_NAME = re.compile(r"viva-(\d+)-\d+")


class NotAvailable(Permanent):
    """This machine lets nobody make a network namespace here; the message says why."""

    reason = "NAMESPACE_NOT_AVAILABLE"


@dataclass(frozen=True)
class Namespace:
    """One that exists. `near` is this machine's end of the cable, `far` the end inside; with their addresses."""

    name: str
    near: str
    far: str
    near_address: str
    far_address: str

    def cut(self) -> None:
        """Pull the cable."""
        run("ip", "link", "set", self.near, "down")

    def mend(self) -> None:
        """Plug it in again."""
        run("ip", "link", "set", self.near, "up")

    def inside(self, *command: str) -> None:
        """Run a command of iproute2 inside. Raises NotAvailable."""
        run("ip", "netns", "exec", self.name, *command)


@contextlib.contextmanager
def namespace(number: int) -> Iterator[Namespace]:
    """Make one and take it away again, whatever ends the block. `number`: 0 to 63, one for each of this process.

    Addresses are of 198.18.0.0/15, which is kept for measurements (RFC 2544). Raises NotAvailable.
    """
    if os.geteuid() != 0:
        raise NotAvailable("only root makes network namespaces")
    if shutil.which("ip") is None:
        raise NotAvailable("a network namespace needs iproute2: apt-get install iproute2")
    _sweep()
    pid = os.getpid()
    third, fourth = pid % 256, number * 4
    made = Namespace(
        name=f"viva-{pid}-{number}",
        near=f"vv{pid}n{number}",
        far=f"vv{pid}f{number}",
        near_address=f"198.18.{third}.{fourth + 1}",
        far_address=f"198.18.{third}.{fourth + 2}",
    )
    try:
        run("ip", "netns", "add", made.name)
        run("ip", "link", "add", made.near, "type", "veth", "peer", "name", made.far, "netns", made.name)
        run("ip", "address", "add", f"{made.near_address}/30", "dev", made.near)
        made.inside("ip", "address", "add", f"{made.far_address}/30", "dev", made.far)
        made.inside("ip", "link", "set", "lo", "up")
        made.inside("ip", "link", "set", made.far, "up")
        run("ip", "link", "set", made.near, "up")
        yield made
    finally:
        remove(made.name, made.near)


def run(*command: str) -> None:
    """Run a command of iproute2. Raises NotAvailable with what it said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAvailable(f"{command[0]} cannot be run: {type(error).__name__}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise NotAvailable(f"{' '.join(command[:3])}: {said[-1] if said else f'code {done.returncode}'}")


def remove(name: str, near: str) -> None:
    """Take away what is there of it; the cable goes with either of its ends."""
    for command in (("ip", "link", "delete", near), ("ip", "netns", "delete", name)):
        with contextlib.suppress(NotAvailable):
            run(*command)


def _sweep() -> None:
    """Take away what processes that were killed left."""
    for path in _FOLDER.glob("viva-*"):
        match = _NAME.fullmatch(path.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            remove(path.name, path.name.replace("viva-", "vv").replace("-", "n"))


@dataclass
class Inside:
    """A thread with an event loop whose sockets are in the namespace."""

    name: str
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None

    async def __aenter__(self) -> "Inside":
        """Start it. Raises NotAvailable."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, args=(ready,), name=self.name, daemon=True)
        self._thread.start()
        await asyncio.wrap_future(ready)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        await asyncio.to_thread(self._thread.join)

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run it there and wait for what comes of it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _work(self, ready: "Future[None]") -> None:
        try:
            enter(self.name)
        except BaseException as error:
            ready.set_exception(error)
            return
        self._loop.call_soon(ready.set_result, None)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(_cancel_all())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()


async def _cancel_all() -> None:
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def enter(name: str) -> None:
    """Put the calling thread, and what it starts, into the namespace. Raises NotAvailable."""
    libc = ctypes.CDLL(None, use_errno=True)
    with (_FOLDER / name).open("rb") as file:
        if libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
            raise NotAvailable(f"setns: {os.strerror(ctypes.get_errno())}")
