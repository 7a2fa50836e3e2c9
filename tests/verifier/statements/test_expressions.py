"""Expressions against the readers, which are the law: the same value, or none, for whatever bytes there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.mutants import changed
from tests.support.root import VECTORS
from verifier.base import canonical
from verifier.base.strict import format_b64u
from verifier.base.values import fields, replace
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.expressions import match_disclosure, match_statement
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.types import STATEMENT_TYPES, Statement


def _cases(pattern: str, verdict: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for path in sorted((VECTORS / "statements").glob(pattern)):
        file = json.loads(path.read_text("utf-8"))
        yield from ((file, case) for case in file[verdict])


PAYLOADS = [case["payload"].encode() for _, case in _cases("statement-*", "valid")]
SECTIONS = [(file["section"], file["statement"], case) for file, case in _cases("section-*", "valid")]


def items(value: Any) -> Any:
    """All that a value holds, in depth: two statements are equal if their ids are, and 1 is equal to True."""
    if hasattr(value, "__value_fields__"):
        return type(value), [(one.name, items(getattr(value, one.name))) for one in fields(value)]
    if isinstance(value, tuple):
        return [items(one) for one in value]
    return type(value), value


def agree(payload: bytes) -> Statement | None:
    """What the expression takes, which must be what the readers read."""
    found = match_statement(payload)
    if found is not None:
        assert items(found) == items(parse_statement(payload))
    return found


def disclosed(statement: str, name: str, data: bytes) -> tuple[Statement, str]:
    """A disclosure whose bytes are ``data``, and the statement, with that committed to under a name."""
    text = format_b64u(data)
    made = parse_statement(statement.encode())
    return replace(made, sections={**made.sections, name: digest(text)}), text


def agree_in(statement: Statement, text: str) -> bool:
    """Whether a disclosure is taken, which then must be what the readers read."""
    found = match_disclosure(statement, text)
    if found is None:
        return False
    disclosure = parse_disclosure(text)
    section = parse_section(statement, disclosure.name, disclosure.value)
    assert statement.sections[disclosure.name] == digest(text)
    assert (found[0], items(found[1])) == (disclosure.name, items(section))
    return True


# ---- what is good


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_good_statement_is_taken(payload: bytes) -> None:
    assert agree(payload) is not None


@pytest.mark.parametrize(("name", "statement", "case"), SECTIONS)
def test_a_good_section_is_taken_unless_something_in_it_has_an_escape(
    name: str, statement: str, case: dict[str, Any]
) -> None:
    data = canonical.encode(["A" * 22, name, case["value"]])
    assert agree_in(*disclosed(statement, name, data)) == (b"\\" not in data)


def test_there_are_good_ones_of_every_type() -> None:
    assert {json.loads(payload)["type"] for payload in PAYLOADS} == set(STATEMENT_TYPES)
    assert len({(name, json.loads(statement)["type"]) for name, statement, _ in SECTIONS}) >= 14


# ---- what is not


def test_no_malformed_one_is_taken() -> None:
    for _, case in _cases("statement-*", "malformed"):
        assert match_statement(case["payload"].encode()) is None, case["name"]
    for file, case in _cases("section-*", "malformed"):
        data = canonical.encode(["A" * 22, file["section"], case["value"]])
        assert match_disclosure(*disclosed(file["statement"], file["section"], data)) is None, case["name"]


def test_one_that_is_too_long_is_not_taken() -> None:
    payload = next(one for one in PAYLOADS if b'"type":"usage"' in one)
    ids = [f'"{number:064x}"' for number in range(513)]
    whole, more = (re.sub(rb"(?<=assets\":\[)[^]]*", ",".join(ids[:many]).encode(), payload) for many in (512, 513))
    assert agree(whole) is not None
    assert match_statement(more) is None


@given(st.integers(0, 2**32))
def test_a_statement_nearly_right(number: int) -> None:
    random = Random(number)
    payload = random.choice(PAYLOADS)
    for _ in range(random.choice((1, 1, 2))):
        payload = changed(random, payload)
    agree(payload)


@given(st.integers(0, 2**32))
def test_a_section_nearly_right(number: int) -> None:
    random = Random(number)
    name, statement, case = random.choice(SECTIONS)
    data = canonical.encode(["A" * 22, name, case["value"]])
    for _ in range(random.choice((1, 1, 2))):
        data = changed(random, data)
    agree_in(*disclosed(statement, name, data))


@pytest.mark.parametrize("other", ["evidence", "exclusive", "money", "name", "person", "terms", "zebra"])
def test_a_section_under_another_name(other: str) -> None:
    for name, statement, case in SECTIONS:
        data = canonical.encode(["A" * 22, other, case["value"]])
        made, text = disclosed(statement, name, data)
        assert agree_in(made, text) == (other == name and b"\\" not in data)
