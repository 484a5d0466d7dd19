"""One real node for the whole session, and the release on it, by the scripts of this folder, kubectl and Helm."""

import base64
import contextlib
import fcntl
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder
from viva_testkit.cluster import cache_folder

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
IMAGES = ("session", "question-gen", "evaluator", "gateway", "operator", "tools")
"""Ours, as far as the trial on CPU needs them."""
SERVICES = {"session": "session", "questionGen": "question-gen", "evaluator": "evaluator", "gateway": "gateway"}
"""Those that an upgrade replaces: the name in the values, and the component's."""
MODEL = os.environ.get("VIVA_NODE_MODEL", "smollm2-135m-instruct")
"""What asks and scores. The one for tests comes up at once and shows what a cluster does; it judges nothing."""
QUESTIONS = 3
EMAIL = "admin@example.org"

FIGURES: list[str] = []
"""What is printed when all is over."""


class Failed(AssertionError):
    """A command failed; the message holds what it said."""


def run(*command: str, within: float = 600, given: str | None = None) -> str:
    """What a command prints. Raises Failed."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=within, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{' '.join(command)}: not done after {within:.0f} s\n{late.stdout!r}\n{late.stderr!r}") from None
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def until(condition: Callable[[], object], within: float, what: str) -> None:
    """Look again and again. Raises Failed."""
    limit = time.monotonic() + within
    while not condition():
        if time.monotonic() > limit:
            raise Failed(f"{what}: not so after {within:.0f} s")
        time.sleep(0.5)


class Node:
    """The node; `kubectl` and `helm` run in its network. One at a time on a machine: its control groups have a name."""

    def __init__(self) -> None:
        home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        self.state = home / "viva-node-test"
        os.environ["VIVA_NODE_STATE"] = str(self.state)  # the scripts' name for it
        self._namespaces: set[tuple[str, int]] = set()
        home.mkdir(parents=True, exist_ok=True)
        self._lock = (home / "viva-node-test.lock").open("w")

    def start(self) -> None:
        """Up, with every image that is there. Raises Failed, also when another run has one up."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another run of these tests has a node up on this machine") from None
        self._script("down")  # of a run that was killed
        self._script("up")
        init = (self.state / "init").read_text().strip()
        self._namespaces = {(kind, _inode(init, kind)) for kind in ("net", "mnt", "pid")}
        archives = cache_folder() / "images"
        self._script("load", *(str(each) for each in sorted(archives.glob("*.tar"))))

    def stop(self) -> None:
        """Down. Raises Failed for whatever stays."""
        said = self._script("down")
        self._lock.close()
        if stays := said.splitlines() + self.leftovers():
            raise Failed("the node left something behind: " + "; ".join(stays))

    def leftovers(self) -> list[str]:
        """What there is of the node outside of it: files, control groups, mounts, processes in its namespaces."""
        found = [str(each) for each in (self.state, *Path("/sys/fs/cgroup").glob("**/viva-node")) if each.exists()]
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        found += [line for line in mounts if str(self.state) in line]
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if any(_inode(process.name, kind) == inode for kind, inode in self._namespaces):
                    found.append(f"process {process.name} ({(process / 'comm').read_text().strip()})")
        return found

    def _script(self, *arguments: str) -> str:
        return run(str(HERE / "node.sh"), *arguments, within=900)

    def command(self, *command: str) -> list[str]:
        """The command line that runs a command in the node's network."""
        return [str(HERE / "node.sh"), "run", *command]

    def run(self, *command: str, within: float = 600, given: str | None = None) -> str:
        """A command in the node's network."""
        return run(*self.command(*command), within=within, given=given)

    def kubectl(self, *arguments: str, within: float = 600, given: str | None = None) -> str:
        """kubectl's answer."""
        return self.run("kubectl", *arguments, within=within, given=given)

    def get(self, *arguments: str) -> Any:
        """kubectl's answer, read."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def apply(self, *manifests: dict[str, Any]) -> None:
        """These objects are there."""
        self.kubectl("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))

    def tag(self, image: str, another: str) -> None:
        """An image on the node has another name too."""
        inside = ("nsenter", "-t", (self.state / "init").read_text().strip(), "-m", "-n", "-p", "-u", "-i", "--")
        run(*inside, str(cache_folder() / "bin" / "ctr"), "-n", "k8s.io", "image", "tag", "--force", image, another)

    def volume(self, name: str, namespace: str, claim: str) -> Path:
        """A volume on the node that only this claim gets; its folder, as this machine sees it."""
        folder = self.state / "lib" / "volumes" / name
        folder.mkdir(parents=True)
        node = {"key": "kubernetes.io/hostname", "operator": "In", "values": ["node"]}
        spec = {
            "capacity": {"storage": "10Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "local",
            "persistentVolumeReclaimPolicy": "Retain",
            "claimRef": {"namespace": namespace, "name": claim},
            "local": {"path": f"/var/lib/volumes/{name}"},  # not hostPath: only local keeps to fsGroup
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [node]}]}},
        }
        self.apply({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec})
        return folder

    def objects(self) -> set[str]:
        """Every object of the cluster, "kind namespace/name"; but events, and what Kubernetes makes of others."""
        made = {"Event", "EndpointSlice", "Endpoints", "APIService", "ReplicaSet", "ControllerRevision", "Pod"}
        kinds = self.kubectl("api-resources", "--verbs=list", "-o", "name").split()
        found = self.get(",".join(sorted({*kinds} - {"events", "events.events.k8s.io"})), "-A")["items"]
        return {
            f"{each['kind']} {each['metadata'].get('namespace', '')}/{each['metadata']['name']}"
            for each in found
            if each["kind"] not in made
        }


def _inode(process: str, namespace: str) -> int:
    return os.stat(f"/proc/{process}/ns/{namespace}").st_ino


class Release:
    """The three charts in one namespace of a node."""

    def __init__(self, node: Node, namespace: str) -> None:
        self.node = node
        self.namespace = namespace
        self.installed = False
        self.began = 0.0
        """When the install began, monotonic seconds."""
        self.before: set[str] = set()
        """Every object that was there before the install."""

    def prepare(self) -> None:
        """Everything that docs/install.md asks for before the install."""
        node, namespace = self.node, self.namespace
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        node.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
        node.kubectl("-n", namespace, "apply", "-f", "-", given=run(str(ROOT / "k8s" / "secrets.sh"), "viva"))
        for store in ("nats", "postgresql"):
            node.volume(f"{namespace}-{store}", namespace, f"data-viva-{store}-0")
        models = node.volume(f"{namespace}-models", namespace, "viva-models")
        shutil.copy(pull(catalogue().get(MODEL), default_folder()), models)
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
        meta = {"name": "viva-models", "namespace": namespace}
        node.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec})
        own = {f"ServiceAccount {namespace}/default", f"ConfigMap {namespace}/kube-root-ca.crt"}
        until(lambda: own <= node.objects(), 60, "what Kubernetes puts into a namespace")
        self.before = node.objects()

    def helm(self, *arguments: str, within: float = 900) -> str:
        """Helm's answer, in the namespace."""
        return self.node.run(str(ROOT / ".venv" / "bin" / "helm"), "-n", self.namespace, *arguments, within=within)

    def values(self) -> list[str]:
        """The values of the stack, as arguments."""
        files = (ROOT / "charts" / "viva" / "ci" / "cpu-values.yaml", HERE / "cpu-values.yaml")
        return [part for each in files for part in ("--values", str(each))] + [
            f"--set=questionGen.model={MODEL},evaluator.model={MODEL}"
        ]

    def install(self) -> None:
        """All three charts; nothing where they are installed."""
        if self.installed:
            return
        self.began = time.monotonic()
        wait = ("--wait", "--timeout", "12m")
        charts = ROOT / "charts"
        self.helm("install", "viva-crds", str(charts / "viva-crds"), *wait)
        self.helm("install", "viva", str(charts / "viva"), *self.values(), *wait)
        FIGURES.append(f"helm install --wait of viva-crds and viva: {time.monotonic() - self.began:.0f} s")
        at = (
            "global.imageRegistry=viva.test",
            f"nats.url=nats://viva-nats.{self.namespace}:4222",
            f"session.target=dns:///viva-session.{self.namespace}:50051",
            "interval=2",
        )
        self.helm("install", "viva-operator", str(charts / "viva-operator"), "--set", ",".join(at), *wait)
        FIGURES.append(f"helm install --wait of all three charts: {time.monotonic() - self.began:.0f} s")
        self.installed = True

    def upgrade(self, *arguments: str) -> None:
        """The chart viva with further arguments; Helm waits until all of it is there."""
        chart = str(ROOT / "charts" / "viva")
        self.helm("upgrade", "viva", chart, *self.values(), *arguments, "--wait", "--timeout", "12m")

    def uninstall(self) -> None:
        """All three charts, the last one first; until their pods are gone."""
        for name in ("viva-operator", "viva", "viva-crds"):
            self.helm("uninstall", name, "--wait", "--timeout", "10m")
        self.installed = False
        until(lambda: not self.node.get("-n", self.namespace, "pods")["items"], 300, "the end of all pods")

    def kubectl(self, *arguments: str, within: float = 600) -> str:
        """kubectl's answer, in the namespace."""
        return self.node.kubectl("-n", self.namespace, *arguments, within=within)

    def pods(self, component: str) -> list[dict[str, Any]]:
        """The pods of a component that are not on their way out."""
        found = self.node.get("-n", self.namespace, "pods", "-l", f"app.kubernetes.io/component={component}")["items"]
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def ready(self) -> None:
        """Wait until every workload is as it should be."""
        for kind in ("statefulset", "deployment"):
            for each in self.node.get("-n", self.namespace, kind)["items"]:
                name = f"{kind}/{each['metadata']['name']}"
                self.kubectl("rollout", "status", name, "--timeout=10m", within=700)

    def url(self) -> str:
        """The gateway, as the node reaches it."""
        address = self.node.get("-n", self.namespace, "service", "viva-gateway")["spec"]["clusterIP"]
        return f"http://{address}:8080"

    def password(self, folder: Path) -> Path:
        """A file with the first account's password."""
        secret = self.node.get("-n", self.namespace, "secret", "viva-secrets")["data"]["admin-password"]
        path = folder / "password"
        path.write_bytes(base64.b64decode(secret))
        return path

    @contextlib.contextmanager
    def forwarded(self) -> Iterator[str]:
        """The gateway through `kubectl port-forward`, which ends with the block."""
        command = ("kubectl", "-n", self.namespace, "port-forward", "service/viva-gateway", "18080:8080")
        with Lines(self.node.command(*command)) as lines:
            lines.until(lambda line: line.startswith("Forwarding from"), 60)
            yield "http://127.0.0.1:18080"

    def story(self) -> str:
        """What there is to see when something went wrong."""
        parts = []
        for what in (("get", "pods", "-o", "wide"), ("get", "events", "--sort-by=.lastTimestamp")):
            with contextlib.suppress(Failed):
                parts.append(self.kubectl(*what)[-6000:])
        for component in (*SERVICES.values(), "nats", "postgresql"):
            with contextlib.suppress(Failed):
                label = f"app.kubernetes.io/component={component}"
                parts.append(f"{component}:\n{self.kubectl('logs', '-l', label, '--tail=15')}")
        return "\n".join(parts)


