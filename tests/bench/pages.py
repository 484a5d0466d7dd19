"""The pages in Debian's Chromium before a whole stack: first load, words to pixels, a long list, a long interview.

No peer is named for these: the figures stand against their budgets alone. The first load is measured as Lighthouse's
mobile profile does: the processor four times slower, a line of 1.6 Mbit/s down and 0.75 Mbit/s up with 150 ms there and
back (https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md), nothing cached.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, CDPSession, ViewportSize, async_playwright, expect
from pydantic import SecretStr
from viva_core.bus import Bus
from viva_core.clock import SystemClock
from viva_core.health import Health
from viva_core.settings import NatsSettings, ServiceSettings
from viva_core.telemetry.metrics import new_registry
from viva_media.adapters.herald import Herald
from viva_media.domain.audio import RATE, Span
from viva_media.domain.ports import SpeechModel
from viva_media.domain.transcript import Word
from viva_testkit.held import sign_in
from viva_testkit.stack import LocalStack
from viva_testkit.walk import Walk, arrive, until_prepared

from tests.bench import stack
from tests.bench.rows import Row, p50, p95, row

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-features=MediaRouter "
    "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"
).split()
_SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
_SLOWER = 4  # times, the processor
_PHONE, _DESKTOP = (360, 740), (1280, 800)
_WORDS = 500
_PASSAGE = 10  # words
_MANY = 1000  # candidates
_MESSAGES = 10_000
_MINUTES = 60
_QUIET = 3.0  # seconds without a long task, after which the page counts as interactive since the last one
_NAME = "Kim Minji"
_ENGINE = SpeechModel("bench", "bench", ("en",))

# Long tasks block the page for 50 ms or more (https://w3c.github.io/longtasks/).
_NOTE_LOADING = """
window.noted = { shown: null, blocked: 0 };
new PerformanceObserver((list) => {
  const ends = list.getEntries().map((one) => one.startTime + one.duration);
  window.noted.blocked = Math.max(window.noted.blocked, ...ends);
}).observe({ type: 'longtask', buffered: true });
new MutationObserver(() => {
  if (window.noted.shown === null && document.querySelector('main button:enabled') !== null) {
    window.noted.shown = 0;
    requestAnimationFrame(() => setTimeout(() => { window.noted.shown = performance.now(); }));
  }
}).observe(document, { childList: true, subtree: true });
"""
_LOADED = """() => ({ ...window.noted,
  painted: performance.getEntriesByName('first-contentful-paint')[0].startTime,
  bytes: performance.getEntriesByType('resource').reduce((sum, one) => sum + one.transferSize, 0) })"""
# From the arrival of a guess of what is being said to the frame that shows it, or a newer one. The first task after a
# frame's callbacks runs when the frame was handed over to be drawn.
_NOTE_PIXELS = """
window.pixels = [];
window.told = 0;
const Original = window.WebSocket;
window.WebSocket = class extends Original {
  constructor(...given) {
    super(...given);
    this.addEventListener('message', (event) => {
      window.told += 1;
      const number = Number(/guess(\\d+)-/.exec(event.data)?.[1] ?? NaN);
      if (Number.isNaN(number)) return;
      const look = () => requestAnimationFrame(() => {
        const shown = /guess(\\d+)-/.exec(document.querySelector('.caption-guess')?.textContent ?? '');
        if (!(Number(shown?.[1]) >= number)) return look();
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.pixels.push(performance.now() - event.timeStamp);
        channel.port2.postMessage(null);
      });
      look();
    });
  }
};
"""
_FRAMES = """
window.frames_ = [];
(function next(before) {
  requestAnimationFrame((now) => { window.frames_.push(now - before); next(now); });
})(performance.now());
"""


class _Settings(NatsSettings, ServiceSettings):
    """Where the bus is."""


def run(*, quick: bool = False) -> list[Row]:
    """The rows."""
    with stack.home() as home, stack.running(home, stack.FREE) as viva:
        return asyncio.run(_measured(viva, quick=quick))


async def _measured(viva: LocalStack, *, quick: bool) -> list[Row]:
    rounds, messages = (3, 1000) if quick else (9, _MESSAGES)
    async with stack.recruiter(viva) as client, _chromium() as browser:
        invited = await stack.invite(client, rounds + 2, _NAME)
        loads = [await _load(browser, viva, one.token) for one in invited[:rounds]]
        pixels = await _pixels(browser, viva, invited[rounds], 100 if quick else 400)
        first, last = await _long(browser, viva, invited[rounds + 1], messages)
        crowd = await stack.invite(client, _MANY)
        told = await client.get(f"/interviews/{crowd[0].interview_id}")
        frames = await _scroll(browser, viva, told["position_id"])
    return [
        row("candidate's page, first contentful paint, p50", "s", p50([one["painted"] for one in loads]) / 1000, 1.0),
        row("candidate's page, interactive, p50", "s", p50([one["interactive"] for one in loads]) / 1000, 1.5),
        row("candidate's page, over the line", "KB", p50([one["bytes"] for one in loads]) / 1000),
        row(f"guessed words to pixels, {_WORDS} words on the page, p50", "ms", p50(pixels)),
        row(f"guessed words to pixels, {_WORDS} words on the page, p95", "ms", p95(pixels), 50),
        row(f"list of {_MANY:,} candidates, scrolled", "frames/s", 1000 * len(frames) / sum(frames), 59, at="least"),
        row(f"list of {_MANY:,} candidates, a frame, p95", "ms", p95(frames)),
        row(f"heap after the first {messages // 10:,} live messages", "MB", first),
        row(f"heap after {messages:,} live messages and {_MINUTES} minutes, more than that", "MB", last - first, 1.0),
    ]


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    binary = shutil.which("chromium")
    if binary is None:
        raise RuntimeError("this part needs a browser: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=_FLAGS)
        yield browser
        await browser.close()


async def _load(browser: Browser, viva: LocalStack, token: str) -> dict[str, float]:
    """The candidate's first page from its link; times in milliseconds since the address was opened."""
    width, height = _PHONE
    context = await browser.new_context(viewport=ViewportSize(width=width, height=height), locale="en")
    page = await context.new_page()
    await page.add_init_script(_NOTE_LOADING)
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", _SLOW_LINE)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    await page.goto(f"{viva.state.gateway_url}/interview#{token}", wait_until="commit")
    await page.wait_for_function(
        "(quiet) => noted.shown && performance.now() - Math.max(noted.shown, noted.blocked) > quiet",
        arg=_QUIET * 1000,
        timeout=60_000,
    )
    noted: dict[str, float] = await page.evaluate(_LOADED)
    await context.close()
    return noted | {"interactive": max(noted["shown"], noted["blocked"])}


