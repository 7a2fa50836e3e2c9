"""What voids an entry, as a verdict's rows have it: T6, T8, A0, A1, A2, A5, each to the second and to the index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cast import Cast, Logged, key, row
from verifier.rules.model.calendar import add_months

DAY = 86_400

Story = Callable[[Cast], Logged | tuple[Logged, list[str]]]
"""Tells of a statement that is asked about; beside it may stand lists that the reader is not shown."""


def plain(c: Cast, **more: Any) -> Logged:
    c.enrol()
    return c.consent(**more)


def hiding(subject: Callable[[Cast], str]) -> Story:
    return lambda c: (plain(c, under=c.mandate), [subject(c)])


def with_a_key(c: Cast, *, retired: bool) -> Logged:
    """The brand's first key is retired before the consent is logged, or right after."""
    first = c.brand.keys[0]
    c.world.key(c.brand, add=[key("the brand's second")])
    if retired:
        c.world.key(c.brand, retire=[first])
    made = plain(c, signers=[c.anna, first])
    if not retired:
        c.world.key(c.brand, retire=[first])
    return made


def under(c: Cast, *, ends: int, at: int) -> Logged:
    """Under a mandate that lasts so long, logged so many seconds after its start."""
    c.enrol()
    starts = c.world.now
    mandate = c.world.mandate(model=c.anna, agency=c.gina, starts=starts, ends=starts + ends)
    c.world.set_clock(starts + at)
    return c.consent(under=mandate, terms={"starts": c.world.now, "ends": c.world.now + DAY})


def months(c: Cast, *, seconds: int) -> Logged:
    """Under a mandate of five years, so many seconds after its first three."""
    now = c.world.now
    return under(c, ends=5 * 365 * DAY, at=add_months(now + DAY, 36) - (now + DAY) + seconds)


def after_the_mandate(c: Cast, *, effective: int) -> Logged:
    """The mandate is revoked, and the consent logged so many seconds before that takes effect."""
    c.enrol()
    mandate = c.mandate
    c.world.revocation(mandate=mandate, effective=c.world.now + DAY)
    c.world.set_clock(c.world.now + DAY - effective)
    return c.consent(under=mandate)


def replacing(c: Cast, *, again: bool) -> Logged:
    first = plain(c)
    second = c.consent(replaces=first)
    return c.consent(replaces=first) if again else second


CASES: list[tuple[str, str, Story, str]] = [
    ("T6", "five minutes ahead", lambda c: plain(c, at="+300s"), "PASS ok"),
    ("T6", "a second more", lambda c: plain(c, at="+301s"), "FAIL void_ahead"),
    ("T8", "thirty days", lambda c: plain(c, at="-30d"), "PASS ok"),
    ("T8", "a second more", lambda c: plain(c, at=f"-{30 * DAY + 1}s"), "FAIL void_late"),
    ("A0", "names whom it must", plain, "PASS ok"),
    ("A0", "names one too many", lambda c: plain(c, parties={"maker": c.studio}), "FAIL void_parties"),
    ("A0", "its twin is not shown", hiding(lambda c: f"twin:{c.world.twin_of(c.anna).id}"), "UNKNOWN list_missing"),
    ("A1", "all have signed", plain, "PASS ok"),
    ("A1", "one has not", lambda c: plain(c, drop=[c.brand]), "FAIL void_signers"),
    ("A1", "a stranger has too", lambda c: plain(c, extra=[c.stranger]), "FAIL void_signers"),
    ("A1", "with a key that is retired right after", lambda c: with_a_key(c, retired=False), "PASS ok"),
    ("A1", "with a key that was retired right before", lambda c: with_a_key(c, retired=True), "FAIL void_signers"),
    ("A1", "whose keys are not shown", hiding(lambda c: f"keys:{c.brand.id}"), "UNKNOWN list_missing"),
    ("A2", "without an agency", plain, "NOT_APPLICABLE not_applicable"),
    ("A2", "at the mandate's first second", lambda c: under(c, ends=DAY, at=0), "PASS ok"),
    ("A2", "at its last", lambda c: under(c, ends=DAY, at=DAY - 1), "PASS ok"),
    ("A2", "a second later", lambda c: under(c, ends=DAY, at=DAY), "FAIL void_power"),
    ("A2", "at the last second of three years", lambda c: months(c, seconds=-1), "PASS ok"),
    ("A2", "after three years of five", lambda c: months(c, seconds=0), "FAIL void_power"),
    ("A2", "before its revocation takes effect", lambda c: after_the_mandate(c, effective=1), "PASS ok"),
    ("A2", "when it does", lambda c: after_the_mandate(c, effective=0), "FAIL void_power"),
    ("A2", "whose mandate is not shown", hiding(lambda c: f"mandate:{c.mandate.id}"), "UNKNOWN list_missing"),
    ("A5", "the first that replaces it", lambda c: replacing(c, again=False), "PASS ok"),
    ("A5", "the second", lambda c: replacing(c, again=True), "FAIL void_replaced"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "case", "story", "expected"), CASES, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_what_voids_a_consent(rule: str, case: str, story: Story, expected: str) -> None:
    c = Cast()
    told = story(c)
    made, hidden = told if isinstance(told, tuple) else (told, [])
    verdict = c.check(made, **({"hide_lists": hidden} if hidden else {}))
    assert row(verdict, rule) == expected
    others = [one for one in verdict["rules"] if one["rule"] != rule and one["result"] != "NOT_APPLICABLE"]
    assert (others == []) == expected.startswith("FAIL"), "of a void one all others do not apply"
