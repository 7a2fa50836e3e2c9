"""A paper's pages, set from the top down: headings, paragraphs, facts, an answer, tables, a foot on every page.

A4 with margins of 20 mm; sizes and colours are those of the pages (registry/web/static/kembar.css), in print. What
stands there is tagged in the order in which it is read; lines and marks are for the eye alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import segno
from fpdf.enums import MethodReturnValue

from registry.paper.archive import Archived
from registry.paper.fonts import BOLD, LATIN, REGULAR, font_of, legible, path_of

LEFT, WIDTH, TOP, BOTTOM = 20.0, 170.0, 18.0, 274.0
"""In mm."""
GAP = 8.0
POINT = 25.4 / 72
LEADING = 1.45

INK, MUTED, LINE, SUNK, ACCENT = "#1a1c20", "#565961", "#dcd9d1", "#efede7", "#0b5566"
TONES = {"yes": "#12623a", "due": "#1d4c8c", "no": "#9c2a1a", "late": "#734600", "unk": "#4c4f57"}
SOFT = {"yes": "#e5f3ea", "due": "#e6eef9", "no": "#fceae6", "late": "#fbefd8", "unk": "#ebebec"}


@dataclass(frozen=True, slots=True)
class Line:
    """Some words in one manner. ``tone``: a mark of that kind stands before them."""

    text: str
    size: float = 9.5
    bold: bool = False
    color: str = INK
    tone: str = ""


def strong(text: str) -> Line:
    """What one looks for."""
    return Line(text, bold=True)


def small(text: str) -> Line:
    """What goes with it."""
    return Line(text, size=8, color=MUTED)


def badge(tone: str, text: str) -> Line:
    """How something stands, in a mark and words."""
    return Line(text, size=8.5, bold=True, color=TONES[tone], tone=tone)


Cell = Line | Sequence[Line]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its head, its width in mm, and whether it holds amounts."""

    head: str
    width: float
    amounts: bool = False


