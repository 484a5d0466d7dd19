"""A Kubernetes control plane of one's own: etcd, kube-apiserver and kwok as processes on free loopback ports.

`tests/cluster/build.sh` compiles them. No root, no Docker, no node: kwok plays the kubelets. There are no controllers
and no scheduler on purpose: what they would do, a test does by hand, and so decides when it happens.
"""

import base64
import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from viva_testkit.cluster_keys import Authority
from viva_testkit.nats import free_port

ADMIN, ADMINS = "admin", "system:masters"
KEEP_AWAY = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy")


class NotBuilt(RuntimeError):
    """A binary is missing; the message says how to get it."""


class DaemonDied(RuntimeError):
    """A daemon ended, or did not get ready; the message holds the end of its log."""


def cache_folder() -> Path:
    """Where build.sh leaves the binaries."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("VIVA_CLUSTER_CACHE") or Path(base) / "viva-cluster")


def binary(name: str) -> str:
    """A binary of the control plane. Raises NotBuilt."""
    path = shutil.which(name, path=f"{cache_folder() / 'bin'}:{os.environ.get('PATH', '')}")
    if path is None:
        raise NotBuilt(f"{name} is missing: run tests/cluster/build.sh (or `make test-cluster`, which does)")
    return path


class Daemon:
    """One process with a log file."""

    def __init__(self, name: str, folder: Path, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it."""
        environment = {key: value for key, value in os.environ.items() if key not in KEEP_AWAY}
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(self.command, stdout=sink, stderr=sink, env=environment)

    @property
    def pid(self) -> int:
        """Its process id; it must have been started."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def end(self, sign: signal.Signals = signal.SIGTERM, patience: float = 15.0) -> None:
        """End it; one that does not listen is killed."""
        if self._process is None:
            return
        self._process.send_signal(sign)
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def until(self, ready: Callable[[], bool], patience: float) -> None:
        """Wait until it is ready. Raises DaemonDied."""
        limit = time.monotonic() + patience
        while not ready():
            if not self.alive or time.monotonic() > limit:
                tail = self.log.read_text(errors="replace")[-3000:]
                raise DaemonDied(f"{self.name} {'is not ready' if self.alive else 'ended'}:\n{tail}")
            time.sleep(0.1)


class ControlPlane:
    """`start` and `stop`; `stop_apiserver` and `start_apiserver` between them keep ports, keys and data."""

    def __init__(self, folder: Path, *, apiserver_flags: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.took: dict[str, float] = {}
        """Seconds each part took to get ready."""
        self._flags = apiserver_flags
        self._daemons: dict[str, Daemon] = {}

    def start(self) -> None:
        """Everything, in order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._keys = Authority(self.folder / "pki")
        self._etcd, self.port = free_port(), free_port()
        with self._timed("etcd"):
            self._start_etcd()
        with self._timed("kube-apiserver"):
            self.start_apiserver()
        with self._timed("kwok"):
            self._start_kwok()

    def stop(self) -> None:
        """Everything, in reverse order."""
        for daemon in reversed(self._daemons.values()):
            daemon.end(patience=5.0)

    @contextlib.contextmanager
    def _timed(self, part: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self.took[part] = time.monotonic() - begin

    @property
    def url(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def audit_log(self) -> Path:
        """One JSON line for each request that was answered: verb, user, object, status."""
        return self.folder / "audit.log"

    def kubeconfig(self, user: str = ADMIN, group: str = "") -> Path:
        """A kubeconfig for a user by certificate; the admin may do everything."""
        path = self.folder / f"{user}.kubeconfig"
        if not path.exists():
            certificate, key = self._keys.client(user, group or (ADMINS if user == ADMIN else ""))
            path.write_text(json.dumps(_kubeconfig(self.url, self._keys.certificate, certificate, key)))
            path.chmod(0o600)
        return path

    def _start_etcd(self) -> None:
        url = f"http://127.0.0.1:{self._etcd}"
        command = [binary("etcd"), "--data-dir", str(self.folder / "etcd"), "--log-level", "warn"]
        command += ["--listen-client-urls", url, "--advertise-client-urls", url]
        command += ["--listen-peer-urls", f"http://127.0.0.1:{free_port()}"]
        daemon = self._launch("etcd", command)
        daemon.until(lambda: _answers(f"{url}/health"), 60)

    def start_apiserver(self) -> None:
        """Start the API server and wait until it is ready."""
        daemon = self._launch("kube-apiserver", self._apiserver_command(self.port))
        daemon.until(lambda: _answers(f"{self.url}/readyz", self._trust()), 180)

    @contextlib.contextmanager
    def side_door(self) -> Iterator[str]:
        """Another API server on the same data: its address. For what should happen while nobody else looks."""
        port = free_port()
        daemon = self._launch("side-door", self._apiserver_command(port))
        try:
            daemon.until(lambda: _answers(f"https://127.0.0.1:{port}/readyz", self._trust()), 180)
            yield f"https://127.0.0.1:{port}"
        finally:
            daemon.end(signal.SIGKILL)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._keys.certificate))

    def stop_apiserver(self, *, kill: bool = True) -> None:
        """End the API server, as a crash does by default."""
        self._daemons["kube-apiserver"].end(signal.SIGKILL if kill else signal.SIGTERM)

    def _apiserver_command(self, port: int) -> list[str]:
        keys, pki = self._keys, self.folder / "pki"
        policy = self.folder / "audit.yaml"
        policy.write_text(
            '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived", "ResponseStarted"],'
            ' "rules": [{"level": "None", "userGroups": ["system:masters"]}, {"level": "Metadata"}]}'
        )
        certificate, key = keys.server("kube-apiserver")
        flags = {
            "etcd-servers": f"http://127.0.0.1:{self._etcd}",
            "bind-address": "127.0.0.1",
            "secure-port": str(port),
            "service-cluster-ip-range": "10.96.0.0/16",
            "endpoint-reconciler-type": "none",  # a loopback address is no valid endpoint
            "tls-cert-file": str(certificate),
            "tls-private-key-file": str(key),
            "client-ca-file": str(keys.certificate),
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": str(keys.verifying_key),
            "service-account-signing-key-file": str(keys.signing_key),
            "authorization-mode": "Node,RBAC",
            "audit-policy-file": str(policy),
            "audit-log-path": str(self.audit_log),
            "audit-log-mode": "blocking",
            "cert-dir": str(pki),
        }
        # No controller makes service accounts here, so pods must do without one.
        extra = ("--disable-admission-plugins=ServiceAccount", *self._flags)
        return [binary("kube-apiserver"), *(f"--{name}={value}" for name, value in flags.items()), *extra]

    def _start_kwok(self) -> None:
        stages = sorted(cache_folder().glob("kwok-*.yaml"))
        if not stages:
            raise NotBuilt("kwok's stages are missing: run tests/cluster/build.sh")
        command = [binary("kwok"), "--kubeconfig", str(self.kubeconfig()), "--config", str(stages[-1])]
        command += ["--manage-all-nodes=false", "--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"]
        command += ["--node-lease-duration-seconds", "40", "--server-address", f"127.0.0.1:{(port := free_port())}"]
        daemon = self._launch("kwok", command)
        daemon.until(lambda: _answers(f"http://127.0.0.1:{port}/healthz"), 60)

    def _launch(self, name: str, command: list[str]) -> Daemon:
        daemon = self._daemons[name] = Daemon(name, self.folder, command)
        daemon.start()
        return daemon

    def compact(self) -> None:
        """Make etcd forget every revision but the newest: who watches from an older one is told 410 Gone."""
        base = f"http://127.0.0.1:{self._etcd}/v3/kv"
        header = _post(f"{base}/range", {"key": base64.b64encode(b"none").decode()})["header"]
        _post(f"{base}/compaction", {"revision": header["revision"], "physical": True})

    def memory(self) -> dict[str, float]:
        """Resident memory of each daemon, MiB."""
        return {name: resident(daemon.pid) for name, daemon in self._daemons.items() if daemon.alive}


def resident(pid: int) -> float:
    """Resident memory of a process, MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def _kubeconfig(url: str, authority: Path, certificate: Path, key: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority": str(authority)}}],
        "users": [{"name": "test", "user": {"client-certificate": str(certificate), "client-key": str(key)}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }


def _open(request: str | urllib.request.Request, context: ssl.SSLContext | None = None) -> bytes:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(request, timeout=10) as answer:
        body: bytes = answer.read()
        return body


def _answers(url: str, context: ssl.SSLContext | None = None) -> bool:
    try:
        _open(url, context)
    except (urllib.error.URLError, OSError):
        return False
    return True


def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    answer: dict[str, Any] = json.loads(_open(request))
    return answer
