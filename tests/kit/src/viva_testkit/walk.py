"""A candidate's way through the pages, step by step, as a person would go it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from viva_testkit.stack import LocalStack

ROOT = Path(__file__).parents[4]
CATALOGUES = ROOT / "services/web/src/i18n"
AXE = ROOT / "services/web/node_modules/axe-core/axe.min.js"
SCREENSHOTS = ROOT / "build/screenshots"
# Colours in the middle of a transition have a contrast of their own.
_STILL = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().iterations !== Infinity).map((one) => one.finished))"""
_LONG = 90_000  # a model on a loaded machine writes slowly


@dataclass
class Walk:
    """Somebody before the pages. `words` are those of their language's catalogue."""

    page: Page
    language: str
    name: str
    outside: list[str] = field(default_factory=list)
    """Requests to anywhere but the gateway."""
    complaints: list[str] = field(default_factory=list)
    """What the browser's console had to say: errors, refusals of the content policy."""
    shots: int = 0

    def __post_init__(self) -> None:
        files = (CATALOGUES / f"{name}{self.language}.json" for name in ("", "recruiter.", "reviewer."))
        self._words = {key: words for file in files for key, words in json.loads(file.read_text()).items()}

    def word(self, key: str, **values: Any) -> str:
        """A message without plurals."""
        found: Any = self._words
        for part in key.split("."):
            found = found[part]
        return re.sub(r"{(\w+)}", lambda match: str(values[match[1]]), found)

    def watch(self, base: str) -> None:
        """Note what goes out and what is complained of."""
        self.page.on("request", lambda one: self._asked(one.url, base))
        self.page.on("console", lambda one: self._said(one.type, one.text))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))

    def _asked(self, url: str, base: str) -> None:
        if not url.startswith((base, base.replace("http", "ws"), "blob:")):
            self.outside.append(url)

    def _said(self, kind: str, text: str) -> None:
        # A refused request is logged by the browser itself; the page has words for it.
        if kind == "error" and "Failed to load resource" not in text and "WebSocket connection" not in text:
            self.complaints.append(text)

    async def heading(self, key: str, **values: Any) -> None:
        """Wait for the page with this heading."""
        name = self.word(key, **values)
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(name, timeout=_LONG)

    async def press(self, key: str) -> None:
        """Press the button."""
        await self.page.get_by_role("button", name=self.word(key), exact=True).click()

    async def look(self, title: str) -> None:
        """Whatever page this is, it must be accessible in both themes and have all its words."""
        await self.page.evaluate("document.fonts.ready.then(() => null)")
        for theme in ("light", "dark"):
            await self.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
            await self.page.evaluate(_STILL)
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=SCREENSHOTS / f"{self.name}-{title}-{theme}.png", full_page=True)
            found = await self._violations()
            assert found == [], f"{title} ({theme}): {found}"
        text = await self.page.inner_text("body")
        untranslated = re.findall(r"\b[a-z]\w*(?:\.[a-z]\w*)+\b", re.sub(r"\S+@\S+", "", text))
        keys = {key for key in untranslated if key.split(".")[0] in self._words}
        assert keys == set(), f"{title}: {keys}"
        wide = await self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{title} is {wide} px wider than the window"

    async def _violations(self) -> list[str]:
        await self.page.evaluate(AXE.read_text())
        found: list[str] = await self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
            ".map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)"
        )
        return found

    async def say(self, purpose: str, granted: bool) -> None:
        """Answer one consent."""
        group = self.page.get_by_role("group", name=self.word(f"consent.purposes.{purpose}.title"))
        await group.get_by_label(self.word("consent.yes" if granted else "consent.no"), exact=True).check()

    async def question(self, after: str = "") -> str:
        """Wait until a question is asked, another one than `after`; its words."""
        asked = self.page.locator("h2#question")
        await expect(asked).not_to_have_text(after, timeout=_LONG)
        return await asked.inner_text()

    @property
    def answer(self) -> Any:
        """The field of the answer."""
        return self.page.locator("#answer")

    async def kept(self, how: str) -> None:
        """Wait until what is typed is kept so: saved, offline, long."""
        await expect(self.page.locator("#kept")).to_have_attribute("data-kept", how, timeout=_LONG)


async def arrive(browser: Browser, stack: LocalStack, language: str, size: tuple[int, int], name: str) -> Walk:
    """Somebody with a fresh browser."""
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, locale=language)
    walk = Walk(await context.new_page(), language, name)
    walk.watch(stack.state.gateway_url)
    return walk


async def until_prepared(
    walk: Walk,
    stack: LocalStack,
    invitation: dict[str, Any],
    *,
    practice: bool = False,
    record: bool = False,
    look: bool = False,
) -> None:
    """From the link to the page before the clock runs. `practice`: with the consent to expressions too."""
    await walk.page.goto(f"{stack.state.gateway_url}/interview#{invitation['token']}")
    await walk.heading("welcome.title", name="Kim Minji")
    assert "#" not in walk.page.url
    if look:
        await walk.look("welcome")
    await walk.press("welcome.goOn")
    await walk.heading("consent.title")
    await walk.page.reload()
    await walk.heading("consent.title")
    for purpose, granted in (("transcribe", True), ("ai_scoring", True), ("record", record)):
        await walk.say(purpose, granted)
    if practice:
        await walk.say("expressions", True)
    if look:
        await walk.look("consent")
    await walk.press("consent.goOn")
    await walk.heading("prepare.title")
    if look:
        await walk.look("prepare")


async def until_started(walk: Walk, stack: LocalStack, invitation: dict[str, Any], *, look: bool = False) -> None:
    """From the link to the interview."""
    await until_prepared(walk, stack, invitation, look=look)
    await walk.press("prepare.start")
    await walk.heading("interview.title")
