"""The table of kinds: every type has its rows, and a row says nothing that its type has no member for."""

from __future__ import annotations

import pytest

from verifier.base.values import fields
from verifier.rules.standing.keys import named_keys
from verifier.statements.kinds import KINDS, Kind, SignedBy, SignedInForms, SignedWith, kind_name
from verifier.statements.parties import ROLES
from verifier.statements.subjects import KINDS as SUBJECT_KINDS
from verifier.statements.types import PARTY_ROLES, SECTION_NAMES, STATEMENT_TYPES, Consent, Statement

ROWS = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def members(make: type[Statement]) -> set[str]:
    return {field.name for field in fields(make)}


def test_every_type_has_a_row_and_rows_follow_the_order_of_the_types() -> None:
    rows = [row.make for row in KINDS.values()]
    assert list(dict.fromkeys(rows)) == list(STATEMENT_TYPES.values())
    assert {name.partition(" ")[0] for name in KINDS} == set(STATEMENT_TYPES)


@ROWS
def test_what_it_touches_and_stands_on_are_members_of_it(kind: Kind) -> None:
    for subject, member in kind.touches:
        assert subject in SUBJECT_KINDS
        assert member in members(kind.make) or member in ROLES
    for on in kind.on:
        assert on.member in members(kind.make)
        assert set(on.same) <= set(ROLES)
        assert on.act is None or on.make is Consent
        assert any(row.make is on.make and (on.list, "id") in row.touches for row in KINDS.values())
    assert kind.like is None or kind.like in {on.member for on in kind.on} | {"of"}
    assert (kind.power is not None) <= any(on.member == "under" for on in kind.on)


@ROWS
def test_whom_it_names_and_who_signs_are_roles(kind: Kind) -> None:
    assert set(kind.names) | set(kind.may_name) <= {*ROLES, "payees"}
    if isinstance(kind.signed, SignedBy):
        assert {one.role for one in kind.signed.signers} <= set(ROLES)
        assert {one.enrolled for one in kind.signed.signers} <= {None, *PARTY_ROLES}
        # Whoever signs is named: by the statement itself, or in the one that it stands on.
        own = {*kind.names, *kind.may_name} | ({"agency"} if kind.make is Consent else set())
        assert kind.like is not None or {one.role for one in kind.signed.signers} <= own
        assert not kind.signed.signers[-1].optional or len(kind.signed.signers) > 1
    elif isinstance(kind.signed, SignedWith):
        assert set(kind.signed.new) <= members(kind.make)
    else:
        assert isinstance(kind.signed, SignedInForms)
        assert kind.make.__name__ in ("Key", "Guardian")


@ROWS
def test_its_sections(kind: Kind) -> None:
    assert kind.sections.keys().isdisjoint(kind.optional_sections)
    assert {*kind.sections, *kind.optional_sections} <= set(SECTION_NAMES)


def test_a_revocation_goes_by_what_it_ends() -> None:
    made = STATEMENT_TYPES["revocation"](
        id="0" * 64, type="revocation", registry="1" * 64, at=0, nonce="", twin="2" * 64, effective=0, ground="other"
    )  # type: ignore[call-arg]  # the members of its own
    assert kind_name(made) == "revocation twin"
    assert named_keys(made, "keys", "log", "recovery") == frozenset()
