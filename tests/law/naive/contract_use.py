"""What terms say about a use: T4, A3, A7 to A15, A19."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Any

from tests.law.naive.contract import DAY, NO, UNKNOWN, YES, History, Untold, all_of, surely, told, worst
from tests.law.naive.contract_case import LONGEST, Case, above, known, related, report_entries, territory
from tests.law.naive.contract_standing import months_after
from verifier.rules.model.record import Entry
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import ApprovalTerms, ReportTerms, Terms, UsageTerms
from verifier.statements.types import Approval, Consent, Guardian, Report, Revocation, Usage
from verifier.statements.vocabulary import CHANNELS, EU_COUNTRIES, MANIPULATIONS, RIGHTS

FAR = 1 << 40
FLOOR = {"nudity", "lingerie"}
EU_LABELS_FROM = 1785628800
"""2026-08-02."""


def t4(case: Case, t: int) -> str:
    """Declared late."""
    use, logged = case.use, case.u.logged
    case.window()
    if logged <= use.starts or logged <= use.starts + case.terms.late_window or not use.starts <= t < logged:
        return YES
    lifted = [
        any(all_of(partial(contains, case, other)) == YES for other in hers(case, asset)) for asset in case.said.assets
    ]
    return YES if all(lifted) else UNKNOWN


def hers(case: Case, asset: str) -> list[Entry]:
    """The approvals of a file by the model herself, after the use was declared."""
    return [
        entry for entry, said in case.history.of(f"approval:{case.consent.id}.{asset}", Approval)
        if entry.index > case.u.index and said.decision == "approve" and said.under is None
    ]  # fmt: skip


def a3(case: Case) -> str:
    """The twin was not retired before the consent. (That it was registered before it, the consent itself stands on.)"""
    retired = case.history.of(f"twin:{case.consent.twin}", Revocation)
    return NO if any(entry.index < case.c.index for entry, _ in retired) else YES


def a7(case: Case) -> str:
    return purpose_fits(case.terms, case.use)


def purpose_fits(terms: Terms, use: UsageTerms) -> str:
    def category_fits() -> bool:
        over = above(use.category)
        allowed, denied = known(terms.categories, [*CATEGORIES, "all"]), known(terms.categories_denied, CATEGORIES)
        return not over & denied and bool((over | {"all"}) & allowed)

    return all_of(
        lambda: use.purpose in terms.purposes,
        lambda: terms.products is None or use.product in terms.products,
        category_fits,
    )


def a8(case: Case) -> str:
    allowed = case.terms.channels
    return all_of(
        lambda: known(case.use.rights, RIGHTS) <= known(case.terms.rights, RIGHTS),
        lambda: known(case.use.channels, CHANNELS) <= known(allowed, CHANNELS),
        lambda: case.use.placement in case.terms.placements,
        *(partial(reported_on, case, entry, frozenset(allowed)) for entry in report_entries(case.history, case.u)),
    )


def reported_on(case: Case, report: Entry, channels: frozenset[str]) -> bool:
    """Whether all that one report tells of was on some channels."""
    lines = case.history.section(report, "terms").lines
    return known({line.channel for line in lines if line.impressions}, CHANNELS) <= channels


def a9(case: Case) -> str:
    """As declared; as reported, what may spill aside; without spill no report may tell of another country at all."""
    allowed = territory(case.terms.countries, case.terms.countries_excluded)

    def reported_within() -> bool:
        reported = case.reported()
        outside = sum(n for (_, country), n in reported.items() if not territory([country]) <= allowed)
        return outside * 10_000 <= case.terms.spill * sum(reported.values())

    def told_within(report: Entry) -> bool:
        lines = case.history.section(report, "terms").lines
        if case.terms.spill:
            return True
        return territory({line.country for line in lines if line.impressions}) <= allowed

    reports = report_entries(case.history, case.u)
    return all_of(
        lambda: case.declared()[1] <= allowed, reported_within, *(partial(told_within, entry) for entry in reports)
    )


def a10(case: Case, t: int) -> str:
    terms = case.terms
    if terms.starts >= terms.ends:
        raise Untold("bad_terms")
    if terms.run is not None:  # no sell-off moves the end that is counted from the first use
        return NO if not terms.starts <= t < terms.ends else told(lambda: YES if t < run_ends(case, t) else NO)
    ends = terms.ends + (terms.sell_off if case.u.logged < terms.ends else 0)
    return YES if terms.starts <= t < ends else NO


def run_ends(case: Case, t: int) -> int:
    """When a term ends that is counted from the first use; if nothing is known of it, the earliest end that may be."""
    earliest = after_run(case.terms, case.terms.starts)
    if t < earliest:
        return earliest
    start = first_start(case.history, family_back(case))
    return FAR if start is None else after_run(case.terms, max(start, case.terms.starts))


def first_start(history: History, consents: list[str]) -> int | None:
    """The declared start of the first good usage that does not run backwards."""
    usages = sorted(
        (entry for consent in consents for entry, _ in history.of(f"uses:{consent}", Usage)), key=lambda e: e.index
    )
    for entry in usages:
        use: UsageTerms = history.section(entry, "terms")
        if use.starts < use.ends:
            return use.starts
    return None


def after_run(terms: Terms, clock: int) -> int:
    assert terms.run is not None
    return clock + terms.run.days * DAY if terms.run.days else months_after(clock, terms.run.months or 0)


# ---- A11


def family_back(case: Case) -> list[str]:
    """The consent, and those whose place it took."""
    found = [case.consent]
    while found[-1].replaces is not None:
        old = next(e.statement for e in case.history.entries if e.statement.id == found[-1].replaces)
        assert isinstance(old, Consent)
        found.append(old)
    return [one.id for one in found]


def uses_and_reports(history: History, consents: list[str]) -> list[tuple[Entry, Entry]]:
    """Each good usage and report in log order, with the usage that it is about."""
    found = []
    for consent in consents:
        usages = {said.id: entry for entry, said in reversed(history.of(f"uses:{consent}", Usage))}
        found += [(entry, entry) for entry in usages.values()]
        found += [(entry, usages[said.usage]) for entry, said in history.of(f"uses:{consent}", Report)]
    return sorted(found, key=lambda pair: pair[0].index)


def days_of(starts: int, ends: int) -> set[int]:
    return set(range(starts // DAY, -(-ends // DAY))) if starts < ends else set()


def units_at(history: History, pairs: list[tuple[Entry, Entry]], name: str, now: int) -> int:
    """How many units there were, for all that is disclosed, once entry ``now`` was logged."""
    usages = [entry for entry, usage in pairs if entry is usage and entry.index <= now]
    if name == "days":
        return days_at(history, pairs, now)
    total = 0
    for usage in usages:
        assert isinstance(usage.statement, Usage)
        terms: UsageTerms | None = disclosed(history, usage)
        reports = [disclosed(history, e) for e, u in pairs if u is usage and e is not usage and e.index <= now]
        told: list[ReportTerms] = [report for report in reports if report is not None]
        match name:
            case "uses":
                total += 1
            case "images":
                declared = terms.units.get("images", 0) if terms else 0
                total += max([len(usage.statement.assets), declared, *(report.images or 0 for report in told)])
            case "impressions":
                declared = terms.units.get("impressions", 0) if terms else 0
                total += max([declared, *(sum(line.impressions for line in report.lines) for report in told)])
            case _:
                raise AssertionError
    return total


def days_at(history: History, pairs: list[tuple[Entry, Entry]], now: int) -> int:
    """How many days there were once entry ``now`` was logged: those that somebody used, and those that were claimed.

    Nobody knows which days a use claims beyond those of its window; nobody shares them. A report of a later end puts
    the days that nobody used so far in their place.
    """
    days: set[int] = set()
    claimed: dict[int, int] = {}
    for entry, usage in pairs:
        terms: UsageTerms | None = disclosed(history, usage)
        end = terms.ends if terms is not None and entry is usage else getattr(disclosed(history, entry), "ends", None)
        if entry.index > now or terms is None or end is None:
            continue
        own = days_of(terms.starts, end)
        if entry is usage:
            claimed[usage.index] = max(0, terms.units.get("days", 0) - len(own))
        else:
            claimed[usage.index] = max(0, claimed[usage.index] - len(own - days))
        days |= own
    return len(days) + sum(claimed.values())


def disclosed(history: History, entry: Entry) -> Any:
    try:
        return history.section(entry, "terms")
    except Untold:
        return None


def a11(case: Case) -> str:
    """Caps. What is not disclosed may be any number; so may be the impressions of a use that ended without a report."""
    if not set(case.terms.overage) <= set(case.terms.caps):
        raise Untold("bad_terms")
    capped = {name: cap for name, cap in case.terms.caps.items() if name not in case.terms.overage}
    return worst([YES, *(told(partial(cap_kept, case, name, cap)) for name, cap in capped.items())])


def cap_kept(case: Case, name: str, cap: int) -> str:
    pairs = uses_and_reports(case.history, family_back(case))
    unsaid = [entry for entry, usage in pairs if name != "uses" and is_open(case.history, name, entry, usage)]
    answers = {
        cap_passed(case, pairs, name, cap, dict(zip(unsaid, counts, strict=True)))
        for counts in product([*range(cap + 2)], repeat=len(unsaid))
    }
    return YES if answers == {False} else NO if answers == {True} else UNKNOWN


def cap_passed(case: Case, pairs: list[tuple[Entry, Entry]], name: str, cap: int, unsaid: dict[Entry, int]) -> bool:
    """Whether its own entry crossed, or one before it was declared."""
    for entry, usage in pairs:
        more = sum(count for other, count in unsaid.items() if other.index <= entry.index)
        if units_at(case.history, pairs, name, entry.index) + more > cap:
            return usage.index == case.u.index or case.u.index > entry.index
    return False


def is_open(history: History, name: str, entry: Entry, usage: Entry) -> bool:
    """Whether an entry may have added more than is known."""
    if disclosed(history, entry) is None:
        return True
    if entry is not usage or name != "impressions":
        return False
    reports = [(e, disclosed(history, e)) for e in report_entries(history, usage)]
    said = [report.ends for _, report in reports if report is not None and report.ends is not None]
    terms = history.section(usage, "terms")
    end = min(said[-1], terms.starts + LONGEST) if said else terms.ends
    return end <= history.instant and not any(e.logged >= end for e, report in reports if report is not None)


# ---- A12 to A15


def a12(case: Case, t: int) -> str:
    if not case.use.manipulations:
        return YES
    if set(case.use.manipulations) & FLOOR and is_minor(case):
        return NO
    used = known(case.use.manipulations, MANIPULATIONS)
    allowed, asked = known(case.terms.allow, MANIPULATIONS), known(case.terms.approve, MANIPULATIONS)
    if allowed & asked:
        raise Untold("bad_terms")
    return worst([YES if used <= allowed | asked else NO, told(lambda: approved(case, t)) if used & asked else YES])


def is_minor(case: Case) -> bool:
    creation = case.twin()[1].creation
    made = next(
        entry.logged for entry in case.history.touching(f"consent:{creation}") if entry.statement.id == creation
    )
    model = case.consent.parties.model
    return any(
        said.until > case.use.starts or said.until > made
        for _, said in case.history.of(f"keys:{model}", Guardian)
        if said.parties.model == model
    )


def a13(case: Case, t: int) -> str:
    use, answers = case.use, [YES]
    if use.training and case.terms.training == "none":
        answers.append(NO)
    if use.derivative_of and case.terms.derivatives != "allow":
        answers.append(told(lambda: approved(case, t)) if case.terms.derivatives == "approve" else NO)
    return worst(answers)


def a14(case: Case, t: int) -> str:
    return approved(case, t) if case.terms.approval == "each" else YES


def approved(case: Case, t: int) -> str:
    """Whether every file is approved, and the worst of them."""
    above(case.use.category)
    case.declared()
    answers = [told(partial(asset_approved, case, asset, t)) for asset in case.said.assets]
    return NO if NO in answers else UNKNOWN if UNKNOWN in answers else YES


Decided = list[tuple[Entry, Approval, bool]]
"""The decisions on a file that meet the use, in log order, and whether each contains it."""


def decisions(case: Case, asset: str) -> list[Decided]:
    """What may have been decided on a file, by all that what is hidden may say."""
    return case.history.once(("decisions", case.u.index, asset), lambda: _decisions(case, asset))


def _decisions(case: Case, asset: str) -> list[Decided]:
    found: list[Decided] = [[]]
    for entry, said in case.history.of(f"approval:{case.consent.id}.{asset}", Approval):
        try:
            ways = [contains(case, entry)] if meets(case, entry) else []
            found = [[*one, (entry, said, way)] for one in found for way in ways] if ways else found
        except Untold:
            found = [[*one, *more] for one in found
                     for more in ([], [(entry, said, False)], [(entry, said, True)])]  # fmt: skip
    return found


def counting(decided: Decided) -> Decided:
    """Those that count: an agency's approval never overturns the model's own rejection."""
    found, rejected = [], False
    for entry, said, whole in decided:
        if said.under is None:
            rejected = said.decision == "reject"
        if said.under is None or said.decision == "reject" or not rejected:
            found.append((entry, said, whole))
    return found


def limits(case: Case, decision: Entry) -> ApprovalTerms | None:
    found: ApprovalTerms | None = case.history.section(decision, "terms") if decision.statement.sections else None
    return found


def meets(case: Case, decision: Entry) -> bool:
    """As the use was declared: where it was reported to have gone is for A8 and A9."""
    terms, (channels, countries) = limits(case, decision), case.declared()
    return terms is None or (
        (terms.category is None or related(terms.category, case.use.category))
        and (terms.channels is None or bool(known(terms.channels, CHANNELS) & channels))
        and (terms.countries is None or bool(territory(terms.countries) & countries))
    )


def contains(case: Case, decision: Entry) -> bool:
    if (terms := limits(case, decision)) is None:
        return True
    channels, countries = case.declared()
    over = above(case.use.category)
    return (
        (terms.category is None or terms.category in over)
        and (terms.channels is None or channels <= known(terms.channels, CHANNELS))
        and (terms.countries is None or countries <= territory(terms.countries))
    )


def asset_approved(case: Case, asset: str, t: int) -> str:
    """If what is hidden matters at any time, nothing is told of the file."""
    ways = [counting(one) for one in decisions(case, asset)]
    for at in {0, t, *(entry.logged for one in ways for entry, *_ in one)}:
        said = {decided_on(case, one, at) for one in ways}
        if len(said) > 1:
            return UNKNOWN
    return decided_on(case, ways[0], t)


def decided_on(case: Case, found: Decided, t: int) -> str:
    before = [one for one in found if one[0].index < case.u.index]
    after = [one for one in found if one[0].index > case.u.index]
    if before and before[-1][1].decision == "approve" and before[-1][2]:
        return YES
    if any(said.decision == "approve" and whole and entry.logged <= t for entry, said, whole in after):
        return YES
    silence = case.terms.silence
    if silence is None or before:
        return NO
    end = case.u.logged + silence
    if end > case.use.starts or any(entry.logged < end for entry, *_ in after):
        return NO
    return YES if case.history.as_of >= end else UNKNOWN


def a15(case: Case, t: int) -> str:
    shown = marks(case.use.label)
    checks = [lambda: marks(case.terms.label) <= shown]
    if "eu" in case.profiles and t >= EU_LABELS_FROM and "visible" not in shown:
        checks.append(lambda: not case.declared()[1] & EU_COUNTRIES)
        checks.append(lambda: surely(all_of(*(partial(outside_eu, one) for _, one in case.reported()))))
    return all_of(*checks)


def outside_eu(country: str) -> bool:
    return not territory([country]) & EU_COUNTRIES


def marks(label: str) -> set[str]:
    return {"visible", "marked"} if label == "both" else {label} - {"none"}


def a19(case: Case) -> str:
    """Notice and form."""
    terms = case.terms
    hours = 48 if "sag-aftra" in case.profiles else 24
    late = terms.delivered + hours * 3_600 > terms.starts
    if late and case.profiles & {"ny", "sag-aftra"}:
        return NO
    return NO if terms.products is None and "sag-aftra" in case.profiles else YES


def instants(case: Case) -> Iterator[int]:
    """When any of that may change."""
    yield from (EU_LABELS_FROM, case.u.logged)
    with suppress(Untold):
        yield from (case.terms.starts, case.terms.ends, case.terms.ends + case.terms.sell_off)
        if case.terms.run is not None:
            yield after_run(case.terms, case.terms.starts)
            if (start := first_start(case.history, family_back(case))) is not None:
                yield after_run(case.terms, max(start, case.terms.starts))
    for asset in case.said.assets:
        with suppress(Untold):
            yield from (entry.logged for one in decisions(case, asset) for entry, *_ in one)
