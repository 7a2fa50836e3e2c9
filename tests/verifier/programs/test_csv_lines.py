"""Tables for a spreadsheet program: no cell is a formula there."""

from __future__ import annotations

import csv
import io

import pytest

from verifier.programs.csv_lines import csv_cell, csv_line


def read(line: str) -> list[str]:
    [row] = csv.reader(io.StringIO(line, newline=""), strict=True)
    return row


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+1+1", "-1+1", "@SUM(A1)", "|x", "%x", "-", "=HYPERLINK(\"http://x\")", "\t=1", "\r=1", "\n=1", "\tx",
        "\rx", "\x00=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "\ufe66=1", "\ufe62", "\ufe63", "\ufe6b",
        "\u22121+1", " =1+1", "\xa0=1", "\u3000\uff1d1", "\u200b=1", "\ufeff=1", "\u2028=1",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_work_out_is_text(cell: str) -> None:
    assert read(csv_line([cell, "a"])) == [f"'{cell}", "a"]


@pytest.mark.parametrize(
    "cell", ["-12.50", "-3", "1250.00", "Kaca, \"the\" mirror", "a=b", "", " ", "two\nlines", "\u7530\u4e2d", " Ayu"]
)
def test_what_it_would_not_stays_as_it_is(cell: str) -> None:
    assert read(csv_line(["a", cell])) == ["a", cell]


def test_numbers_and_nothing() -> None:
    assert csv_line([7, None, -7]) == "7,,-7\r\n"
    assert csv_cell(-5) == "-5"
