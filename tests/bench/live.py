"""From the engine's token to the browser: the first delta of each question at a WebSocket client.

A whole stack runs. A speaker process holds the real engine (the small model, half the cores as on one machine), the
real question generator and the bus; a listener process holds one WebSocket at the gateway. The two share the
machine's monotonic clock. In turns with it, the same engine's first token goes as bare bytes over nats-py from the one
process to the other: what Viva's layers and the WebSocket cost is the difference.
"""

import asyncio
import tempfile
import uuid
from pathlib import Path
from typing import Any

from viva_testkit.stack import LocalStack

from tests.bench import processes, stack
from tests.bench.rows import Row, p50, p99, row

_PEER = "raw nats-py, same engine"


def run(*, quick: bool = False) -> list[Row]:
    """Ours beside raw nats-py; at least 200 questions each."""
    samples = 30 if quick else 240
    with stack.home() as home, stack.running(home, stack.FREE) as viva, tempfile.TemporaryDirectory() as folder:
        said, heard = _measure(viva, Path(folder), samples)
    ours, first, raw = [], [], []
    for kind, turn, first_token, token in said:
        if turn not in heard:
            continue
        if kind == "raw":
            raw.append((heard[turn] - token) / 1e6)
        else:
            ours.append((heard[turn] - token) / 1e6)
            first.append((heard[turn] - first_token) / 1e6)
    lost = len(said) - len(ours) - len(raw)
    return [
        row("token to WebSocket, p50", "ms", p50(ours), 15, peer=p50(raw), peer_name=_PEER),
        row("token to WebSocket, p99", "ms", p99(ours), 50, peer=p99(raw), peer_name=_PEER),
        # A question's first words wait until they can be told from a label ("Question 1:"), a token or two.
        row("engine's very first token to WebSocket, p50", "ms", p50(first)),
        row("first deltas lost", "", lost, 0),
    ]


def _measure(viva: LocalStack, folder: Path, samples: int) -> tuple[list[Any], dict[str, int]]:
    token, interview_id = asyncio.run(_prepare(viva))
    raw_id = str(uuid.uuid4())
    url = viva.state.gateway_url.replace("http", "ws", 1) + f"/api/v1/interviews/{interview_id}/live"
    nats = {"VIVA_NATS_URL": viva.state.nats_url}
    gateway = {"VIVA_NATS_USER": "gateway", "VIVA_NATS_PASSWORD_FILE": str(viva.home.secret("nats-gateway"))}
    speaker = {"VIVA_NATS_USER": "question-gen", "VIVA_NATS_PASSWORD_FILE": str(viva.home.secret("nats-question-gen"))}
    tenant = viva.state.tenant_id
    with processes.started(
        ["tests.bench.live_listener", url, tenant, raw_id], folder / "heard", {**nats, **gateway, "BENCH_TOKEN": token}
    ):
        command = ["tests.bench.live_speaker", tenant, interview_id, raw_id, str(samples)]
        with processes.started(
            command, folder / "said", {**nats, **speaker, "VIVA_MODEL_FILE": str(stack.small_model())}
        ) as speaking:
            if speaking[0].wait() != 0:
                raise RuntimeError("the speaker fell over")
    [said] = processes.reported(folder / "said")
    [heard] = processes.reported(folder / "heard")
    return said, heard


async def _prepare(viva: LocalStack) -> tuple[str, str]:
    async with stack.recruiter(viva) as client:
        [interview] = await stack.invite(client, 1)
    return await stack.access_token(viva), interview.interview_id
