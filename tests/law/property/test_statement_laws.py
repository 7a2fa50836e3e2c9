"""Laws of statements, envelopes, sections and disclosures: one spelling each, and Malformed for all the rest."""

from __future__ import annotations

import copy
import re
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.encoded import encode_statement
from tests.vectors.making.examples import FULL, MORE_VALID
from tests.vectors.making.mutations import walk
from tests.vectors.making.sections import SECTIONS
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.values import fields
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.envelope import Signature, parse_envelope
from verifier.statements.making import format_disclosure, format_envelope
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.subjects import format_subject, parse_subject, subjects
from verifier.statements.types import Statement

HEX = re.compile(r"[0-9a-f]{64}\Z")
EXAMPLES = {one.name: one.value for one in [*FULL, *MORE_VALID] if "512" not in one.name}
Path = tuple[Any, ...]


def renamed(value: Any, seed: int) -> Any:
    """The same with other ids everywhere, sets put in order again."""
    if isinstance(value, dict):
        return {name: renamed(item, seed) for name, item in value.items()}
    if isinstance(value, list):
        items = [renamed(item, seed) for item in value]
        return sorted(items) if all(isinstance(item, str) for item in items) else items
    if isinstance(value, str) and HEX.match(value):
        return sha256(f"{seed} {value}".encode()).hexdigest()
    return value


values = st.builds(renamed, st.sampled_from(list(EXAMPLES.values())), st.integers(0, 2**32))
payloads = values.map(encode_statement)
section_values = st.sampled_from([(one.section, EXAMPLES[one.statement], one.full) for one in SECTIONS])
signatures = st.lists(
    st.builds(
        Signature,
        keyid=st.binary(min_size=32, max_size=32).map(bytes.hex),
        sig=st.binary(min_size=64, max_size=64),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one.keyid,
)
leaves = st.builds(format_envelope, payloads, signatures)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["", "WORLD", "use", "0" * 64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab_Z9", max_size=4), inner, max_size=3),
    max_leaves=6,
)


def contents(statement: Statement) -> dict[str, Any]:
    return {field.name: getattr(statement, field.name) for field in fields(statement) if field.name != "id"}


def places(value: Any) -> list[Path]:
    return [path for path, _, _ in walk(value)]


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


class TestOneSpelling:
    """What is read is written back byte for byte, and no other bytes say the same."""

    @given(values)
    def test_statement(self, value: dict[str, Any]) -> None:
        payload = encode_statement(value)
        assert canonical.parse(payload, limit=len(payload)) == value
        assert parse_statement(payload).id == sha256(payload).hexdigest()

    @given(payloads, st.data())
    def test_flipped_bit_of_a_statement(self, payload: bytes, data: st.DataObject) -> None:
        flipped = flip(payload, data)
        try:
            other = parse_statement(flipped)
        except Malformed:
            return
        statement = parse_statement(payload)
        assert other.id != statement.id
        assert contents(other) != contents(statement)

    @given(leaves, st.data())
    def test_flipped_bit_of_an_envelope(self, leaf: bytes, data: st.DataObject) -> None:
        flipped = flip(leaf, data)
        try:
            other = parse_envelope(flipped)
        except Malformed:
            return
        assert format_envelope(other.payload, other.signatures) == flipped

    @given(leaves)
    def test_envelope(self, leaf: bytes) -> None:
        envelope = parse_envelope(leaf)
        assert envelope.leaf == leaf
        assert format_envelope(envelope.payload, reversed(envelope.signatures)) == leaf

    @given(section_values, st.binary(min_size=16, max_size=16), st.data())
    def test_disclosure(self, section: tuple[str, Any, Any], salt: bytes, data: st.DataObject) -> None:
        name, _, value = section
        text = format_disclosure(name, value, salt)
        disclosure = parse_disclosure(text)
        assert (disclosure.name, disclosure.value, disclosure.text) == (name, value, text)
        flipped = flip(text.encode(), data).decode("latin-1")
        try:
            other = parse_disclosure(flipped)
        except Malformed:
            return
        assert (other.salt, other.name, other.value) != (disclosure.salt, disclosure.name, disclosure.value)
        assert digest(flipped) != digest(text)


class TestStrictness:
    """Unknown members are refused at any depth; whatever comes, the answer is Malformed or a value."""

    @given(values, st.data())
    def test_unknown_member_of_a_statement(self, value: dict[str, Any], data: st.DataObject) -> None:
        path = data.draw(st.sampled_from([(), *(p for p in places(value) if isinstance(at(value, p), dict))]))
        wrong = copy.deepcopy(value)
        at(wrong, path)["zebra"] = data.draw(st.sampled_from([1, "x", "0" * 64, ["0" * 64]]))
        with pytest.raises(Malformed):
            encode_statement(wrong)

    @given(section_values, st.data())
    def test_unknown_member_of_a_section(self, section: tuple[str, Any, Any], data: st.DataObject) -> None:
        name, statement, value = section
        path = data.draw(st.sampled_from([(), *(p for p in places(value) if isinstance(at(value, p), dict))]))
        wrong = copy.deepcopy(value)
        at(wrong, path)["zebra"] = 1
        with pytest.raises(Malformed) as error:
            parse_section(parse_statement(encode_statement(statement)), name, wrong)
        assert error.value.where.endswith("zebra")

    @given(values, json_values, st.data())
    def test_any_value_anywhere_in_a_statement(self, value: dict[str, Any], new: Any, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(places(value)))
        wrong = copy.deepcopy(value)
        at(wrong, path[:-1])[path[-1]] = new
        try:
            encode_statement(wrong)
        except Malformed as error:
            assert error.message

    @given(section_values, json_values, st.data())
    def test_any_value_anywhere_in_a_section(
        self, section: tuple[str, Any, Any], new: Any, data: st.DataObject
    ) -> None:
        name, statement, value = section
        path = data.draw(st.sampled_from(places(value)))
        wrong = copy.deepcopy(value)
        at(wrong, path[:-1])[path[-1]] = new
        try:
            parse_section(parse_statement(encode_statement(statement)), name, wrong)
        except Malformed as error:
            assert error.where.startswith(name)

    @given(st.binary(max_size=200) | json_values.map(canonical.encode))
    def test_any_bytes(self, data: bytes) -> None:
        for parse in (parse_statement, parse_envelope):
            with pytest.raises(Malformed):
                parse(data)

    @given(st.text(max_size=200))
    def test_any_text(self, text: str) -> None:
        with pytest.raises(Malformed):
            parse_disclosure(text)
        with pytest.raises(Malformed):
            parse_subject(text)


class TestSubjects:
    """They depend on the statement alone, rise, and each is one by the grammar."""

    @given(values)
    def test_sorted_unique_and_the_same_again(self, value: dict[str, Any]) -> None:
        payload = encode_statement(value)
        touched = subjects(parse_statement(payload))
        assert list(touched) == sorted(set(touched))
        assert touched == subjects(parse_statement(payload))

    @given(payloads)
    def test_each_is_a_subject(self, payload: bytes) -> None:
        for subject in subjects(parse_statement(payload)):
            kind, ids = parse_subject(subject)
            assert format_subject(kind, *ids) == subject

    @given(payloads)
    def test_everyone_named_is_touched(self, payload: bytes) -> None:
        statement = parse_statement(payload)
        named = {f"party:{party}" for party in statement.parties.ids()}
        assert named <= set(subjects(statement)) or statement.type == "seal"


def flip(data: bytes, source: st.DataObject) -> bytes:
    """``data`` with one bit changed."""
    place = source.draw(st.integers(0, len(data) - 1))
    bit = source.draw(st.integers(0, 7))
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
