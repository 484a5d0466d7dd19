"""The pages: what `make web` built, served to browsers at every address that is not the API's.

Files are looked up among those that were there at the start, so that no address can name another one. Names of assets
bear a hash of what is in them and are kept for ever; the pages that name them are asked for anew each time.
"""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope
from viva_core.errors import Invalid, NotFound, Violation

from viva_gateway.edge.problems import failure_response

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_PAGE = "index.html"
_ASSETS = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"  # the icon: its name bears no hash, and each page has it three times
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_NOT_BUILT = "Viva's pages are not built: run `make web`, then start Viva again. The API is at /api/v1.\n"


@dataclass(frozen=True)
class Site:
    """The built pages; `files` by address without the first slash."""

    files: Mapping[str, Path]

    @classmethod
    def read(cls, folder: Path) -> "Site":
        """The pages in a folder. Raises Invalid when it holds none."""
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        if _PAGE not in files:
            raise Invalid(
                f"there are no pages in {folder}: build them with `make web`, or leave VIVA_WEB_FOLDER unset",
                [Violation("VIVA_WEB_FOLDER", f"holds no {_PAGE}")],
            )
        return cls(files)

    def answer(self, path: str, headers: Headers) -> Response:
        """The file at an address; wherever there is none the page of that address (`interview.html` at /interview), or
        the one of all others, since pages know their own addresses. Raises NotFound for an asset of another build."""
        if path not in self.files:
            if path.startswith(_ASSETS):
                raise NotFound("there is no such asset: load the page again")
            path = f"{path}.html" if f"{path}.html" in self.files else _PAGE
        encoding = next((name for name in _accepted(headers) if path + _ENCODINGS[name] in self.files), None)
        more = {"Vary": "Accept-Encoding"}
        if encoding is not None:
            more["Content-Encoding"] = encoding
        more["Cache-Control"] = _FOR_EVER if path.startswith(_ASSETS) else _AN_HOUR
        if path.endswith(".html"):
            more["Cache-Control"] = "no-cache"
            more["Content-Security-Policy"] = CONTENT_POLICY
        media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        file = self.files[path + _ENCODINGS[encoding] if encoding is not None else path]
        stat = file.stat()
        response = FileResponse(file, media_type=media_type, headers=more, stat_result=stat)
        if response.headers["etag"] in headers.get("if-none-match", ""):
            kept = {name: response.headers[name] for name in ("ETag", *more)}
            return Response(status_code=304, headers=kept)
        return response


def _accepted(headers: Headers) -> list[str]:
    """The encodings of ours that the browser takes, best first."""
    offered = [part.strip().partition(";") for part in headers.get("accept-encoding", "").split(",")]
    taken = {name for name, _, weight in offered if weight.strip() not in ("q=0", "q=0.0")}
    return [name for name in _ENCODINGS if name in taken]


class Pages(Route):
    """Every address but those of the API and of the probes; it must come after all other routes."""

    def __init__(self, site: Site | None) -> None:
        self._site = site
        super().__init__("/{path:path}", self._serve, methods=["GET"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Never what is below /api: there an unknown address is a problem document."""
        if scope["type"] != "http" or f"{scope['path']}/".startswith("/api/"):
            return Match.NONE, {}
        return super().matches(scope)

    async def _serve(self, request: Request) -> Response:
        if self._site is None:
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        try:
            return self._site.answer(request.path_params["path"], request.headers)
        except NotFound as error:
            return failure_response(error, request.scope)
