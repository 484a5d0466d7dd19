"""A whole interview by text before the built pages, as candidates meet it in both languages."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from viva_testkit.stack import LocalStack
from viva_testkit.walk import arrive, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(1200)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
_SCORED = 900_000
"""Milliseconds until the small model has scored a Korean answer, behind those of other tests."""
ANSWERS = {
    "en": "I measured the queries, found the slow one and added an index; the page took 40 ms instead of 900.",
    "ko": "느린 쿼리를 측정해서 찾아냈고 인덱스를 추가했습니다. 페이지가 900밀리초에서 40밀리초로 빨라졌습니다.",
}
EVIL = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> \u202eשלום 🎉"


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", (1280, 800), "en-desktop"), ("ko", (360, 740), "ko-phone")]
)
async def test_a_candidate_goes_from_the_link_to_the_receipt(
    browser: Browser, stack: LocalStack, invite_to: Invite, language: str, size: tuple[int, int], name: str
) -> None:
    walk = await arrive(browser, stack, language, size, name)
    await until_started(walk, stack, await invite_to(language), look=True)
    asked = await walk.question()
    await walk.answer.fill(ANSWERS[language])
    await walk.kept("saved")
    await walk.look("interview")
    await walk.page.reload()
    assert await walk.question() == asked
    await expect(walk.answer).to_have_value(ANSWERS[language])
    await walk.press("answer.send")

    await walk.heading("review.title")
    await walk.press("review.correct")
    corrected = f"{ANSWERS[language]} {EVIL}"
    await walk.page.get_by_label(walk.word("review.text")).fill(corrected)
    await walk.press("review.save")
    await expect(walk.page.get_by_text(walk.word("review.original"))).to_be_visible()
    await walk.look("review")
    await walk.press("review.send")

    await walk.heading("feedback.title")
    await expect(walk.page.get_by_role("heading", name=walk.word("feedback.strengths"))).to_be_visible(timeout=_SCORED)
    await expect(walk.page.get_by_text(walk.word("feedback.demo.what"))).to_be_visible()
    await walk.look("feedback")
    await walk.press("rights.human")
    await walk.look("ask")
    await walk.press("ask.send")
    await expect(walk.page.get_by_text(walk.word("rights.waiting"))).to_be_visible()

    await walk.press("rights.erase")
    await walk.look("erase")
    await walk.press("erase.confirm")
    await walk.heading("receipt.title")
    await walk.look("receipt")
    await walk.page.reload()
    await walk.heading("noEntry.none.title")
    await walk.look("no-entry")
    assert walk.outside == []
    assert walk.complaints == []