async def _speaking(browser: Browser, viva: LocalStack, one: stack.Invited, *, clock: bool = False) -> tuple[Walk, str]:
    """Somebody in their interview by voice, before an open question; with the question's turn. `clock`: the page
    has its own, which can be moved."""
    walk = await arrive(browser, viva, "en", _DESKTOP, "bench")
    if clock:
        await walk.page.clock.install()
    await walk.page.add_init_script(_NOTE_PIXELS)
    await until_prepared(walk, viva, {"token": one.token})
    await walk.page.get_by_label(walk.word("voice.check.voice"), exact=True).check()
    await walk.press("prepare.start")
    await walk.question()
    await expect(walk.page.locator(".call-line")).to_have_attribute("data-line", "connected", timeout=60_000)
    interview = await walk.page.evaluate("fetch('/api/v1/candidate/interview').then((one) => one.json())")
    turn: str = interview["turns"][0]["turn_id"]
    return walk, turn


@asynccontextmanager
async def _media(viva: LocalStack, interview_id: str) -> AsyncIterator[Herald]:
    """What media says of an interview, said in its place."""
    password = SecretStr(viva.home.secret("nats-media").read_text().strip())
    settings = _Settings(nats_url=viva.state.nats_url, nats_user="media", nats_password=password)
    bus = await Bus.connect(settings, source="media", health=Health(), registry=new_registry())
    try:
        yield Herald(bus, SystemClock(), viva.state.tenant_id, interview_id)
    finally:
        await bus.close()


