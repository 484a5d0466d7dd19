"""Leader election by a coordination.k8s.io Lease, as client-go does it: whoever holds the Lease leads, renews it while
it lives, and steps down by itself before another may believe that it is gone.

Clocks of two machines need not agree: a candidate counts the time for which it has *seen* the Lease unchanged, and
never compares its own clock with the times written in it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from viva_core.clock import Clock
from viva_core.errors import Conflict, VivaError
from viva_core.telemetry.logs import get_logger

from viva_operator.adapters.kubernetes import Cluster, Manifest
from viva_operator.resources import LEASES

_log = get_logger("viva.operator.leader")
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"  # MicroTime


@dataclass(frozen=True)
class LeaseTimes:
    """Seconds. A dead leader is followed after `duration` + `retry` at most; a live one that cannot renew steps down
    after `renew_within`, which must be less than `duration`."""

    duration: float = 10.0
    renew_within: float = 7.0
    retry: float = 2.0


class Leader:
    """Runs for the Lease, and tells `changed(leading)`."""

    def __init__(
        self,
        cluster: Cluster,
        clock: Clock,
        *,
        namespace: str,
        identity: str,
        changed: Callable[[bool], None],
        times: LeaseTimes | None = None,
        name: str = "viva-operator",
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._namespace = namespace
        self._identity = identity
        self._changed = changed
        self._times = times or LeaseTimes()
        self._name = name
        self._leading = False
        self._transitions = 0
        self._renewed = 0.0
        self._seen: tuple[Any, float] = (None, 0.0)
        self._stopping = asyncio.Event()

    @property
    def leading(self) -> bool:
        """Whether this replica leads now."""
        return self._leading

    @property
    def transitions(self) -> int:
        """How often the Lease has changed hands, as far as it was read."""
        return self._transitions

    async def run(self) -> None:
        """Run for it until `stop`."""
        while not self._stopping.is_set():
            try:
                # A call that hangs must not make us lead for longer than the others wait.
                async with asyncio.timeout(self._times.renew_within):
                    held = await self._try()
            except (VivaError, TimeoutError) as error:
                held = self._leading and self._clock.monotonic() - self._renewed < self._times.renew_within
                reason = error.reason if isinstance(error, VivaError) else "TIMEOUT"
                _log.warning("the lease could not be renewed", reason=reason)
            self._set(held)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._times.retry):
                    await self._stopping.wait()

    async def stop(self, _: float) -> None:
        """Step down, and leave the Lease to whoever comes first."""
        self._stopping.set()
        if not self._leading:
            return
        self._set(False)
        try:
            lease = await self._cluster.get(LEASES, self._namespace, self._name)
            if lease is not None and lease["spec"].get("holderIdentity") == self._identity:
                lease["spec"] |= {"holderIdentity": "", "leaseDurationSeconds": 1}
                await self._cluster.replace(LEASES, lease)
        except VivaError as error:
            _log.warning("the lease was not given back: another replica waits for it to run out", reason=error.reason)

    def _set(self, leading: bool) -> None:
        if leading == self._leading:
            return
        self._leading = leading
        _log.info("this replica leads" if leading else "this replica leads no more")
        self._changed(leading)

    async def _try(self) -> bool:
        begin = self._clock.monotonic()
        lease = await self._cluster.get(LEASES, self._namespace, self._name)
        self._note(lease)
        try:
            if lease is None:
                self._note(await self._cluster.create(LEASES, self._fresh()))
            elif self._may_take(lease, begin):
                self._note(await self._cluster.replace(LEASES, self._taken(lease)))
            else:
                return False
        except Conflict:  # another replica was quicker
            return False
        self._renewed = begin
        return True

    def _note(self, lease: Manifest | None) -> None:
        self._transitions = int(((lease or {}).get("spec") or {}).get("leaseTransitions") or 0)

    def _may_take(self, lease: Manifest, now: float) -> bool:
        spec = lease["spec"]
        holder = spec.get("holderIdentity")
        if not holder or holder == self._identity:
            return True
        if lease["metadata"]["resourceVersion"] != self._seen[0]:
            self._seen = (lease["metadata"]["resourceVersion"], now)
        return now - self._seen[1] > float(spec.get("leaseDurationSeconds") or self._times.duration)

    def _fresh(self) -> Manifest:
        return {
            "apiVersion": LEASES.api_version,
            "kind": LEASES.kind,
            "metadata": {"name": self._name, "namespace": self._namespace},
            "spec": self._spec(self._clock.now(), 0),
        }

    def _taken(self, lease: Manifest) -> Manifest:
        old, now = lease["spec"], self._clock.now()
        if old.get("holderIdentity") == self._identity:
            return {**lease, "spec": {**old, "renewTime": now.strftime(_TIME)}}
        return {**lease, "spec": self._spec(now, int(old.get("leaseTransitions") or 0) + 1)}

    def _spec(self, now: datetime, transitions: int) -> dict[str, Any]:
        return {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": int(self._times.duration),
            "acquireTime": now.strftime(_TIME),
            "renewTime": now.strftime(_TIME),
            "leaseTransitions": transitions,
        }