class Sheet(Archived):
    """``foot`` stands at the end of every page, before its number; ``page_of`` says that ({n}, {total})."""

    def __init__(self, title: str, language: str, at: int) -> None:
        super().__init__(title, language, at)
        self.set_margins(0, 0, 0)
        self.c_margin = 0
        self.add_font(LATIN, "", path_of(REGULAR))
        self.add_font(LATIN, "B", path_of(BOLD))
        self._others: set[str] = set()
        self._marked: Counter[int] = Counter()
        self.is_spelt = False
        self.begin_page()

    def said(self, text: str) -> str:
        """Words that others may have chosen, as they can be set."""
        shown = legible(text)
        self.is_spelt = self.is_spelt or shown != text
        return shown

    # ---- pages

    def begin_page(self) -> None:
        """A new page with the mark of the house."""
        self.add_page()
        with self.artifact():
            self._house_mark(LEFT, TOP)
        self.set_xy(LEFT, TOP + 16)

    def need(self, height: float) -> bool:
        """Begin a new page unless there is so much room; whether one was begun."""
        if self.y + height <= BOTTOM:
            return False
        self.begin_page()
        return True

    def space(self, height: float) -> None:
        """Some room, but none at the head of a page."""
        self.y += height

    def feet(self, foot: str, page_of: list[str]) -> None:
        """The foot of every page, once all are there: what it is, and ``page_of`` each."""
        for number, text in enumerate(page_of, 1):
            self.page = number
            self._afresh()
            with self.artifact():
                self._rule(281)
                self._words(Line(foot, size=8, color=MUTED), LEFT, 283, 130)
                self._words(Line(text, size=8, color=MUTED), LEFT + 130, 283, WIDTH - 130, right=True)

    def _afresh(self) -> None:
        """On a page that was left: fpdf2 writes only what changes, and knows what the last page has."""
        self.set_font(LATIN, "", 1)
        self.set_draw_color("#000000")
        self.set_text_color("#000000")
        self.set_line_width(1)

    def _house_mark(self, x: float, y: float) -> None:
        self.set_draw_color(ACCENT)
        self.set_line_width(0.75)
        self.ellipse(x, y, 4.6, 4.6)
        self.set_dash_pattern(1.0, 0.8)
        self.ellipse(x + 3.0, y, 4.6, 4.6)
        self.set_dash_pattern()
        self._words(Line("Kembar", size=11, bold=True), x + 9.6, y - 0.6, 60)

    # ---- tags

    @contextmanager
    def tag(self, kind: str, alt: str | None = None) -> Iterator[None]:
        """What is set in it is one element of a kind (``H1``, ``P``, ...) of the document, in reading order."""
        number = self._marked[self.page]
        self._marked[self.page] += 1
        self._add_marked_content(struct_type=f"/{kind}", mcid=number, alt_text=alt)
        self._out(f"/{kind} <</MCID {number}>> BDC")
        yield
        self._out("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """What is set in it is for the eye alone."""
        self._out("/Artifact BMC")
        yield
        self._out("EMC")

    # ---- words

    def heading(self, text: str, level: int = 2) -> None:
        """A heading; one of the second level stands by what follows it."""
        line = Line(self.said(text), size=20 if level == 1 else 12.5, bold=True)
        self.need(_high(line) + (0 if level == 1 else 16))
        self._flow(f"H{level}", line, LEFT, WIDTH, leading=1.25)
        self.space(1.5 if level == 1 else 1.0)

    def paragraph(self, line: Line | str, *, after: float = 2.2, width: float = WIDTH) -> None:
        """Some sentences."""
        self._flow("P", line if isinstance(line, Line) else Line(line), LEFT, width)
        self.space(after)

    def _flow(self, kind: str, line: Line, x: float, width: float, leading: float = LEADING) -> None:
        """Lines of one element; on each page that they reach it is one."""
        rows = self._broken(line, width)
        high = line.size * POINT * leading
        while rows:
            self.need(high)
            fit = max(int((BOTTOM - self.y) / high), 1)
            now, rows = rows[:fit], rows[fit:]
            with self.tag(kind):
                for row in now:
                    self._row(Line(row, line.size, line.bold, line.color), x, self.y, width, high)
                    self.y += high

    def _broken(self, line: Line, width: float) -> list[str]:
        """A line's words, broken where they are wider than ``width``; what has no blank is broken anywhere."""
        self._manner(line)
        found = self.multi_cell(width, 1, line.text, align="L", dry_run=True, output=MethodReturnValue.LINES)
        assert isinstance(found, list)
        return [one.rstrip() for one in found] or [""]

    def _words(self, line: Line, x: float, y: float, width: float, *, right: bool = False) -> float:
        """Set a line's words at a place, with its mark; how high they are."""
        indent = 0.0
        if line.tone:
            indent = line.size * POINT * 1.35
            start = x
            if right:
                self._manner(line)
                start = x + width - indent - min(self.get_string_width(line.text), width - indent)
            self._draw_mark(line.tone, start, y + line.size * POINT * 0.22, line.size * POINT, line.color)
        high = line.size * POINT * LEADING
        rows = self._broken(line, width - indent)
        for place, row in enumerate(rows):
            plain = Line(row, line.size, line.bold, line.color)
            self._row(plain, x + indent, y + place * high, width - indent, high, right=right)
        return high * len(rows)

    def _row(self, line: Line, x: float, y: float, width: float, high: float, *, right: bool = False) -> None:
        self._manner(line)
        self.set_text_color(line.color)
        back = self.x, self.y
        self.set_xy(x, y)
        self.cell(width, high, line.text, align="R" if right else "L")
        self.set_xy(*back)

    def _manner(self, line: Line) -> None:
        """The font of a line, and with it those that its letters need."""
        self.set_font(LATIN, "B" if line.bold else "", line.size)
        needed = {name for one in line.text if (name := font_of(one)) not in (None, REGULAR)}
        if needed - self._others:
            for name in sorted(needed - self._others):
                self.add_font(name.lower(), "", path_of(name))
            self._others |= needed
            self.set_fallback_fonts(sorted(name.lower() for name in self._others), exact_match=False)
            self.set_font(LATIN, "B" if line.bold else "", line.size)
        self.set_text_shaping(use_shaping_engine=bool(needed))

    def _high(self, lines: Sequence[Line], width: float) -> float:
        return sum(
            len(self._broken(one, width - (one.size * POINT * 1.35 if one.tone else 0))) * _high(one) for one in lines
        )

    # ---- what papers are made of

    def facts(self, rows: Sequence[tuple[str, Cell]], columns: int = 2) -> None:
        """What is asked for, each under its name."""
        width = (WIDTH - GAP * (columns - 1)) / columns
        for start in range(0, len(rows), columns):
            group = [(small(name), _lines(cell)) for name, cell in rows[start : start + columns]]
            high = max(self._high((name, *lines), width) for name, lines in group)
            self.need(high)
            top = self.y
            for place, (name, lines) in enumerate(group):
                x, y = LEFT + place * (width + GAP), top
                with self.tag("P"):
                    for one in (name, *lines):
                        y += self._words(one, x, y, width)
            self.y = top + high + 2.8
        self.space(1.2)

    def answer(self, tone: str, kind: str, sentence: str, rest: Sequence[str]) -> None:
        """The answer first: its mark, its kind, one sentence, and what it holds for."""
        kind_, said = Line(kind, 9, bold=True, color=TONES[tone]), Line(sentence, 13, bold=True)
        lines = (kind_, said, *(Line(one, 9) for one in rest))
        pad, indent = 5.0, 17.0
        width = WIDTH - indent - pad
        high = self._high(lines, width) + 2 * pad + 1.2 * (len(lines) - 1)
        self.need(high)
        top = self.y
        with self.artifact():
            self.set_fill_color(SOFT[tone])
            self.set_draw_color(TONES[tone])
            self.set_line_width(0.3)
            self.rect(LEFT, top, WIDTH, high, style="DF", round_corners=True, corner_radius=2.2)
            self._draw_mark(tone, LEFT + pad, top + pad + 0.6, 7.5, TONES[tone])
        y = top + pad
        for one in lines:
            with self.tag("P"):
                y += self._words(one, LEFT + indent, y, width) + 1.2
        self.y = top + high + 6

    def rows(self, columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]], total: Sequence[Cell] = ()) -> None:
        """A table: each row is read from left to right; its head stands on every page that it reaches."""
        self._head(columns)
        for place, row in enumerate([*rows, *([total] if total else [])]):
            cells = [_lines(one) for one in row]
            high = max(self._high(lines, self._inner(column)) for lines, column in zip(cells, columns, strict=True))
            if self.need(high + 4):
                self._head(columns)
            top, x = self.y + 1.7, LEFT
            if total and place == len(rows):
                with self.artifact():
                    self._rule(self.y, INK)
            with self.tag("P"):
                for lines, column in zip(cells, columns, strict=True):
                    y = top
                    for one in lines:
                        fitting = self._fitting(one, self._inner(column)) if column.amounts else one
                        y += self._words(fitting, x, y, self._inner(column), right=column.amounts)
                    x += column.width
            self.y = top + high + 1.7
            with self.artifact():
                self._rule(self.y)
        self.space(5)

    def _head(self, columns: Sequence[TableColumn]) -> None:
        lines = [Line(one.head, 8, bold=True, color=MUTED) for one in columns]
        high = max(self._high((line,), self._inner(one)) for line, one in zip(lines, columns, strict=True))
        self.need(high + 16)
        x = LEFT
        with self.tag("P"):
            for line, column in zip(lines, columns, strict=True):
                self._words(line, x, self.y, self._inner(column), right=column.amounts)
                x += column.width
        self.y += high + 1.2
        with self.artifact():
            self._rule(self.y, MUTED)

    @staticmethod
    def _inner(column: TableColumn) -> float:
        return column.width - (0 if column.amounts else 3)

    def _fitting(self, line: Line, width: float) -> Line:
        """An amount, a day or how something stands, on one line: smaller if it must be."""
        self._manner(line)
        wide = self.get_string_width(line.text) + (line.size * POINT * 1.35 if line.tone else 0)
        size = max(line.size * width / wide * 0.98, 4) if wide > width else line.size
        return Line(line.text, size, line.bold, line.color, line.tone)

    def code(self, text: str, width: float = WIDTH) -> None:
        """What is typed, as it stands."""
        line = Line(text, 8.5)
        high = self._high((line,), width - 6) + 3
        self.need(high)
        with self.artifact():
            self.set_fill_color(SUNK)
            self.rect(LEFT, self.y, width, high, style="F", round_corners=True, corner_radius=1.2)
        with self.tag("P"):
            self._words(line, LEFT + 3, self.y + 1.5, width - 6)
        self.y += high + 3

    def scan(self, url: str, x: float, y: float, side: float, alt: str) -> None:
        """A QR code to a page."""
        matrix = segno.make(url, error="m", micro=False).matrix
        unit = side / len(matrix)
        with self.tag("Figure", alt):
            self.set_fill_color("#000000")
            for place, row in enumerate(matrix):
                start = 0
                while start < len(row):
                    end = start
                    while end < len(row) and row[end] == row[start]:
                        end += 1
                    if row[start]:
                        left, width = x + start * unit, (end - start) * unit
                        self.rect(left, y + place * unit, width, unit, style="F")
                    start = end
        self.link(x, y, side, side, url, alt_text=alt)

    def _rule(self, y: float, color: str = LINE) -> None:
        self.set_draw_color(color)
        self.set_line_width(0.2)
        self.line(LEFT, y, LEFT + WIDTH, y)

    def _draw_mark(self, tone: str, x: float, y: float, side: float, color: str) -> None:
        """The marks of the pages, drawn in a square of 24 units."""
        unit = side / 24

        def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
            return [(x + px * unit, y + py * unit) for px, py in points]

        self.set_draw_color(color)
        self.set_line_width(2 * unit)
        if tone in ("yes", "due"):
            self.ellipse(x + 2 * unit, y + 2 * unit, 20 * unit, 20 * unit)
            inner = ((7.5, 12.5), (10.5, 15.5), (16.5, 8.5)) if tone == "yes" else ((12, 6.5), (12, 12), (15.5, 14.5))
            self.polyline(at(*inner))
        elif tone in ("late", "no"):
            edge = at((12, 3), (22, 20.5), (2, 20.5)) if tone == "late" else at(
                (8, 2), (16, 2), (22, 8), (22, 16), (16, 22), (8, 22), (2, 16), (2, 8)
            )  # fmt: skip
            self.polygon(edge)
            self.polyline(at((12, 9), (12, 14.5)))
            self.polyline(at((12, 17), (12, 17.6)))
        else:
            self.set_dash_pattern(3.5 * unit, 3 * unit)
            self.rect(x + 2 * unit, y + 2 * unit, 20 * unit, 20 * unit)
            self.set_dash_pattern()
            self.polyline(at((9, 9.5), (10, 7.5), (12, 6.8), (14.4, 7.6), (15, 9.6), (13.5, 12), (12, 14)))
            self.polyline(at((12, 17.2), (12, 17.8)))


def _lines(cell: Cell) -> tuple[Line, ...]:
    return (cell,) if isinstance(cell, Line) else tuple(cell)


def _high(line: Line) -> float:
    return line.size * POINT * LEADING
