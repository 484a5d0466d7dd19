"""The administration before a real receiver: webhooks are made, delivered, sent again and given a new secret; and what
could not be handled on the real bus is looked at, sent again and dropped."""

import asyncio
import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Locator, expect
from viva_testkit.bus import eventually
from viva_testkit.held import sign_in
from viva_testkit.stack import LocalStack
from viva_testkit.unread import say_what_nobody_reads
from viva_testkit.walk import Walk, arrive

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(400)]
_PATIENCE = 60


@dataclass
class Receiver:
    """Takes what is delivered."""

    url: str = ""
    arrived: "asyncio.Queue[tuple[dict[str, str], bytes]]" = field(default_factory=asyncio.Queue)

    async def next(self) -> tuple[dict[str, str], bytes]:
        """The next delivery: its headers and its body."""
        return await asyncio.wait_for(self.arrived.get(), _PATIENCE)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of HTTP/1.1."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()
        self.arrived.put_nowait((headers, body))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on this machine."""
    made = Receiver()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/viva"
    yield made
    server.close()
    await server.wait_closed()


def signed_by(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As the documentation tells receivers to check it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split(" ")


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", (1280, 800), "admin-en"), ("ko", (360, 740), "admin-ko")]
)
async def test_a_webhook_is_made_delivered_sent_again_and_removed(
    browser: Browser, stack: LocalStack, receiver: Receiver, language: str, size: tuple[int, int], name: str
) -> None:
    walk = await arrive(browser, stack, language, size, name)
    password = stack.home.secret("admin-password").read_text()
    await sign_in(walk, stack, stack.state.admin_email, password, "/administration")
    await walk.heading("reviewer.webhooks.title")
    await walk.look("webhooks")
    await walk.press("reviewer.webhooks.add")
    await walk.press("recruiter.save")
    await expect(walk.page.get_by_text(walk.word("reviewer.webhooks.eventsMissing"))).to_be_visible()
    await walk.look("webhook-new")
    await walk.page.get_by_label(walk.word("reviewer.webhooks.url"), exact=True).fill(receiver.url)
    await walk.page.get_by_label(walk.word("reviewer.webhooks.event.report_ready")).check()
    await walk.press("recruiter.save")
    first = await _take_secret(walk, look=True)

    await walk.page.get_by_role("link", name=receiver.url).click()
    await expect(walk.page.get_by_role("heading", level=1)).to_have_text(receiver.url)
    await walk.press("reviewer.webhooks.ping")
    headers, body = await receiver.next()
    assert signed_by(first, headers, body)
    delivered = walk.page.get_by_role("table").get_by_text(walk.word("reviewer.webhooks.log.states.delivered"))
    await expect(delivered).to_be_visible(timeout=60_000)
    await walk.look("webhook")
    await walk.page.get_by_role("button", name=walk.word("reviewer.webhooks.log.details")).click()
    await expect(walk.page.get_by_text('"viva.ping"')).to_be_visible()
    await walk.press("reviewer.webhooks.delivery.again")
    again, _ = await receiver.next()
    assert again["webhook-id"] == headers["webhook-id"]
    await walk.press("reviewer.webhooks.delivery.close")

    await walk.press("reviewer.webhooks.rotate.do")
    await walk.press("reviewer.webhooks.rotate.confirm")
    second = await _take_secret(walk)
    await walk.press("reviewer.webhooks.ping")
    headers, body = await receiver.next()
    assert signed_by(first, headers, body)
    assert signed_by(second, headers, body)

    await walk.press("reviewer.webhooks.remove.do")
    await walk.press("reviewer.webhooks.remove.confirm")
    await walk.heading("reviewer.webhooks.title")
    await expect(walk.page.get_by_role("link", name=receiver.url)).to_have_count(0)
    await _people_and_audit(walk)
    assert walk.outside == []
    assert walk.complaints == []


async def _take_secret(walk: Walk, *, look: bool = False) -> str:
    shown = walk.page.get_by_label(walk.word("reviewer.webhooks.secret.label"), exact=True)
    await expect(shown).to_be_visible()
    if look:
        await walk.look("secret")
    secret: str = await shown.input_value()
    await walk.press("reviewer.webhooks.secret.done")
    return secret


async def _people_and_audit(walk: Walk) -> None:
    await walk.page.get_by_role("link", name=walk.word("reviewer.admin.tabs.people"), exact=True).click()
    await walk.heading("reviewer.people.title")
    await expect(walk.page.get_by_role("table")).to_be_visible()
    await walk.look("people")
    await walk.press("reviewer.people.add")
    await walk.look("person")
    await walk.press("recruiter.cancel")
    await walk.page.get_by_role("link", name=walk.word("reviewer.admin.tabs.audit"), exact=True).click()
    await walk.heading("reviewer.audit.title")
    await expect(walk.page.get_by_role("table")).to_be_visible()
    await walk.look("audit")


@pytest.mark.parametrize(
    ("language", "size", "name"), [("en", (1280, 800), "installation-en"), ("ko", (360, 740), "installation-ko")]
)
async def test_what_could_not_be_handled_is_sent_again_and_dropped_and_what_rules_the_installation_is_shown(
    browser: Browser, stack: LocalStack, language: str, size: tuple[int, int], name: str
) -> None:
    message_id = await say_what_nobody_reads(stack, uuid.uuid4(), b"nobody may read this here")
    walk = await arrive(browser, stack, language, size, name)
    password = stack.home.secret("admin-password").read_text()
    await sign_in(walk, stack, stack.state.admin_email, password, "/administration/dead-letters")
    await walk.heading("reviewer.dead.title")
    letter = walk.page.get_by_role("row").filter(has_text="UNKNOWN_VERSION")
    await _look_until_there(walk, letter)
    await walk.look("dead-letters")

    details = walk.word("reviewer.dead.details")
    await letter.get_by_role("button", name=details).click()
    await expect(walk.page.get_by_text(f"ce-id: {message_id}")).to_be_visible()
    await expect(walk.page.get_by_text("nobody may read this here")).to_have_count(0)
    await walk.look("dead-letter")
    await walk.press("reviewer.dead.retry")
    await expect(walk.page.get_by_text(walk.word("reviewer.dead.sent.title"))).to_be_visible()
    await walk.press("recruiter.close")

    # Its reader has not changed, so it comes back, and tells that it was sent again.
    letter = walk.page.get_by_role("row").filter(has_text=re.compile("sent again once|1번 다시 보냄"))
    await _look_until_there(walk, letter)
    await letter.get_by_role("button", name=details).click()
    await expect(walk.page.get_by_text("Viva-Retries: 1")).to_be_visible()
    await walk.press("reviewer.dead.drop.do")
    await walk.press("reviewer.dead.drop.confirm")
    await expect(walk.page.get_by_text(walk.word("reviewer.dead.dropped"))).to_be_visible()
    await walk.press("recruiter.close")
    await expect(letter).to_have_count(0, timeout=60_000)
    await walk.look("dead-letters-after")
    await _rules_and_provider(walk, stack)
    assert walk.outside == []
    assert walk.complaints == []


async def _look_until_there(walk: Walk, row: Locator) -> None:
    """Press "look again" until the row is there: the worker gives a message up in its own time."""
    again = walk.page.get_by_role("button", name=walk.word("reviewer.dead.look"), exact=True)

    async def there() -> bool:
        await again.click()
        await expect(again).to_be_enabled(timeout=60_000)
        return await row.count() > 0

    await eventually(there, within=120)


async def _rules_and_provider(walk: Walk, stack: LocalStack) -> None:
    await walk.page.get_by_role("link", name=walk.word("reviewer.admin.tabs.retention"), exact=True).click()
    await walk.heading("reviewer.retention.title")
    await expect(walk.page.get_by_text("VIVA_STAFF_SESSION_HOURS")).to_be_visible()
    await walk.look("retention")
    await walk.page.get_by_role("link", name=walk.word("reviewer.admin.tabs.signIn"), exact=True).click()
    await walk.heading("reviewer.oidc.title")
    await expect(walk.page.get_by_text(walk.word("reviewer.oidc.off.title"))).to_be_visible()
    redirect = walk.page.get_by_label(walk.word("reviewer.oidc.redirect"), exact=True)
    await expect(redirect).to_have_value(f"{stack.state.gateway_url}/api/v1/auth/oidc/callback")
    await walk.look("sign-in-settings")
