"""An interview by voice before the built pages: a Chromium whose microphone plays a read sentence over and over."""

import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from viva_local.demo.words import word_errors, words
from viva_testkit.bus import eventually
from viva_testkit.fake_microphone import microphone
from viva_testkit.held import sign_in
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive, until_prepared, until_started

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(900)]
Invite = Callable[..., Awaitable[dict[str, Any]]]
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-features=MediaRouter "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
_LONG = 180_000
_DESKTOP, _PHONE = (1280, 800), (360, 740)
# What is asked of the browser's devices, for the test to read.
_NOTE_ASKED = """
window.asked = [];
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async (what) => {
  window.asked.push(Object.keys(what).sort().join());
  return (window.opened = await ask(what));
};
"""
_REFUSE = """
if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "%s"); };
"""
_LACKING = {
    "insecure": "Object.defineProperty(window, 'isSecureContext', { value: false })",
    "unsupported": "delete window.RTCPeerConnection",
    "missing": _REFUSE % "NotFoundError",
}


@dataclass(frozen=True)
class Speaker:
    """Somebody before a browser who says the same sentence over and over."""

    browser: Browser
    says: str

    def heard_whole(self, text: str) -> bool:
        """Whether the sentence is in there. The page may open its microphone in mid-sentence and hear a part twice."""
        return is_within(self.says, text)

    @property
    def enough(self) -> int:
        """So many words hold the sentence once from its beginning to its end."""
        return 2 * len(words(self.says)) - 6


@pytest.fixture
async def speaker(tmp_path: Path) -> AsyncIterator[Speaker]:
    """A Chromium that allows its microphone."""
    binary = shutil.which("chromium")
    assert binary is not None, "the tests need a browser: apt-get install chromium"
    file = tmp_path / "microphone.wav"
    says = microphone(file)
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=binary, args=[*_FLAGS, f"--use-file-for-fake-audio-capture={file}"]
        )
        yield Speaker(made, says)
        await made.close()


def is_within(said: str, text: str) -> bool:
    """Whether a text holds what was said, but for one word in four, and perhaps more."""
    count = len(words(said))
    missing = word_errors(said, text) - max(len(words(text)) - count, 0)
    return missing <= count / 4


async def choose_voice(walk: Walk) -> None:
    """On the page before the clock runs."""
    await walk.page.get_by_label(walk.word("voice.check.voice"), exact=True).check()


async def line(page: Page, how: str) -> None:
    """Wait until the call stands so: connected, lost."""
    await expect(page.locator(".call-line")).to_have_attribute("data-line", how, timeout=_LONG)


async def until_heard(walk: Walk, count: int) -> str:
    """Wait for so many words in the caption; all of them."""
    many = re.compile(rf"(?:\S+\s+){{{count - 1}}}\S+")
    await expect(walk.page.locator("#caption")).to_have_text(many, timeout=_LONG)
    return await walk.page.locator("#caption").inner_text()


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", _DESKTOP, "voice-en-desktop"), ("ko", _PHONE, "voice-ko-phone")]
)
async def test_a_candidate_speaks_a_whole_answer(
    speaker: Speaker, stack: LocalStack, invite_to: Invite, language: str, size: tuple[int, int], name: str
) -> None:
    """The interview is in English, which the engine understands; the pages are in either language."""
    walk = await arrive(speaker.browser, stack, language, size, name)
    await walk.page.add_init_script(f"localStorage.setItem('viva.language', '{language}'); {_NOTE_ASKED}")
    invitation = await invite_to("en", patience_seconds=30)
    await until_prepared(walk, stack, invitation, record=True)
    await choose_voice(walk)
    await line(walk.page, "connected")
    await expect(walk.page.get_by_text(walk.word("voice.check.heard"))).to_be_visible(timeout=_LONG)
    await walk.look("check")
    await walk.press("prepare.start")
    await walk.heading("interview.title")
    await walk.question()
    await line(walk.page, "connected")
    await until_heard(walk, 5)
    await walk.look("speaking")

    moment = walk.page.get_by_role("button", name=walk.word("voice.moment"), exact=True)
    await moment.click()
    await expect(moment).to_have_attribute("aria-pressed", "false", timeout=_LONG)  # until they speak again

    await walk.press("voice.write")
    await expect(walk.answer).to_be_focused()
    assert len(words(await walk.answer.input_value())) >= 5
    await walk.look("typing")
    await walk.press("voice.speak")
    await line(walk.page, "connected")
    assert speaker.heard_whole(await until_heard(walk, speaker.enough + 12))
    await no_camera_was_asked_for(walk.page)
    await walk.page.reload()
    await line(walk.page, "connected")
    await walk.press("answer.send")

    await walk.heading("review.title")
    answer = walk.page.locator("article")

    async def written_down() -> bool:
        return speaker.heard_whole(await answer.inner_text())

    await eventually(written_down, within=_LONG / 1000)
    await walk.look("review")
    await no_camera_was_asked_for(walk.page)
    assert walk.outside == []
    assert walk.complaints == []
    staff = await arrive(speaker.browser, stack, language, size, f"{name}-staff")
    await hears_the_recording(staff, stack, invitation["interview_id"])


