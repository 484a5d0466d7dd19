"""The report as PDF: what it costs a gateway that makes none, and what its library says in the log."""

import logging
import subprocess
import sys

import pytest
from viva.session.v1 import interview_pb2
from viva_gateway.adapters.report.page import page_of
from viva_gateway.adapters.report.pdf import PdfRenderer

_HEAVY = ("fpdf", "fontTools", "numpy", "PIL", "authlib", "alembic")


def test_a_gateway_that_only_serves_loads_no_heavy_library() -> None:
    code = "import sys, viva_gateway.__main__, viva_gateway.bootstrap; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(_HEAVY).isdisjoint(done.stdout.split())


async def test_a_character_that_the_font_lacks_is_drawn_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    candidate = interview_pb2.Candidate(name="Kim \U00078183 Minji", email="minji@example.com")
    report = interview_pb2.Report(interview=interview_pb2.Interview(candidate=candidate), demo=True)
    with caplog.at_level(logging.INFO):
        drawn = await PdfRenderer().render(page_of(report))
    assert drawn.startswith(b"%PDF-")
    assert [record.name for record in caplog.records if record.name.startswith(("fpdf", "fontTools"))] == []
