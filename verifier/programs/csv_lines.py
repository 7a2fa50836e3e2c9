"""Tables for spreadsheet programs: the one writer of them (RFC 4180), so that no cell of any is a formula there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

FORMULA_SIGNS: Final = "=+-@|%\N{MINUS SIGN}"
"""What a spreadsheet may take for the beginning of a formula (OWASP, CSV injection), full-width and small ones too."""
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)
_UNSEEN: Final = ("C", "Z")
"""Categories of characters that are not seen, and that a spreadsheet may pass over: control, format, blank."""


def csv_line(cells: Iterable[object]) -> str:
    """A row, with its end. None is an empty cell."""
    return (",".join(map(csv_cell, cells)) or '""') + "\r\n"  # a line with nothing on it is no row


def csv_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula: it begins with an apostrophe then. Numbers are numbers."""
    text = "" if value is None else str(value)
    if _is_formula(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


def _is_formula(text: str) -> bool:
    if _NUMBER.match(text):
        return False
    if unicodedata.category(text[:1] or "a") == "Cc":
        return True
    first = next((one for one in text if unicodedata.category(one)[0] not in _UNSEEN), "a")
    return unicodedata.normalize("NFKC", first)[0] in FORMULA_SIGNS
