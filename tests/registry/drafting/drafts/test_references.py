"""References of transfers: one spelling of what was typed, and the protocol's own numbers."""

from __future__ import annotations

import pytest

from registry.drafting.drafts.references import end_to_end, next_number, spell
from verifier.base.errors import Malformed
from verifier.statements.readers import Reference

CONSENT, PAYEE = "a" * 64, "b" * 64
STEM = "K2BCDC638D1F3319F4759CB93"


@pytest.mark.parametrize(
    "typed, spelt",
    [
        ("R1", "R1"),
        ("invoice 2026/11-07", "INVOICE2026/11-07"),
        (" rf18 5390 0754 7034 ", "RF18539007547034"),
        ("a\u00a0b\tc\n", "ABC"),
        ("/-?:().,'+", "/-?:().,'+"),
        ("k" * 35, "K" * 35),
        ("notprovided1", "NOTPROVIDED1"),
    ],
)
def test_what_was_typed_has_one_spelling(typed: str, spelt: str) -> None:
    assert spell(typed) == spelt
    assert spell(spelt) == spelt
    read = Reference.__metadata__[0]  # type: ignore[attr-defined]
    assert read(spelt) == spelt


@pytest.mark.parametrize(
    "typed, said",
    [
        ("rechnung_7", "'_'"),
        ("müller 3", "'ü'"),
        ("straße", "'ß'"),
        ("№ 3", "'№'"),
        ("٣", "'٣'"),
        ("k" * 36, "36 characters"),
        (" ", "0 characters"),
        ("", "0 characters"),
        ("NOTPROVIDED", "names no transfer"),
        ("not provided", "names no transfer"),
    ],
)
def test_what_blanks_and_capitals_do_not_mend_is_refused(typed: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        spell(typed)


def test_the_protocols_own() -> None:
    assert end_to_end(CONSENT, PAYEE, 1) == STEM + "1"
    assert len(end_to_end(CONSENT, PAYEE, 10**10 - 1)) == 35
    with pytest.raises(ValueError):
        end_to_end(CONSENT, PAYEE, 10**10)


@pytest.mark.parametrize(
    "used, number",
    [
        ([], 1),
        ([STEM + "1"], 2),
        ([STEM + "7", STEM + "2", "R9"], 8),
        ([STEM + "01"], 2),
        ([STEM, STEM + "1A", STEM + "12345678901"], 1),
        (["K" + "0" * 24 + "5"], 1),
    ],
)
def test_the_next_number_is_above_all_that_are_used(used: list[str], number: int) -> None:
    assert next_number(CONSENT, PAYEE, used) == number
