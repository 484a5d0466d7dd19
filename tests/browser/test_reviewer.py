"""What those who decide do with an interview that was held: read, score, decide, compare, export."""

import json
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from viva_local.demo.client import ApiClient
from viva_testkit.held import finish, sign_in
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
ANSWERS = ["I measured the queries, found the slow one and added an index; the page took 40 ms instead of 900.", ""]
REMARK = "I meant the write path."
REASON = "Measures before changing anything, and says what it brought."
PASSWORD = "a long passphrase of hers"
TITLE = "Backend engineer"
OTHER = "Lee Jisoo"


async def test_an_interview_is_read_scored_decided_on_and_compared(
    browser: Browser, stack: LocalStack, recruiter: ApiClient, candidate: ApiClient, invite_to: Invite
) -> None:
    invitation = await _held(candidate, invite_to)
    walk = await arrive(browser, stack, "en", (1280, 800), "reviewer-en")
    path = await _open(walk, stack, invitation)
    await _answer_the_request(walk)
    await _score_by_hand(walk)
    await _decide(walk, "advance")
    await expect(walk.page.locator("#decision").get_by_text(REASON)).to_be_visible()
    await walk.look("decided")
    await _second_reviewer(browser, stack, recruiter, walk, path)
    await _another_who_said_nothing(recruiter, candidate, invitation)
    await _compare(walk, invitation)
    assert walk.outside == []
    assert walk.complaints == []


async def test_an_english_interview_is_read_in_korean_on_a_phone(
    browser: Browser, stack: LocalStack, candidate: ApiClient, invite_to: Invite
) -> None:
    invitation = await _held(candidate, invite_to)
    walk = await arrive(browser, stack, "ko", (360, 740), "reviewer-ko")
    await _open(walk, stack, invitation)
    assert walk.outside == []
    assert walk.complaints == []


async def _held(candidate: ApiClient, invite_to: Invite) -> dict[str, Any]:
    """An interview that was held: one answer, corrected and remarked on; one empty; and a request."""
    invitation = await invite_to("en", questions=2)
    await finish(candidate, invitation, ANSWERS, REMARK)
    await candidate.post("/candidate/interview/requests", {"kind": "human_review", "text": "Please read all of it."})
    return invitation


async def _open(walk: Walk, stack: LocalStack, invitation: dict[str, Any]) -> str:
    """Sign in and read the interview; its address."""
    path = f"/interviews/{invitation['interview_id']}"
    password = stack.home.secret("admin-password").read_text()
    await sign_in(walk, stack, stack.state.admin_email, password, path)
    await expect(walk.page.get_by_role("heading", level=1)).to_have_text("Kim Minji")
    # The candidate's correction stands beside what was said first.
    await expect(walk.page.get_by_role("heading", name=walk.word("reviewer.transcript.original"))).to_be_visible()
    await expect(walk.page.get_by_text(REMARK, exact=True)).to_be_visible()
    await expect(walk.page.get_by_text(walk.word("reviewer.scores.reasons.empty_answer"))).to_be_visible()
    await walk.look("interview")
    return path


async def _answer_the_request(walk: Walk) -> None:
    await walk.page.get_by_label(walk.word("reviewer.requests.answer"), exact=True).fill("A person reads it this week.")
    await walk.press("reviewer.requests.send")
    await expect(walk.page.get_by_text("A person reads it this week.")).to_be_visible()


async def _score_by_hand(walk: Walk) -> None:
    await walk.page.get_by_role("button", name=walk.word("reviewer.scores.byHand")).last.click()
    await walk.look("hand-score")
    dialog = walk.page.get_by_role("dialog")
    await dialog.get_by_role("radio").nth(2).check()
    await dialog.get_by_label(walk.word("reviewer.reason.label")).fill(REASON)
    await walk.press("recruiter.save")
    await expect(dialog).not_to_be_visible()
    await expect(walk.page.get_by_role("button", name=walk.word("reviewer.scores.byHandAgain"))).to_be_visible()