async def no_camera_was_asked_for(page: Page) -> None:
    """Since the page was loaded; the microphone was, or this would look at nothing."""
    assert set(await page.evaluate("window.asked")) == {"audio"}


async def hears_the_recording(walk: Walk, stack: LocalStack, interview_id: str) -> None:
    """Somebody of the employer plays the answer that was recorded with the candidate's consent."""
    password = stack.home.secret("admin-password").read_text()
    await sign_in(walk, stack, stack.state.admin_email, password, f"/interviews/{interview_id}")
    await walk.page.get_by_role("button", name=re.compile(re.escape(walk.word("reviewer.sound.listen")))).click()
    player = walk.page.get_by_label(walk.word("reviewer.sound.player", number=1))
    await expect(player).to_be_visible(timeout=_LONG)

    async def plays() -> bool:
        error, at = await player.evaluate("(audio) => [audio.error?.message ?? null, audio.currentTime]")
        assert error is None
        return bool(at > 0.5)

    await eventually(plays, within=_LONG / 1000)
    assert await player.evaluate("(audio) => audio.duration") > 3
    await walk.look("sound")
    assert walk.outside == []
    assert walk.complaints == []


async def test_what_was_said_is_kept_when_media_dies_and_the_call_comes_back(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "en", _DESKTOP, "voice-lost")
    await until_prepared(walk, stack, await invite_to("en", patience_seconds=30))
    await choose_voice(walk)
    await line(walk.page, "connected")
    await walk.press("prepare.start")
    await walk.question()
    # The last words of what is guessed while it is spoken may read otherwise once they are final.
    before = " ".join((await until_heard(walk, 8)).split()[:5])
    stack.process("media").kill()
    await line(walk.page, "lost")
    await expect(walk.page.get_by_text(walk.word("voice.line.lost"))).to_be_visible()
    await walk.look("lost")
    await line(walk.page, "connected")
    assert is_within(before, await until_heard(walk, 13))
    await walk.press("answer.send")
    await walk.heading("review.title")
    assert walk.complaints == []


async def test_who_speaks_while_the_gateway_is_killed_loses_no_word(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "en", _PHONE, "voice-killed")
    await until_prepared(walk, stack, await invite_to("en", patience_seconds=30))
    await choose_voice(walk)
    await line(walk.page, "connected")
    await walk.press("prepare.start")
    await walk.question()
    await until_heard(walk, 5)
    stack.process("gateway").kill()
    lost = walk.page.get_by_text(walk.word("frame.lost.title"))
    await expect(lost).to_be_visible(timeout=_LONG)
    await walk.look("killed")
    await expect(lost).not_to_be_visible(timeout=_LONG)
    await line(walk.page, "connected")
    await until_heard(walk, 2 * len(words(speaker.says)) + 8)
    await walk.press("answer.send")
    await walk.heading("review.title")
    said = walk.page.locator("article p[dir=auto]")

    async def without_a_hole() -> bool:
        """It is the sentence over and over: as many words as the rounds it was read in have."""
        text = await said.inner_text()
        rounds = max(round(len(words(text)) / len(words(speaker.says))), 2)
        return word_errors(" ".join([speaker.says] * rounds), text) <= rounds * len(words(speaker.says)) / 4

    await eventually(without_a_hole, within=_LONG / 1000)
    assert walk.complaints == []


async def test_another_tab_takes_the_voice_over_and_both_say_so(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "en", _DESKTOP, "voice-two-tabs")
    await until_prepared(walk, stack, await invite_to("en", patience_seconds=30))
    await choose_voice(walk)
    await line(walk.page, "connected")
    await walk.press("prepare.start")
    await walk.question()
    await until_heard(walk, 3)
    other = Walk(await walk.page.context.new_page(), "en", "voice-other-tab")
    await other.page.goto(f"{stack.state.gateway_url}/interview")
    await other.question()
    await expect(other.answer).to_be_visible()  # a tab that is opened listens to nobody unasked
    await other.press("voice.speak")
    await line(other.page, "connected")
    elsewhere = walk.page.get_by_text(walk.word("voice.trouble.elsewhere.title"))
    await expect(elsewhere).to_be_visible(timeout=_LONG)
    await walk.look("elsewhere")
    await walk.press("voice.here")
    await line(walk.page, "connected")
    await expect(other.page.get_by_text(other.word("voice.trouble.elsewhere.title"))).to_be_visible(timeout=_LONG)
    await until_heard(walk, 8)
    assert walk.complaints == []


