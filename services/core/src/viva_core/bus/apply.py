"""Make a server's streams and consumers match the topology: idempotently, and never at the price of a message.

`plan` compares, `apply` acts. A change that would lose what is stored, or what will be said, is refused as a whole
before anything is touched. What the topology does not know is left alone and shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from viva_core.bus.envelope import parse_time
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.topology import CONSUMERS, STREAMS, ConsumerSpec, StreamSpec
from viva_core.clock import Clock, SystemClock
from viva_core.errors import Refused

_NANOSECONDS = 1_000_000_000
_FIXED = {"retention": "the retention", "storage": "the storage"}
_LIMITS = ("max_msgs", "max_bytes", "max_msgs_per_subject", "max_age")
_PREFIX = "VIVA_"


@dataclass(frozen=True)
class Change:
    """One step of a plan. `kept` is something on the server that the topology does not name: it is left alone.

    `differences` say "field: from → to"; `loses` says why the step would lose data, and is empty for a safe one.
    """

    action: Literal["create", "update", "kept"]
    what: str
    differences: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for people."""
        details = "; ".join((*self.differences, *(f"REFUSED: {loss}" for loss in self.loses)))
        return f"{self.action} {self.what}" + (f" ({details})" if details else "")


def stream_config(spec: StreamSpec, replicas: int) -> dict[str, Any]:
    """A stream as JetStream's API wants it; memory streams have one replica: what they hold lives for seconds."""
    return {
        "name": spec.name,
        "description": spec.description,
        "subjects": sorted(spec.subjects),
        "retention": spec.retention,
        "storage": spec.storage,
        "discard": spec.discard,
        "max_age": int(spec.max_age * _NANOSECONDS),
        "max_bytes": spec.max_bytes,
        "max_msgs": spec.max_messages,
        "max_msgs_per_subject": spec.max_messages_per_subject,
        "max_msg_size": spec.max_message_bytes,
        "duplicate_window": int(spec.duplicate_window * _NANOSECONDS),
        "num_replicas": 1 if spec.storage == "memory" else replicas,
        # The server turns it on by itself where a subject is bounded.
        "allow_direct": spec.direct or spec.max_messages_per_subject > 0,
    }


def consumer_config(spec: ConsumerSpec, replicas: int) -> dict[str, Any]:
    """A consumer as JetStream's API wants it."""
    return {
        "durable_name": spec.durable,
        "name": spec.durable,
        "ack_policy": "explicit",
        "deliver_policy": "all",
        "ack_wait": int(spec.ack_wait * _NANOSECONDS),
        "max_deliver": -1,  # see topology: the worker counts
        "max_ack_pending": spec.max_ack_pending,
        "filter_subjects": sorted(spec.filters),
        "num_replicas": 1 if spec.memory else replicas,
        "mem_storage": spec.memory,
    }


def _differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> tuple[str, ...]:
    # The server leaves out what is empty or false.
    pairs = ((name, found.get(name, type(value)()), value) for name, value in wanted.items())
    return tuple(f"{name}: {old!r} → {new!r}" for name, old, new in pairs if old != new)


def _limit(value: Any) -> float:
    return value if isinstance(value, int) and value > 0 else float("inf")


