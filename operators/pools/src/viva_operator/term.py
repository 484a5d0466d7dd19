"""One term of leadership: kopf and the loop, on an event loop and a thread of their own.

A term ends at once and whole, with all that it knew: the next begins from a fresh list. The Lease is renewed on the
main thread's loop, which nothing that a term does can hold up. (kopf on the main thread would also take the signals.)
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

import kopf
from viva_core.telemetry.logs import get_logger

from viva_operator import watching
from viva_operator.reconcile import Reconciler
from viva_operator.view import View

_log = get_logger("viva.operator.term")

Rule = Callable[[asyncio.Event], Awaitable[None]]
"""What a term does until its event is set."""


async def rule(reconciler: Reconciler, view: View, stop: asyncio.Event) -> None:
    """Watch and reconcile until `stop`. Raises when kopf or the loop ends by itself."""
    ready = asyncio.Event()
    registry = watching.registry(view, reconciler.touch, ready)
    loops = {
        asyncio.create_task(
            kopf.operator(
                registry=registry, settings=watching.settings(), standalone=True, clusterwide=True, stop_flag=stop
            ),
            name="kopf",
        ),
        asyncio.create_task(reconciler.run(ready), name="reconcile"),
    }
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({*loops, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stopped not in done:
            ended = next(iter(done))
            raise RuntimeError(f"{ended.get_name()} ended by itself") from ended.exception()
    finally:
        stopped.cancel()
        stop.set()
        for task in loops:
            if task.get_name() == "reconcile":
                task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)


class Terms:
    """Begins and ends terms as leadership comes and goes. `failed` is set when a term ended by itself."""

    def __init__(self, make: Rule) -> None:
        self._make = make
        self._thread: threading.Thread | None = None
        self._end: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self.failed = asyncio.Event()

    def changed(self, leading: bool) -> None:
        """Leadership came or went; call it on the loop that made this."""
        self._end()
        if not leading:
            return
        before, ended = self._thread, threading.Event()
        self._end = ended.set
        self._thread = threading.Thread(target=self._serve, args=(before, ended), name="term", daemon=True)
        self._thread.start()

    async def stop(self, within: float) -> None:
        """End the term that runs, if one does."""
        self._end()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, within)

    async def watch(self) -> None:
        """Return when a term ended by itself: the process should end and be started anew."""
        await self.failed.wait()

    def _serve(self, before: threading.Thread | None, ended: threading.Event) -> None:
        if before is not None:
            before.join()  # two terms at once would be two operators
        try:
            asyncio.run(self._until(ended))
        except Exception as error:
            _log.exception("a term ended by itself", reason=type(error).__name__)
            with suppress(RuntimeError):  # the main loop is gone already
                self._loop.call_soon_threadsafe(self.failed.set)

    async def _until(self, ended: threading.Event) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait() -> None:
            ended.wait()
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(stop.set)

        threading.Thread(target=wait, name="term's end", daemon=True).start()
        try:
            if not ended.is_set():
                await self._make(stop)
        finally:
            ended.set()
