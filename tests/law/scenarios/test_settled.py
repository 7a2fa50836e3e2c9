"""Cases on which the rules and the naive evaluator parted in random histories, settled by the words of the rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_story import Hiding, Story, figures
from tests.support.world import Actor, Logged, World
from verifier.base.values import replace
from verifier.rules.decide import Decision, Facts, decide
from verifier.rules.model.question import Question
from verifier.rules.model.record import Entry, Record
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.sections import Section, Terms

# ---- M3: what the agency says that it passed on is nothing that the licensee paid


@pytest.mark.parametrize("payee, through", [("anna", True), ("crew", False)])
@pytest.mark.parametrize("unread", ["lines that do not add up", "reference erased"])
def test_a_payment_by_the_agency_that_cannot_be_read_hides_nothing_of_what_the_agency_had(
    payee: str, through: bool, unread: str
) -> None:
    s = Story()
    s.through_gina()
    payees: dict[str, Actor] = {"anna": s.anna, "crew": s.crew}
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 10, **({"via": s.gina} if through else {})})
    usage = s.use()
    amount = 2_000
    lines: dict[str, Any] = {"money": {"lines": [{"for": usage, "amount": amount + 1}]}}
    paid = s.payment(amount, payees[payee], payer=s.gina, provider=s.bank, **(lines if "lines" in unread else {}))
    if "erased" in unread:
        s.world.erasure(paid, erased=["evidence"])
    said = [line for line in figures(s, s.decide(at="+90d")) if line.startswith("gina to_agency")]
    assert [line.split()[2] for line in said] == ["NOT_PAID"]


def test_a_payment_by_the_licensee_that_cannot_be_read_does() -> None:
    s = Story()
    s.through_gina()
    usage = s.use()
    s.payment(2_000, s.anna, provider=s.bank, money={"lines": [{"for": usage, "amount": 2_001}]})
    assert {line.answer for line in s.decide(at="+90d").paid.payees} <= {"CANNOT_TELL"}


# ---- 4.1: a ward who never had a key


@pytest.mark.parametrize("signs", [False, True])
def test_the_former_guardian_of_a_ward_without_keys_need_not_sign_for_a_new_one_and_may(signs: bool) -> None:
    world = World()
    ward = world.party("ward", roles=["model"], keys=0)
    former, new = world.party("former", roles=["guardian"]), world.party("new", roles=["guardian"])
    world.guardian(ward, former, signers=[former, world.registrar])
    made = world.guardian(ward, new, signers=[new, world.registrar, *([former] if signs else [])])
    context = JudgedContext(world.record(), instant=world.now, as_of=world.now)
    assert context.standing(world.entry(made)).standing.value == "good"


# ---- A10: what fails whatever the time fails whenever the use is said to have ended


def asked(s: Story, usage: Logged, lists: list[str], sections: list[tuple[str, str]]) -> Decision:
    facts = Facts(instant=s.world.now, as_of=s.world.now, basis="audited", rules=2, max_age=10**9)
    record: Record = s.world.record()
    return decide(Hiding(record, lists, sections), Question(kind="usage", id=usage.id), facts)


@pytest.mark.parametrize("shown", [True, False])
def test_a_label_that_is_missing_at_all_times_is_a_no_even_if_the_use_ended_at_its_start(shown: bool) -> None:
    s = Story()
    s.consent_options["terms"] = {"label": "both", "late_window": 30 * 86_400}
    consent, start = s.consent, s.world.now
    usage = s.world.usage(consent, terms={"starts": start, "ends": start + 10 * 86_400})
    report = s.world.report(usage, terms={"ends": start})
    decision = asked(s, usage, [], [] if shown else [(report.id, "terms")])
    (row,) = [row for row in decision.rules if row.rule == "A15"]
    assert (decision.authorised, row.code) == ("NOT_AUTHORISED", "label_missing")


# ---- M5, M7: less shown never makes money more certain


def test_a_smaller_attestation_counts_in_the_least_while_it_cannot_be_told_who_controls_its_provider() -> None:
    s = Story()
    s.brand = s.world.party("free brand", roles=["licensee"])
    s.fees = [{"per": "use", "amount": 500}]
    s.due["days"] = 0
    usage = s.use()
    s.payment(300, provider=s.house_bank, reference="ONE")
    s.payment(700, provider=s.post, reference="ONE")
    whole, less = asked(s, usage, [], []), asked(s, usage, [f"keys:{s.holding.id}"], [])
    assert whole.paid is not None and less.paid is not None
    assert (whole.paid.answer, less.paid.answer) == ("CANNOT_TELL", "CANNOT_TELL")
    rows = {row.rule: row.result for row in whole.rules}
    more_certain = [row.rule for row in less.rules if rows[row.rule] is Result.UNKNOWN is not row.result]
    assert more_certain == []


# ---- A18: what a later report adds does not make a use that was not prepaid


def test_what_later_reports_add_was_not_due_by_the_usages_own_entry() -> None:
    s = Story()
    s.fees = [{"per": "image", "amount": 100, "above": 2}]
    s.consent_options["terms"] = {"pay_first": "prepaid"}
    consent = s.consent
    start = s.world.now + 2 * 86_400
    usage = s.world.usage(consent, terms={"starts": start, "ends": start + 30 * 86_400})
    s.world.set_clock(start + 5 * 86_400)
    s.world.report(usage, terms={"images": 5})
    (row,) = [row for row in asked(s, usage, [], []).rules if row.rule == "A18"]
    assert (row.result, row.code) == (Result.PASS, "ok")


# ---- M1: a share of the days of a term that has none


def test_a_share_of_the_days_run_of_a_term_that_ends_before_it_begins_cannot_be_told() -> None:
    s = Story()
    s.fees = [{"per": "flat", "amount": 100, "owed": "signed", "rata": True}]
    consent = s.consent
    s.world.revocation(consent=consent)
    record = s.world.record()
    terms = record.opened(s.world.entry(consent), "terms")
    assert isinstance(terms, Terms)
    backwards = replace(terms, ends=terms.starts)
    decision = decide(Opened(record, (consent.id, "terms"), backwards), Question(kind="consent", id=consent.id), Facts(
        instant=s.world.now, as_of=s.world.now, basis="audited", rules=2, max_age=10**9))  # fmt: skip
    assert decision.paid is not None and decision.paid.answer == "CANNOT_TELL"


class Opened(Hiding):
    """A record in which one section says something else."""

    def __init__(self, record: Record, which: tuple[str, str], section: Section) -> None:
        super().__init__(record, (), ())
        self.complete, self._which, self._other = True, which, section

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._other if (entry.statement.id, name) == self._which else super().opened(entry, name)
