"""A whole interview with a keyboard alone: everything is reached with Tab and pressed with Enter, Space or an arrow."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
_MOST_STEPS = 80
"""More than any page has to stop at."""
_FOCUSED = "(element) => element === document.activeElement"


async def reach(walk: Walk, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    await expect(wanted).to_be_visible()
    for _ in range(_MOST_STEPS):
        if await wanted.evaluate(_FOCUSED):
            return
        await walk.page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached with Tab")


async def press(walk: Walk, key: str) -> None:
    """Reach the button, and press Enter."""
    await reach(walk, walk.page.get_by_role("button", name=walk.word(key), exact=True))
    await walk.page.keyboard.press("Enter")


async def say(walk: Walk, purpose: str, granted: bool) -> None:
    """Yes with Space, no with the arrow to the next choice."""
    group = walk.page.get_by_role("group", name=walk.word(f"consent.purposes.{purpose}.title"))
    await reach(walk, group.get_by_label(walk.word("consent.yes"), exact=True))
    await walk.page.keyboard.press("Space" if granted else "ArrowDown")
    await expect(group.get_by_label(walk.word("consent.yes" if granted else "consent.no"), exact=True)).to_be_checked()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_candidate_needs_no_mouse(
    browser: Browser, stack: LocalStack, invite_to: Invite, language: str
) -> None:
    walk = await arrive(browser, stack, language, (1280, 800), f"{language}-keyboard")
    page, keyboard = walk.page, walk.page.keyboard
    await page.goto(f"{stack.state.gateway_url}/interview#{(await invite_to(language))['token']}")
    await walk.heading("welcome.title", name="Kim Minji")
    await press(walk, "welcome.goOn")
    await walk.heading("consent.title")
    for purpose in ("transcribe", "ai_scoring", "record"):
        await say(walk, purpose, purpose == "transcribe")
    await press(walk, "consent.goOn")
    await walk.heading("prepare.title")
    await press(walk, "prepare.start")
    await walk.question()

    await reach(walk, walk.answer)
    await keyboard.type("I measured it.")
    await walk.kept("saved")
    await press(walk, "answer.send")
    await walk.heading("review.title")
    await press(walk, "review.correct")
    await reach(walk, page.get_by_label(walk.word("review.text")))
    await keyboard.press("Control+End")
    await keyboard.type(" Twice.")
    await press(walk, "review.save")
    # The words are in the field before they are saved; the original stands beside them once they are.
    await expect(page.get_by_text(walk.word("review.original"))).to_be_visible()
    await expect(page.get_by_text("I measured it. Twice.")).to_be_visible()
    await press(walk, "review.send")

    await walk.heading("feedback.title")
    dialog = page.get_by_role("dialog")
    await press(walk, "rights.erase")
    await expect(dialog).to_be_visible()
    await keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name=walk.word("rights.erase"), exact=True)).to_be_focused()
    await press(walk, "rights.human")
    await reach(walk, page.get_by_label(walk.word("ask.text")))
    await keyboard.type("A person, please.")
    await press(walk, "ask.send")
    await expect(page.get_by_text(walk.word("rights.waiting"))).to_be_visible()
    assert walk.complaints == []