class Lines:
    """A process whose lines are read as they come. It ends with the block."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, wanted: Callable[[str], bool], within: float) -> str:
        """The next line that is wanted. Raises Failed when it does not come."""
        limit = time.monotonic() + within
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                raise Failed(f"not said within {within:.0f} s:\n{''.join(self.said)[-4000:]}") from None
            if line is None:
                raise Failed(f"it ended without that, with {self._process.wait(60)}:\n{''.join(self.said)[-4000:]}")
            self.said.append(line)
            if wanted(line):
                return line

    def ends(self, within: float) -> None:
        """Wait for its end in good order. Raises Failed."""
        limit = time.monotonic() + within
        with contextlib.suppress(Failed):
            self.until(lambda _: False, within)
        code = self._process.wait(max(1.0, limit - time.monotonic()))
        if code:
            raise Failed(f"it ended with {code}:\n{''.join(self.said)[-4000:]}")

    def tell(self, line: str = "") -> None:
        """A line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.terminate()
        self._process.wait(60)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._reader.join(60)
        self._process.stdout.close()


class Interview:
    """An interview that is held by `candidate.py`; ends with the block."""

    def __init__(self, release: Release, folder: Path) -> None:
        password = str(release.password(folder))
        module = (sys.executable, "-m", "tests.cluster.node.candidate")
        self.lines = Lines(release.node.command(*module, release.url(), EMAIL, password, str(QUESTIONS)))

    def event(self, name: str, within: float = 600) -> dict[str, Any]:
        """The next event of a name."""
        line = self.lines.until(lambda line: line.startswith(f'{{"event": "{name}"'), within)
        found: dict[str, Any] = json.loads(line)
        return found

    def done(self, within: float = 900) -> dict[str, Any]:
        """Let the candidate finish; what became of the interview."""
        self.event("thinking", within)
        self.lines.tell()
        return self.event("held", within)

    def __enter__(self) -> "Interview":
        return self

    def __exit__(self, *_: object) -> None:
        self.lines.__exit__()


def nothing_lost(held: dict[str, Any]) -> None:
    """Every question was asked, every answer that was given stands in the report, word for word, and is judged."""
    answers = [turn["answer"] for turn in held["turns"]]
    assert answers == held["given"]
    assert len(answers) == QUESTIONS
    assert all(turn["question"] for turn in held["turns"])
    assert held["criteria"] > 0


def longest_wait(held: Iterable[dict[str, Any]]) -> float:
    """What the candidates waited for at the most, seconds."""
    return max(float(wait) for each in held for wait in each["waits"])
