"""The service as a process: it starts, looks, writes no picture anywhere, and ends in good order."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from viva.event.v1 import events_pb2 as events
from viva.vision.v1 import vision_pb2 as pb
from viva_core.bus import message_types, subjects
from viva_testkit.bus import BusFactory, eventually
from viva_testkit.nats import NatsServer, free_port

TENANT, INTERVIEW = UUID(int=0xA), UUID(int=0xB)


async def test_it_serves_and_ends(
    buses: BusFactory,
    nats_server: NatsServer,
    weights: Path,
    frame: Callable[..., pb.AnalyzeFrameRequest],
    consent: Callable[..., events.ConsentRecorded],
    tmp_path: Path,
) -> None:
    models, home = tmp_path / "models", tmp_path / "home"
    models.mkdir()
    home.mkdir()
    (models / weights.name).symlink_to(weights)
    health_port = free_port()
    own = {
        "VIVA_NATS_URL": nats_server.url,
        "VIVA_GRPC_PORT": "0",
        "VIVA_METRICS_PORT": "-1",
        "VIVA_HEALTH_PORT": str(health_port),
        "VIVA_MODEL_FOLDER": str(models),
        "VIVA_VISION_FRAME_AGE": "30",  # a machine that is busy
        "HOME": str(home),
        "TMPDIR": str(home),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "viva_vision", cwd=home, env=os.environ | own, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{health_port}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            await eventually(lambda: serving(stub), within=90)
        admin = (await buses.connect("admin")).bus
        await admin.publish(subjects.event_subject(TENANT, INTERVIEW, "consent-recorded"), consent(True))
        live = subjects.live_subject(TENANT, INTERVIEW, "expressions")
        async with admin.subscribe_live(live, message_types(events.ExpressionsSeen)) as messages:
            for _ in range(3):
                await admin.publish(subjects.frame_subject(TENANT, INTERVIEW), frame(), event_id=uuid4())
                said = (await asyncio.wait_for(anext(messages), 60)).message
                assert isinstance(said, events.ExpressionsSeen)
                assert said.faces == 1
        assert [path.name for path in home.rglob("*")] == []
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert sorted(path.name for path in models.iterdir()) == [weights.name, "fer-mini-xception.onnx"]
    finally:
        with suppress(ProcessLookupError):
            process.kill()


async def serving(stub: health_pb2_grpc.HealthStub) -> bool:
    try:
        answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def test_without_weights_it_says_how_to_get_them(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "viva_vision"),
        env=os.environ | {"VIVA_MODEL_FOLDER": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert b"viva models pull fer-mini-xception" in said
