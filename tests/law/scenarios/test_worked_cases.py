"""RULES' table of worked cases, its column "authorised" row by row, and "paid" where a row has both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.cast import Cast, Logged, codes, faults, key, segments, warnings
from verifier.base import canonical


@dataclass(kw_only=True)
class Told:
    """What a story comes to: the usage (or consent) that is asked about, and how."""

    about: Logged
    how: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Case:
    """``due`` is what the model's line says, in cents; None where the row says nothing of money."""

    case: str
    story: Callable[[Cast], Told | Logged]
    authorised: str
    segments: str = ""
    codes: str = ""
    paid: str | None = None
    due: int | None = None


def day(date: str) -> str:
    return f"2026-{date}T00:00:00Z"


def window(starts: str, ends: str, **more: Any) -> dict[str, Any]:
    return {"starts": day(starts), "ends": day(ends), **more}


DAILY = {"fees": [{"per": "day", "amount": 1_000}]}


# ---- the life of a consent


def over(c: Cast) -> Logged:
    consent = c.consent(simple=True, terms={"ends": day("07-01")}, money=DAILY)
    c.world.set_clock(day("07-01"))
    return c.world.usage(consent, terms=window("07-01", "07-11"))


def declared_at_80(c: Cast) -> tuple[Logged, Logged]:
    consent = c.consent(simple=True, terms={"late_window": 86_400}, money=DAILY)
    c.world.set_clock(day("07-20"))
    usage = c.world.usage(consent, terms=window("07-25", "08-05"))
    c.world.set_clock(day("07-28"))
    c.world.revocation(consent=consent, effective=day("08-01"))
    return consent, usage


def revoked(c: Cast) -> Logged:
    return declared_at_80(c)[1]


def revoked_and_reported(c: Cast) -> Logged:
    _, usage = declared_at_80(c)
    c.world.set_clock(day("07-31"))
    c.world.report(usage, terms={"ends": day("07-31")})
    return usage


def declared_after_the_revocation(c: Cast) -> Logged:
    consent, _ = declared_at_80(c)
    c.world.set_clock(day("08-02"))
    return c.world.usage(consent, terms=window("07-20", "08-05"))


def revoked_backwards(c: Cast) -> Logged:
    consent = c.consent(simple=True)
    usage = c.world.usage(consent, terms=window("07-01", "07-20"))
    c.world.set_clock(day("07-10"))
    c.world.revocation(consent=consent, effective=day("01-01"))
    return usage


def declared_during_the_notice(c: Cast) -> Logged:
    consent = c.consent(simple=True, terms={"notice": 30 * 86_400}, money=DAILY)
    c.world.set_clock(day("07-01"))
    c.world.revocation(consent=consent)
    c.world.set_clock(day("07-10"))
    return c.world.usage(consent, terms=window("07-05", "07-25"))


# ---- what is void


def paper_that_lay_in_wait(c: Cast) -> Logged:
    c.actor("anna")
    c.world.twin_of(c.anna)
    c.world.set_clock(day("11-01"))
    return c.consent(simple=True, at=day("03-01"))


def usage_of_another_twin(c: Cast) -> Logged:
    consent = c.consent(simple=True)
    return c.world.usage(consent, twin=c.world.twin(c.anna))


# ---- what is not shown


def an_entry_left_out(c: Cast) -> Told:
    usage = c.world.usage(c.deal)
    c.world.revocation(consent=c.deal)
    evidence = canonical.parse(c.world.evidence(usage), limit=1 << 22)
    last = max(entry["index"] for entry in evidence["entries"][:-1])
    evidence["entries"] = [entry for entry in evidence["entries"] if entry["index"] != last]
    return Told(about=usage, how={"evidence": canonical.encode(evidence)})


def a_list_left_out(c: Cast) -> Told:
    usage = c.world.usage(c.deal)
    return Told(about=usage, how={"hide_lists": [f"consent:{c.deal.id}"]})


def read_in_june(c: Cast) -> Told:
    consent = c.consent(simple=True)
    usage = c.world.usage(consent, terms=window("01-01", "12-01"))
    c.world.receipt(consent, payee=c.anna, amount=100_000)
    c.world.set_clock(day("01-31"))
    c.actor("stranger")  # whose enrolment gives the log a last seal of that day
    return Told(about=usage, how={"at": day("06-01")})


