"""Bad days of a candidate: no network, no server, a second tab, a link that does not open, input that is too much."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from viva_local.demo.client import ApiClient
from viva_testkit.stack import LocalStack
from viva_testkit.walk import arrive, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Invite = Callable[..., Awaitable[dict[str, Any]]]


async def test_nothing_typed_is_lost_without_a_network_or_a_server(
    browser: Browser, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(browser, stack, "en", (1280, 800), "en-offline")
    await until_started(walk, stack, await invite_to("en"))
    await walk.question()
    await walk.answer.fill("Before the tunnel.")
    await walk.kept("saved")
    await walk.page.context.set_offline(True)
    await walk.answer.fill("Before the tunnel, and in it.")
    await walk.kept("offline")
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).to_be_visible()
    await walk.look("offline")
    await walk.page.context.set_offline(False)
    await walk.kept("saved")
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).not_to_be_visible(timeout=30_000)

    other = await walk.page.context.new_page()
    await other.goto(f"{stack.state.gateway_url}/interview")
    await expect(other.locator("#answer")).to_have_value("Before the tunnel, and in it.", timeout=30_000)
    await other.locator("#answer").fill("From the other tab.")
    await expect(walk.answer).to_have_value("From the other tab.")

    stack.process("gateway").kill()
    await walk.answer.fill("While the server starts again.")
    await walk.press("answer.send")
    await walk.heading("review.title")
    await expect(walk.page.get_by_text("While the server starts again.")).to_be_visible()
    assert walk.complaints == []


async def test_a_pasted_book_is_kept_here_and_says_how_much_is_too_much(
    browser: Browser, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(browser, stack, "en", (360, 740), "en-long")
    await until_started(walk, stack, await invite_to("en"))
    await walk.question()
    await walk.answer.fill("x" * 100_000)
    await walk.kept("long")
    await expect(walk.page.get_by_text("80,000 characters too many")).to_be_visible()
    await expect(walk.page.get_by_role("button", name=walk.word("answer.send"))).to_be_disabled()
    await walk.look("too-long")


async def test_a_link_that_does_not_open_says_why_and_the_way_on(
    browser: Browser, stack: LocalStack, invite_to: Invite, candidate: ApiClient
) -> None:
    url = f"{stack.state.gateway_url}/interview"
    used = await invite_to("en")
    await candidate.post("/candidate/session", {"token": used["token"]})
    walk = await arrive(browser, stack, "en", (1280, 800), "en-links")
    await walk.page.goto(f"{url}#{used['token']}")
    await walk.heading("noEntry.used.title")
    await walk.look("used")
    assert "#" not in walk.page.url
    await walk.page.goto("about:blank")
    await walk.page.goto(f"{url}#{'x' * 43}")
    await walk.heading("noEntry.unknown.title")
    await walk.page.goto(f"{stack.state.gateway_url}/no/such/page")
    await walk.heading("notFound.title")
    await walk.look("not-found")
    await walk.page.goto(stack.state.gateway_url)
    await walk.heading("home.title")
    await walk.look("home")


async def test_a_resume_that_is_too_large_is_refused_before_it_is_sent(
    browser: Browser, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(browser, stack, "en", (1280, 800), "en-resume")
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{(await invite_to('en'))['token']}")
    await walk.press("welcome.goOn")
    for purpose in ("transcribe", "ai_scoring", "record"):
        await walk.say(purpose, purpose != "record")
    await walk.press("consent.goOn")
    await walk.heading("prepare.title")
    field = walk.page.get_by_label(walk.word("resume.choose"))
    await field.set_input_files(
        {"name": "film.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"0" * 6_000_000}
    )
    await expect(walk.page.get_by_text(walk.word("resume.large"))).to_be_visible()
    await field.set_input_files(
        {"name": "me.txt", "mimeType": "text/plain", "buffer": b"I ran the payments of a shop."}
    )
    await expect(walk.page.get_by_text(walk.word("resume.kept", name="me.txt"))).to_be_visible(timeout=30_000)
    await walk.look("resume")
