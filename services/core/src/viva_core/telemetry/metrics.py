"""Prometheus metrics: one registry a process, made by `bootstrap` and handed on; served from a thread of its own."""

import threading
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    GC_COLLECTOR,
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    start_http_server,
)


def new_registry() -> CollectorRegistry:
    """A registry with the process's own figures (memory, CPU, file descriptors)."""
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(GC_COLLECTOR)
    return registry


class MetricsServer:
    """Serves /metrics."""

    def __init__(self, registry: CollectorRegistry, *, host: str, port: int) -> None:
        self._registry = registry
        self._host = host
        self._wanted = port
        self._server: WSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port in use; it must have been started."""
        assert self._server is not None
        return self._server.server_port

    def start(self) -> None:
        """Serve; raises OSError when the port is taken."""
        self._server, self._thread = start_http_server(self._wanted, self._host, self._registry)

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
