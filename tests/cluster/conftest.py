"""A control plane for the whole session, and operators as processes of their own against it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lightkube.config.kubeconfig import KubeConfig
from prometheus_client import CollectorRegistry
from viva_operator import rbac
from viva_operator.adapters.kubernetes import Cluster
from viva_operator.metrics import OperatorMetrics
from viva_operator.ports import Manifest
from viva_operator.resources import POOLS, RIGHTS, WORKERS, Resource, Right
from viva_testkit.bus import eventually
from viva_testkit.cluster import ControlPlane, resident
from viva_testkit.nats import free_port

from tests.cluster.admin import Admin, crd

SLOW = 90.0  # seconds: a loaded machine of two cores, not what anything takes
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane; what each part took is in the report."""
    made = ControlPlane(tmp_path_factory.mktemp("cluster"))
    try:
        made.start()
        print("control plane:", ", ".join(f"{part} {seconds:.1f} s" for part, seconds in made.took.items()))
        yield made
    finally:
        made.stop()


@pytest.fixture
async def admin(plane: ControlPlane) -> AsyncIterator[Admin]:
    """Who may do everything. What a test made is deleted behind it."""
    async with Admin(plane.kubeconfig()) as made:
        for resource in (POOLS, WORKERS):
            await made.serve(resource)
        yield made
        await made.clean()


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
            command = [sys.executable, str(HERE / "worker_planner.py")]
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
        with contextlib.suppress(OSError):
            text = urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5).read().decode()
            lines = [line for line in text.splitlines() if line.startswith(name)]
            return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
        return 0.0

    def healthz(self) -> int:
        """The status that /healthz answers with."""
        try:
            code: int = urllib.request.urlopen(f"http://127.0.0.1:{self.healthz_port}/healthz", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0
        return code


@pytest.fixture
async def granted(admin: Admin) -> Callable[..., Any]:
    """Grants a user exactly these rights."""

    async def grant(user: str, rights: tuple[Right, ...] = RIGHTS) -> None:
        subject = {"kind": "User", "name": user}
        for manifest in rbac.manifests(namespace="default", subject=subject, rights=rights, name=user):
            await admin.apply(manifest)

    return grant


@pytest.fixture
def launch(plane: ControlPlane, granted: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts operators with exactly the operator's rights; each is ended behind the test."""
    started: list[Operator] = []

    async def start(name: str = "operator-a", *, user: str = "", rights: tuple[Right, ...] = RIGHTS) -> Operator:
        user = user or "viva-operator"
        await granted(user, rights)
        operator = Operator(name, plane.kubeconfig(user), tmp_path)
        started.append(operator)
        operator.start()
        return operator

    yield start
    for operator in started:
        if not operator.ended:
            operator.end(signal.SIGKILL)


@pytest.fixture
async def cluster(plane: ControlPlane) -> AsyncIterator[Callable[..., Cluster]]:
    """The operator's own client, as any user."""
    async with contextlib.AsyncExitStack() as stack:
        made: list[Cluster] = []

        def connect(user: str) -> Cluster:
            config = KubeConfig.from_file(plane.kubeconfig(user)).get()
            assert config is not None
            client = Cluster(config, OperatorMetrics(CollectorRegistry()))
            stack.push_async_exit(client)
            made.append(client)
            return client

        yield connect


__all__ = ["SLOW", "Manifest", "Operator", "Resource", "crd", "eventually"]