def the_agencys_mandate_left_out(c: Cast) -> Told:
    usage = c.world.usage(c.deal)
    c.world.revocation(consent=c.deal, under=c.mandate)
    return Told(about=usage, how={"hide_lists": [f"mandate:{c.mandate.id}"]})


def terms_erased(c: Cast) -> Logged:
    consent = c.consent(simple=True)
    usage = c.world.usage(consent)
    c.world.revocation(consent=consent, effective="+60d")
    c.world.erasure(consent, erased=["money", "terms"], ground="withdrawal")
    return usage


def money_withheld(c: Cast) -> Told:
    usage = c.world.usage(c.deal)
    return Told(about=usage, how={"hide_sections": [(c.deal, "money")]})


# ---- exclusivity

EU = sorted(["AT", "DE", "ES", "FR", "IT", "NL", "PL"])
DENIM = "1067"  # there is no category for denim: women's clothing


def exclusive(c: Cast, **scope: Any) -> Logged:
    """The brand's exclusivity for denim in the European Union, the year long."""
    return c.consent(simple=True, exclusive={"categories": [DENIM], "countries": EU, **scope})


def for_the_rival(c: Cast, **terms: Any) -> Logged:
    return c.world.consent(model=c.anna, licensee=c.rival, terms=terms)


def rivals_use(c: Cast, consent: Logged, **terms: Any) -> Logged:
    c.world.set_clock(day("02-01"))
    return c.world.usage(consent, terms={"category": DENIM, "countries": ["DE"], **terms})


def exclusive_for_denim(c: Cast) -> Logged:
    exclusive(c)
    return rivals_use(c, for_the_rival(c))


def named_in_except(c: Cast) -> Logged:
    exclusive(c, **{"except": [c.rival]})
    return rivals_use(c, for_the_rival(c))


def scope_not_disclosed(c: Cast) -> Told:
    consent = exclusive(c)
    return Told(about=rivals_use(c, for_the_rival(c)), how={"hide_sections": [(consent, "exclusive")]})


def no_exclusive_section(c: Cast) -> Told:
    c.consent(simple=True)
    return Told(about=rivals_use(c, for_the_rival(c)))


def replaced_by_a_wider_one(c: Cast, country: str) -> Logged:
    first = exclusive(c, countries=["DE"])
    theirs = for_the_rival(c)
    c.consent(simple=True, replaces=first, exclusive={"categories": [DENIM], "countries": ["DE", "FR"]})
    return rivals_use(c, theirs, countries=[country])


def replaced_where_the_first_met_it(c: Cast) -> Logged:
    return replaced_by_a_wider_one(c, "DE")


def replaced_where_only_the_second_does(c: Cast) -> Logged:
    return replaced_by_a_wider_one(c, "FR")


# ---- a minor


def scanned_at_15(c: Cast) -> Logged:
    """A child of 15 in 2026, and of 18 from 2029 on."""
    anna = c.ward(keys=0, until="2029-03-01T00:00:00Z")
    twin = c.world.twin(anna)
    c.world.set_clock("2030-03-01T00:00:00Z")
    c.world.key(anna, keys=[signing_key(c)], recovery=[signing_key(c, "recovery")], by_registrar=True)
    terms = {"allow": ["lingerie"]}
    consent = c.consent(simple=True, twin=twin, terms=terms)
    c.world.advance("1d")
    return c.world.usage(consent, terms={"manipulations": ["lingerie"]})


def signing_key(c: Cast, label: str = "first") -> Any:
    return key(f"anna's own {label}")


# ---- terms of version 2


def three_months_from_the_first_use(c: Cast) -> Logged:
    consent = c.consent(simple=True, terms={"run": {"months": 3}})
    first = c.world.usage(consent, terms=window("03-10", "07-01"))
    c.world.usage(consent, terms=window("02-01", "02-10"))
    return first


def option_taken_too_late(c: Cast) -> Logged:
    consent = c.consent(simple=True, exercise_by=day("06-30"))
    c.world.set_clock(day("07-01"))
    c.world.exercise(consent)
    return c.world.usage(consent)


