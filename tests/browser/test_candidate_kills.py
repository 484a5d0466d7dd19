"""The server is killed at each step of a candidate's way: the page says so, comes back, and what was typed or chosen
arrives exactly once."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from playwright.async_api import Browser, FilePayload, Page, expect
from viva_local.demo.client import ApiClient
from viva_testkit.bus import eventually
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive, until_prepared, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(900)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
_BACK = 90_000
"""Milliseconds until a killed process serves again: the supervisor waits longer before each restart, 15 s at most."""
_AHEAD = "() => performance.getEntriesByType('resource').some((one) => one.name.includes('/VoiceCall-'))"
"""The last of the parts that are fetched ahead is there."""


@pytest.fixture(params=[("en", (1280, 800)), ("ko", (360, 740))], ids=["en-desktop", "ko-phone"])
async def walk(browser: Browser, stack: LocalStack, request: pytest.FixtureRequest) -> Walk:
    """Somebody before a desktop in English, and somebody before a phone in Korean."""
    language, size = request.param
    return await arrive(browser, stack, language, size, f"{language}-kills")


def kill(stack: LocalStack, name: str = "gateway") -> None:
    """As the machine would: SIGKILL; the stack's supervisor starts it again."""
    process = stack.process(name)
    process.kill()
    process.wait(10)


async def lost(walk: Walk) -> None:
    """The page says that the line is gone."""
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).to_be_visible(timeout=_BACK)


async def back(walk: Walk) -> None:
    """The page is connected again."""
    await expect(walk.page.get_by_text(walk.word("frame.lost.title"))).not_to_be_visible(timeout=_BACK)


async def pressed_while_away(walk: Walk, key: str, waiting: str = "send.waiting.title") -> None:
    """Press, and hear that the server is away."""
    await walk.press(key)
    await expect(walk.page.get_by_text(walk.word(waiting))).to_be_visible()


async def reload(page: Page) -> None:
    """Load again, once the server is there."""
    await page.reload(timeout=_BACK)


async def is_used(stack: LocalStack, interview_id: str) -> bool:
    """Whether the session service has exchanged the link."""
    with psycopg.connect(stack.state.database_url) as connection:
        query = "SELECT count(redeemed_at) FROM invitations WHERE interview_id = %s"
        return connection.execute(query, (interview_id,)).fetchone() == (1,)


def happened(stack: LocalStack, interview_id: str) -> Counter[str]:
    """How often each kind of event is in the log of the interview."""
    with psycopg.connect(stack.state.database_url) as connection:
        rows = connection.execute("SELECT type FROM interview_events WHERE interview_id = %s", (interview_id,))
        return Counter(str(kind).rpartition(".")[2] for (kind,) in rows)


async def test_between_the_use_of_the_link_and_the_cookie(
    walk: Walk, browser: Browser, stack: LocalStack, invite_to: Invite
) -> None:
    """The gateway waits for the table of its sessions while it dies: the link is used, and nobody has the cookie."""
    invitation = await invite_to(walk.language)
    link = f"{stack.state.gateway_url}/interview#{invitation['token']}"
    with psycopg.connect(stack.state.database_url) as held:
        held.execute("LOCK TABLE gateway.sessions IN EXCLUSIVE MODE")
        await walk.page.goto(link)
        await eventually(lambda: is_used(stack, invitation["interview_id"]), within=30)
        kill(stack)
    await walk.heading("welcome.title", name="Kim Minji")
    assert "#" not in walk.page.url
    other = await arrive(browser, stack, walk.language, (1280, 800), f"{walk.language}-other-device")
    await other.page.goto(link)
    await other.heading("noEntry.used.title")
    await reload(walk.page)
    await walk.heading("welcome.title", name="Kim Minji")
    assert walk.complaints == []


