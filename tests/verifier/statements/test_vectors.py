"""The vectors of tests/vectors/statements: what they call valid is read, what they call malformed refused there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import root as vectors
from tests.vectors import make_statement_vectors
from verifier.base.errors import Malformed
from verifier.base.strict import parse_b64u
from verifier.statements.disclosure import digest, parse_disclosure
from verifier.statements.envelope import check_signatures, parse_envelope
from verifier.statements.making import format_disclosure
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.subjects import parse_subject, subjects
from verifier.statements.types import STATEMENT_TYPES

VECTORS = vectors.VECTORS / "statements"


def cases(pattern: str, verdict: str) -> list[Any]:
    """Every case of some files, with what its file says about all of them (a section's name and statement)."""
    found = []
    for path in sorted(VECTORS.glob(pattern)):
        file = json.loads(path.read_text("utf-8"))
        common = {name: item for name, item in file.items() if name not in ("valid", "malformed")}
        found += [pytest.param({**common, **case}, id=f"{path.stem}-{case['name']}") for case in file[verdict]]
    return found


def test_files_are_what_their_maker_makes() -> None:
    """So that nobody mends a vector by hand and loses it at the next run."""
    assert {path.name: path.read_text("utf-8") for path in VECTORS.glob("*.json")} == make_statement_vectors.make()


def test_names_are_unique() -> None:
    for path in VECTORS.glob("*.json"):
        file = json.loads(path.read_text("utf-8"))
        for verdict in ("valid", "malformed"):
            names = [case["name"] for case in file[verdict]]
            assert len(set(names)) == len(names), path.name


def test_every_type_has_vectors() -> None:
    assert {path.stem for path in VECTORS.glob("statement-*")} == {f"statement-{kind}" for kind in STATEMENT_TYPES}


@pytest.mark.parametrize("case", cases("statement-*", "valid"))
def test_valid_statement(case: dict[str, Any]) -> None:
    statement = parse_statement(case["payload"].encode())
    value = json.loads(case["payload"])
    assert statement.id == case["id"]
    assert list(subjects(statement)) == case["subjects"]
    assert all(parse_subject(subject) for subject in case["subjects"])
    assert (statement.type, type(statement)) == (value["type"], STATEMENT_TYPES[value["type"]])
    assert statement.sections == value.get("sections", {})
    assert statement.parties.roles() == {k: v for k, v in value.get("parties", {}).items() if k != "payees"}
    assert list(statement.parties.payees) == value.get("parties", {}).get("payees", [])


@pytest.mark.parametrize("case", cases("statement-*", "malformed"))
def test_malformed_statement(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as error:
        parse_statement(case["payload"].encode())
    assert error.value.where == case["where"]
    assert error.value.message


@pytest.mark.parametrize("case", cases("envelopes*", "valid"))
def test_valid_envelope(case: dict[str, Any]) -> None:
    envelope = parse_envelope(case["leaf"].encode())
    assert envelope.leaf == case["leaf"].encode()
    assert envelope.payload == case["payload"].encode()
    assert check_signatures(envelope) == case["first_bad_signature"]


@pytest.mark.parametrize("case", cases("envelopes*", "malformed"))
def test_malformed_envelope(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as error:
        parse_envelope(case["leaf"].encode())
    assert error.value.where == case["where"]


@pytest.mark.parametrize("case", cases("section-*", "valid"))
def test_valid_section(case: dict[str, Any]) -> None:
    statement = parse_statement(case["statement"].encode())
    section = parse_section(statement, case["section"], case["value"])
    for member, value in case["value"].items():
        field = getattr(section, f"{member}_" if member in ("except", "from") else member)
        if isinstance(value, list) and not isinstance(value[0] if value else {}, dict):
            assert list(field) == value
        elif isinstance(field, int) and isinstance(value, str):
            assert value.endswith("Z")  # an instant; tests of their own look at its value
        elif not isinstance(value, dict | list):
            assert field == value


@pytest.mark.parametrize("case", cases("section-*", "malformed"))
def test_malformed_section(case: dict[str, Any]) -> None:
    statement = parse_statement(case["statement"].encode())
    with pytest.raises(Malformed) as error:
        parse_section(statement, case["section"], case["value"])
    assert error.value.where == case["where"]
    assert error.value.message


@pytest.mark.parametrize("case", cases("disclosures*", "valid"))
def test_valid_disclosure(case: dict[str, Any]) -> None:
    disclosure = parse_disclosure(case["text"])
    assert (disclosure.text, disclosure.salt, disclosure.name) == (case["text"], case["salt"], case["section"])
    assert disclosure.value == case["value"]
    assert digest(case["text"]) == case["digest"]
    assert format_disclosure(case["section"], case["value"], parse_b64u(case["salt"])) == case["text"]


@pytest.mark.parametrize("case", cases("disclosures*", "malformed"))
def test_malformed_disclosure(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse_disclosure(case["text"])
