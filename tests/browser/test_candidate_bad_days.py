"""Bad days of a candidate: no network, no server, a second tab, a link that does not open, input that is too much."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, Route, expect
from viva_local.demo.client import ApiClient
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
_HALF_A_MINUTE = 30_000


@pytest.fixture(params=[("en", (1280, 800)), ("ko", (360, 740))], ids=["en-desktop", "ko-phone"])
async def walk(browser: Browser, stack: LocalStack, request: pytest.FixtureRequest) -> Walk:
    """Somebody before a desktop in English, and somebody before a phone in Korean."""
    language, size = request.param
    return await arrive(browser, stack, language, size, f"{language}-bad-days")


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


async def test_a_link_that_ran_out_or_was_withdrawn_says_so(
    walk: Walk, stack: LocalStack, invite_to: Invite, recruiter: ApiClient
) -> None:
    url = f"{stack.state.gateway_url}/interview"
    late, withdrawn = await invite_to(walk.language), await invite_to(walk.language)
    with psycopg.connect(stack.state.database_url) as connection:
        query = "UPDATE invitations SET expires_at = now() - interval '1 minute' WHERE interview_id = %s"
        assert connection.execute(query, (late["interview_id"],)).rowcount == 1
    await walk.page.goto(f"{url}#{late['token']}")
    await walk.heading("noEntry.expired.title")
    await walk.look("expired")
    await recruiter.post(f"/interviews/{withdrawn['interview_id']}/invitation/revoke")
    await walk.page.goto("about:blank")
    await walk.page.goto(f"{url}#{withdrawn['token']}")
    await walk.heading("noEntry.revoked.title")
    await walk.look("revoked")
    assert "#" not in walk.page.url
    assert walk.complaints == []


async def test_who_blocks_cookies_is_told_and_opens_the_same_link_once_they_allow_them(
    walk: Walk, stack: LocalStack, invite_to: Invite
) -> None:
    invitation = await invite_to(walk.language)
    browser = await walk.page.context.new_cdp_session(walk.page)
    await browser.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{invitation['token']}")
    await walk.heading("noEntry.cookies.title")
    await walk.look("cookies")
    await browser.send("Emulation.setDocumentCookieDisabled", {"disabled": False})

    # A browser that says it takes them, and throws this one away.
    async def thrown_away(route: Route) -> None:
        answer = await route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        await walk.page.context.clear_cookies()
        await route.fulfill(status=answer.status, headers=headers, body=await answer.body())

    await walk.page.route("**/candidate/session", thrown_away)
    await walk.page.reload()
    await walk.heading("noEntry.cookies.title")
    await walk.page.unroute_all()
    await walk.press("noEntry.again")
    await walk.heading("welcome.title", name="Kim Minji")
    assert "#" not in walk.page.url
    assert walk.complaints == []


async def test_no_page_is_blank_while_the_scripts_are_on_their_way(
    walk: Walk, stack: LocalStack, invite_to: Invite
) -> None:
    released = asyncio.Event()

    async def held(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await walk.page.route("**/assets/base-*.js", held)
    link = f"{stack.state.gateway_url}/interview#{(await invite_to(walk.language))['token']}"
    await walk.page.goto(link, wait_until="commit")
    await expect(walk.page.get_by_role("status")).to_be_visible()
    await walk.look("opening")
    released.set()
    await walk.heading("welcome.title", name="Kim Minji")
    assert walk.complaints == []


async def test_half_a_minute_without_a_network_loses_no_word(walk: Walk, stack: LocalStack, invite_to: Invite) -> None:
    """The half minute passes on the page's own clock."""
    await walk.page.clock.install()
    await until_started(walk, stack, await invite_to(walk.language))
    asked = await walk.question()
    await walk.answer.fill("Before the tunnel.")
    await walk.kept("saved")
    await walk.page.context.set_offline(True)
    await walk.answer.fill("Before the tunnel, and in it.")
    await walk.kept("offline")
    await walk.page.clock.fast_forward(_HALF_A_MINUTE)
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).to_be_visible()
    await walk.answer.press_sequentially(" Still in it.")
    await walk.kept("offline")
    await walk.look("half-a-minute")
    await walk.page.context.set_offline(False)
    await walk.kept("saved")
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).not_to_be_visible(timeout=90_000)
    assert await walk.question() == asked
    await walk.press("answer.send")
    await walk.heading("review.title")
    await expect(walk.page.get_by_text("Before the tunnel, and in it. Still in it.")).to_be_visible()
    assert walk.complaints == []


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
