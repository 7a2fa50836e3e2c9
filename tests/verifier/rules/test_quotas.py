"""Quotas: what is one too many is refused, what stops something never is, and what stops nothing is not logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.admitting import asked, refused
from tests.support.cast import Cast, Logged, key
from tests.support.root import ROOT
from verifier.rules import quotas
from verifier.rules.model.record import MemoryRecord
from verifier.rules.quotas import QUOTA_COUNTS, QUOTAS, QuotaCounts, beyond_quota, quotas_of
from verifier.rules.standing.judged import JudgedContext

FEW = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of each, so that a test need not log thousands."""
    monkeypatch.setattr(quotas, "QUOTAS", dict.fromkeys(QUOTAS, FEW))


def with_sub(c: Cast) -> Logged:
    return c.world.usage(c.deal, sublicensee=c.sub)


COUNTED: dict[str, Callable[[Cast], Logged]] = {
    "usage": lambda c: c.world.usage(c.deal),
    "usage of a sub-licensee": with_sub,
    "payment": lambda c: c.world.payment(c.deal, payee=c.anna, amount=1),
    "payment that a provider attests": lambda c: c.world.payment(c.deal, payee=c.anna, amount=1, provider=c.bank),
    "receipt": lambda c: c.world.receipt(c.deal, payee=c.anna, amount=1),
    "credit": lambda c: c.world.adjustment(c.deal, kind="credit", payer=c.brand, payee=c.anna, amount=1, of=[]),
    "approval": lambda c: c.world.approval(c.deal, ["a"]),
    "dispute": lambda c: c.world.dispute(c.deal, [c.deal], author=c.crew),
    "ruling": lambda c: c.world.ruling(c.deal, [c.deal]),
    "resumption": lambda c: c.world.resumption(c.deal, by=c.ulla),
    "own keys": lambda c: c.world.key(c.brand, add=[key(f"more {c.world.log.size}")]),
}
"""What is counted, of one side: made again and again."""


@pytest.mark.parametrize("name", COUNTED)
def test_one_too_many_is_refused(name: str) -> None:
    c = Cast()
    c.enrol()
    made = [COUNTED[name](c) for _ in range(FEW + 1)]
    assert [refused(c, one) for one in made] == [[]] * FEW + [["A0 quota"]]


def test_the_numbers_are_those_of_the_rules() -> None:
    """The table of docs/rules.md, row by row."""
    text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    table = text.split("### Quotas")[1].split("Whoever may stop")[0]
    told = [[int(one.replace(",", "")) for one in re.findall(r"[0-9][0-9,]*", row.split("|")[3])]
            for row in table.splitlines() if row.startswith("|") and "---" not in row][1:]  # fmt: skip
    by_list: dict[str, list[int]] = {}
    for (kind, _), most in QUOTAS.items():
        by_list.setdefault(kind, []).append(most)
    assert told == [
        [2_000, 1_000], [4_000, 2_000], [4_000], [1_000], [20], [100], [200], [50], [20]
    ]
    assert by_list == {
        "uses": [2_000, 1_000, 4_000, 2_000], "account": [4_000, 1_000], "approval": [20], "consent": [100],
        "keys": [200, 50], "mandate": [20], "twin": [20],
    }  # fmt: skip


def test_each_side_has_its_own() -> None:
    c = Cast()
    for _ in range(FEW):
        c.world.dispute(c.deal, [c.deal], author=c.crew)
    assert refused(c, c.world.dispute(c.deal, [c.deal], author=c.brand)) == []
    assert refused(c, c.world.dispute(c.deal, [c.deal], author=c.crew)) == ["A0 quota"]


def test_a_sub_licensee_uses_up_the_licensees_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(quotas.QUOTAS, ("uses", "usages of one sub-licensee"), 2)
    c = Cast()
    c.enrol()
    assert [refused(c, with_sub(c)) for _ in range(3)] == [[], [], ["A0 quota"]]  # which is logged all the same
    assert refused(c, c.world.usage(c.deal)) == ["A0 quota"]


def test_each_usage_is_sure_of_one_report() -> None:
    c = Cast()
    uses = [c.world.usage(c.deal) for _ in range(FEW)]
    reports = [c.world.report(uses[0]) for _ in range(FEW)]
    assert [refused(c, one) for one in reports] == [[]] * FEW
    assert refused(c, c.world.report(uses[1])) == []
    assert refused(c, c.world.report(uses[1])) == ["A0 quota"]


