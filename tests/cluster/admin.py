"""What a platform engineer does to the cluster by hand, as plain requests."""

import json
import ssl
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2
import yaml
from viva_operator.ports import Manifest
from viva_operator.resources import NODES, Resource
from viva_testkit.bus import eventually
from viva_testkit.cluster import NotBuilt, cache_folder

_PLURALS = {
    "ClusterRole": "clusterroles",
    "Role": "roles",
    "ClusterRoleBinding": "clusterrolebindings",
    "RoleBinding": "rolebindings",
}


class Admin:
    """Requests as the admin."""

    def __init__(self, kubeconfig: Path, url: str = "") -> None:
        config = json.loads(kubeconfig.read_text())
        user, cluster = config["users"][0]["user"], config["clusters"][0]["cluster"]
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        context.load_cert_chain(user["client-certificate"], user["client-key"])
        self._http = httpx2.AsyncClient(base_url=url or cluster["server"], verify=context, trust_env=False, timeout=30)
        self._made: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(
        self, method: str, path: str, body: Any = None, *, manager: str = "engineer", media: str = "application/json"
    ) -> Manifest:
        """One request; an error status raises with the API server's words."""
        params = {"fieldManager": manager} if method in ("POST", "PATCH", "PUT") else {}
        if media.startswith("application/apply"):
            params["force"] = "true"
        headers = {"Content-Type": media} if body is not None else {}
        content = json.dumps(body) if body is not None else None
        answer = await self._http.request(method, path, params=params, content=content, headers=headers)
        if answer.is_error:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        found: Manifest = answer.json()
        return found

    async def apply(
        self, manifest: Manifest, plural: str = "", *, manager: str = "engineer", keep: bool = False
    ) -> Manifest:
        """Server-side apply, by force."""
        group_version, meta = manifest["apiVersion"], manifest["metadata"]
        root = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
        where = f"/namespaces/{meta['namespace']}" if "namespace" in meta else ""
        path = f"{root}{where}/{plural or _PLURALS[manifest['kind']]}/{meta['name']}"
        if not keep and path not in self._made:
            self._made.append(path)
        return await self.ask("PATCH", path, manifest, manager=manager, media="application/apply-patch+yaml")

    async def merge(
        self, resource: Resource, namespace: str | None, name: str, patch: Manifest, *, manager: str = "engineer"
    ) -> Manifest:
        """A merge patch, as `kubectl patch` sends it."""
        path = resource.path(namespace, name)
        return await self.ask("PATCH", path, patch, manager=manager, media="application/merge-patch+json")

    async def find(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        """One object, or None."""
        answer = await self._http.get(resource.path(namespace, name))
        if answer.status_code == 404:
            return None
        assert answer.is_success, answer.text
        found: Manifest = answer.json()
        return found

    async def list(self, resource: Resource) -> list[Manifest]:
        """All of a kind."""
        items: list[Manifest] = (await self.ask("GET", resource.path()))["items"]
        return items

    async def delete(self, path: str) -> None:
        """Delete; one that is gone is no error."""
        answer = await self._http.delete(path)
        assert answer.is_success or answer.status_code == 404, answer.text

    async def node(self, name: str, of: str = "gpu", *, devices: int = 64) -> None:
        """A node that kwok plays, and wait until it is ready. It stays for the tests that follow: kwok plays a node of
        a name that it knows again only when the old one's lease has run out."""
        kind = {"apiVersion": NODES.api_version, "kind": NODES.kind}
        resources = {"cpu": "64", "memory": "512Gi", "pods": "200", "nvidia.com/gpu": str(devices)}
        meta = {"name": name, "labels": {"viva.dev/pool": of}, "annotations": {"kwok.x-k8s.io/node": "fake"}}
        status = {"allocatable": resources, "capacity": resources}
        if await self.find(NODES, None, name) is None:
            await self.ask("POST", NODES.path(), {**kind, "metadata": meta, "status": status})

        async def ready() -> bool:
            found = await self.find(NODES, None, name)
            conditions = ((found or {}).get("status") or {}).get("conditions") or ()
            return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

        await eventually(ready, within=60)

    async def refusal(self, manifest: Manifest, plural: str) -> str:
        """Why the API server does not take an object, in its words; empty where it does. Nothing is kept."""
        version, meta = manifest["apiVersion"], manifest["metadata"]
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        where = f"/namespaces/{meta['namespace']}" if "namespace" in meta else ""
        params = {"dryRun": "All", "fieldValidation": "Strict"}
        answer = await self._http.post(f"{root}{where}/{plural}", params=params, json=manifest)
        return "" if answer.is_success else str(answer.json()["message"])

    async def serve(self, resource: Resource) -> None:
        """Install the CRD of another project, and wait until it is served."""
        await self.apply(crd(resource), "customresourcedefinitions", keep=True)
        await self.served(resource)

    async def served(self, resource: Resource, *, there: bool = True) -> None:
        """Wait until a kind is served, or no longer."""

        async def so() -> bool:
            answer = await self._http.get(resource.path())
            return bool(answer.is_success is there)

        await eventually(so, within=60)

    async def unserve(self, resource: Resource) -> None:
        """Remove a CRD and wait until it is gone."""
        await self.delete(f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{resource.name}")
        await self.served(resource, there=False)

    async def clean(self) -> None:
        """Delete what was made by `apply`, the newest first."""
        for path in reversed(self._made):
            await self.delete(path)
        self._made.clear()


def crd(resource: Resource) -> Manifest:
    """The CRD of another project, as it publishes it; build.sh fetched it."""
    lines = (Path(__file__).parent / "crds").read_text(encoding="utf-8").splitlines()
    versions = {name: version for name, _, version, _ in (line.split() for line in lines if not line.startswith("#"))}
    file = cache_folder() / "crds" / f"{resource.name}-{versions[resource.name]}.yaml"
    if not file.is_file():
        raise NotBuilt(f"{file} is missing: run tests/cluster/build.sh (or `make test-cluster`, which does)")
    manifest: Manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    manifest["metadata"].pop("creationTimestamp", None)
    return manifest
