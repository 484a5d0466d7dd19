"""The topology meets a real server."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from viva_core.bus.apply import apply, plan
from viva_core.bus.jetstream import JetStreamApi
from viva_core.bus.topology import (
    COMMANDS,
    CONSUMERS,
    DEAD,
    EVALUATOR,
    EVENTS,
    MEBIBYTE,
    STREAMS,
    StreamSpec,
)
from viva_core.errors import NotFound, Refused
from viva_testkit.bus import BusFactory
from viva_testkit.clock import FakeClock
from viva_testkit.nats import NatsServer


@pytest.fixture
async def api(nats_server: NatsServer) -> JetStreamApi:
    """A server that holds nothing yet."""
    factory = BusFactory(nats_server.url)
    probe = await factory.connect("admin")
    return probe.bus.api


async def test_applying_creates_everything_and_applying_again_changes_nothing(api: JetStreamApi) -> None:
    created = await apply(api)
    assert [change.action for change in created] == ["create"] * (len(STREAMS) + len(CONSUMERS))
    assert await apply(api) == []


async def test_a_dry_run_says_what_it_would_do_and_does_nothing(api: JetStreamApi) -> None:
    changes = await apply(api, dry_run=True)
    assert [str(change) for change in changes][:2] == ["create stream VIVA_EVENT_V1", "create stream VIVA_COMMAND_V1"]
    with pytest.raises(NotFound):
        await api.request("STREAM.INFO.VIVA_EVENT_V1")
    assert await plan(api) == changes


async def test_a_safe_change_is_made_and_shown(api: JetStreamApi) -> None:
    await apply(api)
    larger = replace(COMMANDS, max_messages=200_000)
    patient = replace(EVALUATOR, ack_wait=60.0)
    changes = await apply(api, streams=[larger], consumers=[patient])
    assert [change.what for change in changes if change.action == "update"] == [
        "stream VIVA_COMMAND_V1",
        "consumer VIVA_COMMAND_V1/evaluator",
    ]
    assert changes[0].differences == ("max_msgs: 100000 → 200000",)
    assert await plan(api, streams=[larger], consumers=[patient]) == [
        change for change in changes if change.action == "kept"
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (replace(EVENTS, subjects=("viva.v1.event.*.*.answer-evaluated",)), "would be stored no more"),
        (replace(EVENTS, retention="workqueue"), "the retention of a stream can not change"),
        (replace(EVENTS, storage="memory"), "the storage of a stream can not change"),
        (replace(EVENTS, max_messages=2), "max_msgs: 3 messages are stored"),
        (replace(EVENTS, max_bytes=100), "bytes are stored"),
        (replace(EVENTS, max_messages_per_subject=1), "max_msgs_per_subject"),
        (replace(EVENTS, max_age=3600.0), "the oldest message is from"),
    ],
)
async def test_a_change_that_would_lose_data_is_refused_and_nothing_is_changed(
    api: JetStreamApi, nats_server: NatsServer, change: StreamSpec, why: str
) -> None:
    await apply(api)
    probe = await BusFactory(nats_server.url).connect("admin")
    for _ in range(3):
        await probe.bus.publisher.publish("viva.v1.event.t.i.answer-evaluated", b"x" * 100, {})
    before = await api.request("STREAM.INFO.VIVA_EVENT_V1")
    later = FakeClock(datetime.now(UTC) + timedelta(hours=2))
    with pytest.raises(Refused, match=why):
        await apply(api, streams=[replace(DEAD, max_bytes=2048 * MEBIBYTE), change], clock=later)
    after = await api.request("STREAM.INFO.VIVA_EVENT_V1")
    assert (after["config"], after["state"]) == (before["config"], before["state"])
    dead = await api.request("STREAM.INFO.VIVA_DEAD_V1")
    assert dead["config"]["max_bytes"] == 1024 * MEBIBYTE
    await probe.bus.close()


async def test_limits_may_tighten_around_what_is_stored(api: JetStreamApi) -> None:
    await apply(api)
    await apply(api, streams=[replace(EVENTS, max_messages=10, max_age=3600.0)])


async def test_what_the_topology_does_not_name_is_left_alone_and_shown(api: JetStreamApi) -> None:
    await apply(api)
    await api.request("STREAM.CREATE.VIVA_EVENT_V0", {"name": "VIVA_EVENT_V0", "subjects": ["viva.v0.>"]})
    await api.request("STREAM.CREATE.OTHERS", {"name": "OTHERS", "subjects": ["others"]})
    consumer = {"durable_name": "projection", "name": "projection", "ack_policy": "explicit"}
    await api.request("CONSUMER.CREATE.VIVA_EVENT_V1.projection", {"stream_name": "VIVA_EVENT_V1", "config": consumer})
    changes = await apply(api)
    assert sorted(str(change) for change in changes) == [
        "kept consumer VIVA_EVENT_V1/projection",
        "kept stream VIVA_EVENT_V0",
    ]
    await api.request("STREAM.INFO.VIVA_EVENT_V0")
