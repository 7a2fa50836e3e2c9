"""The exceptions report in its three forms: what it says, and that nothing in it does anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from tests.support.check_desk import Desk
from verifier.base import canonical
from verifier.base.strict import MAX_INTEGER
from verifier.programs.check.batch import BatchTotals, CheckedFile, check_file, failed, unread
from verifier.programs.check.report import as_csv, as_html, as_json
from verifier.programs.check.report.words import BatchQuestion
from verifier.programs.language import english

HOSTILE = "=cmd|' /C calc'!A0,\"<script>alert(1)</script>&amp;.evidence.json"


@pytest.fixture(scope="module")
def checked(desk: Desk) -> list[CheckedFile]:
    found = [check_file(f"files/{name}", data, desk.settings()) for name, data in desk.files.items()]
    return [*found, unread(HOSTILE, "Permission denied"), failed("odd", "KeyError")]


def totals(checked: list[CheckedFile]) -> BatchTotals:
    made = BatchTotals()
    for one in checked:
        made.add(one)
    return made


def exceptions(checked: list[CheckedFile]) -> Iterator[CheckedFile]:
    return (one for one in checked if one.is_exception)


def asked(desk: Desk, ask: str | None = None) -> BatchQuestion:
    return BatchQuestion(instant=desk.world.now, policy="ab" * 32, max_age=86_400, require_audited=False, ask=ask)


class TestCsv:
    @pytest.fixture
    def rows(self, checked: list[CheckedFile]) -> list[dict[str, str]]:
        text = "".join(as_csv.render(exceptions(checked), english()))
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))

    def test_a_row_for_each_reason_and_each_payee(self, desk: Desk, rows: list[dict[str, str]]) -> None:
        found = [row for row in rows if row["file"] == "files/unpaid"]
        assert [(row["rule"], row["result"], row["code"]) for row in found] == [
            ("M4", "FAIL", "unpaid"), ("M8", "FAIL", "unpaid"), ("", "", ""),
        ]  # fmt: skip
        money = found[-1]
        assert {name: money[name] for name in ("payee", "leg", "currency", "due", "received", "outstanding")} == {
            "payee": desk.anna.id, "leg": "direct", "currency": "EUR", "due": "100000", "received": "0",
            "outstanding": "100000",
        }  # fmt: skip
        assert (money["days_late"], money["due_at"]) == ("3", "2026-01-31T00:00:00Z")
        for row in found:
            assert (row["exception"], row["question"], row["id"]) == ("unpaid late", "usage", desk.unpaid.id)

    def test_every_exception_is_there_and_nothing_else(
        self, checked: list[CheckedFile], rows: list[dict[str, str]]
    ) -> None:
        there = [row["file"].removeprefix("'") for row in rows]
        assert list(dict.fromkeys(there)) == [one.file for one in exceptions(checked)]

    def test_what_was_not_judged(self, rows: list[dict[str, str]]) -> None:
        [row] = [row for row in rows if row["file"] == "files/invalid"]
        assert (row["exception"], row["code"], row["id"]) == ("invalid", "evidence_malformed", "")

    def test_no_cell_is_a_formula(self, rows: list[dict[str, str]]) -> None:
        assert any(row["file"] == "'" + HOSTILE for row in rows)
        for row in rows:
            for cell in row.values():
                assert not cell.startswith(tuple("=+-@|%"))

    @pytest.mark.parametrize("sign", [*"=+-@|%", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
    def test_a_cell_that_would_be_one_is_text(self, sign: str) -> None:
        [_, line] = as_csv.render([unread(f"{sign}1+1", "x")], english())
        assert line.startswith("'" + sign)


class TestJson:
    def test_it_is_canonical_and_complete(self, desk: Desk, checked: list[CheckedFile]) -> None:
        text = "".join(as_json.render(asked(desk), totals(checked), exceptions(checked)))
        value = canonical.parse(text.removesuffix("\n").encode(), limit=1 << 24)
        assert value["format"] == "kembar-exceptions/1"
        assert [one["file"] for one in value["exceptions"]] == [one.file for one in exceptions(checked)]
        assert value["totals"]["money"] == {
            "EUR": {"owed": 100_000, "owed_late": 100_000, "to_pass_on": 0, "to_pass_on_late": 0, "not_yet_due": 0}
        }
        by_name = {one["file"]: one for one in value["exceptions"]}
        [item] = by_name["files/denied"]["items"]
        assert item["kinds"] == ["unauthorised"]
        assert item["reasons"][0]["why"] == "The purpose is not among those allowed."
        assert by_name["files/invalid"]["step"] == 2

    def test_none_at_all(self, desk: Desk) -> None:
        text = "".join(as_json.render(asked(desk, "paid"), BatchTotals(), []))
        value = canonical.parse(text.removesuffix("\n").encode(), limit=1 << 20)
        assert (value["exceptions"], value["asked"]["ask"]) == ([], "paid")

    def test_a_sum_beyond_the_protocols_integers(self, checked: list[CheckedFile]) -> None:
        made = totals(checked)
        made._lines[b"x" * 32, b"y" * 32, "direct"] = 0, "EUR", MAX_INTEGER, ""
        money = as_json.totals_json(made)["money"]["EUR"]
        assert (money["owed"], money["owed_late"]) == ("too_large", 100_000)


class Page(HTMLParser):
    """Every tag is closed, and what stands in it is kept."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


class TestHtml:
    @pytest.fixture
    def page(self, desk: Desk, checked: list[CheckedFile]) -> str:
        return "".join(as_html.render(asked(desk), totals(checked), exceptions(checked), english()))

    def test_totals_come_first(self, page: str, checked: list[CheckedFile]) -> None:
        text = Page(page).text
        assert f"Exceptions: 10 of {len(checked)} evidence files" in text
        assert text.index("Not paid") < text.index("files/denied")
        assert "EUR 1,000.00" in text

    def test_it_says_why(self, desk: Desk, page: str) -> None:
        text = Page(page).text
        for said in (
            "NOT AUTHORISED, PAID", "The purpose is not among those allowed. (purpose_denied)",
            "A7, purpose and product", "NOT PAID · LATE", "PAID · LATE", "3 days", "2 days", desk.anna.id,
            "Permission denied", "Something outside its log entries is not as the format says.",
        ):  # fmt: skip
            assert said in text, said

    def test_it_stands_alone(self, page: str) -> None:
        found = Page(page)
        assert found.tags <= set(
            "html head meta title style body h1 h2 h3 h4 p span table caption thead tbody tr th td section".split()
        )
        names = {name for name, _ in found.attributes}
        assert names <= {"lang", "charset", "http-equiv", "content", "name", "class", "scope"}
        assert "url(" not in page and "@import" not in page and "//" not in as_html.STYLE

    def test_names_are_only_text(self, page: str) -> None:
        assert "<script" not in page
        assert HOSTILE in Page(page).text

    def test_it_prints(self, page: str) -> None:
        for rule in ("@page", "@media print", "table-header-group", "break-inside: avoid"):
            assert rule in page

    def test_none_at_all(self, desk: Desk) -> None:
        text = Page("".join(as_html.render(asked(desk, "authorised"), BatchTotals(), [], english()))).text
        assert "There are none" in text
        assert "only this was asked: authorised" in text