def rivals_option_that_lapsed(c: Cast) -> Logged:
    ends = {"starts": day("01-01"), "ends": day("12-31")}
    c.consent(simple=True, licensee=c.rival, exclusive=ends, exercise_by=day("06-30"))
    consent = c.consent(simple=True)
    c.world.set_clock(day("07-01"))
    return c.world.usage(consent, terms=window("07-01", "08-01"))


def organic_post(c: Cast) -> Logged:
    return c.world.usage(c.consent(simple=True, terms={"placements": ["paid"]}), terms={"placement": "organic"})


def company_that_a_named_rival_controls(c: Cast) -> Logged:
    owner = c.actor("owner", roles=["holder"])
    brand = c.actor("brand", controller=owner)
    c.consent(simple=True, licensee=c.rival, exclusive={"against": [owner.id]})
    return c.world.usage(c.consent(simple=True, licensee=brand))


CASES = [
    Case(
        case="consent to 30 Jun; use declared and run 1-10 Jul",
        story=over, authorised="no", segments="07-01 no 07-11", codes="A10 expired", paid="NOT_YET_DUE", due=10_000,
    ),
    Case(
        case="revoked at index 90, effective 1 Aug; use declared at 80, runs 25 Jul-5 Aug, no sell-off",
        story=revoked, authorised="no", segments="07-25 yes 08-01 no 08-05", codes="A6 revoked",
        paid="NOT_YET_DUE", due=11_000,
    ),
    Case(
        case="same, and a report at once that it ended 31 Jul",
        story=revoked_and_reported, authorised="yes", segments="07-25 yes 07-31", paid="NOT_YET_DUE", due=7_000,
    ),
    Case(
        case="same, but declared at 95 claiming 20 Jul",
        story=declared_after_the_revocation, authorised="no", segments="07-20 ? 08-01 no 08-05",
        codes="T4 declared_late, A6 revoked", paid="NOT_YET_DUE", due=16_000,
    ),
    Case(
        case="revocation logged 10 Jul with `effective` 1 Jan",
        story=revoked_backwards, authorised="no", segments="07-01 yes 07-10 no 07-20", codes="A6 revoked",
    ),
    Case(
        case="consent signed 1 Mar, logged 1 Nov",
        story=paper_that_lay_in_wait, authorised="no", codes="T8 void_late",
    ),
    Case(
        case="usage whose twin is not the consent's, logged by a dishonest registry",
        story=usage_of_another_twin, authorised="no", codes="A0 void_parties",
    ),
    Case(
        case="evidence shows a list and leaves out one of its entries",
        story=an_entry_left_out, authorised="invalid: list_incomplete",
    ),
    Case(
        case="evidence without the list at all",
        story=a_list_left_out, authorised="?", paid="CANNOT_TELL",
        codes=", ".join(f"{rule} list_missing" for rule in ("T4", "A0", *(f"A{n}" for n in range(3, 21) if n != 18))),
    ),
    Case(
        case="evidence of January, read in June, use runs to December",
        story=read_in_june, authorised="?", segments="01-01 yes 01-31 ? 12-01", codes="T2 stale", paid="PAID",
    ),
    Case(
        case="A has exclusivity and names B in `except`",
        story=named_in_except, authorised="yes", segments="02-01 yes 03-03",
    ),
    Case(
        case="a twin scanned at 15, used in lingerie at 19",
        story=scanned_at_15, authorised="no", segments="03-02 no 04-01", codes="A12 minor",
    ),
    Case(
        case="`consent:<c>` shows the agency's revocation, its mandate is left out",
        story=the_agencys_mandate_left_out, authorised="?", segments="01-02 ? 02-01",
        codes="A0 list_missing, A4 list_missing, A6 list_missing",
    ),
    Case(
        case="A's exclusive consent replaced by a wider one after B's: where the first met it",
        story=replaced_where_the_first_met_it, authorised="no", segments="02-01 no 03-03", codes="A16 clashes",
    ),
    Case(
        case="A's exclusive consent replaced by a wider one after B's: where only the second does",
        story=replaced_where_only_the_second_does, authorised="yes", segments="02-01 yes 03-03",
    ),
    Case(
        case="declared during the notice of a revocation, run within it",
        story=declared_during_the_notice, authorised="?", segments="07-05 ? 07-10 yes 07-25",
        codes="T4 declared_late, A6 revocation_race", paid="NOT_YET_DUE", due=20_000,
    ),
    Case(
        case="A exclusive for denim in the EU; B granted denim in DE later",
        story=exclusive_for_denim, authorised="no", segments="02-01 no 03-03", codes="A16 clashes",
    ),
    Case(
        case="same, A's scope not disclosed to the reader",
        story=scope_not_disclosed, authorised="?", segments="02-01 ? 03-03", codes="A16 not_disclosed",
    ),
    Case(
        case="the other brand's consent has no `exclusive` section",
        story=no_exclusive_section, authorised="yes", segments="02-01 yes 03-03",
    ),
    Case(
        case="terms erased after withdrawal, reader has no copy",
        story=terms_erased, authorised="?", segments="01-01 ? 01-31", paid="CANNOT_TELL",
        codes="T7 erased, A6 erased, A7 erased, A8 erased, A9 erased, A10 erased, A11 erased, A14 erased, "
        "A15 erased, A19 erased",
    ),
    Case(
        case="terms disclosed, money withheld",
        story=money_withheld, authorised="yes", segments="01-02 yes 02-01", paid="CANNOT_TELL",
    ),
    Case(
        case="`run` of 3 months, first use starts 10 March, another claims 1 February later",
        story=three_months_from_the_first_use, authorised="no", segments="03-10 yes 06-10 no 07-01",
        codes="A10 expired",
    ),
    Case(
        case="an option to 30 June, exercised 1 July",
        story=option_taken_too_late, authorised="no", segments="07-01 no 07-31", codes="A5 not_exercised",
    ),
    Case(
        case="an option to 30 June, exclusive; a rival's use in July, no exercise",
        story=rivals_option_that_lapsed, authorised="yes", segments="07-01 yes 08-01",
    ),
    Case(
        case="an organic post under a consent for `paid` alone",
        story=organic_post, authorised="no", segments="01-01 no 01-31", codes="A8 placement_denied",
    ),
    Case(
        case="`exclusive.against` one rival; a use by a company that it controls",
        story=company_that_a_named_rival_controls, authorised="no", segments="01-01 no 01-31", codes="A16 clashes",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_worked_case(case: Case) -> None:
    c = Cast()
    told = case.story(c)
    told = told if isinstance(told, Told) else Told(about=told)
    says = c.says(told.about, **told.how)
    if says.startswith("invalid"):
        assert says == case.authorised
        return
    verdict = c.check(told.about, **told.how)
    assert says.split(":")[0] == case.authorised
    assert segments(verdict) == case.segments
    assert ", ".join(code for code in codes(verdict) if code[:3] != "A18") == case.codes
    if case.paid is not None:
        assert verdict["paid"]["answer"] == case.paid
    if case.due is not None:
        own = [line for line in verdict["paid"]["payees"] if line["of"] == "usage"]
        assert [line["due"] for line in own] == [case.due]


def test_void_entries_of_the_worked_cases_are_reported() -> None:
    c = Cast()
    consent = paper_that_lay_in_wait(c)
    usage = c.world.usage(consent)
    verdict = c.check(usage)
    assert faults(verdict) == [("void_parties", [usage.index]), ("void_late", [consent.index])]


def test_paid_carries_staleness_as_a_warning() -> None:
    c = Cast()
    told = read_in_june(c)
    assert warnings(c.check(told.about, **told.how)) == ["stale"]


def test_what_held_then_is_said_of_a_file_that_is_stale() -> None:
    c = Cast()
    usage = c.world.usage(c.consent(simple=True, money={"fees": [{"per": "flat", "amount": 0}]}))
    c.world.advance("5d")
    c.actor("somebody", roles=["holder"])
    verdict = c.check(usage, at="+60d")
    assert (verdict["authorised"], verdict["paid"]["answer"]) == ("CANNOT_TELL", "PAID")
    assert segments(verdict["then"]) == "01-01 yes 01-06"
    assert (verdict["then"]["authorised"], verdict["then"]["paid"]["answer"]) == ("AUTHORISED", "PAID")
