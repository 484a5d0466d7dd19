"""A replica of the operator as a process of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from viva_testkit.cluster import resident
from viva_testkit.nats import free_port

SLOW = 90.0  # seconds: a loaded machine of two cores, not what anything takes


class Operator:
    """One replica, as a process."""

    def __init__(self, name: str, kubeconfig: Path, folder: Path, **settings: str) -> None:
        self.name = name
        self.metrics_port, self.healthz_port = free_port(), free_port()
        self.log = folder / f"{name}.log"
        self._environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("VIVA_")},
            "KUBECONFIG": str(kubeconfig),
            "VIVA_OPERATOR_IDENTITY": name,
            "VIVA_OPERATOR_NAMESPACE": "default",
            "VIVA_OPERATOR_INTERVAL": "2",
            "VIVA_OPERATOR_REST": "0.2",
            "VIVA_OPERATOR_LOOK_EVERY": "1",
            "VIVA_METRICS_PORT": str(self.metrics_port),
            "VIVA_HEALTHZ_PORT": str(self.healthz_port),
            "VIVA_HEALTH_PORT": "-1",
            # Nobody listens there: what waits and who is live stay unknown, and all else must go on.
            "VIVA_NATS_URL": f"nats://127.0.0.1:{free_port()}",
            "VIVA_SESSION_TARGET": f"127.0.0.1:{free_port()}",
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as sink:
            command = [sys.executable, "-m", "viva_operator"]
            self.process = subprocess.Popen(command, env=self._environment, stdout=sink, stderr=sink)

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(sign)
        return self.process.wait(60)

    @property
    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    @property
    def memory(self) -> float:
        """Resident, MiB."""
        assert self.process is not None
        return resident(self.process.pid)

    def said(self, pattern: str) -> bool:
        """Whether its log has this."""
        return re.search(pattern, self.log.read_text(errors="replace")) is not None

    def figure(self, name: str) -> float:
        """The sum of a metric's lines that begin so."""
        lines = [line for line in self.metrics().splitlines() if line.startswith(name)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def metrics(self) -> str:
        """What Prometheus would scrape; empty while it does not answer."""
        with contextlib.suppress(OSError):
            body: bytes = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5).read()
            return body.decode()
        return ""

    def healthz(self) -> int:
        """The status that /healthz answers with."""
        try:
            code: int = urllib.request.urlopen(f"http://127.0.0.1:{self.healthz_port}/healthz", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0
        return code
