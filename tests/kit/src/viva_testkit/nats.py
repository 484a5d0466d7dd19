"""A real nats-server with JetStream, a process of its own on a free loopback port."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
import uuid
from pathlib import Path


class ServerDied(RuntimeError):
    """nats-server ended while it was starting; the message holds its log."""


def free_port() -> int:
    """A TCP port of the loopback interface that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class NatsServer:
    """`start`, `kill` (SIGKILL, as a crash) and `stop` (SIGTERM); a restart keeps port and store."""

    def __init__(self, folder: Path, *, config: str = "") -> None:
        self.port = free_port()
        self._folder = folder
        self._config = config
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process id; it must be running."""
        assert self._process is not None
        return self._process.pid

    def start(self, timeout: float = 20.0) -> None:
        """Start and return once it accepts connections."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "nats.conf"
        path.write_text(
            f'server_name: "test-{uuid.uuid4().hex[:8]}"\nlisten: "127.0.0.1:{self.port}"\n'
            f'jetstream {{ store_dir: "{self._folder / "store"}" }}\n{self._config}\n'
        )
        log = self._folder / "nats.log"
        binary = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or "nats-server"
        with log.open("ab") as sink:
            self._process = subprocess.Popen([binary, "-c", str(path)], stdout=sink, stderr=sink)
        limit = time.monotonic() + timeout
        while time.monotonic() < limit:
            if self._process.poll() is not None:
                raise ServerDied(log.read_text(errors="replace")[-2000:])
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2) as greeting:
                if greeting.recv(5).startswith(b"INFO"):
                    return
            time.sleep(0.02)
        raise ServerDied(f"not ready in {timeout} s")

    def _end(self, *, hard: bool) -> None:
        if self._process is None:
            return
        if hard:
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGCONT)  # a paused one could not hear the next
            self._process.terminate()
        self._process.wait(20)
        self._process = None

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stand, nothing answers. All its threads stand still on return."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Go on after `pause`."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash does."""
        self._end(hard=True)

    def stop(self) -> None:
        """End it in good order."""
        self._end(hard=False)