async def test_before_the_start(walk: Walk, stack: LocalStack, invite_to: Invite) -> None:
    invitation = await invite_to(walk.language)
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{invitation['token']}")
    await walk.heading("welcome.title", name="Kim Minji")
    await walk.page.wait_for_function(_AHEAD)
    kill(stack)
    await lost(walk)
    await walk.press("welcome.goOn")
    await walk.heading("consent.title")
    for purpose, granted in (("transcribe", True), ("ai_scoring", False), ("record", False)):
        await walk.say(purpose, granted)
    await pressed_while_away(walk, "consent.goOn")
    await walk.look("consent-waiting")
    await walk.heading("prepare.title")
    await back(walk)

    kill(stack, "session")
    resume: FilePayload = {"name": "me.txt", "mimeType": "text/plain", "buffer": b"I ran the payments of a shop."}
    await walk.page.get_by_label(walk.word("resume.choose")).set_input_files(resume)
    await expect(walk.page.get_by_text(walk.word("send.waiting.title"))).to_be_visible()
    await reload(walk.page)  # the file that was chosen goes out by itself
    await expect(walk.page.get_by_text(walk.word("resume.kept", name="me.txt"))).to_be_visible(timeout=_BACK)
    await reload(walk.page)
    await walk.heading("prepare.title")
    await expect(walk.page.get_by_text(walk.word("resume.kept", name="me.txt"))).to_be_visible()

    kill(stack)
    await pressed_while_away(walk, "prepare.start")
    await walk.heading("interview.title")
    log = happened(stack, invitation["interview_id"])
    assert (log["ConsentRecorded"], log["InterviewReady"], log["InterviewStarted"]) == (3, 1, 1)
    assert walk.complaints == []


async def test_a_press_that_waited_is_said_after_a_reload_and_done_once(
    walk: Walk, stack: LocalStack, invite_to: Invite
) -> None:
    invitation = await invite_to(walk.language)
    await until_prepared(walk, stack, invitation)
    await walk.page.route("**/api/v1/candidate/interview/start", lambda route: route.abort("connectionrefused"))
    await pressed_while_away(walk, "prepare.start")
    await reload(walk.page)
    await expect(walk.page.get_by_text(walk.word("send.before.title"))).to_be_visible(timeout=_BACK)
    await walk.look("pressed-before")
    await walk.page.unroute_all()
    await walk.press("prepare.start")
    await walk.heading("interview.title")
    assert happened(stack, invitation["interview_id"])["InterviewStarted"] == 1
    assert walk.complaints == []


async def test_choices_that_were_not_sent_outlive_a_reload(walk: Walk, stack: LocalStack, invite_to: Invite) -> None:
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{(await invite_to(walk.language))['token']}")
    await walk.press("welcome.goOn")
    await walk.say("transcribe", True)
    await walk.say("record", False)
    await reload(walk.page)
    await walk.heading("consent.title")
    chosen = walk.page.get_by_role("radio", checked=True)
    await expect(chosen).to_have_count(2)


async def test_in_the_interview_and_while_reading_it(walk: Walk, stack: LocalStack, invite_to: Invite) -> None:
    invitation = await invite_to(walk.language)
    await until_started(walk, stack, invitation)
    asked = await walk.question()
    await walk.answer.fill("I measured")
    await walk.kept("saved")
    kill(stack)
    await lost(walk)
    await walk.answer.fill("I measured the queries")
    await walk.kept("offline")
    await walk.kept("saved")
    await reload(walk.page)
    assert await walk.question() == asked
    await expect(walk.answer).to_have_value("I measured the queries")
    kill(stack, "session")
    await pressed_while_away(walk, "answer.send", "answer.waiting")

    await walk.heading("review.title")
    await back(walk)
    await walk.press("review.correct")
    field = walk.page.get_by_label(walk.word("review.text"))
    await field.fill("I measured the slow queries")
    kill(stack)
    await pressed_while_away(walk, "review.save")
    await expect(walk.page.get_by_text(walk.word("review.original"))).to_be_visible(timeout=_BACK)
    await back(walk)

    await walk.press("review.correct")
    await walk.page.get_by_label(walk.word("review.remark")).fill("It was late.")
    await reload(walk.page)
    await expect(walk.page.get_by_text(walk.word("review.restored"))).to_be_visible()
    await expect(field).to_have_value("I measured the slow queries")
    await walk.press("review.send")
    await expect(walk.page.get_by_text(walk.word("review.unkept", numbers=1))).to_be_visible()
    await walk.look("review-unkept")
    await walk.press("review.save")
    await expect(walk.page.get_by_text(walk.word("review.remarkIs", remark="It was late."))).to_be_visible()

    kill(stack, "session")
    await pressed_while_away(walk, "review.send")
    await walk.heading("feedback.title")
    log = happened(stack, invitation["interview_id"])
    assert (log["AnswerSubmitted"], log["TranscriptRevised"], log["InterviewCompleted"]) == (1, 1, 1)
    assert walk.complaints == []