async def _say(herald: Herald, turn: str, words: int) -> None:
    """Words that are written down for good, in passages."""
    for first in range(0, words, _PASSAGE):
        span = Span(first * RATE // 2, (first + _PASSAGE) * RATE // 2)
        said = [Word(f"word{n}", n / 2, n / 2 + 0.4, 0.9) for n in range(first, first + _PASSAGE)]
        await herald.final(turn, span, said, _ENGINE)


async def _pixels(browser: Browser, viva: LocalStack, one: stack.Invited, guesses: int) -> list[float]:
    """Milliseconds from each guess's arrival to the frame that shows it, 25 guesses a second."""
    walk, turn = await _speaking(browser, viva, one)
    async with _media(viva, one.interview_id) as herald:
        await _say(herald, turn, _WORDS)
        await expect(walk.page.locator("#caption")).to_contain_text(f"word{_WORDS - 1}", timeout=60_000)
        for number in range(guesses):
            start = (_WORDS + number // 20 * _PASSAGE) * RATE // 2
            text = " ".join(f"guess{number}-{n}" for n in range(1 + number % 20))
            await herald.partial(turn, number, start, text)
            await asyncio.sleep(0.04)
        await walk.page.wait_for_function("(guesses) => window.pixels.length >= guesses", arg=guesses)
    took: list[float] = await walk.page.evaluate("window.pixels")
    await walk.page.context.close()
    return took


async def _long(browser: Browser, viva: LocalStack, one: stack.Invited, messages: int) -> tuple[float, float]:
    """The page's heap in megabytes after a tenth of the messages and after all of them, an hour later on its clock."""
    walk, turn = await _speaking(browser, viva, one, clock=True)
    devtools = await walk.page.context.new_cdp_session(walk.page)
    async with _media(viva, one.interview_id) as herald:
        await _say(herald, turn, _WORDS)
        tenth = messages // 10
        first = 0.0
        for part in range(10):
            for number in range(part * tenth, (part + 1) * tenth):
                await herald.partial(turn, number, _WORDS * RATE // 2, f"guess {number}")
            await expect(walk.page.locator("#caption")).to_contain_text(
                f"guess {(part + 1) * tenth - 1}", timeout=60_000
            )
            await walk.page.clock.fast_forward(_MINUTES * 60_000 // 10)
            if part == 0:
                first = await _heap(devtools)
    last = await _heap(devtools)
    told = await walk.page.evaluate("window.told")
    if told < messages:
        raise RuntimeError(f"{messages} messages were sent and {told} arrived")
    await walk.page.context.close()
    return first, last


async def _heap(devtools: CDPSession) -> float:
    """Megabytes in use once all that nobody holds is collected."""
    await devtools.send("HeapProfiler.collectGarbage")
    used = await devtools.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1e6


async def _scroll(browser: Browser, viva: LocalStack, position_id: str) -> list[float]:
    """Milliseconds between frames while the board of a position is scrolled through from end to end."""
    walk = await arrive(browser, viva, "en", _DESKTOP, "bench-board")
    password = viva.home.secret("admin-password").read_text()
    await sign_in(walk, viva, viva.state.admin_email, password, f"/positions/{position_id}")
    await expect(walk.page.locator("tbody tr[data-index]").first).to_be_visible(timeout=60_000)
    devtools = await walk.page.context.new_cdp_session(walk.page)
    await walk.page.evaluate(_FRAMES)
    height = await walk.page.evaluate("document.documentElement.scrollHeight")
    await walk.page.evaluate("window.frames_.length = 0")
    await devtools.send(
        "Input.synthesizeScrollGesture",
        {"x": 640, "y": 400, "yDistance": -height, "speed": 6000, "gestureSourceType": "mouse"},
    )
    frames: list[float] = await walk.page.evaluate("window.frames_")
    seen = await walk.page.evaluate("Number([...document.querySelectorAll('tr[data-index]')].at(-1).dataset.index)")
    if seen != _MANY - 1:
        raise RuntimeError(f"the list was scrolled to row {seen}")
    await walk.page.context.close()
    return frames