async def _decide(walk: Walk, decision: str) -> None:
    section = walk.page.locator("#decision")
    await section.get_by_label(walk.word(f"reviewer.decision.is.{decision}"), exact=True).check()
    await section.get_by_label(walk.word("reviewer.reason.label")).fill(REASON)
    await walk.press("reviewer.decision.send")
    await expect(section.get_by_role("button", name=walk.word("reviewer.decision.again"))).to_be_visible()


async def _second_reviewer(browser: Browser, stack: LocalStack, recruiter: ApiClient, first: Walk, path: str) -> None:
    """Reads nothing of the first decision before writing, and everything afterwards."""
    email = f"{uuid.uuid4()}@example.com"
    account = {"email": email, "name": "Lee Sora", "roles": ["reviewer"], "password": PASSWORD}
    await recruiter.post("/accounts", account)
    walk = await arrive(browser, stack, first.language, (1280, 800), f"{first.name}-second")
    await sign_in(walk, stack, email, PASSWORD, path)
    section = walk.page.locator("#decision")
    await expect(section.get_by_text(walk.word("reviewer.decision.sealed.title"))).to_be_visible()
    await expect(section.get_by_text(REASON)).to_have_count(0)
    await walk.look("sealed")
    # No way into the administration for who is no administrator.
    await expect(walk.page.get_by_role("link", name=walk.word("reviewer.nav.administration"))).to_have_count(0)
    await _decide(walk, "hold")
    await expect(section.get_by_text(REASON)).to_have_count(2)
    await expect(section.get_by_text(walk.word("reviewer.decision.sealed.title"))).to_have_count(0)
    assert walk.complaints == []
    await walk.page.context.close()


async def _another_who_said_nothing(recruiter: ApiClient, candidate: ApiClient, invitation: dict[str, Any]) -> None:
    """A second candidate of the same position, of whom nothing could be scored."""
    position_id = (await recruiter.get(f"/interviews/{invitation['interview_id']}"))["position_id"]
    invited = {"name": OTHER, "email": f"{uuid.uuid4()}@example.com"}
    body = {"invitations": [{"candidate": invited}], "valid_for_seconds": 3600}
    await finish(candidate, (await recruiter.post(f"/positions/{position_id}/invitations", body))["items"][0], [])


async def _compare(walk: Walk, invitation: dict[str, Any]) -> None:
    await walk.page.get_by_role("link", name=TITLE).click()
    await walk.page.get_by_role("link", name=walk.word("reviewer.compare.tab"), exact=True).click()
    await walk.heading("reviewer.compare.title")
    link = walk.page.get_by_role("link", name="Kim Minji")
    other = walk.page.get_by_role("link", name=OTHER)
    await expect(link).to_be_visible()
    await expect(other).to_be_visible()
    await walk.look("compare")
    await walk.page.get_by_label(walk.word("reviewer.compare.coverage")).select_option("100")
    await expect(other).to_have_count(0)
    saved = json.loads(await _download(walk.page, "JSON"))
    assert [row["interview_id"] for row in saved] == [invitation["interview_id"]]
    assert (saved[0]["decision"], saved[0]["disagreement"]) == ("hold", True)
    covered = (await _download(walk.page, "CSV")).decode("utf-8-sig")
    assert "Kim Minji" in covered
    assert OTHER not in covered
    search = walk.page.get_by_label(walk.word("reviewer.compare.search"))
    await search.fill("nobody of this name")
    await expect(walk.page.get_by_role("heading", name=walk.word("reviewer.compare.noMatch.title"))).to_be_visible()
    await walk.look("compare-none")
    await walk.press("reviewer.compare.noMatch.clear")
    await expect(link).to_be_visible()
    await expect(search).to_have_value("")
    await expect(other).to_be_visible()
    both = (await _download(walk.page, "CSV")).decode("utf-8-sig")
    assert OTHER in both
    assert "Kim Minji" in both


async def _download(page: Page, name: str) -> bytes:
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name, exact=True).click()
    return (await (await waiting.value).path()).read_bytes()
