"""The API server, as manifests: lists, server-side apply, deletions, Events. Watching is kopf's.

Over lightkube's client (authentication, token rotation, TLS); objects stay plain JSON, since a thousand nodes as models
would be a gigabyte. Every call is checked against `resources.RIGHTS`: what the table does not declare is not called.
"""

import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx2
from lightkube.config.client_adapter import AsyncClient as connect
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from viva_core.errors import Conflict, Denied, Invalid, NotFound, Permanent, Transient, VivaError
from viva_core.telemetry.logs import get_logger

from viva_operator.metrics import OperatorMetrics
from viva_operator.ownership import Held, held
from viva_operator.resources import MANAGER, RIGHTS, Resource, Verb

Manifest = dict[str, Any]

_APPLY = "application/apply-patch+yaml"
_JSON = "application/json"
_NAMES = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = 500
_CANNOT = re.compile(r'cannot (\w+) resource "([^"]+)" in API group "([^"]*)"')
_DECLARED = frozenset((right.resource.name, right.subresource, right.verb) for right in RIGHTS)
_log = get_logger("viva.operator.kubernetes")


class Throttled(Transient):
    """The API server asks to be asked less (429); `retry_after` is its word, or unset."""

    reason = "THROTTLED"


class FieldConflict(Conflict):
    """Another field manager owns a field that we would set; the message is the API server's, and names it."""

    reason = "FIELD_CONFLICT"

    def __init__(self, message: str, held: Sequence[Held] = ()) -> None:
        super().__init__(message)
        self.held = tuple(held)


def load_config() -> SingleConfig:
    """The cluster that the process is in, or that KUBECONFIG or ~/.kube/config names. Raises Invalid."""
    try:
        config = KubeConfig.from_env().get()
    except Exception as error:
        raise Invalid(f"no cluster to work on: run in a pod, or set KUBECONFIG ({error})") from None
    assert config is not None
    return config


