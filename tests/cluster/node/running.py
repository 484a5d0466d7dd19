"""One real node for the whole session, and the release on it, by the scripts of this folder and Helm."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
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


MODEL = "qwen2.5-coder-1.5b-instruct"
"""The trial's own: the chart takes no model that is for tests alone."""


class Failed(AssertionError):
    """A command failed; the message holds what it said."""


def run(*command: str, within: float = 600, given: str | None = None) -> str:
    """What a command prints. Raises Failed."""
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=within, check=False)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


class Node:
    """The node; `kubectl` and `helm` run in its network."""

    def __init__(self, state: Path) -> None:
        self.state = state
        os.environ["VIVA_NODE_STATE"] = str(state)

    def start(self) -> None:
        """Up, with every image that is there."""
        run(str(HERE / "node.sh"), "up")
        archives = cache_folder() / "images"
        run(str(HERE / "node.sh"), "load", *(str(each) for each in sorted(archives.glob("*.tar"))))

    def stop(self) -> None:
        """Down; nothing stays."""
        run(str(HERE / "node.sh"), "down")

    def run(self, *command: str, within: float = 600, given: str | None = None) -> str:
        """A command in the node's network."""
        return run(str(HERE / "node.sh"), "run", *command, within=within, given=given)

    def kubectl(self, *arguments: str, within: float = 600, given: str | None = None) -> str:
        """kubectl's answer."""
        return self.run("kubectl", *arguments, within=within, given=given)

    def get(self, *arguments: str) -> Any:
        """kubectl's answer, read."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def apply(self, manifests: Iterable[dict[str, Any]]) -> None:
        """These objects are there."""
        items = {"apiVersion": "v1", "kind": "List", "items": list(manifests)}
        self.kubectl("apply", "-f", "-", given=json.dumps(items))

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
        self.apply([{"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": spec}])
        return folder


class Interview:
    """`viva demo --url` as a process: a whole interview of two questions over the gateway's service."""

    def __init__(self, release: "Release", home: Path) -> None:
        self._home = home
        home.mkdir()
        secret = release.node.get("-n", release.namespace, "secret", "viva-secrets")["data"]["admin-password"]
        (home / "password").write_bytes(base64.b64decode(secret))
        address = release.node.get("-n", release.namespace, "service", "viva-gateway")["spec"]["clusterIP"]
        command = [str(HERE / "node.sh"), "run", sys.executable, "-m", "viva_local", "demo", "--questions", "2"]
        command += ["--url", f"http://{address}:8080", "--email", "admin@example.org"]
        command += ["--password-file", str(home / "password")]
        self.log = home / "demo.log"
        with self.log.open("wb") as sink:
            environment = {**os.environ, "VIVA_HOME": str(home / "viva"), "COLUMNS": "1000"}
            self._process = subprocess.Popen(command, stdout=sink, stderr=sink, env=environment)

    def until_answered(self, within: float = 600) -> None:
        """The candidate gave the first answer: the interview is in its middle."""
        limit = time.monotonic() + within
        while "Candidate " not in self.log.read_text(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > limit:
                raise Failed(f"no answer was given:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.2)

    def report(self, within: float = 1200) -> dict[str, Any]:
        """The report, once the interview is over."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            raise Failed(f"the interview ended with {code}:\n{self.log.read_text(errors='replace')[-4000:]}")
        (path,) = (self._home / "viva" / "reports").glob("*.json")
        read: dict[str, Any] = json.loads(path.read_text())
        return read

    def end(self) -> None:
        """It is over, or is ended."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)


class Release:
    """The three charts in one namespace of a node."""

    def __init__(self, node: Node, namespace: str) -> None:
        self.node = node
        self.namespace = namespace

    def prepare(self) -> None:
        """Everything that docs/install.md asks for before the install."""
        node, namespace = self.node, self.namespace
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        node.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}])
        node.kubectl("-n", namespace, "apply", "-f", "-", given=run(str(ROOT / "k8s" / "secrets.sh"), "viva"))
        for store in ("nats", "postgresql"):
            node.volume(f"{namespace}-{store}", namespace, f"data-viva-{store}-0")
        models = node.volume(f"{namespace}-models", namespace, "viva-models")
        shutil.copy(pull(catalogue().get(MODEL), default_folder()), models)
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
        meta = {"name": "viva-models", "namespace": namespace}
        node.apply([{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}])

    def helm(self, *arguments: str, within: float = 900) -> str:
        """Helm's answer, in the namespace."""
        return self.node.run(str(ROOT / ".venv" / "bin" / "helm"), "-n", self.namespace, *arguments, within=within)

    def values(self) -> list[str]:
        """The values of the stack, as arguments."""
        files = (ROOT / "charts" / "viva" / "ci" / "cpu-values.yaml", HERE / "cpu-values.yaml")
        return [part for each in files for part in ("--values", str(each))]

    def install(self) -> None:
        """All three charts."""
        wait = ("--wait", "--timeout", "12m")
        charts = ROOT / "charts"
        self.helm("install", "viva-crds", str(charts / "viva-crds"), *wait)
        self.helm("install", "viva", str(charts / "viva"), *self.values(), *wait)
        image = ("--set", "image.repository=viva.test/viva/operator")
        at = (
            f"nats.url=nats://viva-nats.{self.namespace}:4222",
            f"session.target=dns:///viva-session.{self.namespace}:50051",
        )
        self.helm("install", "viva-operator", str(charts / "viva-operator"), *image, "--set", ",".join(at), *wait)

    def uninstall(self) -> None:
        """All three charts, the last one first."""
        for name in ("viva-operator", "viva", "viva-crds"):
            self.helm("uninstall", name, "--wait", "--timeout", "10m")

    def kubectl(self, *arguments: str, within: float = 600) -> str:
        """kubectl's answer, in the namespace."""
        return self.node.kubectl("-n", self.namespace, *arguments, within=within)

    def pods(self, component: str) -> list[dict[str, Any]]:
        """The pods of a component that are not on their way out."""
        found = self.node.get("-n", self.namespace, "pods", "-l", f"app.kubernetes.io/component={component}")["items"]
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]