async def test_in_practice_with_consent_the_camera_is_asked_for_and_shown(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "en", _PHONE, "voice-practice")
    await walk.page.add_init_script(_NOTE_ASKED)
    await until_prepared(walk, stack, await invite_to("en", mode="practice"), practice=True)
    await choose_voice(walk)
    await line(walk.page, "connected")
    shown = walk.page.get_by_label(walk.word("voice.self.title"))
    await expect(shown).to_be_visible()
    await expect(shown).to_have_js_property("readyState", 4, timeout=_LONG)
    assert await walk.page.evaluate("window.asked") == ["audio,video"]
    await walk.look("check")
    assert walk.complaints == []


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", _DESKTOP, "voice-denied-en"), ("ko", _PHONE, "voice-denied-ko")]
)
async def test_whose_microphone_is_denied_goes_on_in_writing(
    browser: Browser, stack: LocalStack, invite_to: Invite, language: str, size: tuple[int, int], name: str
) -> None:
    walk = await arrive(browser, stack, language, size, name)
    await walk.page.add_init_script(_REFUSE % "NotAllowedError")
    await until_prepared(walk, stack, await invite_to(language))
    await choose_voice(walk)
    await expect(walk.page.get_by_text(walk.word("voice.trouble.denied.title"))).to_be_visible(timeout=_LONG)
    await walk.look("check")
    await walk.press("prepare.start")
    await walk.question()
    await expect(walk.page.get_by_text(walk.word("voice.trouble.denied.title"))).to_be_visible(timeout=_LONG)
    await walk.look("interview")
    await walk.press("voice.write")
    await walk.answer.fill("I measured it." if language == "en" else "측정했습니다.")
    await walk.press("answer.send")
    await walk.heading("review.title")
    assert walk.complaints == []


async def test_a_language_that_is_not_understood_here_is_said_before_the_clock_runs(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "ko", _PHONE, "voice-language")
    await until_prepared(walk, stack, await invite_to("ko"))
    await choose_voice(walk)
    await expect(walk.page.get_by_text(walk.word("voice.trouble.language.title"))).to_be_visible(timeout=_LONG)
    await walk.look("check")
    await walk.press("voice.write")
    await expect(walk.page.get_by_label(walk.word("voice.check.text"), exact=True)).to_be_checked()
    await walk.press("prepare.start")
    await walk.question()
    await expect(walk.answer).to_be_visible()


async def test_a_device_that_cannot_be_spoken_with_says_why_and_writes(
    browser: Browser, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(browser, stack, "ko", _PHONE, "voice-lacking")
    await until_prepared(walk, stack, await invite_to("ko"))
    for trouble, lacking in _LACKING.items():
        tab = Walk(await walk.page.context.new_page(), "ko", f"voice-{trouble}")
        await tab.page.add_init_script(lacking)
        await tab.page.goto(f"{stack.state.gateway_url}/interview")
        await tab.heading("prepare.title")
        await choose_voice(tab)
        title = tab.word(f"voice.trouble.{trouble}.title")
        await expect(tab.page.get_by_text(title)).to_be_visible(timeout=_LONG)
        await tab.look("check")
        await tab.press("voice.write")
        await expect(tab.page.get_by_text(title)).not_to_be_visible()
        await tab.page.close()
    await walk.press("prepare.start")
    await walk.question()
    await expect(walk.answer).to_be_visible()


async def test_a_microphone_that_vanishes_is_missed_and_another_one_goes_on(
    speaker: Speaker, stack: LocalStack, invite_to: Invite
) -> None:
    walk = await arrive(speaker.browser, stack, "en", _DESKTOP, "voice-vanished")
    await walk.page.add_init_script(_NOTE_ASKED)
    await until_started(walk, stack, await invite_to("en", patience_seconds=30))
    await walk.question()
    await walk.press("voice.speak")
    await until_heard(walk, 3)
    await walk.page.evaluate("window.opened.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    await expect(walk.page.get_by_text(walk.word("voice.trouble.vanished.title"))).to_be_visible()
    await walk.look("vanished")
    await walk.press("voice.again")
    await until_heard(walk, 6)
    assert walk.complaints == []
