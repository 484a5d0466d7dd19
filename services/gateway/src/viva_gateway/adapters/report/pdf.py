"""A report as PDF, with the glyphs it needs embedded, Korean included.

The font is Noto Sans KR (SIL Open Font License 1.1) from the package `pylopdf-fonts-ko`. It holds Hangul, Latin and
Hanja; a character that it lacks is drawn as a box, never dropped.
"""

import asyncio

from pylopdf_fonts_ko import sans_path

from viva_gateway.adapters.report.page import Page
from viva_gateway.adapters.report.table import CandidateTable


class PdfRenderer:
    """Renders pages, off the event loop and one at a time: it is work for a whole core."""

    def __init__(self) -> None:
        self._font = str(sans_path())
        self._turn = asyncio.Lock()

    async def render(self, page: Page) -> bytes:
        """The document."""
        async with self._turn:
            return await asyncio.to_thread(self.draw, page)

    async def table(self, table: CandidateTable) -> bytes:
        """A table of candidates."""
        async with self._turn:
            return await asyncio.to_thread(self._draw_table, table)

    def _draw_table(self, table: CandidateTable) -> bytes:
        from viva_gateway.adapters.report import sheet

        return sheet.draw_table(table, self._font)

    def draw(self, page: Page) -> bytes:
        """The document, in this thread."""
        from viva_gateway.adapters.report import sheet  # 28 MB that only a gateway which makes PDFs pays for

        return sheet.draw(page, self._font)
