"""Whether a service can do its work, and serving the answer where a busy event loop cannot hold it up.

Each part of a service (the bus, the database, the model, a worker) says whether it works; the service is ready when all
of them do. `HealthServer` answers grpc.health.v1 from threads of its own, on a plaintext port that serves nothing else:
Kubernetes' gRPC probe cannot do TLS, and a model that computes must not look like a dead pod (llama.cpp issue 20684).

Two names are served: "" (readiness: every part works) and "live" (the process runs and its event loop turns).
"""

import asyncio
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import HealthServicer

LIVE = "live"
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@dataclass(frozen=True)
class PartState:
    """What a part said last."""

    ok: bool
    why: str


class Health:
    """The state of every part. Thread-safe. Not ready until at least one part has reported and all are well."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: dict[str, PartState] = {}
        self._listeners: list[HealthServicer] = []

    def set(self, part: str, ok: bool, why: str = "") -> None:
        """`part` works, or does not because of `why`."""
        with self._lock:
            self._parts[part] = PartState(ok, "" if ok else why)
            self._tell()

    @property
    def ready(self) -> bool:
        """Whether every part works."""
        with self._lock:
            return self._ready()

    @property
    def parts(self) -> Mapping[str, PartState]:
        """A copy of what each part said last."""
        with self._lock:
            return dict(self._parts)

    @property
    def complaints(self) -> str:
        """The parts that do not work, in words; empty when all do."""
        return "; ".join(f"{name}: {state.why}" for name, state in sorted(self.parts.items()) if not state.ok)

    def publish_to(self, servicer: HealthServicer) -> None:
        """Keep a grpc.health.v1 servicer up to date."""
        with self._lock:
            self._listeners.append(servicer)
            self._tell()

    def _ready(self) -> bool:
        return bool(self._parts) and all(state.ok for state in self._parts.values())

    def _tell(self) -> None:
        status = _SERVING if self._ready() else _NOT_SERVING
        for servicer in self._listeners:
            servicer.set("", status)


class HealthServer:
    """Serves `health` on a port of its own. With a running loop to watch, "live" turns off when the loop has not
    turned for `stall` seconds; a restart is the only cure for that."""

    def __init__(self, health: Health, *, host: str, port: int, stall: float = 120.0) -> None:
        self._servicer = HealthServicer()
        self._stall = stall
        self._beat = time.monotonic()
        self._stopped = threading.Event()
        self._pulse: asyncio.Task[None] | None = None
        self._watch: threading.Thread | None = None
        health.publish_to(self._servicer)
        self._servicer.set(LIVE, _SERVING)
        self._address = f"{host}:{port}"
        # A port shared with another process would answer for that one every other time.
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=4, thread_name_prefix="health"), options=[("grpc.so_reuseport", 0)]
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, self._server)
        self.port = 0
        """The port in use, once started."""

    def start(self) -> None:
        """Serve; call it from the event loop that is to be watched. Raises OSError when the port is taken."""
        try:
            self.port = self._server.add_insecure_port(self._address)
        except RuntimeError:
            raise OSError(f"cannot listen on {self._address}") from None
        self._beat = time.monotonic()
        self._pulse = asyncio.get_running_loop().create_task(self._turn(), name="health pulse")
        self._watch = threading.Thread(target=self._watch_loop, name="health watch", daemon=True)
        self._server.start()
        self._watch.start()

    async def stop(self) -> None:
        """Stop serving."""
        self._stopped.set()
        if self._pulse is not None:
            self._pulse.cancel()
        await asyncio.to_thread(self._server.stop(grace=0.5).wait)

    async def _turn(self) -> None:
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(min(1.0, self._stall / 4))

    def _watch_loop(self) -> None:
        while not self._stopped.wait(min(1.0, self._stall / 4)):
            stalled = time.monotonic() - self._beat > self._stall
            self._servicer.set(LIVE, _NOT_SERVING if stalled else _SERVING)
