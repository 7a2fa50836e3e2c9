"""Rows of a table, as a spreadsheet program writes it (CSV): each is values for one draft.

The first row names the columns: members of the draft (``terms.starts``, or ``starts`` where only one is called so), and
``asset`` for the file, ``on`` for the consent and ``draft`` for the name of the draft. Of several values in one cell
each is parted from the next by a blank, a comma or a semicolon; files by a semicolon alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from registry.drafting.drafts.templates import template
from verifier.base.canonical import Json
from verifier.base.errors import Malformed

MAX_ROWS, MAX_TABLE = 10_000, 16 * 1024 * 1024
ASSET, ON, DRAFT = "asset", "on", "draft"
_OWN = (ASSET, ON, DRAFT)
_HEADER = re.compile(r"(?:# )?\[\[?([a-z_.]+)\]")
_MEMBER = re.compile(r"(?:# )?([a-z_]+) = (.+)")
_TRUE, _FALSE = ("true", "yes", "ya", "1"), ("false", "no", "tidak", "0")
_NOT_GIVEN = frozenset({"kembar", "type", "assets"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``number`` is the row's as spreadsheet programs count, the first row of all being 1. ``cells`` are by column,
    empty ones left out."""

    number: int
    cells: Mapping[str, str]

    def values(self, samples: Mapping[str, str]) -> dict[str, Json]:
        """The values for the draft; :class:`Malformed` says which cell is none."""
        return {path: _value(path, text, samples[path]) for path, text in self.cells.items() if path not in _OWN}

    def files(self) -> list[str]:
        """The files of the ``asset`` cell."""
        return [one.strip() for one in self.cells.get(ASSET, "").split(";") if one.strip()]


def members(kind: str) -> dict[str, str]:
    """Every member of a kind of draft that a column may be for, switched off or not, with how its template has it."""
    found: dict[str, str] = {}
    table = ""
    for line in template(kind).split("\n"):
        if header := _HEADER.match(line):
            table = f"{header[1]}."
        elif member := _MEMBER.match(line):
            found.setdefault(table + member[1], member[2])
    return {path: sample for path, sample in found.items() if path not in _NOT_GIVEN}


def parse_rows(data: bytes, samples: Mapping[str, str]) -> list[Row]:
    """The rows of a CSV file in UTF-8, parted by commas, semicolons or tabs; blank rows are passed over.

    Raises :class:`Malformed` for a column that no member is called, and for what is no such file.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("not text in UTF-8: save it as \"CSV UTF-8\"") from None
    first = text.split("\n", 1)[0]
    delimiter = max(";\t,", key=lambda one: (first.count(one), one == ","))
    rows: list[Row] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        columns = _columns(next(reader, []), samples)
        for number, cells in enumerate(reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) == MAX_ROWS:
                raise Malformed(f"more than {MAX_ROWS} rows: part it into several files")
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise Malformed(f"row {number}: more cells than columns")
            named = zip(columns, cells, strict=False)
            rows.append(Row(number=number, cells={name: cell.strip() for name, cell in named if name and cell.strip()}))
    except csv.Error as error:
        raise Malformed(f"not a table that can be read: {error}") from None
    return rows


def _columns(header: list[str], samples: Mapping[str, str]) -> list[str]:
    """The path for each column; "" for one without a heading."""
    ends = Counter(path.rpartition(".")[2] for path in samples)
    short = {path.rpartition(".")[2]: path for path in samples if ends[path.rpartition(".")[2]] == 1}
    known = {**short, **{path: path for path in samples}, **{name: name for name in _OWN}}
    found = []
    for heading in header:
        name = heading.strip().lower()
        if name and name not in known:
            near = get_close_matches(name, known, n=1)
            raise Malformed(f"no member is called {name[:40]!r}" + (f": {near[0]}?" if near else ""))
        found.append(known.get(name, ""))
    for name, times in Counter(one for one in found if one).items():
        if times > 1:
            raise Malformed(f"has two columns for {name}")
    if not any(found):
        raise Malformed("its first row names no column")
    return found


def _value(path: str, text: str, sample: str) -> Json:
    if sample.startswith("["):
        return [one for one in re.split(r"[\s,;]+", text) if one]
    if sample in ("true", "false"):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise Malformed(f"{text[:40]!r} is neither true nor false", path)
        return text.lower() in _TRUE
    if sample.isdecimal():
        if not (text.isascii() and text.isdecimal()) or len(text) > 15:
            raise Malformed(f"{text[:40]!r} is no whole number", path)
        return int(text)
    return text
