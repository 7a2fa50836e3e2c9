"""The catalogue's format: what is taken and what is refused, plural forms, numbers, amounts and times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from verifier.base.errors import Malformed
from verifier.words.catalogue import MAX_CATALOGUE, Catalogue, capital, parse_catalogue, placeholders

META: dict[str, Any] = {
    "@language": "xx",
    "@name": "Test",
    "@plural": {"one": "n = 1"},
    "@group": ",",
    "@decimal": ".",
    "@and": " and ",
    "@months": [f"month {number}" for number in range(1, 13)],
    "@moment": "{year}-{month}-{day} {hour}:{minute}:{second} {zone}",
    "@date": "{day_number} {month_name} {year}",
    "list.more": "{items} and {n} more",
}

POLISH = {
    "one": "n = 1",
    "few": "n % 10 = 2..4 and n % 100 != 12..14",
    "many": "n != 1 and n % 10 = 0..1 or n % 10 = 5..9 or n % 100 = 12..14",
}
"""From CLDR's plural rules, for whole numbers."""


def made(**members: Any) -> Catalogue:
    return parse_catalogue(json.dumps({**META, **members}, ensure_ascii=False).encode())


def test_values_stand_where_their_names_stand() -> None:
    words = made(x='{who} owes {amount}; {"brace": [1]} is no name')
    assert words.say("x", who="{amount}", amount=1_234_567) == '{amount} owes 1,234,567; {"brace": [1]} is no name'
    assert placeholders(words.templates["x"]) == {"who", "amount"}


@pytest.mark.parametrize("values", [{}, {"who": "a"}])
def test_a_value_that_is_not_given(values: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        made(x="{who} {what}").say("x", **values)


def test_plural_forms() -> None:
    words = made(x={"one": "{n} file", "other": "{n} files"})
    said = [words.say("x", n=n) for n in (0, 1, 2, -1, 1_000)]
    assert said == ["0 files", "1 file", "2 files", "-1 file", "1,000 files"]


def test_plural_rules_of_another_language() -> None:
    words = made(**{"@plural": POLISH}, x={form: form for form in (*POLISH, "other")})
    found = {n: words.say("x", n=n) for n in (0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 112, 122)}
    few = {2, 4, 22, 122}
    assert found == {n: "one" if n == 1 else "few" if n in few else "many" for n in found}


def test_a_language_without_plural_forms() -> None:
    assert made(**{"@plural": {}}, x={"other": "{n} berkas"}).say("x", n=1) == "1 berkas"


def test_times() -> None:
    words = made()
    assert words.moment(0) == "1970-01-01 00:00:00 UTC"
    assert words.moment(1_796_868_733, offset=7 * 3600, zone="WIB") == "2026-12-10 09:12:13 WIB"
    assert words.date(1_796_868_733) == "10 month 12 2026"


def test_lists() -> None:
    words = made()
    assert [words.listed(map(str, range(n))) for n in (0, 1, 2, 3)] == ["", "0", "0 and 1", "0, 1 and 2"]
    assert words.listed(map(str, range(12))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"


def test_an_unknown_code_is_its_own_word() -> None:
    words = made(**{"ground.strike": "a strike"})
    assert (words.code("ground", "strike"), words.code("ground", "new")) == ("a strike", "new")


def test_capital() -> None:
    assert [capital(text) for text in ("the", "The", "3f", "", "é")] == ["The", "The", "3f", "", "é"]


@pytest.mark.parametrize(
    "data, where",
    [
        (b"[]", ""),
        (b"{", ""),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b" " * (MAX_CATALOGUE + 1), ""),
        (b'{"x":"a","x":"b"}', "x"),
        (json.dumps({**META, "@name": 1}).encode(), "@name"),
        (json.dumps({**META, "@months": ["a"]}).encode(), "@months"),
        (json.dumps({**META, "@plural": "n = 1"}).encode(), "@plural"),
        (json.dumps({**META, "@plural": {"one": "n=1"}}).encode(), "@plural.one"),
        (json.dumps({**META, "@plural": {"one": "n = 1 or"}}).encode(), "@plural.one"),
        (json.dumps({**META, "@plural": {"one": "n % 0 = 1"}}).encode(), "@plural.one"),
        (json.dumps({**META, "@plural": {"other": "n = 1"}}).encode(), "@plural.other"),
        (json.dumps({**META, "x": 1}).encode(), "x"),
        (json.dumps({**META, "x": {"other": "a"}}).encode(), "x"),
        (json.dumps({**META, "x": {"one": "a", "other": 1}}).encode(), "x"),
        (json.dumps({**META, "x": {"one": "a", "few": "b", "other": "c"}}).encode(), "x"),
    ],
)
def test_what_is_refused(data: bytes, where: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_catalogue(data)
    assert refused.value.where == where
