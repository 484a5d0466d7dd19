"""What README shows, taken of a real stack: `make screenshots`. No part of `make test`.

The candidate types what the demo's persona says; the scores are those of the model that `make demo` asks too, and
marked as *demo* like there. The question bank asks, so that nothing waits for a model to write.
"""

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.async_api import Browser, expect
from viva_core.models.catalogue import catalogue
from viva_core.models.download import pull
from viva_core.models.settings import default_folder
from viva_local.demo.client import ApiClient
from viva_local.demo.material import load_position
from viva_local.demo.persona import PersonaName, load_persona
from viva_local.demo.position import publish_position
from viva_testkit.bus import eventually
from viva_testkit.held import sign_in
from viva_testkit.stack import LocalStack
from viva_testkit.walk import ROOT, Walk, arrive, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(1500)]
TARGET = ROOT / "docs" / "screenshots"
MOST_BYTES = 120_000
SIZE = (1180, 760)
PEOPLE = ("Kim Minji", "Lee Jun", "Park Sora", "Choi Yuna", "Jung Hana")


@pytest.fixture(scope="session")
def small_model_path() -> Path:
    """The model of `make demo` in the place of the tests' small one, and a question bank that is asked at once."""
    os.environ["VIVA_QUESTION_TIMEOUT"] = "0.1"
    os.environ["VIVA_EVALUATION_TIMEOUT"] = "1200"
    return pull(catalogue().get("qwen2.5-coder-1.5b-instruct"), default_folder())


async def test_the_screenshots_of_the_readme(
    browser: Browser, stack: LocalStack, recruiter: ApiClient, candidate: ApiClient
) -> None:
    position_id = await publish_position(recruiter, load_position("en").of_at_most(2))
    invited = await _invite(recruiter, position_id)
    await _board(candidate, recruiter, invited)
    await _interview(browser, stack, recruiter, invited["Kim Minji"])
    await _what_the_recruiter_sees(browser, stack, position_id, invited["Kim Minji"]["interview_id"])


async def _invite(recruiter: ApiClient, position_id: str) -> dict[str, dict[str, Any]]:
    people = [{"candidate": {"name": name, "email": f"{name.split()[1].lower()}@example.com"}} for name in PEOPLE]
    body = {"invitations": people, "valid_for_seconds": 7 * 86_400}
    made = await recruiter.post(f"/positions/{position_id}/invitations", body)
    return {one["candidate"]["name"]: one for one in made["items"]}


async def _board(candidate: ApiClient, recruiter: ApiClient, invited: dict[str, dict[str, Any]]) -> None:
    """Candidates in several states: one has consented, one's invitation was withdrawn, two have only their link."""
    await candidate.post("/candidate/session", {"token": invited["Lee Jun"]["token"]})
    consents = [
        {"purpose": purpose, "granted": granted, "text_version": "2026-11"}
        for purpose, granted in (("record", False), ("transcribe", True), ("ai_scoring", True))
    ]
    await candidate.post("/candidate/interview/consents", {"consents": consents})
    await recruiter.post(f"/interviews/{invited['Park Sora']['interview_id']}/invitation/revoke")


async def _interview(browser: Browser, stack: LocalStack, recruiter: ApiClient, invitation: dict[str, Any]) -> None:
    """In writing, from the link to the report."""
    walk = await arrive(browser, stack, "en", SIZE, "readme")
    await until_started(walk, stack, invitation)
    persona = load_persona(PersonaName.STRONG, "en")
    asked = ""
    for turn in (1, 2):
        asked = await walk.question(asked)
        await walk.answer.fill(persona.answer(asked, None, turn))
        await walk.kept("saved")
        if turn == 1:
            await _take(walk, "interview")
        await walk.press("answer.send")
    await walk.heading("review.title")
    await _take(walk, "review")
    await walk.press("review.send")

    async def reported() -> bool:
        found = await recruiter.get(f"/interviews/{invitation['interview_id']}")
        return bool(found["state"] == "reported")

    await eventually(reported, within=1200)
    await walk.page.context.close()


async def _what_the_recruiter_sees(browser: Browser, stack: LocalStack, position_id: str, interview_id: str) -> None:
    walk = await arrive(browser, stack, "en", SIZE, "readme")
    password = stack.home.secret("admin-password").read_text()
    await sign_in(walk, stack, stack.state.admin_email, password, f"/positions/{position_id}")
    await walk.heading("recruiter.board.title")
    await expect(walk.page.get_by_role("row").filter(has_text="Kim Minji")).to_be_visible()
    await _take(walk, "board")
    await walk.page.goto(f"{stack.state.gateway_url}/interviews/{interview_id}")
    quote = walk.page.locator("button.quote-jump").first
    await quote.click()
    await expect(walk.page.locator("mark:focus")).to_be_visible()
    await _take(walk, "evidence")
    assert walk.outside == []


async def _take(walk: Walk, name: str) -> None:
    """Keep what the window shows, as WebP in the best quality that is small enough."""
    await walk.page.evaluate("document.documentElement.dataset.theme = 'light'")
    await walk.page.evaluate("document.fonts.ready.then(() => null)")
    shown = cv2.imdecode(np.frombuffer(await walk.page.screenshot(animations="disabled"), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    for quality in (90, 80, 70, 60):
        _, encoded = cv2.imencode(".webp", shown, [cv2.IMWRITE_WEBP_QUALITY, quality])
        if encoded.nbytes <= MOST_BYTES:
            TARGET.mkdir(parents=True, exist_ok=True)
            (TARGET / f"{name}.webp").write_bytes(encoded.tobytes())
            return
    raise AssertionError(f"{name} is larger than {MOST_BYTES} bytes")
