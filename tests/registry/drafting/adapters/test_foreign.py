"""JSON of others: lenient in spelling, bounded in everything; whatever is wrong is a :class:`ForeignError`."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.drafting.adapters.foreign import (
    MAX_DEPTH,
    MAX_MESSAGE,
    Foreign,
    ForeignError,
    MappingNote,
    Members,
    parse_foreign,
)


@pytest.mark.parametrize(
    "data, value",
    [
        (b'{"a": 1}', {"a": 1}),
        (b' \r\n{"b":[1, 2.50 ,"\\u00e9"],"a":null}\n', {"b": [1, Decimal("2.50"), "é"], "a": None}),
        (b'\xef\xbb\xbf{"a": "\xc3\xa9"}', {"a": "é"}),
        (b'{"a": 1e2, "b": -0.0, "c": 1E-3}', {"a": Decimal(100), "b": Decimal(0), "c": Decimal("0.001")}),
        (b'{"a": "\\ud83d\\ude00 [[[[[[ \\" {"}', {"a": "😀 [[[[[[ \" {"}),
        (b"[" * 3 + b"]" * 3, [[[]]]),
    ],
)
def test_reads_what_others_write(data: bytes, value: Foreign) -> None:
    assert parse_foreign(data) == value


def test_reads_to_the_last_level() -> None:
    data = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert parse_foreign(data) == json.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{} {}",
        b"\xff\xfe{\x00}\x00",
        b'{"a": 1, "a": 2}',
        b'[{"x": {"a": 1, "a": 1}}]',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e31}',
        b'{"a": 1e-31}',
        b'{"a": 1e999999999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 0.' + b"1" * 50 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ["\\udc00"]}',
        b'["\\udc00"]',
        b'"\\udc00"',
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b"[" * 200_000,
        b'"' + b"x" * MAX_MESSAGE + b'"',
    ],
)
def test_refuses(data: bytes) -> None:
    with pytest.raises(ForeignError):
        parse_foreign(data)


def test_an_error_says_where_in_the_text() -> None:
    with pytest.raises(ForeignError, match="line 2, column 7"):
        parse_foreign(b'{"a": 1,\n "b": x}')


class TestWhateverComesIn:
    @given(st.binary(max_size=200))
    def test_bytes(self, data: bytes) -> None:
        with suppress(ForeignError):
            parse_foreign(data)

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
    def test_json_is_read_as_the_library_reads_it(self, value: Foreign) -> None:
        data = json.dumps(value).encode()
        try:
            assert parse_foreign(data) == json.loads(data)
        except ForeignError as error:
            assert "number" in str(error) or "nested" in str(error)


def members(value: dict[str, Foreign]) -> Members:
    return Members(value, "terms", [])


class TestMembers:
    def test_absent_and_null_are_alike(self) -> None:
        one = members({"a": None})
        assert [one.text("a"), one.text("b"), one.flag("a"), one.whole("b"), one.members("a")] == [None] * 5

    def test_types(self) -> None:
        one = members({"t": "x", "l": ["x"], "f": False, "n": Decimal("2.5"), "w": Decimal("5.0"), "o": {}})
        assert (one.text("t"), one.texts("l"), one.flag("f")) == ("x", ("x",), False)
        assert (one.number("n"), one.whole("w")) == (Decimal("2.5"), 5)
        found = one.members("o")
        assert found is not None and found.where == "terms.o"

    @pytest.mark.parametrize(
        "read, value",
        [
            ("text", 1),
            ("text", ["x"]),
            ("texts", "x"),
            ("texts", ["x", 1]),
            ("texts", {"x": "y"}),
            ("flag", 1),
            ("flag", "true"),
            ("number", True),
            ("number", "5"),
            ("number", -1),
            ("number", Decimal("-0.5")),
            ("whole", Decimal("2.5")),
            ("members", []),
        ],
    )
    def test_another_type_is_an_error_with_its_place(self, read: str, value: Foreign) -> None:
        with pytest.raises(ForeignError) as caught:
            getattr(members({"a": value}), read)("a")
        assert caught.value.where == "terms.a"

    def test_nothing_is_dropped_in_silence(self) -> None:
        one = members({"read": "x", "aside": 1, "left": 2, "null": None})
        one.text("read")
        one.aside("why", "aside", "absent")
        one.close()
        assert one.notes == [
            MappingNote(where="terms.aside", text="why"),
            MappingNote(where="terms.left", text="not mapped: 2"),
        ]
