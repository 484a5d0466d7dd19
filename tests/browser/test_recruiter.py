"""A recruiter's way before the built pages: from signing in to a board that moves, in both languages."""

import pytest
from playwright.async_api import Browser, Locator, expect
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
_LONG = 90_000
CSV = "name,email,phone\nKim Minji,minji@example.com,1\nLee Jun,lee.example.com,2\nPark Sora,sora@example.com,3\n"


async def _sign_in(walk: Walk, stack: LocalStack, password: str | None = None) -> None:
    await walk.page.get_by_label(walk.word("recruiter.signIn.email")).fill(stack.state.admin_email)
    secret = stack.home.secret("admin-password").read_text()
    await walk.page.get_by_label(walk.word("recruiter.signIn.password")).fill(password or secret)
    await walk.press("recruiter.signIn.send")


async def _follow(walk: Walk, key: str) -> None:
    await walk.page.get_by_role("link", name=walk.word(key), exact=True).first.click()


def _weights(walk: Walk) -> Locator:
    return walk.page.get_by_label(walk.word("recruiter.weight"))


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", (1280, 800), "en-desktop"), ("ko", (360, 740), "ko-phone")]
)
async def test_a_recruiter_goes_from_signing_in_to_a_board_that_moves(
    browser: Browser, stack: LocalStack, language: str, size: tuple[int, int], name: str
) -> None:
    walk = await arrive(browser, stack, language, size, f"recruiter-{name}")
    page = walk.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # No identity provider is set up here: whoever follows an old bookmark to it finds words and the form.
    await page.goto(f"{stack.state.gateway_url}/api/v1/auth/oidc/login")
    await walk.heading("recruiter.signIn.title")
    await expect(page.get_by_text(walk.word("recruiter.signIn.failed.off.title"))).to_be_visible()
    await expect(page).to_have_url(f"{stack.state.gateway_url}/positions")
    await walk.look("sign-in-failed")
    await page.reload()
    await walk.heading("recruiter.signIn.title")
    await expect(page.get_by_text(walk.word("recruiter.signIn.failed.off.title"))).to_have_count(0)
    await walk.look("sign-in")
    await _sign_in(walk, stack, "not the password")
    await expect(page.get_by_text(walk.word("recruiter.signIn.wrong"))).to_be_visible(timeout=_LONG)
    await _sign_in(walk, stack)
    await walk.heading("recruiter.positions.title")

    await _follow(walk, "recruiter.positions.new")
    await walk.heading("recruiter.positions.new")
    await walk.press("recruiter.editor.save")
    await expect(page.get_by_text(walk.word("recruiter.faults.noCompetency"))).to_be_visible()
    await walk.look("new-position-faults")
    title = f"Payments {name}"
    await page.get_by_label(walk.word("recruiter.editor.title")).fill(title)
    await page.get_by_label(walk.word("recruiter.editor.job"), exact=True).fill("You run our payments.")
    await page.get_by_label(walk.word("recruiter.editor.language")).select_option(language)
    for _ in range(2):
        await walk.press("recruiter.editor.add")
    await _weights(walk).nth(0).fill("60")
    await _weights(walk).nth(1).fill("39")
    await expect(page.get_by_text(walk.word("recruiter.sum.less", sum=99, off=1))).to_be_visible()
    await walk.press("recruiter.editor.save")

    await walk.heading("recruiter.about.title")
    publish = page.get_by_role("button", name=walk.word("recruiter.publish.send"))
    await expect(publish).to_be_disabled()
    await expect(page.get_by_text(walk.word("recruiter.publish.sum", sum=99))).to_be_visible()
    await walk.look("draft-at-99")
    await _weights(walk).nth(1).fill("40")
    await publish.click()

    await walk.heading("recruiter.invite.title")
    await walk.look("invite")
    await page.get_by_label(walk.word("recruiter.invite.file")).set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    )
    await expect(page.get_by_text(walk.word("recruiter.invite.faults.emailWrong"))).to_be_visible()
    send = page.locator("button[aria-describedby=verdict]")
    await expect(send).to_be_disabled()
    await walk.look("invite-bad-row")
    await page.get_by_label(walk.word("recruiter.invite.fields.email")).fill("lee@example.com")
    await send.click()
    once = page.get_by_text(walk.word("recruiter.links.once"))
    await expect(once).to_be_visible(timeout=_LONG)
    await walk.look("links")
    await page.get_by_role("button", name=walk.word("recruiter.links.copyOf", name="Kim Minji")).click()
    await expect(page.get_by_text(walk.word("recruiter.copy.copied"))).to_be_visible()
    link = await page.evaluate("navigator.clipboard.readText()")

    await _follow(walk, "recruiter.position.board")
    await walk.heading("recruiter.board.title")
    await expect(page.get_by_text(walk.word("recruiter.board.live"))).to_be_visible(timeout=_LONG)
    row = page.get_by_role("row").filter(has_text="Kim Minji")
    await expect(row).to_contain_text(walk.word("recruiter.interviewStates.invited"))
    candidate = await arrive(browser, stack, language, size, f"recruiter-candidate-{name}")
    await candidate.page.goto(link)
    await candidate.press("welcome.goOn")
    for purpose in ("transcribe", "ai_scoring", "record"):
        await candidate.say(purpose, purpose != "record")
    await candidate.press("consent.goOn")
    await expect(row).to_contain_text(walk.word("recruiter.interviewStates.consented"), timeout=_LONG)
    await candidate.page.context.close()
    await walk.look("board")

    await page.get_by_role("button", name=walk.word("recruiter.board.reissueOf", name="Lee Jun")).click()
    await walk.look("reissue")
    await walk.press("recruiter.reissue.send")
    await expect(page.get_by_text(walk.word("recruiter.reissue.made"))).to_be_visible(timeout=_LONG)
    await walk.press("recruiter.close")
    await page.get_by_role("button", name=walk.word("recruiter.board.revokeOf", name="Park Sora")).click()
    await walk.look("revoke")
    await walk.press("recruiter.revoke.send")
    gone = page.get_by_role("row").filter(has_text="Park Sora")
    await expect(gone).to_contain_text(walk.word("recruiter.interviewStates.expired"), timeout=_LONG)
    await page.get_by_role("button", name=walk.word("recruiter.board.reissueOf", name="Park Sora")).click()
    await expect(page.get_by_text(walk.word("recruiter.reissue.anew"))).to_be_visible()
    await walk.press("recruiter.reissue.send")
    await expect(page.get_by_text(walk.word("recruiter.reissue.made"))).to_be_visible(timeout=_LONG)
    await walk.press("recruiter.close")
    await expect(gone).to_have_count(2, timeout=_LONG)
    await expect(gone.filter(has_text=walk.word("recruiter.interviewStates.invited"))).to_have_count(1)

    await _follow(walk, "recruiter.position.about")
    await expect(page.get_by_text("You run our payments.")).to_be_visible()
    await walk.look("published")
    await _follow(walk, "recruiter.nav.positions")
    await expect(page.get_by_role("link", name=title)).to_be_visible()
    await walk.look("positions")
    await walk.press("recruiter.nav.signOut")
    await walk.heading("recruiter.signIn.title")
    assert walk.outside == []
    assert walk.complaints == []


