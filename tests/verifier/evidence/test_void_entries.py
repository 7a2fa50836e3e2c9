"""A registry that logs what it should have refused: the fault is named with its place, and the verdict goes on.

Each case is one void entry in a log that is otherwise in order. It has no effect: the answer is what it was without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.cast import Cast, Logged, broken, faults, key, segments

SPAN = {"starts": "2026-02-01T00:00:00Z", "ends": "2026-02-11T00:00:00Z"}


@dataclass(frozen=True)
class Case:
    """``make`` logs the void entry; ``code`` is why it is void. ``shown``: the file for the use shows that it is."""

    what: str
    code: str
    make: Callable[[Cast], Logged]
    shown: bool = True


def by_former_agency(c: Cast) -> Logged:
    mandate = c.world.mandate(model=c.anna, agency=c.gina)
    c.world.revocation(mandate=mandate)
    return c.world.revocation(consent=c.deal, under=mandate)


def with_a_dead_key(c: Cast) -> Logged:
    old = c.anna.keys[0]
    c.world.key(c.anna, add=[key("new")], retire=[old])
    return c.world.revocation(consent=c.deal, signers=[old])


def guardian_without_her(c: Cast) -> Logged:
    made = c.world.guardian(c.anna, c.mum, drop=[c.anna])
    c.world.guardians.clear()
    return made


CASES = [
    # what would end the use
    Case("revocation by a stranger", "void_signers", lambda c: c.world.revocation(
        consent=c.deal, signers=[c.stranger])),
    Case("revocation by a former agency", "void_power", by_former_agency),
    Case("revocation without the power", "void_power", lambda c: c.world.revocation(
        consent=c.deal, under=c.world.mandate(model=c.anna, agency=c.gina, powers=["approve"]))),
    Case("revocation that leaves out the arbiter", "void_parties", lambda c: c.world.revocation(
        consent=c.deal, parties={"arbiter": None})),
    Case("revocation that was signed long ago", "void_late", lambda c: c.world.revocation(consent=c.deal, at="-31d")),
    Case("revocation of tomorrow", "void_ahead", lambda c: c.world.revocation(consent=c.deal, at="+1d")),
    Case("revocation with a dead key", "void_signers", with_a_dead_key),
    Case("suspension by another union", "void_signers", lambda c: c.world.suspension(
        c.deal, by=c.world.party("other union", roles=["union"]))),
    Case("retirement of the twin by its maker", "void_signers", lambda c: c.world.revocation(
        twin=c.world.twin_of(c.anna), signers=[c.studio])),
    Case("ruling by another arbiter", "void_signers", lambda c: c.world.ruling(
        c.deal, [c.deal], signers=[c.world.party("other arbiter", roles=["arbiter"])])),
    Case("replacement without the model", "void_signers", lambda c: c.consent(replaces=c.deal, signers=[c.brand])),
    Case("replacement of another licensee's", "void_parties", lambda c: c.world.consent(
        model=c.anna, licensee=c.rival, replaces=c.deal)),
    # what would put somebody else first
    Case("another's exclusivity without the model", "void_signers", lambda c: c.world.consent(
        model=c.anna, licensee=c.rival, exclusive={}, signers=[c.rival]), shown=False),
    # what would make other keys count
    Case("key by a stranger", "void_signers", lambda c: c.world.key(
        c.anna, add=[key("new")], retire=[c.anna.keys[0]], signers=[c.stranger, key("new")])),
    Case("key that a registrar adds", "void_signers", lambda c: c.world.key(
        c.brand, add=[key("new")], by_registrar=True)),
    Case("recovery below the threshold", "void_signers", lambda c: c.world.key(
        c.anna, keys=[key("new")], signers=[key("new")])),
    Case("guardian of a grown woman without her", "void_signers", guardian_without_her),
    Case("registrars that nobody appointed", "void_signers", lambda c: c.world.registry(
        registrars=[key("usurper")], signers=[c.stranger])),
]  # fmt: skip


def story(case: Case | None, *, before: bool) -> tuple[Cast, Logged, Logged | None]:
    """A use of ten days in February; the void entry is logged before or after its declaration, on 20 January."""
    c = Cast()
    c.enrol()
    c.world.set_clock("2026-01-20T00:00:00Z")
    void = case.make(c) if case is not None and before else None
    usage = c.world.usage(c.deal, terms=SPAN, signers=[key(f"{c.world.origin} brand 0")])
    if case is not None and not before:
        void = case.make(c)
    return c, usage, void


@pytest.mark.parametrize("before", [True, False], ids=["before the use", "after it"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_it_has_no_effect_and_is_reported(case: Case, before: bool) -> None:
    c, usage, void = story(case, before=before)
    assert void is not None
    assert c.standing(void) == case.code
    verdict = c.check(usage)
    assert segments(verdict) == "02-01 yes 02-11"
    if case.shown:
        assert broken(verdict) == {(case.code, void.index)}
    assert verdict["paid"]["answer"] == "NOT_YET_DUE"


def test_a_second_replacement() -> None:
    c = Cast()
    first = c.consent(replaces=c.deal)
    second = c.consent(replaces=c.deal)
    usage = c.world.usage(first)
    verdict = c.check(usage)
    assert (verdict["authorised"], broken(verdict)) == ("AUTHORISED", {("void_replaced", second.index)})


# ---- money that is void pays nothing

MONEY: list[tuple[str, str, Callable[[Cast], Logged]]] = [
    ("receipt by the brand", "void_signers", lambda c: c.world.receipt(
        c.deal, payee=c.anna, amount=10**6, signers=[c.brand])),
    ("attestation of an unlisted provider", "void_parties", lambda c: c.world.payment(
        c.deal, payee=c.anna, amount=10**6, provider=c.world.party("post", roles=["provider"]))),
    ("attestation that the brand signs", "void_signers", lambda c: c.world.payment(
        c.deal, payee=c.anna, amount=10**6, provider=c.bank, signers=[c.brand])),
    ("receipt of a stranger", "void_parties", lambda c: c.world.receipt(
        c.deal, payee=c.stranger, amount=10**6)),
]  # fmt: skip


@pytest.mark.parametrize("what, code, make", MONEY, ids=[what for what, _, _ in MONEY])
def test_money_that_is_void_pays_nothing(what: str, code: str, make: Callable[[Cast], Logged]) -> None:
    c, usage, _ = story(None, before=False)
    void = make(c)
    verdict = c.check(usage)
    assert (verdict["authorised"], verdict["paid"]["answer"]) == ("AUTHORISED", "NOT_YET_DUE")
    assert broken(verdict) == {(code, void.index)}


# ---- what stands on a void entry

BELOW: list[tuple[str, Callable[[Cast], Logged], dict[str, int]]] = [
    ("a consent without the model", lambda c: c.consent(signers=[c.brand]), {"void_signers": 0, "void_parties": 1}),
    ("a consent of next week", lambda c: c.consent(at="+7d"), {"void_ahead": 0, "void_parties": 1}),
    ("a consent on no twin", lambda c: c.consent(members={"twin": "0" * 64}), {"void_parties": 0}),
]


@pytest.mark.parametrize("what, make, expected", BELOW, ids=[what for what, _, _ in BELOW])
def test_what_stands_on_a_void_entry(what: str, make: Callable[[Cast], Logged], expected: dict[str, int]) -> None:
    c = Cast()
    consent = make(c)
    usage = c.world.usage(consent)
    verdict = c.check(usage)
    assert (verdict["authorised"], verdict.get("segments"), verdict.get("paid")) == ("NOT_AUTHORISED", None, None)
    assert {code for code, _ in faults(verdict)} == set(expected)
    assert {index for _, index in broken(verdict)} == {consent.index, usage.index}


def test_a_log_full_of_faults_still_answers() -> None:
    c = Cast()
    c.enrol()
    usage = c.world.usage(c.deal)
    voids = [
        c.world.revocation(consent=c.deal, signers=[c.stranger]),
        c.world.usage(c.deal, signers=[c.stranger]),
        c.again(usage),
        c.world.suspension(c.deal, at="-31d"),
        c.world.dispute(c.deal, [usage], author=c.stranger),
    ]
    verdict = c.check(usage)
    assert verdict["authorised"] == "AUTHORISED"
    assert {index for _, index in broken(verdict)} == {void.index for void in voids}
    assert [code for code, _ in faults(verdict)] == ["repeated", "void_parties", "void_signers", "void_late"]


# ---- entries that a dishonest registry repeats, reorders or dates


def test_leaves_that_cannot_be_read_touch_nothing() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    for leaf in (b"{}", b"", b"nonsense", usage.leaf[:-1], b"\xff" * 40):
        c.world.leaf(leaf)
    assert c.says(usage) == "yes"


def test_a_second_genesis_changes_nothing() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.leaf(Cast(origin="other.example/log").world.genesis.leaf)
    assert c.says(usage) == "yes"


def test_a_statement_for_another_log_in_a_list_that_is_shown() -> None:
    """Step 13 of a check: whoever shows it has a broken file."""
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.revocation(consent=c.deal, registry="1" * 64)
    assert c.says(usage) == "invalid: registry_wrong"


def test_a_clock_that_runs_backwards() -> None:
    c = Cast()
    usage = c.world.usage(c.deal)
    c.world.set_clock("-1d")
    c.world.revocation(consent=c.deal)
    assert c.says(usage) == "invalid: list_incomplete"
