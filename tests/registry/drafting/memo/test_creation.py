"""Deal memos of consents to have a twin made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.drafting.memo.render import LANGUAGES, WIDTH, Language, render
from verifier.base import canonical
from verifier.base.values import fields
from verifier.statements.parse import parse_section, parse_statement
from verifier.statements.sections import CreateTerms, Section
from verifier.statements.types import Consent

HERE = Path(__file__).parent

TERMS: dict[str, Any] = {
    "description": "A scan of her face and body for pictures of knitwear.",
    "methods": ["photo", "scan"],
    "starts": "2026-12-01T00:00:00Z",
    "ends": "2026-12-03T00:00:00Z",
    "delete_by": "2027-12-01T00:00:00Z",
    "training": "own_twin",
    "language": "en",
    "delivered": "2026-11-20T09:30:00Z",
    "advice": "union",
    "profile": "ny",
}
CHANGED: dict[str, Any] = {
    "description": "Something else that is long enough.", "methods": ["voice"], "starts": "2026-12-02T00:00:00Z",
    "ends": "2026-12-04T00:00:00Z", "delete_by": None, "training": "allow", "language": "id",
    "delivered": "2026-11-19T00:00:00Z", "advice": "none", "profile": None,
}  # fmt: skip


MONEY: dict[str, Any] = {
    "currency": "USD",
    "fees": [
        {"per": "flat", "amount": 60_000, "owed": "signed"},
        {"per": "flat", "amount": 40_000, "owed": "on", "at": "2027-01-15T00:00:00Z", "due_days": 14},
    ],
    "splits": [{"payee": "a" * 64, "kind": "model", "parts": 1}],
    "due": {"from": "declared", "days": 30},
}


def memo(terms: Mapping[str, Any] = TERMS, language: Language = "en", *, guardian: bool = True,
         money: Mapping[str, Any] | None = None) -> str:  # fmt: skip
    header = {
        "act": "create", "at": "2026-11-24T00:00:00Z", "kembar": 2, "nonce": "A" * 22, "registry": "9" * 64,
        "type": "consent", "sections": {"terms": "A" * 43, **({"money": "A" * 43} if money else {})},
        "parties": {"model": "a" * 64, "maker": "b" * 64, **({"guardian": "5" * 64} if guardian else {}),
                    **({"payees": ["a" * 64]} if money else {})},
    }  # fmt: skip
    statement = parse_statement(canonical.encode(header))
    assert isinstance(statement, Consent)
    value = {name: one for name, one in terms.items() if one is not None}
    sections: dict[str, Section] = {"terms": parse_section(statement, "terms", value)}
    if money:
        sections["money"] = parse_section(statement, "money", dict(money))
    return render(statement, sections, language).decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_is_word_for_word_what_was_read_and_approved(language: Language) -> None:
    assert memo(language=language) == (HERE / f"creation.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_is_text_for_people(language: Language) -> None:
    for text in (memo(language=language), memo({**TERMS, **CHANGED}, language), memo(language=language, money=MONEY)):
        assert all(len(line) <= WIDTH or len(line.split()) == 1 for line in text.split("\n"))
        assert not any(mark in text for mark in ("None", "True", "False", "{", "}", "[", "..", " ,", "\n\n\n"))


def test_every_member_is_tried() -> None:
    assert {field.name for field in fields(CreateTerms)} == set(CHANGED) | {"memo"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("member", CHANGED)
def test_nothing_is_left_out(member: str, language: Language) -> None:
    assert memo({**TERMS, member: CHANGED[member]}, language) != memo(language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guardian_is_named(language: Language) -> None:
    assert "5" * 64 in memo(language=language)
    assert "5" * 64 not in memo(language=language, guardian=False)


def test_the_hash_in_the_terms_changes_nothing() -> None:
    assert memo({**TERMS, "memo": "7" * 64}) == memo()


def test_what_she_is_paid_for_the_day_of_the_scan() -> None:
    said = " ".join(memo(money=MONEY).split())
    assert "USD 600.00 once, with the signatures." in said
    assert "USD 400.00 once, on 15 January 2027 (UTC). It is due 14 days after that." in said
    assert "The maker pays. It is divided: 1 of 1 parts (100%) to you, the model" in said
    assert "It is due 30 days after it arose, if nothing else is said with it." in said
    assert "What was owed with the signatures stays owed after a withdrawal." in said
    assert "says nothing of money" not in said
    for change in ({"fees": MONEY["fees"][:1]}, {"due": {"from": "declared", "days": 31}}, {"currency": "EUR"}):
        assert memo(money={**MONEY, **change}) != memo(money=MONEY)
    assert "tetap terutang setelah penarikan" in " ".join(memo(language="id", money=MONEY).split())