@pytest.mark.parametrize(("language", "size", "name"), [("ko", (1280, 800), "ko-desktop")])
async def test_a_rubric_keeps_its_versions_and_what_is_typed_outlives_the_session(
    browser: Browser, stack: LocalStack, language: str, size: tuple[int, int], name: str
) -> None:
    walk = await arrive(browser, stack, language, size, f"recruiter-{name}")
    page = walk.page
    await page.goto(f"{stack.state.gateway_url}/rubrics/new")
    await _sign_in(walk, stack)
    await walk.heading("recruiter.rubrics.new")
    await walk.look("new-rubric")
    begin = page.get_by_label(walk.word("recruiter.rubric.begin"))
    await begin.select_option(index=1)
    await walk.press("recruiter.rubric.write")
    title = f"Rubric {name}"
    await page.get_by_label(walk.word("recruiter.rubric.name")).fill(title)
    await walk.press("recruiter.rubric.publish")
    await expect(page.get_by_role("heading", level=1)).to_have_text(title, timeout=_LONG)
    await expect(page.get_by_text(walk.word("recruiter.rubric.frozen", version=1))).to_be_visible()
    await walk.look("rubric")

    anchor = page.get_by_label(walk.word("recruiter.rubric.band", band=3, word=walk.word("recruiter.bands.3"))).first
    await anchor.fill("Names the cause, and how it was found.")
    await page.context.clear_cookies()
    await walk.press("recruiter.rubric.publish")
    await expect(page.get_by_role("heading", name=walk.word("recruiter.signIn.ended"))).to_be_visible(timeout=_LONG)
    await walk.look("session-ended")
    await _sign_in(walk, stack)
    await expect(anchor).to_have_value("Names the cause, and how it was found.")
    await walk.press("recruiter.rubric.publish")
    history = page.get_by_role("region", name=walk.word("recruiter.history.title"))
    await expect(history.get_by_text("Names the cause, and how it was found.")).to_be_visible(timeout=_LONG)
    await walk.look("rubric-history")
    await _follow(walk, "recruiter.nav.rubrics")
    await expect(page.get_by_role("link", name=title)).to_be_visible(timeout=_LONG)
    await walk.look("rubrics")
    await page.context.set_offline(True)
    await expect(page.get_by_text(walk.word("recruiter.offline.title"))).to_be_visible()
    await walk.look("offline")
    await page.context.set_offline(False)
    await expect(page.get_by_text(walk.word("recruiter.offline.title"))).not_to_be_visible()
    assert walk.outside == []
    assert walk.complaints == []
