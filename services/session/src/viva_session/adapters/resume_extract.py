"""The process that reads one résumé: the file on stdin, JSON on stdout, under hard limits of memory and time.

What a file is, is told by its content, never by its name. Nothing of it is executed, nothing is fetched.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

MAX_PAGES = 30
MAX_CHARACTERS = 200_000
MAX_EXCERPT = 2_000
_MAX_EXCERPTS = 400
_MEMORY = 768 * 1024 * 1024
_CPU_SECONDS = 12
_MAX_UNZIPPED = 40 * 1024 * 1024
_MAX_ENTRIES = 2_000
_MAX_RATIO = 200
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_HEADINGS = {
    "summary": r"summary|profile|about( me)?|소개|자기\s*소개|요약|프로필",
    "experience": r"(work |professional )?experience|employment( history)?|career|경력(\s*사항)?|업무\s*경험",
    "projects": r"projects?|selected projects|프로젝트(\s*경험)?",
    "skills": r"(technical )?skills|technologies|기술(\s*스택)?|보유\s*기술|역량",
    "education": r"education|학력(\s*사항)?|교육",
    "certificates": r"certificat(es|ions)|awards|자격증|수상(\s*경력)?",
    "other": r"languages|publications|interests|references|기타|어학",
}
_HEADING = {name: re.compile(rf"^\W*({pattern})\W*$", re.IGNORECASE) for name, pattern in _HEADINGS.items()}


class Refused(Exception):
    """The file cannot be used; the message says why and what to send instead."""


def extract(content: bytes) -> dict[str, Any]:
    """Media type, pages and passages of a file. Raises Refused."""
    media_type, pages, text = _read(content)
    text = _tidy(text)
    if not re.search(r"\w", text):
        raise Refused("there is no text in the file; if it is a scan, send a version with text, or type it")
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"the file holds more than {MAX_CHARACTERS:,} characters: send a shorter one")
    excerpts = [
        {"excerpt_id": f"r{number}", "section": section, "text": passage}
        for number, (section, passage) in enumerate(_passages(text), start=1)
    ]
    return {"media_type": media_type, "pages": pages, "excerpts": excerpts[:_MAX_EXCERPTS]}


def _read(content: bytes) -> tuple[str, int, str]:
    if content[:1024].lstrip().startswith(b"%PDF-"):
        pages, text = _pdf(content)
        return "application/pdf", pages, text
    if content.startswith(b"PK\x03\x04"):
        return DOCX, 0, _docx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("old Word files (.doc) and protected ones cannot be read: save it as DOCX or PDF")
    return "text/plain", 0, _plain(content)


def _pdf(content: bytes) -> tuple[int, str]:
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise Refused("the PDF is protected by a password: send one without")
        pages = len(reader.pages)
        if pages > MAX_PAGES:
            raise Refused(f"the PDF has {pages} pages; a résumé may have {MAX_PAGES}")
        texts, total = [], 0
        for page in reader.pages:
            texts.append(page.extract_text() or "")
            total += len(texts[-1])
            if total > MAX_CHARACTERS:
                break  # refused below, without reading on
        return pages, "\n".join(texts)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError, OSError) as error:
        raise Refused("the PDF is damaged: save it anew, or send plain text") from error


def _docx(content: bytes) -> str:
    _check_zip(content)
    import docx
    from docx.oxml.ns import qn

    try:
        document = docx.Document(io.BytesIO(content))
        paragraphs = (
            "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
            for paragraph in document.element.body.iter(qn("w:p"))
        )
        return "\n".join(paragraphs)
    except Exception as error:  # python-docx and lxml raise whatever a hostile file brings about
        raise Refused("this is no Word document (DOCX), or a damaged one: save it anew, or send a PDF") from error


def _check_zip(content: bytes) -> None:
    """Refuse an archive that is no document, or that unpacks to far more than it is: before anything is unpacked."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused("the file is damaged: save it anew, or send a PDF") from error
    names = {entry.filename for entry in entries}
    if "word/document.xml" not in names or "[Content_Types].xml" not in names:
        raise Refused("this archive is no Word document: send a DOCX, a PDF or plain text")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if len(entries) > _MAX_ENTRIES or unpacked > _MAX_UNZIPPED or unpacked / packed > _MAX_RATIO:
        raise Refused("the document unpacks to far more than a résumé holds: send a PDF or plain text")
    for entry in entries:
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as stream:  # sizes in a zip's headers can lie: look at what really comes
                head = stream.read(_MAX_UNZIPPED + 1)
            if len(head) > _MAX_UNZIPPED:
                raise Refused("the document unpacks to far more than a résumé holds: send a PDF or plain text")
            if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                raise Refused("the document holds XML entities, which no word processor writes: save it anew")


def _plain(content: bytes) -> str:
    if b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("this is neither PDF nor DOCX nor plain text, whatever its name says: send one of those")
    for encoding in ("utf-8-sig", "utf-16", "cp949"):
        if encoding == "utf-16" and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("the text's encoding is not known: save it as UTF-8")


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(character for character in text if character in "\n\t" or character.isprintable())
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _passages(text: str) -> Iterator[tuple[str, str]]:
    """(section, passage): a passage is a paragraph, cut at sentences when it is too long."""
    section = "summary"
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        heading = next((name for name, pattern in _HEADING.items() if pattern.match(line)), None)
        if heading is not None or not line or line[:1] in "-•*·▪":
            if lines:
                yield from ((section, piece) for piece in _pieces(" ".join(lines)))
            lines = []
            if heading is not None:
                section = heading
                continue
        if line:
            lines.append(line.lstrip("-•*·▪ "))


def _pieces(paragraph: str) -> Iterator[str]:
    paragraph = paragraph.strip()
    while len(paragraph) > MAX_EXCERPT:
        sentence, word = paragraph.rfind(". ", 0, MAX_EXCERPT), paragraph.rfind(" ", 0, MAX_EXCERPT)
        cut = sentence + 1 if sentence > 0 else word if word > 0 else MAX_EXCERPT
        yield paragraph[:cut].strip()
        paragraph = paragraph[cut:].strip()
    if paragraph:
        yield paragraph


def main() -> None:
    """Read stdin, write JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        found = extract(sys.stdin.buffer.read())
    except Refused as refusal:
        found = {"refused": str(refusal)}
    sys.stdout.write(json.dumps(found, ensure_ascii=True))


if __name__ == "__main__":
    main()
