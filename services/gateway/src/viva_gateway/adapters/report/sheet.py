"""The sheets of a PDF report. Whoever imports this loads fpdf2 and fontTools, tens of megabytes of them."""

import logging
from collections.abc import Sequence
from typing import Literal

from fpdf import FPDF, XPos, YPos
from fpdf.fonts import FontFace

from viva_gateway.adapters.report.page import CompetencyBlock, FindingLine, Page, TurnBlock
from viva_gateway.adapters.report.table import CandidateTable
from viva_gateway.adapters.report.texts import TEXTS

_FONT = "NotoSansKR"
_INK = (26, 29, 33)
_SOFT = (86, 94, 104)
_WARN = (138, 44, 13)
_MARK = (255, 240, 179)
_LINE = (213, 217, 222)
# They log which characters a font lacks and which it is cut down to: letters of a name, or of an answer.
for _name in ("fpdf", "fontTools"):
    logging.getLogger(_name).setLevel(logging.ERROR)


def draw(page: Page, font: str) -> bytes:
    """The document; `font` is the path of a TrueType font."""
    return bytes(_Sheet(page, font).draw())


def draw_table(table: CandidateTable, font: str) -> bytes:
    """A table of candidates on landscape sheets; `font` is the path of a TrueType font."""
    pdf = _Pdf(TEXTS[table.language]["page"], orientation="landscape")
    pdf.add_font(_FONT, fname=font)
    pdf.set_auto_page_break(auto=True, margin=18)
    pdf.set_margin(12)
    pdf.set_title(table.title)
    pdf.set_lang(table.language)
    pdf.set_creator("Viva")
    pdf.add_page()
    for text, size in ((table.title, 16), *((note, 8) for note in table.notes)):
        pdf.set_font(_FONT, size=size)
        pdf.multi_cell(0, size * 0.5, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.ln(2)
    pdf.set_font(_FONT, size=8)
    pdf.set_draw_color(*_LINE)
    lines = table.lines()
    widths = [3, 2, *[2] * (len(lines[0]) - 3), 2]
    with pdf.table(
        col_widths=widths, headings_style=FontFace(emphasis="", fill_color=_LINE), text_align="LEFT"
    ) as drawn:
        for line in lines:
            drawn.row(line)
    return bytes(pdf.output())


class _Pdf(FPDF):
    """Numbers its pages."""

    def __init__(self, label: str, *, orientation: Literal["portrait", "landscape"] = "portrait") -> None:
        super().__init__(format="A4", orientation=orientation)
        self._label = label

    def footer(self) -> None:
        """The page's number, and the demo mark on every page that could be torn out."""
        self.set_y(-14)
        self.set_font(_FONT, size=8)
        self.set_text_color(*_SOFT)
        self.cell(0, 5, self._label.format(number=self.page_no()), align="C")


class _Sheet:
    def __init__(self, page: Page, font: str) -> None:
        self._page = page
        self._t = page.texts
        label = self._t["page"] + (f" · {self._t['demo_heading']}" if page.demo else "")
        pdf = self._pdf = _Pdf(label)
        pdf.add_font(_FONT, fname=font)
        pdf.set_font(_FONT, size=10)
        pdf.set_auto_page_break(auto=True, margin=18)
        pdf.set_margin(18)
        pdf.set_title(page.title)
        pdf.set_lang(page.language)
        pdf.set_creator("Viva")
        pdf.add_page()

    def draw(self) -> bytearray:
        page, t = self._page, self._t
        self._text(page.title, size=18)
        self._text(t["candidate_note" if page.for_candidate else "human"], size=9, colour=_SOFT)
        if page.demo:
            self._text(f"{t['demo_heading']}. {t['demo']}", colour=_WARN, border=True)
        for name, value in page.facts:
            self._text(f"{name}: {value}")
        if page.cautions:
            told = [f"{t['answer_n'].format(number=each.turn_number)}: {each.text}" for each in page.cautions]
            self._text("\n".join((t["cautions"], *told, t["cautions_why"])), size=9, colour=_WARN, border=True)
        self._heading(t["overall"])
        self._text(self._points(page.score), size=16)
        self._text(page.weight_scored)
        self._text(f"{t['coverage']}: {page.coverage}")
        self._findings(t["strengths"], page.strengths)
        self._findings(t["gaps"], page.gaps)
        self._heading(t["competencies"])
        for competency in page.competencies:
            self._competency(competency)
        self._heading(t["transcript"])
        for turn in page.turns:
            self._turn(turn)
        if not page.for_candidate:
            self._heading(t["reviews"])
            for review in page.reviews:
                self._text(f"{review.decision}, {review.who}, {review.at}: {review.reason}")
            if not page.reviews:
                self._text(t["none"])
        self._heading(t["provenance"])
        for heading, lines in page.provenance:
            self._text(heading, colour=_SOFT)
            for line in lines:
                self._text(line, size=8, indent=4)
        return self._pdf.output()

    def _at(self, time: str) -> str:
        return f", {self._t['spoken_at'].format(time=time)}" if time else ""

    def _points(self, score: str) -> str:
        if not score:
            return self._t["no_score"]
        demo = f" ({self._t['demo_heading']})" if self._page.demo else ""
        return f"{score} {self._t['of_five']}{demo}"

    def _heading(self, text: str) -> None:
        pdf = self._pdf
        if pdf.will_page_break(24):  # a heading stays with what it heads
            pdf.add_page()
        pdf.ln(4)
        pdf.start_section(text)
        self._text(text, size=13)
        pdf.set_draw_color(*_LINE)
        pdf.line(pdf.l_margin, pdf.get_y(), pdf.w - pdf.r_margin, pdf.get_y())
        pdf.ln(1.5)

    def _findings(self, heading: str, lines: Sequence[FindingLine]) -> None:
        self._heading(heading)
        for line in lines:
            because = f": {line.rationale}" if line.rationale else ""
            self._text(f"• {line.title} {self._points(line.score)}{because}")
            if line.quote:
                where = self._t["answer_n"].format(number=line.turn_number)
                self._text(f"“{line.quote}” ({where}{self._at(line.spoken_at)})", size=9, colour=_SOFT, indent=6)
        if not lines:
            self._text(self._t["none"])

    def _competency(self, block: CompetencyBlock) -> None:
        weight = self._t["weight"]
        self._text(f"{block.title} ({weight.format(percent=block.weight)}): {self._points(block.score)}", size=11)
        for criterion in block.criteria:
            head = f"{criterion.title} ({weight.format(percent=criterion.weight)}): {self._points(criterion.score)}"
            self._text(head, indent=4)
            for line in criterion.lines:
                where = self._t["answer_n"].format(number=line.turn_number)
                if line.score is None:
                    self._text(f"{where}: {self._t['unscored']}: {line.unscored}", size=9, colour=_WARN, indent=8)
                else:
                    because = f" {line.rationale}" if line.rationale else ""
                    self._text(f"{where}: {line.score} {self._t['of_five']}.{because}", size=9, indent=8)
                for scored in line.by_hand:
                    self._text(f"{scored.head}: {scored.reason}", size=9, indent=8)
                for quote in line.quotes:
                    self._text(f"“{quote.text}”{self._at(quote.spoken_at)}", size=9, colour=_SOFT, indent=12)
        self._pdf.ln(1.5)

    def _turn(self, turn: TurnBlock) -> None:
        pdf = self._pdf
        if pdf.will_page_break(20):
            pdf.add_page()
        self._text(f"{turn.number}. {turn.question}", size=11)
        self._text(" · ".join((turn.competency, *turn.notes)), size=8, colour=_SOFT)
        pdf.set_font(_FONT, size=10)
        pdf.set_text_color(*_INK)
        if not turn.answer:
            self._text(self._t["not_written" if turn.gaps else "no_answer"], colour=_SOFT)
        else:
            with pdf.text_columns(text_align="LEFT", l_margin=pdf.l_margin, r_margin=pdf.r_margin) as column:
                paragraph = column.paragraph(line_height=1.45, bottom_margin=2)
                for segment in turn.answer:
                    pdf.set_text_color(*((122, 90, 0) if segment.quoted else _INK))
                    paragraph.write(segment.text)
                column.end_paragraph()
        for gap in turn.gaps:
            self._text(gap, size=9, colour=_WARN, indent=4)
        if turn.remark:
            self._text(f"{self._t['remark']}: {turn.remark}", size=9, colour=_SOFT)
        pdf.ln(1.5)

    def _text(
        self,
        text: str,
        *,
        size: float = 10,
        colour: tuple[int, int, int] = _INK,
        indent: float = 0,
        border: bool = False,
    ) -> None:
        pdf = self._pdf
        pdf.set_font(_FONT, size=size)
        pdf.set_text_color(*colour)
        pdf.set_draw_color(*colour)
        pdf.set_x(pdf.l_margin + indent)
        pdf.multi_cell(
            pdf.epw - indent,
            size * 0.5,
            text,
            border=1 if border else 0,
            padding=2 if border else 0,
            align="L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
