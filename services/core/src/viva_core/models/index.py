"""Where a package index keeps a wheel: the simple repository API, as JSON (PEP 691) or, from older mirrors, HTML."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin

import httpx

from viva_core.models.fetch import SourceFailed, Unreachable, host

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"


def wheel_file(client: httpx.Client, index: str, package: str, version: str) -> tuple[str, str | None]:
    """The address of the wheel of `package` at `version`, and its sha256 if the index tells.

    Raises:
        Unreachable: no connection to the index.
        SourceFailed: the index has no such wheel.
    """
    name = re.sub(r"[-_.]+", "-", package).lower()
    page = f"{index.rstrip('/')}/{name}/"
    try:
        response = client.get(page, headers={"Accept": _ACCEPT})
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise Unreachable(f"{host(page)} cannot be reached") from error
    except httpx.HTTPError as error:
        raise SourceFailed(f"{host(page)} broke off ({type(error).__name__})") from error
    if not response.is_success:
        raise SourceFailed(f"{host(page)} answered {response.status_code} for {package}")
    json = "json" in response.headers.get("content-type", "")
    prefix = f"{name.replace('-', '_')}-{version}-".lower()
    for filename, url, sha256 in _json_files(response) if json else _html_files(response):
        if filename.lower().startswith(prefix) and filename.endswith(".whl"):
            return urljoin(str(response.url), url), sha256
    raise SourceFailed(f"{host(page)} has no wheel of {package} {version}")


def _json_files(response: httpx.Response) -> list[tuple[str, str, str | None]]:
    try:
        files = response.json()["files"]
        return [(file["filename"], file["url"], file.get("hashes", {}).get("sha256")) for file in files]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceFailed(f"{host(str(response.url))} answered what is no package index's answer") from error


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def _html_files(response: httpx.Response) -> list[tuple[str, str, str | None]]:
    anchors = _Anchors()
    anchors.feed(response.text)
    files = []
    for link in anchors.links:
        url, fragment = urldefrag(link)
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None
        files.append((unquote(url.rsplit("/", 1)[-1]), url, sha256))
    return files