class Cluster:
    """Calls; build it inside the event loop and use it as a context manager.

    Raises: Throttled, Transient, Denied, NotFound, FieldConflict, Invalid, Permanent.
    """

    def __init__(self, config: SingleConfig, metrics: OperatorMetrics, *, timeout: float = 10.0) -> None:
        # A proxy of the environment is for the world outside, never for the API server.
        self._client = connect(config, ConnectionParams(timeout=httpx2.Timeout(timeout), trust_env=False))
        self._metrics = metrics

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def list(self, resource: Resource, *, label_selector: str = "") -> list[Manifest]:
        """All objects, in all namespaces."""
        found: list[Manifest] = []
        params = {"limit": str(_PAGE), **({"labelSelector": label_selector} if label_selector else {})}
        while True:
            page = await self._call(Verb.LIST, resource, "GET", resource.path(), params=params)
            found += page["items"]
            token = page["metadata"].get("continue")
            if not token:
                return found
            params["continue"] = token

    async def uids(self, resource: Resource) -> tuple[int, frozenset[str]]:
        """The uid of every object there is, and the resource version at which that was so."""
        answer = await self._call(Verb.LIST, resource, "GET", resource.path(), accept=_NAMES)
        uids = frozenset(item["metadata"]["uid"] for item in answer.get("items") or ())
        return int(answer["metadata"]["resourceVersion"]), uids

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Manifest | None:
        """One object; None when there is none."""
        try:
            return await self._call(Verb.GET, resource, "GET", resource.path(namespace, name))
        except NotFound:
            return None

    async def apply(
        self, resource: Resource, manifest: Manifest, *, subresource: str = "", force: bool = False
    ) -> Manifest:
        """Server-side apply under our field manager; returns the object as it now is. With `force` another manager's
        fields become ours: for what only we may say, as a status."""
        meta = manifest["metadata"]
        path = resource.path(meta.get("namespace"), meta["name"], subresource)
        params = {"fieldManager": MANAGER, "force": "true" if force else "false"}
        return await self._call(
            Verb.PATCH, resource, "PATCH", path, subresource=subresource, params=params, body=manifest, media=_APPLY
        )

    async def merge(self, resource: Resource, namespace: str | None, name: str, patch: Manifest) -> Manifest:
        """A merge patch, for one annotation of an object that is another controller's."""
        path = resource.path(namespace, name)
        media = "application/merge-patch+json"
        params = {"fieldManager": MANAGER}
        return await self._call(Verb.PATCH, resource, "PATCH", path, params=params, body=patch, media=media)

    async def create(self, resource: Resource, manifest: Manifest) -> Manifest:
        """A new object."""
        path = resource.path(manifest["metadata"].get("namespace"))
        return await self._call(Verb.CREATE, resource, "POST", path, body=manifest)

    async def replace(self, resource: Resource, manifest: Manifest) -> Manifest:
        """The object, if nobody changed it since it was read (its resourceVersion)."""
        meta = manifest["metadata"]
        path = resource.path(meta.get("namespace"), meta["name"])
        return await self._call(Verb.UPDATE, resource, "PUT", path, body=manifest)

    async def delete(self, resource: Resource, namespace: str | None, name: str) -> None:
        """Delete it, its dependents in the background; one that is gone is no error."""
        try:
            body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
            await self._call(Verb.DELETE, resource, "DELETE", resource.path(namespace, name), body=body)
        except NotFound:
            return

    async def served(self) -> frozenset[str]:
        """The group/version pairs that the API server serves now; discovery needs no right."""
        answer = await self._request("discover", "apis", "GET", "/apis", {}, None, "", _JSON)
        return frozenset(
            version["groupVersion"] for group in answer.get("groups", ()) for version in group.get("versions", ())
        )

    async def must(self, verb: Verb, resource: Resource) -> None:
        """Raises Denied where that is not allowed: the client that lists and watches would try for ever, and what it
        held would grow old unseen. Asking what oneself may do needs no right (`system:basic-user`)."""
        asked = {"group": resource.group, "resource": resource.plural, "verb": verb.value}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self._request("create", "selfsubjectaccessreviews", "POST", path, {}, review, _JSON, _JSON)
        if not answer["status"].get("allowed"):
            self._metrics.errors.labels("forbidden").inc()
            _denied(f"{verb} {resource.name}")
            raise Denied(f"cannot {verb} {resource.name}: the right is missing")

    async def _call(
        self,
        verb: Verb,
        resource: Resource,
        method: str,
        path: str,
        *,
        subresource: str = "",
        params: Mapping[str, str] | None = None,
        body: Manifest | None = None,
        media: str = _JSON,
        accept: str = _JSON,
    ) -> Manifest:
        assert (resource.name, subresource, verb) in _DECLARED, f"{verb} {resource.name} is not declared in RIGHTS"
        name = f"{resource.name}/{subresource}" if subresource else resource.name
        return await self._request(verb.value, name, method, path, params or {}, body, media, accept)

    async def _request(
        self,
        verb: str,
        name: str,
        method: str,
        path: str,
        params: Mapping[str, str],
        body: Manifest | None,
        media: str,
        accept: str,
    ) -> Manifest:
        headers = {"Accept": accept, **({"Content-Type": media} if body is not None else {})}
        try:
            answer = await self._client.request(method, path, params=dict(params), json=body, headers=headers)
        except (httpx2.HTTPError, OSError) as error:
            self._count(verb, name, "none", "away")
            raise Transient(f"the API server did not answer: {type(error).__name__}", reason="API_AWAY") from error
        code = str(answer.status_code)
        if answer.is_success:
            self._count(verb, name, code, None)
            decoded: Manifest = answer.json()
            return decoded
        fault = _fault(verb, name, answer)
        self._count(verb, name, code, _kind(fault))
        if isinstance(fault, Denied):
            _denied(_missing(fault.message) or f"{verb} {name}")
        raise fault

    def _count(self, verb: str, name: str, code: str, error: str | None) -> None:
        self._metrics.requests.labels(verb, name, code).inc()
        if error is not None:
            self._metrics.errors.labels(error).inc()


def _missing(words: str) -> str:
    """The right that the API server says is missing, which need not be the call's: a server-side apply of what is not
    there is a patch, and asks for create as well. Empty where it names none."""
    found = _CANNOT.search(words)
    if found is None:
        return ""
    verb, resource, group = found.groups()
    plural, slash, subresource = resource.partition("/")
    return f"{verb} {plural}{'.' if group else ''}{group}{slash}{subresource}"


def _denied(operation: str) -> None:
    _log.error("the API server denies a right", operation=operation, reason="forbidden")


def _kind(fault: VivaError) -> str:
    kinds: tuple[tuple[type[VivaError], str], ...] = (
        (Throttled, "throttled"),
        (Transient, "away"),
        (Denied, "forbidden"),
        (NotFound, "gone"),
        (Conflict, "conflict"),
        (Invalid, "invalid"),
    )
    return next((name for kind, name in kinds if isinstance(fault, kind)), "other")


def _fault(verb: str, name: str, answer: httpx2.Response) -> VivaError:
    """One of Viva's errors for a refusal; the words are the API server's."""
    try:
        status = dict(answer.json())
    except (ValueError, TypeError):
        status = {}
    words = str(status.get("message") or answer.reason_phrase)
    said = f"{verb} {name}: {words}"
    code = answer.status_code
    if code == 429:
        return Throttled(said)
    if code in (401, 408) or code >= 500:
        return Transient(said)
    if code == 403:
        return Denied(said)
    if code == 404:
        return NotFound(said)
    if code == 409:
        return FieldConflict(said, held(status)) if "conflict with" in words else Conflict(said)
    if code in (400, 413, 415, 422):
        return Invalid(said)
    return Permanent(said)