def _losses(wanted: Mapping[str, Any], found: Mapping[str, Any], state: Mapping[str, Any], now: datetime) -> list[str]:
    """Why turning `found` into `wanted` would lose messages."""
    losses = [
        f"{name} of a stream can not change: {found[field]} → {wanted[field]}"
        for field, name in _FIXED.items()
        if found[field] != wanted[field]
    ]
    gone = sorted(set(found.get("subjects", ())) - set(wanted["subjects"]))
    if gone:
        losses.append(f"what is said on {', '.join(gone)} would be stored no more")
    stored = state.get("messages", 0)
    if not stored:
        return losses
    tighter = [name for name in _LIMITS if _limit(wanted[name]) < _limit(found.get(name))]
    if "max_msgs" in tighter and stored > wanted["max_msgs"]:
        losses.append(f"max_msgs: {stored} messages are stored")
    if "max_bytes" in tighter and state["bytes"] > wanted["max_bytes"]:
        losses.append(f"max_bytes: {state['bytes']} bytes are stored")
    if "max_msgs_per_subject" in tighter and stored > state.get("num_subjects", 0) * wanted["max_msgs_per_subject"]:
        losses.append("max_msgs_per_subject: more are stored for some subject")
    if "max_age" in tighter:
        oldest = parse_time(state["first_ts"], "first_ts")
        if now - oldest > timedelta(microseconds=wanted["max_age"] / 1000):
            losses.append(f"max_age: the oldest message is from {oldest.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    return losses


async def _stream_changes(api: JetStreamApi, spec: StreamSpec, replicas: int, now: datetime) -> list[Change]:
    wanted = stream_config(spec, replicas)
    info = await api.find(f"STREAM.INFO.{spec.name}")
    if info is None:
        return [Change("create", f"stream {spec.name}")]
    differences = _differences(wanted, info["config"] | {"subjects": sorted(info["config"].get("subjects", ()))})
    if not differences:
        return []
    losses = _losses(wanted, info["config"], info["state"], now)
    return [Change("update", f"stream {spec.name}", differences, tuple(losses))]


async def _consumer_changes(api: JetStreamApi, spec: ConsumerSpec, replicas: int) -> list[Change]:
    what = f"consumer {spec.stream}/{spec.durable}"
    info = await api.find(f"CONSUMER.INFO.{spec.stream}.{spec.durable}")
    if info is None:
        return [Change("create", what)]
    found = dict(info["config"])
    if "filter_subject" in found:
        found["filter_subjects"] = [found["filter_subject"]]
    found["filter_subjects"] = sorted(found.get("filter_subjects", ()))
    differences = _differences(consumer_config(spec, replicas), found)
    fixed = [line for line in differences if line.startswith(("ack_policy", "deliver_policy"))]
    losses = [f"{line.split(':')[0]} of a consumer can not change" for line in fixed]
    return [Change("update", what, differences, tuple(losses))] if differences else []


async def _names(api: JetStreamApi, request: str, field: str) -> list[str]:
    names: list[str] = []
    while True:
        answer = await api.request(request, {"offset": len(names)})
        page = answer.get(field) or []
        names += page
        if not page or len(names) >= answer.get("total", 0):
            return names


async def _kept(api: JetStreamApi, streams: Iterable[StreamSpec], consumers: Iterable[ConsumerSpec]) -> list[Change]:
    known = {spec.name for spec in streams}
    bound = {(spec.stream, spec.durable) for spec in consumers}
    kept: list[Change] = []
    for stream in await _names(api, "STREAM.NAMES", "streams"):
        if stream not in known:
            if stream.startswith(_PREFIX):
                kept.append(Change("kept", f"stream {stream}"))
            continue
        names = await _names(api, f"CONSUMER.NAMES.{stream}", "consumers")
        kept += [Change("kept", f"consumer {stream}/{name}") for name in names if (stream, name) not in bound]
    return kept


async def plan(
    api: JetStreamApi,
    *,
    streams: Iterable[StreamSpec] = STREAMS,
    consumers: Iterable[ConsumerSpec] = CONSUMERS,
    replicas: int = 1,
    clock: Clock | None = None,
) -> list[Change]:
    """What `apply` would do, in order; empty when the server matches. Touches nothing."""
    streams, consumers = tuple(streams), tuple(consumers)
    now = (clock or SystemClock()).now()
    changes: list[Change] = []
    for stream in streams:
        changes += await _stream_changes(api, stream, replicas, now)
    for consumer in consumers:
        changes += await _consumer_changes(api, consumer, replicas)
    return changes + await _kept(api, streams, consumers)


async def apply(
    api: JetStreamApi,
    *,
    streams: Iterable[StreamSpec] = STREAMS,
    consumers: Iterable[ConsumerSpec] = CONSUMERS,
    replicas: int = 1,
    dry_run: bool = False,
    clock: Clock | None = None,
) -> list[Change]:
    """Make the server match and return what changed (with `dry_run`: what would). Running it twice changes nothing.

    Raises Refused, naming every loss, when a step would lose data; then nothing has been changed.
    """
    streams, consumers = tuple(streams), tuple(consumers)
    changes = await plan(api, streams=streams, consumers=consumers, replicas=replicas, clock=clock)
    losing = [change for change in changes if change.loses]
    if losing:
        raise Refused(
            "these changes would lose data, so nothing was changed: "
            + "; ".join(f"{change.what}: {', '.join(change.loses)}" for change in losing),
            reason="LOSSY_CHANGE",
        )
    if dry_run:
        return changes
    by_name = {f"stream {spec.name}": spec for spec in streams}
    by_pair = {f"consumer {spec.stream}/{spec.durable}": spec for spec in consumers}
    for change in changes:
        if change.action == "kept":
            continue
        stream = by_name.get(change.what)
        if stream is not None:
            await _apply_stream(api, stream, replicas, change.action)
        else:
            consumer = by_pair[change.what]
            body = {"stream_name": consumer.stream, "config": consumer_config(consumer, replicas)}
            await api.request(f"CONSUMER.CREATE.{consumer.stream}.{consumer.durable}", body)
    return changes


async def _apply_stream(api: JetStreamApi, spec: StreamSpec, replicas: int, action: str) -> None:
    wanted = stream_config(spec, replicas)
    if action == "create":
        await api.request(f"STREAM.CREATE.{spec.name}", wanted)
        return
    info = await api.request(f"STREAM.INFO.{spec.name}")
    # What the topology does not speak of stays as it is.
    await api.request(f"STREAM.UPDATE.{spec.name}", info["config"] | wanted)
