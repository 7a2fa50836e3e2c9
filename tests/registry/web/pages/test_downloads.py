"""Tables for a spreadsheet program: no cell is a formula there."""

from __future__ import annotations

import csv
import io

import pytest

from registry.web.pages.downloads import csv_answer


def rows(*cells: object) -> list[str]:
    data = csv_answer("x.csv", ["a"], [[one] for one in cells]).get_data().decode("utf-8-sig")
    return [row[0] for row in csv.reader(io.StringIO(data, newline=""))][1:]


@pytest.mark.parametrize("cell", ["=1+1", "\t=1", "\r=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)"])
def test_what_a_spreadsheet_would_work_out(cell: str) -> None:
    assert rows(cell) == [f"'{cell}"]


def test_numbers_and_nothing() -> None:
    assert rows(7, None, -7) == ["7", "", "-7"]


def test_how_it_is_sent() -> None:
    answer = csv_answer("dues.csv", ["a"], [])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dues.csv"'
    assert answer.headers["Cache-Control"] == "no-store" and answer.get_data().startswith(b"\xef\xbb\xbfa\r\n")
