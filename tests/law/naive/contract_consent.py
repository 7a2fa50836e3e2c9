"""What is answered about one consent (A3, A5 for A6 and A10 too, A19), and what is warned of (A19, A20, M2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.law.naive.contract import NO, UNKNOWN, YES, History, Untold, all_of, surely, told, worst
from tests.law.naive.contract_came import settled
from tests.law.naive.contract_case import Case, Grant, registry_profile
from tests.law.naive.contract_decide import VOID_RULES, Answer
from tests.law.naive.contract_standing import final
from tests.law.naive.contract_stops import (
    Stop,
    exercised,
    replacing,
    revocations_one_by_one,
    suspensions_one_by_one,
)
from tests.law.naive.contract_use import a3, run_ends
from verifier.rules.model.record import Entry
from verifier.statements.sections import ConsentMoney, MandateMoney
from verifier.statements.types import Dispute

Warned = dict[str, set[int]]
"""What is warned of -> the indices that it is about."""


def decide_consent(history: History, c: Entry) -> Answer:
    """In this world, at the question's instant."""
    if why := final(history, c):
        return Answer("NOT_IN_FORCE", (), {VOID_RULES[one]: NO for one in why})
    case = Grant(history, c)
    rules = {
        "T2": UNKNOWN if history.stale or history.clock_behind else YES,
        "A3": told(lambda: a3(case)) if case.consent.act == "use" else YES,
        "A5": all_of(
            lambda: taken(case),
            lambda: not replacing(history, case.consent.id),
            lambda: surely(all_of(*(partial(not_now, history, one) for one in revocations_one_by_one(case)))),
            lambda: surely(all_of(*(partial(not_now, history, one) for one in suspensions_one_by_one(case)))),
            lambda: runs(case),
        ),
        "A19": told(lambda: NO if is_duty(case) and out_of_form(case) else YES),
    }
    answer = {YES: "IN_FORCE", UNKNOWN: "CANNOT_TELL", NO: "NOT_IN_FORCE"}[worst(list(rules.values()))]
    return Answer(answer, None, {rule: said for rule, said in rules.items() if said != YES})


def not_now(history: History, effect: Callable[[], Stop | None]) -> bool:
    stop = effect()
    return stop is None or not stop.start <= history.instant < stop.end


def runs(case: Case) -> bool:
    """Whether the consent's term has begun, and has not ended."""
    if case.terms.starts >= case.terms.ends:
        raise Untold("bad_terms")
    t = case.history.instant
    return case.terms.starts <= t < case.terms.ends and (
        getattr(case.terms, "run", None) is None or t < run_ends(case, t)
    )


def taken(case: Case) -> bool:
    """Whether it is no option, or one that was exercised by the instant."""
    if case.consent.exercise_by is None:
        return True
    exercise = exercised(case.history, case.consent)
    return exercise is not None and exercise.logged <= case.history.instant


# ---- A19


def is_duty(case: Case) -> bool:
    """Whether form and notice are a duty under one of the profiles."""
    return bool(case.profiles & {"ny", "sag-aftra"})


def out_of_form(case: Case) -> set[str]:
    """What is wrong with form and notice."""
    terms, found = case.terms, set()
    if terms.delivered + (48 if "sag-aftra" in case.profiles else 24) * 3_600 > terms.starts:
        found.add("delivered_late")
    if "sag-aftra" in case.profiles and case.consent.act == "use" and terms.products is None:
        found.add("product_line_missing")
    return found


# ---- warnings


def warned(case: Case) -> Warned:
    """What somebody who asks about a consent, or about a use of it, is warned of, over-payment and clashes aside."""
    history, consent = case.history, case.consent
    found: Warned = {}
    for entry, said in history.of(f"consent:{consent.id}", Dispute):
        if not settled(history, entry, said):
            found.setdefault("disputed", set()).add(entry.index)
    if (case.c.index, "terms") in history.sections and not is_duty(case):
        found |= {code: {case.c.index} for code in out_of_form(case)}
    if consent.act == "create" and "money" not in consent.sections and "ny" in profiles_known(case):
        found["rate_missing"] = {case.c.index}
    return found


def profiles_known(case: Case) -> set[str]:
    """The registry's, and the consent's where its terms can be read."""
    if (case.c.index, "terms") in case.history.sections:
        return case.profiles
    return {registry_profile(case.history)}


def commission(case: Case) -> set[int]:
    """M2: where the agency's parts of all parts are more than its mandate or a profile lets it have."""
    history = case.history
    if (case.c.index, "money") not in history.sections:
        return set()
    money: ConsentMoney = history.section(case.c, "money")
    profiles = {registry_profile(history)}
    if (case.c.index, "terms") in history.sections:
        profiles |= case.profiles
    caps, found = [2_000] if "ny" in profiles else [], {case.c.index}
    if (under := case.consent.under) is not None:
        mandate = history.first_good(f"mandate:{under}", under, case.c.index)
        if mandate is not None and (mandate.index, "money") in history.sections:
            terms: MandateMoney = history.section(mandate, "money")
            caps.append(terms.commission_bp)
            found.add(mandate.index)
    share = sum(split.parts for split in money.splits if split.kind == "agency")
    return found if any(share * 10_000 > cap * sum(split.parts for split in money.splits) for cap in caps) else set()
