"""Bad days: the server dies in mid-work, a worker hangs, the streams are not there yet."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from viva.event.v1 import events_pb2
from viva_core.bus import Delivery, Worker
from viva_core.bus.apply import apply
from viva_core.bus.codec import MessageTypes
from viva_core.bus.subjects import command_subject
from viva_core.bus.topology import EVALUATOR, Backoff
from viva_core.errors import Transient
from viva_testkit.bus import BusFactory, BusProbe, eventually
from viva_testkit.nats import NatsServer

Make = Callable[[UUID], events_pb2.InterviewReady]

QUICK = replace(EVALUATOR, ack_wait=1.0, backoff=Backoff(first=0.02, limit=0.1))


def worker_on(probe: BusProbe, handler: Callable[[Delivery], object], types: MessageTypes, slots: int = 1) -> Worker:
    return Worker(
        probe.bus,
        QUICK,
        handler,  # type: ignore[arg-type]  # each test's handler is a coroutine function
        message_types=types,
        health=probe.health,
        slots=slots,
        expires=0.6,
        heartbeat=0.2,
        silent_limit=2,
    )


async def test_a_server_killed_in_mid_work_costs_nothing(
    buses: BusFactory, nats_server: NatsServer, types: MessageTypes, ready: Make, tenant: UUID
) -> None:
    probe = await buses.connect("evaluator")
    await apply(probe.bus.api, consumers=[QUICK])
    interview = uuid4()
    subject = command_subject("evaluator", tenant, interview)
    total = 40
    for number in range(total):
        await probe.bus.publish(subject, ready(interview), event_id=str(number))
    seen: set[str] = set()
    halfway = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        await asyncio.sleep(0.01)  # the work
        seen.add(delivery.envelope.id)
        if len(seen) == total // 2:
            halfway.set()

    worker = worker_on(probe, handler, types, slots=2)
    task = asyncio.create_task(worker.run())
    await asyncio.wait_for(halfway.wait(), 10)
    nats_server.kill()
    await eventually(lambda: not probe.ok("worker.evaluator"))
    nats_server.start()
    await eventually(lambda: len(seen) == total, within=20)
    await eventually(lambda: probe.ok("worker.evaluator"))

    async def settled() -> bool:
        info = await probe.bus.api.request("STREAM.INFO.VIVA_COMMAND_V1")
        return bool(info["state"]["messages"] == 0)

    await eventually(settled)
    await worker.stop(5)
    await task


async def test_a_server_that_goes_silent_is_noticed_and_found_again(
    buses: BusFactory, nats_server: NatsServer, types: MessageTypes, ready: Make, tenant: UUID
) -> None:
    """The TCP connection stands, but nothing answers: only the missing heartbeats tell."""
    probe = await buses.connect("evaluator")
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        done.set()

    worker = worker_on(probe, handler, types)
    task = asyncio.create_task(worker.run())
    await eventually(lambda: probe.ok("worker.evaluator"))
    nats_server.pause()
    await eventually(lambda: not probe.ok("worker.evaluator"))
    assert probe.bus.connected
    nats_server.resume()
    await eventually(lambda: probe.ok("worker.evaluator"))
    interview = uuid4()
    await probe.bus.publish(command_subject("evaluator", tenant, interview), ready(interview))
    await asyncio.wait_for(done.wait(), 5)
    assert probe.metric("viva_bus_silent_pulls_total", stream="VIVA_COMMAND_V1", consumer="evaluator") >= 2
    await worker.stop(5)
    await task


async def test_a_worker_waits_for_its_consumer_and_says_so(nats_server: NatsServer, types: MessageTypes) -> None:
    factory = BusFactory(nats_server.url)
    probe = await factory.connect("evaluator")

    async def handler(delivery: Delivery) -> None:
        raise AssertionError

    worker = worker_on(probe, handler, types)
    task = asyncio.create_task(worker.run())
    await eventually(lambda: "apply the streams" in probe.health.complaints)
    await apply(probe.bus.api)
    await eventually(lambda: probe.ok("worker.evaluator"))
    await worker.stop(5)
    await task
    await factory.close()


async def test_a_worker_that_can_not_bind_stops_at_once(nats_server: NatsServer, types: MessageTypes) -> None:
    factory = BusFactory(nats_server.url)
    probe = await factory.connect("evaluator")

    async def handler(delivery: Delivery) -> None:
        raise AssertionError

    worker = worker_on(probe, handler, types)
    task = asyncio.create_task(worker.run())
    await eventually(lambda: "worker.evaluator" in probe.health.parts)
    await asyncio.wait_for(worker.stop(5), 1)
    await task
    await factory.close()


HUNG = """
    import asyncio, sys
    from dataclasses import replace
    from viva.event.v1 import events_pb2
    from viva_core.bus import Worker, message_types
    from viva_core.bus.topology import EVALUATOR
    from viva_testkit.bus import BusFactory

    async def handler(delivery):
        print("begun", flush=True)
        await asyncio.Event().wait()

    async def main():
        probe = await BusFactory(sys.argv[1]).connect("evaluator")
        consumer = replace(EVALUATOR, ack_wait=1.0)
        await Worker(
            probe.bus, consumer, handler, message_types=message_types(events_pb2), health=probe.health
        ).run()

    asyncio.run(main())
"""


@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL], ids=["hangs", "dies"])
async def test_the_message_of_a_worker_process_that_hangs_or_dies_goes_to_another(
    buses: BusFactory, types: MessageTypes, ready: Make, tenant: UUID, tmp_path: Path, blow: signal.Signals
) -> None:
    probe = await buses.connect("evaluator")
    await apply(probe.bus.api, consumers=[QUICK])
    script = tmp_path / "hung.py"
    script.write_text(textwrap.dedent(HUNG))
    victim = await asyncio.create_subprocess_exec(sys.executable, str(script), buses.url, stdout=subprocess.PIPE)
    assert victim.stdout is not None
    interview = uuid4()
    await probe.bus.publish(command_subject("evaluator", tenant, interview), ready(interview))
    while b"begun" not in await asyncio.wait_for(victim.stdout.readline(), 20):
        pass
    os.kill(victim.pid, blow)
    attempts: list[int] = []
    done = asyncio.Event()

    async def handler(delivery: Delivery) -> None:
        attempts.append(delivery.attempt)
        done.set()

    worker = worker_on(probe, handler, types)
    task = asyncio.create_task(worker.run())
    await asyncio.wait_for(done.wait(), 15)
    assert attempts[0] >= 2
    if blow is signal.SIGSTOP:
        victim.kill()
    await victim.wait()
    await worker.stop(5)
    await task


async def test_a_failing_handler_does_not_take_the_worker_down(
    buses: BusFactory, types: MessageTypes, ready: Make, tenant: UUID
) -> None:
    probe = await buses.connect("evaluator")
    seen: list[str] = []

    async def handler(delivery: Delivery) -> None:
        seen.append(delivery.envelope.id)
        if delivery.attempt == 1:
            raise Transient("busy") if delivery.envelope.id == "a" else KeyError("bug")

    worker = worker_on(probe, handler, types)
    task = asyncio.create_task(worker.run())
    interview = uuid4()
    for event_id in ("a", "b"):
        await probe.bus.publish(command_subject("evaluator", tenant, interview), ready(interview), event_id=event_id)
    await eventually(lambda: sorted(seen) == ["a", "a", "b", "b"])
    await worker.stop(5)
    await task
