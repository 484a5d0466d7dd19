"""One stack of real processes for the tests of this folder, on the small real model."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from viva_local.demo.client import ApiClient
from viva_local.home import Home
from viva_testkit.stack import LocalStack

_START_SECONDS = 120


@pytest.fixture(scope="session")
def stack(small_model_path: Path) -> Iterator[LocalStack]:
    """`viva up`, as a user starts it."""
    # Not under pytest's own folder: as root PostgreSQL works as another user, and pytest closes its folders to others
    # whenever a second run starts on the machine.
    folder = Path(tempfile.mkdtemp(prefix="viva-stack-"))
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
            command, env={**os.environ, "VIVA_HOME": str(home.root)}, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL
        )
    limit = time.monotonic() + _START_SECONDS
    while home.running() is None:
        assert process.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < limit, log.read_text()[-4000:]
        time.sleep(0.1)
    state = home.running()
    assert state is not None
    yield LocalStack(home, state)
    process.send_signal(signal.SIGTERM)
    assert process.wait(90) == 0
    shutil.rmtree(folder)


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
