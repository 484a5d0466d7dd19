"""Résumés: what is read, and what a hostile file does not get."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import docx
import pypdf
import pytest
from viva_core.errors import Invalid
from viva_session.adapters.resume import ResumeReader
from viva_session.domain.resume import Resume

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = """Alex Morgan
Backend engineer

Experience
- Cut the settlement batch from 40 minutes to 6 by partitioning the ledger.
- Led the migration of card payments to Kafka.

Skills
Python, PostgreSQL, Kafka
"""
KOREAN = "한서윤\n\n경력\n- 정산 배치를 40분에서 6분으로 줄였습니다.\n\n기술\nPython, PostgreSQL\n"


def pdf(pages: int, text: str = "") -> bytes:
    """A PDF with that many pages; the text, if any, on each."""
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(width=595, height=842)
        if text:
            font = pypdf.generic.DictionaryObject(
                {
                    pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Font"),
                    pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/Type1"),
                    pypdf.generic.NameObject("/BaseFont"): pypdf.generic.NameObject("/Helvetica"),
                }
            )
            fonts = pypdf.generic.DictionaryObject({pypdf.generic.NameObject("/F1"): writer._add_object(font)})
            page[pypdf.generic.NameObject("/Resources")] = pypdf.generic.DictionaryObject(
                {pypdf.generic.NameObject("/Font"): fonts}
            )
            stream = pypdf.generic.DecodedStreamObject()
            stream.set_data(f"BT /F1 12 Tf 50 800 Td ({text}) Tj ET".encode())
            page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream)
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def encrypted_pdf() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(width=595, height=842)
    writer.encrypt("secret", algorithm="RC4-128")
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()


def word(text: str) -> bytes:
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    sink = io.BytesIO()
    document.save(sink)
    return sink.getvalue()


def archive(entries: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return sink.getvalue()


def bomb() -> bytes:
    """A "document" of a few kilobytes that unpacks to 300 MB."""
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b" " * (300 * 1024 * 1024)})


def entities() -> bytes:
    document = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": document})


async def read(content: bytes, name: str = "cv") -> Resume:
    return await ResumeReader().read(name, content, NOW)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (TEXT.encode(), "text/plain"),
        (word(TEXT), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
    ids=["text", "word"],  # a Word file holds the time at which it was made: no name that two workers agree on
)
async def test_sections_and_passages_are_found(content: bytes, media_type: str) -> None:
    resume = await read(content)
    assert resume.media_type == media_type
    assert [(e.excerpt_id, e.section, e.text) for e in resume.excerpts[1:3]] == [
        ("r2", "experience", "Cut the settlement batch from 40 minutes to 6 by partitioning the ledger."),
        ("r3", "experience", "Led the migration of card payments to Kafka."),
    ]
    assert resume.excerpts[-1].section == "skills"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
async def test_korean_is_read_in_the_encodings_that_are_used(encoding: str) -> None:
    resume = await read(KOREAN.encode(encoding))
    assert ("experience", "정산 배치를 40분에서 6분으로 줄였습니다.") in [(e.section, e.text) for e in resume.excerpts]


async def test_a_pdf_is_read() -> None:
    resume = await read(pdf(2, "Led the migration of card payments"))
    assert (resume.media_type, resume.pages) == ("application/pdf", 2)
    assert "Led the migration of card payments" in " ".join(e.text for e in resume.excerpts)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: pdf(300), "300 pages"),
        (lambda: pdf(1), "no text"),
        (encrypted_pdf, "password"),
        (bomb, "unpacks to far more"),
        (entities, "entities"),
        (lambda: archive({"readme.txt": b"hello"}), "no Word document"),
        (lambda: b"PK\x03\x04 not really a zip", "damaged"),
        (lambda: b"%PDF-1.7 and nothing behind it", "damaged"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "old Word files"),
        (lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 600, "neither PDF nor DOCX"),
        (lambda: b" \n\t ", "no text"),
        (lambda: b"a" * (5 * 1024 * 1024 + 1), "larger than 5 MiB"),
        (lambda: b"word " * 60_000, "characters"),
    ],
)
async def test_what_is_no_resume_is_refused_with_the_way_out(make: Callable[[], bytes], says: str) -> None:
    with pytest.raises(Invalid, match=says) as caught:
        await read(make(), "cv.pdf")
    assert caught.value.violations[0].field == "content"


async def test_a_long_paragraph_is_cut_where_a_sentence_ends() -> None:
    resume = await read(("I built a thing that works. " * 200).encode())
    assert all(len(excerpt.text) <= 2000 for excerpt in resume.excerpts)
    assert all(excerpt.text.endswith(".") for excerpt in resume.excerpts)
