"""A report as one HTML page that needs nothing else: it can be saved, mailed and printed."""

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from viva_gateway.adapters.report.page import Page


class HtmlRenderer:
    """Renders pages. `policy` is the Content-Security-Policy that lets the page's own style in and nothing else."""

    def __init__(self) -> None:
        folder = files("viva_gateway.adapters.report") / "templates"
        self._style = (folder / "report.css").read_text(encoding="utf-8")
        environment = Environment(
            loader=PackageLoader("viva_gateway.adapters.report"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("report.html.j2")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        rules = ("default-src", "frame-ancestors", "base-uri", "form-action")
        self.policy = "; ".join((f"style-src 'sha256-{digest}'", *(f"{rule} 'none'" for rule in rules)))

    def render(self, page: Page) -> str:
        """The page."""
        return self._template.render(page=page, t=page.texts, style=self._style)
