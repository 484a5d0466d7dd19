"""A browser whose clock is wrong: nothing on the way from the link to the answer depends on the client's time."""

import json
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest
from viva_local.demo.client import ApiClient
from viva_testkit.stack import LocalStack
from websockets.asyncio.client import connect

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(600)]
Json = dict[str, Any]

MINUTES = 20
PURPOSES = ("record", "transcribe", "ai_scoring")
SLACK = 5.0  # seconds that a call may take on a busy machine


class Browser:
    """Does with its wrong clock what browsers do: dates its requests, and lets cookies run out (RFC 6265, 5.3)."""

    def __init__(self, url: str, wrong_by: timedelta) -> None:
        self._http = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=60, headers={"Origin": url})
        self._url = url
        self._wrong_by = wrong_by
        self._cookies: dict[str, tuple[str, datetime | None]] = {}

    def now(self) -> datetime:
        """What the user's clock shows."""
        return datetime.now(UTC) + self._wrong_by

    def headers(self) -> dict[str, str]:
        """What goes with every request."""
        date = format_datetime(self.now(), usegmt=True)
        good = (f"{name}={value}" for name, (value, end) in self._cookies.items() if end is None or end > self.now())
        return {"Date": date, "If-Modified-Since": date, "If-Unmodified-Since": date, "Cookie": "; ".join(good)}

    async def ask(self, method: str, path: str, body: Json | None = None, **headers: str) -> Json:
        """A JSON answer; the cookies that come with it are kept."""
        answered = await self._http.request(method, path, json=body, headers=self.headers() | headers)
        assert answered.is_success, answered.text
        self._keep(answered)
        # No other answer may come from a cache, whose freshness the client's clock would decide.
        assert answered.headers["cache-control"] == "no-store"
        assert {"expires", "last-modified"}.isdisjoint(answered.headers)
        found: Json = answered.json()
        return found

    def _keep(self, answered: httpx.Response) -> None:
        for header in answered.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self._cookies[name] = (morsel.value, self._end(morsel))

    def _end(self, morsel: "Morsel[str]") -> datetime | None:
        if morsel["max-age"]:
            return self.now() + timedelta(seconds=int(morsel["max-age"]))
        return parsedate_to_datetime(morsel["expires"]) if morsel["expires"] else None

    async def live(self, interview_id: str) -> AsyncGenerator[Json, None]:
        """The messages of the live socket."""
        url = f"{self._url.replace('http', 'ws', 1)}/api/v1/interviews/{interview_id}/live?last_event_id=0"
        headers = self.headers()
        async with connect(url, additional_headers=headers, origin=None) as socket:
            async for raw in socket:
                yield json.loads(raw)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


@pytest.fixture
async def token(recruiter: ApiClient, invite: Callable[[ApiClient, int], Awaitable[str]]) -> str:
    """A link to a short interview. It holds ten minutes: a browser that is that much ahead may not think it over."""
    return await invite(recruiter, 600)


@pytest.mark.parametrize("wrong_by", [timedelta(minutes=-10), timedelta(minutes=10)], ids=["slow", "fast"])
async def test_a_wrong_clock_changes_nothing(stack: LocalStack, token: str, wrong_by: timedelta) -> None:
    browser = Browser(stack.state.gateway_url, wrong_by)
    own = "/candidate/interview"
    await browser.ask("POST", "/candidate/session", {"token": token})
    consents = [{"purpose": purpose, "granted": True, "text_version": "2026-11"} for purpose in PURPOSES]
    await browser.ask("POST", f"{own}/consents", {"consents": consents})
    await browser.ask("POST", f"{own}/ready")
    started = await browser.ask("POST", f"{own}/start")
    begun = time.monotonic()
    assert left(started) == pytest.approx(MINUTES * 60, abs=SLACK)

    asked, wrong = await first_question(browser, started["interview_id"])
    # What is left is a duration: a countdown that starts from it needs no date, and is right.
    assert left(asked) == pytest.approx(MINUTES * 60 - (time.monotonic() - begun), abs=SLACK)
    assert wrong == pytest.approx(wrong_by.total_seconds(), abs=SLACK)
    (turn,) = asked["turns"]
    path = f"{own}/turns/{turn['turn_id']}"
    await browser.ask("PUT", f"{path}/draft", {"text": "I found", "draft_revision": 1})
    body, key = {"text": "I found it with a profiler."}, str(uuid.uuid4())
    first = await browser.ask("POST", f"{path}/answer", body, **{"Idempotency-Key": key})
    again = await browser.ask("POST", f"{path}/answer", body, **{"Idempotency-Key": key})
    assert again == first
    assert first["turns"][0]["answer"]["text"] == body["text"]
    transcript = await browser.ask("GET", f"{path}/transcript")
    revised = await browser.ask(
        "PUT", f"{path}/transcript", {"text": "I found it by profiling."}, **{"If-Match": f'"{transcript["revision"]}"'}
    )
    assert revised["revision"] == transcript["revision"] + 1
    done = await browser.ask("POST", f"{own}/complete")
    assert done["state"] in ("completed", "reported")
    await browser.aclose()


async def first_question(browser: Browser, interview_id: str) -> tuple[Json, float]:
    """The interview once its first question stands there, and the seconds by which the browser's clock is ahead."""
    ahead: float | None = None
    messages = browser.live(interview_id)
    async for message in messages:
        data = message["data"]
        if message["type"] == "hello":
            ahead = (browser.now() - datetime.fromisoformat(data["at"])).total_seconds()
        interview = data.get("interview")
        if interview is not None and any((turn["answer"] or {}).get("state") == "open" for turn in interview["turns"]):
            assert ahead is not None
            await messages.aclose()
            return interview, ahead
    raise AssertionError("the socket was closed before a question came")


def left(interview: Json) -> float:
    """Seconds until the interview's time is up."""
    seconds: float = interview["progress"]["time_left_seconds"]
    return seconds


async def test_a_token_says_how_long_it_lasts_and_not_until_when(stack: LocalStack) -> None:
    browser = Browser(stack.state.gateway_url, timedelta(minutes=-10))
    password = stack.home.secret("admin-password").read_text()
    tokens = await browser.ask("POST", "/auth/token", {"email": stack.state.admin_email, "password": password})
    assert tokens["expires_in"] == pytest.approx(600, abs=SLACK)
    me = await browser.ask("GET", "/auth/me", Authorization=f"Bearer {tokens['access_token']}")
    assert me["roles"]
    await browser.aclose()
