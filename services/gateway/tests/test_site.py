"""The pages, as browsers get them."""

import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from viva_core.errors import Invalid
from viva_gateway.edge.site import Site
from viva_testkit.clock import FakeClock

PAGE = "<!doctype html><title>Viva</title>"
CANDIDATES = "<!doctype html><title>An interview</title>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "interview.html").write_text(CANDIDATES)
    (tmp_path / "assets" / "main-abc123.js").write_text("run()")
    (tmp_path / "assets" / "main-abc123.js.gz").write_bytes(gzip.compress(b"run()"))
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path.parent / "secret.txt").write_text("for nobody")
    return tmp_path


@pytest.fixture
async def browser(
    settings: Any, neighbour: Any, clock: FakeClock, run_gateway: Callable[..., Any], folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a gateway that has pages."""
    async with run_gateway(settings(web_folder=folder), neighbour, clock) as made:
        transport = httpx.ASGITransport(app=made.built.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
            yield client


@pytest.mark.parametrize("path", ["/", "/interviews", "/interview/more", "/a/page/that/comes/later", "/apiary"])
async def test_every_address_of_a_page_gets_the_page(browser: httpx.AsyncClient, path: str) -> None:
    answered = await browser.get(path)
    assert (answered.status_code, answered.text) == (200, PAGE)
    assert answered.headers["cache-control"] == "no-cache"
    assert answered.headers["content-type"].startswith("text/html")


async def test_the_candidates_address_has_a_page_of_its_own(browser: httpx.AsyncClient) -> None:
    answered = await browser.get("/interview")
    assert (answered.status_code, answered.text) == (200, CANDIDATES)
    assert answered.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/interview", "/interview.html", "/positions"])
async def test_a_page_runs_only_scripts_of_its_own(browser: httpx.AsyncClient, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["permissions-policy"].startswith("camera=(self), microphone=(self)")


async def test_an_asset_is_kept_for_ever_and_sent_compressed(browser: httpx.AsyncClient) -> None:
    answered = await browser.get("/assets/main-abc123.js", headers={"Accept-Encoding": "br;q=0, gzip"})
    assert answered.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answered.headers["content-encoding"] == "gzip"
    assert answered.headers["vary"] == "Accept-Encoding"
    assert "javascript" in answered.headers["content-type"]
    assert answered.text == "run()"
    plain = await browser.get("/assets/main-abc123.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == "run()"


async def test_what_bears_no_hash_is_kept_for_an_hour(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/icon.svg")).headers["cache-control"] == "public, max-age=3600"


async def test_a_page_that_is_known_is_not_sent_again(browser: httpx.AsyncClient) -> None:
    first = await browser.get("/")
    again = await browser.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/assets/main-gone.js", "/api/v1/nothing", "/api", "/api/"])
async def test_what_is_no_page_is_a_problem_document(browser: httpx.AsyncClient, path: str) -> None:
    answered = await browser.get(path)
    assert answered.status_code == 404
    assert answered.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
async def test_no_address_leads_out_of_the_folder(browser: httpx.AsyncClient, path: str) -> None:
    assert "for nobody" not in (await browser.get(path)).text


async def test_a_gateway_without_pages_says_so(gateway: Any) -> None:
    client = gateway.client()
    answered = await client.get("http://gateway.test/")
    assert answered.status_code == 503
    assert "make web" in answered.text


def test_a_folder_without_pages_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="make web"):
        Site.read(tmp_path)