@pytest.mark.parametrize("follows", ["replaces", "renews"])
def test_over_the_consents_that_it_replaced(follows: str) -> None:
    c = Cast()
    c.enrol()
    old = c.deal
    for _ in range(FEW):
        c.world.usage(old)
    options: dict[str, Any] = {follows: old}
    new = c.consent(**options)
    assert refused(c, c.world.usage(new)) == (["A0 quota"] if follows == "replaces" else [])
    assert refused(c, c.world.usage(old)) == ["A0 quota"]


def test_the_old_one_has_no_room_that_the_new_one_lacks() -> None:
    """Else a line of many consents would hold many times as much as one."""
    c = Cast()
    c.enrol()
    new = c.consent(replaces=c.deal)
    for _ in range(FEW):
        c.world.usage(new)
    assert refused(c, c.world.usage(c.deal)) == ["A0 quota"]


def test_a_wards_guardian_counts_as_she_does() -> None:
    c = Cast()
    c.ward()
    c.enrol()
    for signer in (c.anna, c.mum, c.anna):
        c.world.dispute(c.deal, [c.deal], author=c.anna, signers=[signer])
    assert refused(c, c.world.dispute(c.deal, [c.deal], author=c.anna, signers=[c.mum])) == ["A0 quota"]


# ---- what stops something


def full(c: Cast) -> None:
    """Every list of the deal at its limit, of its model."""
    for _ in range(FEW):
        c.world.dispute(c.deal, [c.deal], author=c.anna)
        c.world.approval(c.deal, ["a"])
        c.world.key(c.anna, add=[key(f"more {c.world.log.size}")])


STOPS: dict[str, Callable[[Cast], Logged]] = {
    "revocation": lambda c: c.world.revocation(consent=c.deal),
    "revocation of the twin": lambda c: c.world.revocation(twin=c.world.twin_of(c.anna)),
    "revocation of the mandate": lambda c: c.world.revocation(mandate=c.mandate),
    "suspension": lambda c: c.world.suspension(c.deal),
    "suspension by the union": lambda c: c.world.suspension(c.deal, by=c.ulla),
    "rejection": lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
    "retiring a key": lambda c: c.world.key(c.anna, retire=[c.anna.keys[-1]]),
}


@pytest.mark.parametrize("name", STOPS)
def test_a_stop_that_changes_something_is_never_refused(name: str) -> None:
    c = Cast()
    c.enrol()
    full(c)
    assert refused(c, STOPS[name](c)) == []


AGAIN = {name: STOPS[name] for name in STOPS if name != "retiring a key"}


@pytest.mark.parametrize("name", AGAIN)
def test_one_that_changes_nothing_is_not_logged(name: str) -> None:
    c = Cast()
    c.enrol()
    AGAIN[name](c)
    assert refused(c, AGAIN[name](c)) == ["A0 no_effect"]


def test_retiring_what_is_retired() -> None:
    c = Cast()
    spare = key("spare")
    c.world.key(c.anna, add=[spare])
    c.world.key(c.anna, retire=[spare])
    assert refused(c, c.world.key(c.anna, retire=[spare])) == ["A0 no_effect"]
    both = [spare, c.anna.keys[0]]
    assert "A0 no_effect" not in refused(c, c.world.key(c.anna, retire=both, signers=[c.anna.keys[0]]))


