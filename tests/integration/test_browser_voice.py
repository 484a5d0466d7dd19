"""A real Chromium with a fake microphone and camera speaks one answer through the gateway, on a page of a few lines."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.async_api import Page, async_playwright
from viva_local.demo.client import ApiClient
from viva_local.demo.words import word_errors, words
from viva_testkit.faces import portrait
from viva_testkit.fake_microphone import microphone
from viva_testkit.stack import LocalStack

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
_PAGE = Path(__file__).with_name("speak.html")
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-device-for-media-stream --use-fake-ui-for-media-stream "
    # The page is put into the browser by the test, which makes it a stranger's page to a server on this machine.
    "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,MediaRouter"
).split()


@dataclass(frozen=True)
class Room:
    """Somebody before a browser, and what they say over and over."""

    page: Page
    says: str


def camera(path: Path, face: np.ndarray[Any, Any]) -> None:
    """A file for the fake camera: a face, MJPEG."""
    with av.open(str(path), "w", format="mjpeg") as file:
        stream = file.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for _ in range(10):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(face, format="bgr24")))
        file.mux(stream.encode(None))


@pytest.fixture
async def room(tmp_path: Path, stack: LocalStack) -> AsyncIterator[Room]:
    """Chromium on the page, which comes from the gateway's own address as Viva's will."""
    binary = shutil.which("chromium")
    assert binary is not None, "the tests need a browser: apt-get install chromium"
    says = microphone(tmp_path / "microphone.wav")
    camera(tmp_path / "camera.mjpeg", portrait(scale=1.4))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=binary,
            args=[
                *_FLAGS,
                f"--use-file-for-fake-audio-capture={tmp_path / 'microphone.wav'}",
                f"--use-file-for-fake-video-capture={tmp_path / 'camera.mjpeg'}",
            ],
        )
        page = await browser.new_page()
        address = f"{stack.state.gateway_url}/speak.html"
        await page.route(address, lambda route: route.fulfill(path=_PAGE, content_type="text/html"))
        await page.goto(address)
        yield Room(page, says)
        await browser.close()


async def spoken(room: Room, token: str, *, expressions: bool | None, disturbed: str = "") -> dict[str, Any]:
    """What the page saw. `disturbed`: "camera", the picture shrinks in mid-call, then the camera goes; "network", ICE
    is restarted in mid-answer."""
    purposes = {"record": False, "transcribe": True, "ai_scoring": True}
    if expressions is not None:
        purposes["expressions"] = expressions
    enough = 2 * len(words(room.says)) - 6  # then the sentence was said at least once from its beginning to its end
    told: dict[str, Any] = await room.page.evaluate(
        "(told) => window.speak(...told)", [token, purposes, enough, disturbed]
    )
    heard = told["answer"]["text"]
    # The page may open its microphone in mid-sentence and hear a part once more: the sentence itself must be there.
    missing = word_errors(room.says, heard) - max(len(words(heard)) - len(words(room.says)), 0)
    assert missing <= len(words(room.says)) / 4, heard
    assert told["packet_ms"] == pytest.approx(40, rel=0.1)  # as media's answer asks for
    assert told["deltas"] or told["finals"]
    for word in told["finals"][0]["words"]:
        assert 0 <= word["start_seconds"] <= word["end_seconds"]
        assert 0 <= word["confidence"] <= 1
    return told


async def test_in_practice_words_and_expressions_arrive(
    room: Room, recruiter: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    told = await spoken(room, await invite(recruiter, 3600, "practice"), expressions=True)
    assert told["refused"] is None
    assert told["video"] > 0
    seen = told["expressions"][-1]
    assert seen["faces"] == 1
    assert len(seen["face"]["expressions"]) == 7


async def test_the_picture_may_shrink_and_the_camera_may_go_in_mid_call(
    room: Room, recruiter: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    told = await spoken(room, await invite(recruiter, 3600, "practice"), expressions=True, disturbed="camera")
    wide, narrow = told["widths"]
    assert narrow == wide / 2
    assert told["expressions"][-1]["faces"] == 1


async def test_ice_may_be_restarted_in_mid_answer(
    room: Room, recruiter: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    told = await spoken(room, await invite(recruiter, 3600), expressions=None, disturbed="network")
    assert told["restarted"]
    assert len(set(told["peers"])) == 1
    assert len(told["peers"]) == 2


async def test_in_hiring_no_picture_leaves_the_browser(
    room: Room, recruiter: ApiClient, invite: Callable[..., Awaitable[str]]
) -> None:
    told = await spoken(room, await invite(recruiter, 3600), expressions=None)
    assert told["refused"] == "VIDEO_REFUSED"
    assert (told["video"], told["expressions"]) == (0, [])
