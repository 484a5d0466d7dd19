"""An installation without media and vision: everything starts, interviews are held in writing, and what needs more says
what to install. In processes in which what those two bring along cannot be imported."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from viva_local.home import Home
from viva_testkit.bus import eventually

ABSENT = (
    "viva_media viva_vision aiortc aioice av deepgram silero_vad moonshine_voice onnx onnxruntime cv2 h5py "
    "deepface tensorflow keras boto3 botocore"
)
WITHOUT = f"""
from importlib.machinery import PathFinder

absent, found = frozenset({ABSENT.split()!r}), PathFinder.find_spec

def find_spec(name, *rest):
    return None if name.partition(".")[0] in absent else found(name, *rest)

PathFinder.find_spec = staticmethod(find_spec)
"""


@pytest.fixture
def small(tmp_path: Path) -> dict[str, str]:
    """The environment of a small installation."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    return {**os.environ, "PYTHONPATH": str(tmp_path), "VIVA_HOME": str(tmp_path / "home"), "COLUMNS": "200"}


def viva(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run the command; its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "viva_local", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_absent_are_absent(small: dict[str, str]) -> None:
    code = "import importlib.util as u; assert u.find_spec('viva_core'); assert u.find_spec('viva_media') is None\n"
    code += "try:\n    import cv2\nexcept ModuleNotFoundError:\n    print('absent')"
    done = subprocess.run([sys.executable, "-c", code], env=small, capture_output=True, text=True, check=False)
    assert done.stdout == "absent\n", done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("up", "--help"), ("demo", "--help"), ("models", "list")])
def test_its_commands_work(small: dict[str, str], arguments: tuple[str, ...]) -> None:
    code, said = viva(small, *arguments)
    assert code == 0, said


@pytest.mark.parametrize("arguments", [("demo", "--voice"), ("up", "--turn")])
def test_what_needs_more_says_what_to_install(small: dict[str, str], arguments: tuple[str, ...]) -> None:
    code, said = viva(small, *arguments)
    assert code != 0
    assert "viva-local[voice]" in said
    assert "Traceback" not in said


@pytest.fixture
def folder() -> Iterator[Path]:
    """As root PostgreSQL works as another user, and pytest closes its folders to others."""
    made = Path(tempfile.mkdtemp(prefix="viva-small-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("flags", [(), ("--text-only",)], ids=["found out by itself", "text only"])
async def test_the_stack_starts_and_interviews_are_held_in_writing(
    small: dict[str, str], small_model_path: Path, folder: Path, flags: tuple[str, ...]
) -> None:
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
        process = await asyncio.create_subprocess_exec(
            *(*command, *flags),
            env=small | {"VIVA_HOME": str(home.root)},
            stdout=sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
        )
    try:
        await eventually(lambda: home.running() is not None or process.returncode is not None, within=200)
        state = home.running()
        assert state is not None, log.read_text()[-4000:]
        assert not state.voice
        assert ("media and vision are not installed" in log.read_text()) == (not flags)
        async with httpx.AsyncClient(base_url=state.gateway_url, timeout=30) as client:
            assert (await client.get("/readyz")).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 90) == 0
