"""Limits of the protocol's section 2, at the limit and one beyond."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tests.support.encoded import encode_statement
from tests.vectors.making.examples import FULL, MORE_VALID
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.statements.disclosure import MAX_DISCLOSURE, parse_disclosure
from verifier.statements.envelope import Signature, envelope_from_json, parse_envelope
from verifier.statements.making import format_disclosure, format_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import MAX_LEAF

EXAMPLES = {one.name: one.value for one in [*FULL, *MORE_VALID]}


def ids(count: int) -> list[str]:
    return sorted(sha256(b"%d" % i).hexdigest() for i in range(count))


@pytest.mark.parametrize(
    "name, path, limit",
    [
        ("genesis", ["registrars"], 8),
        ("registry", ["registrars"], 8),
        ("party", ["keys"], 8),
        ("party", ["recovery", "keys"], 8),
        ("key that adds and retires", ["add"], 8),
        ("key that adds and retires", ["retire"], 8),
        ("key that recovers", ["keys"], 8),
        ("key that recovers", ["recovery", "keys"], 8),
        ("report", ["parties", "payees"], 16),
        ("consent to use", ["sublicensees"], 512),
        ("consent to use", ["providers"], 512),
        ("twin", ["assets"], 512),
        ("approval", ["assets"], 512),
        ("usage", ["assets"], 512),
        ("adjustment that returns", ["of"], 512),
        ("dispute", ["of"], 512),
        ("ruling", ["of"], 512),
    ],
)
def test_set_of_ids(name: str, path: list[str], limit: int) -> None:
    def with_ids(count: int) -> dict[str, Any]:
        value: dict[str, Any] = canonical.parse(canonical.encode(EXAMPLES[name]), limit=MAX_LEAF)
        inner = value
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = ids(count)
        return value

    encode_statement(with_ids(limit))
    with pytest.raises(Malformed, match=f"1 to {limit} are allowed") as error:
        encode_statement(with_ids(limit + 1))
    assert error.value.where == ".".join(path)


def leaf_of(size: int) -> bytes:
    """An envelope of exactly ``size`` bytes, around a payload that is no statement."""
    signature = Signature(keyid="00" * 32, sig=bytes(64))
    empty = len(format_envelope(b"abc", [signature])) - 4
    payload = b"x" * ((size - empty) // 4 * 3)
    leaf = format_envelope(payload, [signature])
    assert size - 4 < len(leaf) <= size
    return leaf


def test_leaf_at_the_limit() -> None:
    leaf = leaf_of(MAX_LEAF)
    assert parse_envelope(leaf).leaf == leaf


def test_leaf_beyond_the_limit() -> None:
    with pytest.raises(Malformed, match="at most 65535"):
        leaf_of(MAX_LEAF + 4)
    with pytest.raises(Malformed, match="at most 65535"):
        parse_envelope(b" " * (MAX_LEAF + 1))


def test_statement_beyond_the_limit() -> None:
    with pytest.raises(Malformed, match="at most 65535"):
        parse_statement(b" " * (MAX_LEAF + 1))


def test_disclosure_at_the_limit_and_beyond() -> None:
    frame = len('["AAAAAAAAAAAAAAAAAAAAAA","person",{"note":""}]')
    longest = format_disclosure("person", {"note": "x" * (MAX_DISCLOSURE // 4 * 3 - frame)}, bytes(16))
    assert len(longest) == MAX_DISCLOSURE
    assert parse_disclosure(longest).text == longest
    with pytest.raises(Malformed, match="at most 65536"):
        format_disclosure("person", {"note": "x" * (MAX_DISCLOSURE // 4 * 3 - frame + 1)}, bytes(16))


def test_disclosure_deeper_than_16() -> None:
    nested: Any = "x"
    for _ in range(13):  # array, object, note: the innermost string is value 16
        nested = [nested]
    format_disclosure("person", {"note": nested}, bytes(16))
    with pytest.raises(Malformed, match="nested deeper"):
        format_disclosure("person", {"note": [nested]}, bytes(16))


def test_salt_has_16_bytes() -> None:
    for size in (0, 15, 17):
        with pytest.raises(Malformed) as error:
            format_disclosure("person", {"name": "Anna"}, bytes(size))
        assert error.value.where == "[0]"


def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(Malformed, match="not UTF-8"):
        parse_statement(b'{"at":"\xff"}')


def test_envelope_from_json_refuses_what_bytes_could_not_say() -> None:
    leaf = leaf_of(2000)
    value = canonical.parse(leaf, limit=MAX_LEAF)
    assert envelope_from_json(value) == parse_envelope(leaf)
    changes: list[Any] = [{"payload": None}, {"more": 1.5}, {"payload": "\ud800"}]
    for wrong in (*({**value, **change} for change in changes), [value], "x", None):
        with pytest.raises(Malformed):
            envelope_from_json(wrong)
