"""Cases of standing and authorisation on which the rules and the naive evaluator parted in random histories, settled by
the words of the rules."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.support.cast import Cast, row
from tests.support.decided import decided
from tests.support.money_story import Story
from tests.support.world import World
from verifier.rules.model.results import Result
from verifier.rules.standing.judged import JudgedContext
from verifier.statements.types import Consent

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


# ---- A0: a role in which nobody signs is not checked


@pytest.mark.parametrize("signs, code", [(False, "void_signers"), (True, "void_parties")])
def test_a_new_guardian_who_is_none_and_did_not_sign_lacks_a_signature_first(signs: bool, code: str) -> None:
    world = World()
    anna, mum, union = (world.party(role, roles=[role]) for role in ("model", "guardian", "union"))
    world.guardian(anna, mum)
    made = world.guardian(anna, union, signers=[union if signs else mum, anna, world.registrar])
    assert JudgedContext(world.record(), instant=world.now, as_of=world.now).standing(world.entry(made)).code == code


# ---- A1: a ruling on the consent changes nothing of who has to sign a use


@pytest.mark.parametrize("listed, row", [(True, ("A1", "void_signers")), (False, ("A0", "void_parties"))])
def test_a_listed_sub_licensee_signs_alone_whatever_is_ruled_on_the_consent(listed: bool, row: tuple[str, str]) -> None:
    """Both sign, which is one too many where she is listed; of a consent that was ruled void no use is good."""
    s = Story()
    arbiter, subs = s.world.party("arbiter", roles=["arbiter"]), [s.sub] if listed else []
    consent = s.world.consent(
        model=s.anna, licensee=s.brand, arbiter=arbiter, sublicensees=subs, sublicense="countersigned"
    )
    usage = s.world.usage(consent, sublicensee=s.sub, signers=[s.sub, s.brand])
    s.world.ruling(consent, [consent])
    rows = s.world.check(usage)["rules"]
    assert [(one["rule"], one["code"]) for one in rows if one["result"] == "FAIL"] == [row]


# ---- a statement that was logged twice: whether a doubtful copy counts cannot be told


@pytest.mark.parametrize("kind", ["consent", "usage"])
def test_beside_a_copy_that_is_void_a_doubtful_one_is_asked_about(kind: Literal["consent", "usage"]) -> None:
    c = Cast()
    consent = c.consent(simple=True, signers=[c.brand] if kind == "consent" else None)
    made = consent if kind == "consent" else c.world.usage(consent, signers=[c.rival])
    c.again(made, *([c.anna, c.brand] if kind == "consent" else [c.brand]))
    assert isinstance(consent.statement, Consent)
    twin = f"twin:{consent.statement.twin}"
    for hidden, wanted in (((), ("IN_FORCE", "AUTHORISED")), ((twin,), ("CANNOT_TELL", "CANNOT_TELL"))):
        found = decided(c.world, made, kind=kind, hide_lists=hidden)
        assert (found.answer or found.authorised) == wanted[kind == "usage"]


# ---- T7: a notice that is hidden is asked of nothing but what waits for it


@pytest.mark.parametrize("strike, answer", [(True, "NOT_IN_FORCE"), (False, "CANNOT_TELL")])
def test_a_strike_holds_whenever_her_own_suspension_beside_it_takes_effect(strike: bool, answer: str) -> None:
    c = Cast()
    consent = c.consent()
    if strike:
        c.world.suspension(consent, by=c.ulla)
    c.world.suspension(consent)
    assert c.check(consent, hide_sections=[(consent, "terms")])["answer"] == answer


@pytest.mark.parametrize("days, result", [(0, "PASS ok"), (2, "PASS ok"), (3, "UNKNOWN not_disclosed")])
def test_what_was_lifted_before_it_could_take_effect_suspends_nothing(days: int, result: str) -> None:
    """She suspends from the second day on, and lifts it."""
    c = Cast()
    consent = c.consent()
    usage = c.world.usage(consent)
    c.world.suspension(consent, effective="+2d")
    c.world.resumption(consent, effective=f"+{days}d")
    assert row(c.check(usage, hide_sections=[(consent, "terms")]), "A5") == result


# ---- A19: what the terms need not say is warned of without them


@pytest.mark.parametrize("profile, codes", [("ny", ["rate_missing"]), ("open", [])])
def test_a_consent_to_create_without_money_is_warned_of_where_its_terms_are_hidden(
    profile: str, codes: list[str]
) -> None:
    world = World(profile=profile)
    made = world.creation(model=world.party("anna", roles=["model"]), maker=world.party("studio", roles=["maker"]))
    decision = decided(world, made, hide=[(made.id, "terms")])
    assert [note.code for note in decision.warnings] == codes


# ---- A10: what fails whatever the time fails whenever the use is said to have ended


@pytest.mark.parametrize("shown", [True, False])
def test_a_label_that_is_missing_at_all_times_is_a_no_even_if_the_use_ended_at_its_start(shown: bool) -> None:
    s = Story()
    s.consent_options["terms"] = {"label": "both", "late_window": 30 * 86_400}
    consent, start = s.consent, s.world.now
    usage = s.world.usage(consent, terms={"starts": start, "ends": start + 10 * 86_400})
    report = s.world.report(usage, terms={"ends": start})
    decision = decided(s.world, usage, kind="usage", hide=[] if shown else [(report.id, "terms")])
    (row,) = [row for row in decision.rules if row.rule == "A15"]
    assert (decision.authorised, row.code) == ("NOT_AUTHORISED", "label_missing")


# ---- A11: a use ends at most 366 days after its start, whatever is said


@pytest.mark.parametrize("reported, result", [(367, Result.PASS), (300, Result.UNKNOWN)])
def test_a_report_after_366_days_tells_all_impressions(reported: int, result: Result) -> None:
    """The first use says that it ran on; nothing may have come after the longest end that it can have."""
    s = Story()
    start = s.world.now
    s.consent_options["terms"] = {"starts": start, "ends": start + 900 * 86_400, "caps": {"impressions": 4}}
    first = s.use(terms={"starts": start + 86_400, "ends": start + 9 * 86_400})
    second = s.use(terms={"starts": start + 86_400, "ends": start + 9 * 86_400})
    s.world.set_clock(start + 20 * 86_400)
    s.world.report(second, terms={"lines": []})
    s.world.set_clock(start + (1 + reported) * 86_400 + 1)
    s.world.report(first, terms={"ends": start + 500 * 86_400, "lines": []})
    s.world.set_clock(start + 600 * 86_400)
    (row,) = [row for row in decided(s.world, second, kind="usage").rules if row.rule == "A11"]
    assert row.result is result
