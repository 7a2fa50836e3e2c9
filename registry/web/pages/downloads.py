"""Files that pages hand out: drafts for a command, and tables for a spreadsheet program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With these at its beginning a spreadsheet program takes a cell for a formula (OWASP, CSV injection)."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)


def file_answer(name: str, text: str, kind: str = "text/plain") -> Response:
    """A text to save under a name; nobody's cache keeps it."""
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as spreadsheet programs read it: UTF-8 with a mark, commas. None is an empty cell; what would be taken
    for a formula begins with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(one) for one in row] for row in rows)
    return file_answer(name, "\ufeff" + text.getvalue(), "text/csv")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.match(text) else text
