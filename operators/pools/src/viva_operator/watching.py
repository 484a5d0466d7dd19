"""kopf, for what it does well: listing, watching, resuming after 410 Gone and after an API server that was away.

Indexes only, and no handler that keeps progress: kopf then writes nothing to any object, adds no finalizer, and so a
deletion never waits for us. The loop is ours (`reconcile.py`); kopf tells it that something changed.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import kopf

from viva_operator.ports import Ref
from viva_operator.resources import NODES, Resource
from viva_operator.view import WATCHED, View, slim

# A watch is renewed by the server after a few minutes; one that hears nothing for longer is dead, whatever TCP says.
_SERVER, _CLIENT, _CONNECT, _REQUEST = 240, 270, 10.0, 30.0


_TALKATIVE = ("kopf.objects", "kopf.activities", "httpx2")  # a line for each event, and for each request


def settings() -> kopf.OperatorSettings:
    """With every time-out set: kopf's own defaults wait for ever."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    wanted = kopf.OperatorSettings()
    wanted.watching.server_timeout = _SERVER
    wanted.watching.client_timeout = _CLIENT
    wanted.watching.connect_timeout = _CONNECT
    wanted.watching.reconnect_backoff = 0.5
    wanted.networking.request_timeout = _REQUEST
    wanted.networking.connect_timeout = _CONNECT
    wanted.networking.error_backoffs = (1, 1, 2, 3, 5) + (10,) * 360
    wanted.posting.enabled = False  # Events are `apply.py`'s
    wanted.scanning.disabled = True  # what is watched is known: no right to read namespaces and CRDs is needed
    wanted.queueing.idle_timeout = 1.0
    return wanted


def registry(view: View, changed: Callable[[], None], ready: asyncio.Event) -> kopf.OperatorRegistry:
    """What kopf runs: an index for each kind that is watched.

    Args:
        view: gets the indexes.
        changed: called when any object came, changed or went.
        ready: set once every kind has been listed whole.
    """
    made = kopf.OperatorRegistry()

    async def startup(**kwargs: Any) -> None:
        view.attach({resource: kwargs[resource.plural] for resource in WATCHED})

    kopf.on.startup(registry=made, id="attach")(startup)
    kopf.on.login(registry=made, id="pod")(kopf.login_with_service_account)
    kopf.on.login(registry=made, id="kubeconfig")(kopf.login_with_kubeconfig)
    for resource in WATCHED:
        _watch(made, view, resource, changed, ready)
    return made


def matters(resource: Resource, body: Mapping[str, Any]) -> Any:
    """What of an object a plan depends on; None where that is all of it. A kubelet writes to its node all day, and a
    thousand of them would keep the loop busy with nothing."""
    if resource is not NODES:
        return None
    status = body.get("status") or {}
    up = [each.get("status") for each in status.get("conditions") or () if each["type"] == "Ready"]
    cordoned = bool((body.get("spec") or {}).get("unschedulable"))
    return dict(body["metadata"].get("labels") or {}), cordoned, up, dict(status.get("allocatable") or {})


def _watch(
    made: kopf.OperatorRegistry, view: View, resource: Resource, changed: Callable[[], None], ready: asyncio.Event
) -> None:
    def index(body: kopf.Body, **_: Any) -> dict[tuple[str, str], Any]:
        manifest = slim(dict(body))
        manifest.setdefault("apiVersion", resource.api_version)
        manifest.setdefault("kind", resource.kind)
        return {(manifest["metadata"].get("namespace") or "", manifest["metadata"]["name"]): manifest}

    told: dict[str, Any] = {}

    async def event(type: str | None, body: kopf.Body, **_: Any) -> None:
        name, says = body["metadata"]["name"], None if type == "DELETED" else matters(resource, body)
        if type == "DELETED":
            view.gone(Ref.of(resource, dict(body)), int(body["metadata"]["resourceVersion"]))
        ready.set()  # kopf calls no handler before all indexes are filled
        if says is None or told.get(name) != says:
            changed()
        if resource is NODES:
            told[name] = says

    kind = (resource.group, resource.version, resource.plural)
    kopf.index(*kind, id=resource.plural, registry=made)(index)
    kopf.on.event(*kind, id=f"{resource.plural}-changed", registry=made)(event)
