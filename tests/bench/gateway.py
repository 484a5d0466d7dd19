"""500 open WebSockets and 50 requests a second on the gateway, beside the same load on bare FastAPI and uvicorn.

The sockets are spread over many interviews. A fifth of the requests change an interview (a candidate's consent), so
that its sockets must tell of it; beside them, live deltas are said on the bus. "No event lost" is counted: each socket
must have told every change, by its sequence, that the interview has in the end. The load comes from a process of its
own, on a fixed schedule: a request that waits because the one before was slow counts its waiting.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from viva_local.demo.client import ApiClient
from viva_testkit.nats import free_port
from viva_testkit.stack import LocalStack

from tests.bench import processes, stack
from tests.bench.rows import Row, p50, p99, row

_SOCKETS = 500
_INTERVIEWS = 250
_BARE = "bare FastAPI + uvicorn"


def run(*, quick: bool = False) -> list[Row]:
    """Ours, then the bare one, with the same client."""
    seconds = 6 if quick else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with stack.home() as home, stack.running(home, stack.FREE) as viva:
            idle, plan = asyncio.run(_prepare(viva, seconds))
            servers = {name: viva.process(name) for name in ("gateway", "session")}
            ours, held, shares = _load(plan, folder / "ours", servers, viva)
            # Beside a stack that runs, idle, as ours ran: both meet the same machine.
            bare, bare_idle, bare_held, bare_shares = _bare(seconds, folder)
    name = f"REST, 50/s beside {_SOCKETS} sockets"
    return [
        row(f"{name}, p99", "ms", p99(ours["milliseconds"]), 100, peer=p99(bare["milliseconds"]), peer_name=_BARE),
        row(f"{name}, p50", "ms", p50(ours["milliseconds"]), peer=p50(bare["milliseconds"]), peer_name=_BARE),
        row("REST answers that are no success", "", ours["failed"], 0, peer=bare["failed"], peer_name=_BARE),
        row("sockets open to the end", "", ours["open"], _SOCKETS, at="least", peer=bare["open"], peer_name=_BARE),
        row(
            f"changes lost, of {ours['expected']} to tell",
            "",
            ours["lost"],
            0,
            peer=bare["lost"],
            peer_name=f"echoes, of {bare['expected']}",
        ),
        row("changes told twice or out of order", "", ours["disordered"], 0),
        row(f"live deltas not told, of {ours['live_expected']} (may be dropped)", "", ours["live_lost"]),
        row("a change, from its request to its socket, p50", "ms", p50(ours["change_ms"])),
        row("CPU of the gateway", "% of a core", shares["gateway"], peer=bare_shares["gateway"], peer_name=_BARE),
        row("CPU of the session service behind it", "% of a core", shares["session"]),
        row("memory, idle (PSS)", "MB", idle, peer=bare_idle, peer_name=_BARE),
        row(f"memory, {_SOCKETS} sockets (PSS)", "MB", held, peer=bare_held, peer_name=_BARE),
    ]


async def _prepare(viva: LocalStack, seconds: int) -> tuple[float, dict[str, Any]]:
    """Interviews with candidates who are in; the gateway's memory before any socket; the plan for the load."""
    async with stack.recruiter(viva) as client:
        invited = await stack.invite(client, _INTERVIEWS)
    candidates = []
    for interview in invited:
        candidate = ApiClient(viva.state.gateway_url)
        await candidate.post("/candidate/session", {"token": interview.token})
        candidates.append({"interview_id": interview.interview_id, **candidate._credentials()})
        await candidate.aclose()
    plan = {
        "kind": "viva",
        "base": viva.state.gateway_url.replace("localhost", "127.0.0.1"),
        "authorization": f"Bearer {await stack.access_token(viva)}",
        "tenant": viva.state.tenant_id,
        "candidates": candidates,
        "sockets": _SOCKETS,
        "seconds": seconds,
    }
    return stack.pss(viva.process("gateway")), plan


def _bare(seconds: int, folder: Path) -> tuple[dict[str, Any], float, float, dict[str, float]]:
    port = free_port()
    with processes.started(["tests.bench.gateway_bare", str(port)], folder / "bare-server") as [server]:
        process = psutil.Process(server.pid)
        idle = stack.pss(process)
        plan = {"kind": "bare", "base": f"http://127.0.0.1:{port}", "sockets": _SOCKETS, "seconds": seconds}
        found, held, shares = _load(plan, folder / "bare", {"gateway": process})
    return found, idle, held, shares


def _load(
    plan: dict[str, Any], folder: Path, servers: dict[str, psutil.Process], viva: LocalStack | None = None
) -> tuple[dict[str, Any], float, dict[str, float]]:
    """Run the load client to its end; what it saw, the gateway's memory with all sockets open, and the CPU that each
    of the servers used meanwhile, percent of one core."""
    folder.mkdir()
    path = folder / "plan.txt"
    path.write_text(json.dumps(plan))
    environment = {}
    if viva is not None:
        environment = {
            "VIVA_NATS_URL": viva.state.nats_url,
            "VIVA_NATS_USER": "question-gen",
            "VIVA_NATS_PASSWORD_FILE": str(viva.home.secret("nats-question-gen")),
        }
    with processes.started(["tests.bench.gateway_load", str(path)], folder, environment) as [client]:
        held = stack.pss(servers["gateway"])
        before, begin = _cpu(servers), time.monotonic()
        if client.wait() != 0:
            raise RuntimeError("the load client fell over")
        took = time.monotonic() - begin
        shares = {name: 100 * (used - before[name]) / took for name, used in _cpu(servers).items()}
    [found] = processes.reported(folder)
    return found, held, shares


def _cpu(servers: dict[str, psutil.Process]) -> dict[str, float]:
    """Seconds of CPU that each has used so far."""
    return {name: sum(process.cpu_times()[:2]) for name, process in servers.items()}
