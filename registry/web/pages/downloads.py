"""Files that pages hand out: drafts for a command, and tables for a spreadsheet program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response

from verifier.programs.csv_lines import csv_line


def file_answer(name: str, text: str, kind: str = "text/plain") -> Response:
    """A text to save under a name; nobody's cache keeps it."""
    response = Response(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def csv_answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as spreadsheet programs read it: UTF-8 with a mark, commas. None is an empty cell."""
    lines = (csv_line(row) for row in (columns, *rows))
    return file_answer(name, "\ufeff" + "".join(lines), "text/csv")