CHANGES: dict[str, tuple[Callable[[Cast], Any], Callable[[Cast], Logged]]] = {
    # a stop of before, and one that changes something all the same
    "sooner": (
        lambda c: c.world.revocation(consent=c.deal, effective="+30d"), lambda c: c.world.revocation(consent=c.deal)
    ),
    "by the brand, then by the model": (
        lambda c: c.world.revocation(consent=c.deal, signers=[c.brand]), lambda c: c.world.revocation(consent=c.deal)
    ),
    "by the model, then by the brand": (
        lambda c: c.world.revocation(consent=c.deal),
        lambda c: c.world.revocation(consent=c.deal, signers=[c.brand]),
    ),
    "after a resumption": (
        lambda c: (c.world.suspension(c.deal), c.world.advance("1d"), c.world.resumption(c.deal)),
        lambda c: c.world.suspension(c.deal),
    ),
    "by the other side": (
        lambda c: c.world.suspension(c.deal, by=c.ulla), lambda c: c.world.suspension(c.deal)
    ),
    "after an approval": (
        lambda c: (c.world.approval(c.deal, ["a"], decision="reject"), c.world.approval(c.deal, ["a"])),
        lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
    ),
    "of another file": (
        lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
        lambda c: c.world.approval(c.deal, ["a", "b"], decision="reject"),
    ),
    "for more than before": (
        lambda c: c.world.approval(c.deal, ["a"], decision="reject", terms={"channels": ["print"]}),
        lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
    ),
    "by herself, not by her agency": (
        lambda c: c.world.approval(c.deal, ["a"], decision="reject", under=c.mandate),
        lambda c: c.world.approval(c.deal, ["a"], decision="reject"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_something_after_another_stop(name: str) -> None:
    c = Cast()
    c.enrol()
    before, then = CHANGES[name]
    before(c)
    assert refused(c, then(c)) == []


def test_within_the_notice_no_sooner_is_no_sooner() -> None:
    """Both wait for the notice, so that an earlier `effective` changes nothing."""
    c = Cast()
    deal = c.consent(terms={"notice": 30 * 86_400})
    c.world.revocation(consent=deal, effective="+20d")
    assert refused(c, c.world.revocation(consent=deal, effective="+10d")) == ["A0 no_effect"]


@pytest.mark.parametrize("release", [None, 0, 86_400])
def test_an_exclusivity_that_cannot_be_released(release: int | None) -> None:
    c = Cast()
    more = {} if release is None else {"release": release}
    deal = c.consent(exclusive=more)

    def released() -> Logged:
        return c.world.revocation(consent=deal, ground="unpaid", members={"part": "exclusive"})

    assert refused(c, released()) == (["A0 no_effect"] if release is None else [])
    assert refused(c, released()) == ["A0 no_effect"]
    assert refused(c, c.world.revocation(consent=deal, ground="unpaid")) == []


# ---- how it is counted


def test_what_is_lent_counts_each_row_once() -> None:
    """A log that grows under one count looks at no entry twice, and answers as a fresh count does."""

    class Looked(MemoryRecord):
        looks = 0

        def entry(self, index: int) -> Any:
            self.looks += 1
            return super().entry(index)

    c = Cast()
    c.enrol()
    for _ in range(12):
        c.world.usage(c.deal)
    whole = c.world.record()
    record, counts = Looked(whole.genesis), QuotaCounts()
    said, looks = [], []
    for index in range(whole.size):
        entry = whole.entry(index)
        if entry is None:
            record.skip(index)
            continue
        context = JudgedContext(record, instant=entry.logged, as_of=entry.logged)
        context.memo.lend(QUOTA_COUNTS, {None: counts})
        before = record.looks
        grown = beyond_quota(context, entry)
        if entry.statement.type == "usage":
            said.append(grown is not None)
            looks.append(record.looks - before)
        fresh = JudgedContext(record, instant=entry.logged, as_of=entry.logged)
        assert (beyond_quota(fresh, entry) is None) == (grown is None)
        record.fold(entry)
    assert said == [False] * FEW + [True] * 9
    assert looks[1:FEW] == [0] * (FEW - 1)  # as long as the list is shorter than the number
    assert looks[FEW:] == [FEW] + [1] * 8


def test_what_was_not_looked_at_may_count_as_anything_until_it_is() -> None:
    """Whoever takes over a log counts what is taken on top; where that might fill a quota, the rest is counted too."""
    c = Cast()
    c.enrol()
    use = c.world.usage(c.deal)
    c.world.report(use)
    second, third, fourth = (c.world.usage(c.deal) for _ in range(3))
    whole, counts = c.world.record(), QuotaCounts()

    def held_against(logged: Logged) -> tuple[quotas.Quota, ...]:
        entry = whole.entry(logged.index)
        assert entry is not None
        context = JudgedContext(whole, instant=entry.logged, as_of=entry.logged)
        context.memo.lend(QUOTA_COUNTS, {None: counts})
        return quotas_of(context, entry)

    found = held_against(second)
    assert counts.has_room(found)
    counts.take(found, second.index)
    assert not counts.has_room(found)  # a usage, what is a report, and one that was taken
    assert held_against(third) == found
    assert counts.has_room(found)
    counts.take(found, third.index)
    assert not counts.has_room(found)
    assert held_against(fourth) == found
    assert not counts.has_room(found)


def test_the_finding_says_no_more_than_admission() -> None:
    c = Cast()
    c.enrol()
    for _ in range(FEW):
        c.world.usage(c.deal)
    [finding] = [one for one in asked(c, c.world.usage(c.deal)) if one.code == "quota"]
    assert finding.rule == "A0"
