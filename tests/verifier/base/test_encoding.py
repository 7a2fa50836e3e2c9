"""Canonical JSON and the values in it (protocol, section 2): the JSON vectors of both, at every limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.log_cases import Case, each_case
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.strict import (
    format_b64,
    format_b64u,
    format_instant,
    other_version,
    parse_b64,
    parse_b64u,
    parse_decimal,
    parse_hex,
    parse_instant,
)

LIMIT = 1 << 20

READ: dict[str, Callable[[str], Any]] = {
    "b64": parse_b64, "b64u": parse_b64u, "decimal": parse_decimal, "hex": parse_hex, "instant": parse_instant,
}  # fmt: skip
WRITE: dict[str, Callable[[Any], str]] = {
    "b64": format_b64, "b64u": format_b64u, "decimal": str, "hex": bytes.hex, "instant": format_instant,
}  # fmt: skip


@each_case("encoding/canonical.json")
def test_canonical(case: Case) -> None:
    data = bytes.fromhex(case["input"]["hex"])
    if case["expect"] == "ok":
        assert canonical.encode(canonical.parse(data, limit=LIMIT)) == data
    else:
        with pytest.raises(Malformed):
            canonical.parse(data, limit=LIMIT)


@pytest.mark.parametrize(
    ("data", "at"),
    [(b' {"a":1}', 0), (b'{"a": 1}', 5), (b"{} ", 2), (b'{"b":1,"a":2}', 2), (b'["\\u0061"]', 2), (b"[1,-0]", 3)],
)
def test_canonical_says_where_it_parts(data: bytes, at: int) -> None:
    with pytest.raises(Malformed, match=f"from byte {at} on"):
        canonical.parse(data, limit=LIMIT)


@pytest.mark.parametrize(
    ("data", "said"), [(b"{}\n", "line break"), (b"{}\r\n", "line break"), (b"\xef\xbb\xbf{}", "byte order mark")]
)
def test_canonical_names_what_an_editor_adds(data: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=f"{said}, which an editor may have added"):
        canonical.parse(data, limit=LIMIT)


def test_canonical_has_a_limit() -> None:
    assert canonical.parse(b'"abcd"', limit=6) == "abcd"
    with pytest.raises(Malformed, match="7 bytes, at most 6"):
        canonical.parse(b'"abcde"', limit=6)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000, b"1" * 100_000])
def test_canonical_is_not_worn_out(data: bytes) -> None:
    """However deep, however long: an answer, and no fault of ours."""
    with pytest.raises(Malformed):
        canonical.parse(data, limit=LIMIT)


@each_case("encoding/values.json")
def test_values(case: Case) -> None:
    kind, text = case["input"]["kind"], case["input"]["text"]
    if case["expect"] == "ok":
        value = READ[kind](text)
        assert (value.hex() if isinstance(value, bytes) else value) == case["output"]
        assert WRITE[kind](value) == text
    else:
        with pytest.raises(Malformed):
            READ[kind](text)


@pytest.mark.parametrize("read", [parse_b64, parse_b64u, parse_hex])
def test_lengths_are_of_bytes(read: Callable[..., bytes]) -> None:
    text = {parse_b64: "AAA=", parse_b64u: "AAA", parse_hex: "0000"}[read]
    assert read(text, 2) == bytes(2)
    for length in (0, 1, 3):
        with pytest.raises(Malformed, match="must"):
            read(text, length)


@pytest.mark.parametrize("seconds", [-1, 253402300800])
def test_an_instant_that_cannot_be_written(seconds: int) -> None:
    with pytest.raises(ValueError, match="years 1970 to 9999"):
        format_instant(seconds)


@pytest.mark.parametrize("found, protocol", [
    ("kembar-evidence/1", "1"), ("kembar-evidence/12", "12"), ("kembar-evidence/01", ""),
    ("kembar-evidence/\u0663", ""),
    ("kembar-evidence/1\n", ""), ("kembar-misbehaviour/1", ""), (1, ""), (None, ""),
])  # fmt: skip
def test_a_file_of_another_version(found: object, protocol: str) -> None:
    its = f"this is a file of protocol {protocol}, and this program reads protocol 2: it " if protocol else ""
    assert other_version(found, "kembar-evidence/2") == f"{its}must be kembar-evidence/2"