async def test_after_it_was_handed_in(walk: Walk, stack: LocalStack, invite_to: Invite, recruiter: ApiClient) -> None:
    invitation = await invite_to(walk.language)
    await until_prepared(walk, stack, invitation)
    # Without the consent to scoring the feedback is made at once.
    await walk.press("prepare.consents")
    await walk.say("ai_scoring", False)
    await walk.press("consent.goOn")
    await walk.press("prepare.start")
    await walk.question()
    await walk.answer.fill("I measured the slow queries")
    await walk.press("answer.send")
    await walk.heading("review.title")
    await walk.press("review.send")
    await walk.heading("feedback.title")
    strengths = walk.page.get_by_role("heading", name=walk.word("feedback.strengths"))
    await expect(strengths).to_be_visible(timeout=_BACK)

    kill(stack, "session")
    await walk.page.reload()
    await expect(walk.page.get_by_text(walk.word("noEntry.away.way"))).to_be_visible()
    await walk.look("away")
    await expect(strengths).to_be_visible(timeout=_BACK)

    await walk.press("rights.human")
    words = walk.page.get_by_label(walk.word("ask.text"))
    await words.fill("I would rather speak with somebody.")
    await reload(walk.page)
    await walk.press("rights.human")
    await expect(words).to_have_value("I would rather speak with somebody.")
    kill(stack)
    await pressed_while_away(walk, "ask.send")
    await expect(walk.page.get_by_text(walk.word("rights.waiting"))).to_be_visible(timeout=_BACK)
    await back(walk)
    told = await recruiter.get(f"/interviews/{invitation['interview_id']}")
    assert [one["text"] for one in told["requests"]] == ["I would rather speak with somebody."]

    await walk.press("rights.erase")
    kill(stack)
    await pressed_while_away(walk, "erase.confirm")
    await walk.heading("receipt.title")
    receipt = await recruiter.get(f"/interviews/{invitation['interview_id']}/erasure")
    await expect(walk.page.get_by_text(receipt["receipt_id"])).to_be_visible()
    assert walk.complaints == []


async def test_a_page_that_was_not_fetched_yet_is_waited_for(walk: Walk, stack: LocalStack, invite_to: Invite) -> None:
    await walk.page.route("**/assets/ConsentPage-*", lambda route: route.abort("connectionrefused"))
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{(await invite_to(walk.language))['token']}")
    await walk.heading("welcome.title", name="Kim Minji")
    await walk.page.wait_for_function(_AHEAD)
    kill(stack)
    await walk.page.unroute_all()
    await walk.press("welcome.goOn")
    await expect(walk.page.get_by_text(walk.word("entry.waiting"))).to_be_visible()
    await walk.look("page-waiting")
    await walk.heading("consent.title")
    assert walk.complaints == []


async def test_a_session_that_ran_out_says_so_and_a_new_link_goes_on_with_what_was_typed(
    walk: Walk, stack: LocalStack, invite_to: Invite, recruiter: ApiClient
) -> None:
    invitation = await invite_to(walk.language)
    await until_started(walk, stack, invitation)
    asked = await walk.question()
    await walk.answer.fill("I measured")
    await walk.kept("saved")
    with psycopg.connect(stack.state.database_url) as connection:
        ended = connection.execute(
            "UPDATE gateway.sessions SET expires_at = now() WHERE interview_id = %s", (invitation["interview_id"],)
        )
        assert ended.rowcount == 1
    await walk.answer.fill("I measured the queries")
    await walk.heading("noEntry.ended.title")
    await walk.look("ended-session")
    await reload(walk.page)
    await walk.heading("noEntry.ended.title")
    again = await recruiter.post(
        f"/interviews/{invitation['interview_id']}/invitation/reissue", {"valid_for_seconds": 3600}
    )
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{again['token']}")
    assert await walk.question() == asked
    await expect(walk.answer).to_have_value("I measured the queries")
    await walk.kept("saved")
    assert walk.complaints == []
