"""One stack of real processes for the tests that cross services, on the small real model."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from viva_local.demo.client import ApiClient
from viva_local.home import Home
from viva_testkit.folders import open_folder
from viva_testkit.stack import LocalStack

_START_SECONDS = 240
# One account and one address make all the requests here.
_NO_LIMITS = {f"VIVA_RATE_{kind}": "1000000/minute" for kind in ("STAFF", "CANDIDATE", "ANONYMOUS", "LOGIN", "REDEEM")}


# Webhooks may reach a receiver of the tests.
_RECEIVERS = {"VIVA_WEBHOOK_NETWORKS": "127.0.0.0/8", "VIVA_WEBHOOK_HTTP": "true"}


@pytest.fixture(scope="session")
def stack(small_model_path: Path) -> Iterator[LocalStack]:
    """`viva up`, as a user starts it."""
    with open_folder("stack") as folder:
        home = Home(folder / "viva")
        command = [
            sys.executable,
            "-m",
            "viva_local",
            "up",
            "--quiet",
            "--port",
            "0",
            "--model-file",
            str(small_model_path),
        ]
        log = folder / "up.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                env={**os.environ, **_NO_LIMITS, **_RECEIVERS, "VIVA_HOME": str(home.root)},
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
            )
        try:
            limit = time.monotonic() + _START_SECONDS
            while home.running() is None:
                assert process.poll() is None, log.read_text()[-4000:]
                assert time.monotonic() < limit, f"not there in {_START_SECONDS} s:\n{log.read_text()[-4000:]}"
                time.sleep(0.1)
            state = home.running()
            assert state is not None
            yield LocalStack(home, state)
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(90)
        assert code == 0


@pytest.fixture
async def recruiter(stack: LocalStack) -> AsyncIterator[ApiClient]:
    """The stack's admin, signed in."""
    client = ApiClient(stack.state.gateway_url)
    await client.sign_in(stack.state.admin_email, stack.home.secret("admin-password").read_text())
    yield client
    await client.aclose()


@pytest.fixture
async def candidate(stack: LocalStack) -> AsyncIterator[ApiClient]:
    """Somebody with nothing but a browser."""
    client = ApiClient(stack.state.gateway_url)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def invite() -> Callable[..., Awaitable[str]]:
    """Makes the token of a link, good for so many seconds, to an interview of 20 minutes that asks one question:
    `invite(recruiter, seconds, mode="hiring")`."""
    return _invite


async def _invite(recruiter: ApiClient, seconds: int, mode: str = "hiring") -> str:
    entry = (await recruiter.get("/bank/competencies", language="en"))["items"][0]
    criterion = entry["criteria"][0] | {"weight": 100}
    rubric = await recruiter.post("/rubrics", {"title": "One", "language": "en", "criteria": [criterion]})
    rubric_id = rubric["rubric"]["rubric_id"]
    await recruiter.post(f"/rubrics/{rubric_id}/publish")
    spec = {
        "title": "Backend engineer",
        "job_description": "You run our payments.",
        "language": "en",
        "mode": mode,
        "duration_seconds": 1200,
        "competencies": [{"competency": entry["competency"], "weight": 100, "rubric_id": rubric_id}],
        "max_questions": 1,
    }
    position = await recruiter.post("/positions", spec)
    path = f"/positions/{position['position_id']}"
    await recruiter.post(f"{path}/publish", headers={"If-Match": f'"{position["revision"]}"'})
    candidate = {"name": "Kim Minji", "email": f"{uuid.uuid4()}@example.com"}
    body = {"invitations": [{"candidate": candidate}], "valid_for_seconds": seconds}
    token: str = (await recruiter.post(f"{path}/invitations", body))["items"][0]["token"]
    return token
