"""A16: another licensee's exclusive scope. Only that section of the other's consent is ever asked for."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.base.values import replace, value
from verifier.rules.model.chain import followed
from verifier.rules.model.context import Context, Judgement, Kept, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Remark, Result, TimedResult, worst
from verifier.rules.model.scope import Scope, Territory, categories_meet, scope_of, territory
from verifier.rules.model.timeline import FOREVER, always, during
from verifier.rules.money.control import chain
from verifier.rules.standing.stops import Stops, stops_of
from verifier.rules.use.case import UsageCase
from verifier.rules.use.payment_conditions import may_be_overdue
from verifier.rules.use.scope_rules import allows, countries_outside
from verifier.statements.sections import Exclusive, Terms, UsageTerms
from verifier.statements.types import Consent
from verifier.statements.vocabulary import CHANNELS, COUNTRIES

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE


@value(frozen=False)
class Use:
    """What is held against others' scopes: a usage under its consent, or a consent's own terms for a warning.

    ``code`` says why ``scopes`` are not all that there are, or the window is not known. ``use`` is ``None`` for a whole
    consent. ``users`` are the licensee, and the sub-licensee whose use it is, or who may use.
    """

    context: Context
    consent: Entry[Consent]
    scopes: list[Scope]
    window: tuple[int, int] | None
    users: tuple[str | None, ...]
    code: str = "ok"
    use: UsageTerms | None = None

    def meets(self, scope: Scope) -> Result:
        """PASS if it meets a scope, FAIL if it does not, UNKNOWN where a scope that is not known might."""
        if any(scope.meets(mine) for mine in self.scopes):
            return PASS
        maybe = self.code != "ok" and categories_meet(scope.categories, self.scopes[0].categories)
        return UNKNOWN if maybe else FAIL

    def is_against(self, section: Exclusive) -> Result:
        """PASS if a scope shuts out one of its users: anybody, or whoever is, or is controlled by, one of those named;
        UNKNOWN where it is not shown who controls them."""
        if section.against is None:
            return PASS
        chains = [chain(self.context, user) for user in self.users if user is not None]
        if any(not one.parties.isdisjoint(section.against) for one in chains):
            return PASS
        return FAIL if all(one.complete for one in chains) else UNKNOWN


@value
class Link:
    """From a consent to the one that it replaces: whether the older one's place in the row passes on to it.

    ``result`` holds in [start, end); outside it the older consent does not meet the use, and its place is lost.
    ``code`` says why ``result`` is UNKNOWN.
    """

    index: int
    start: int
    end: int
    result: Result
    code: str = "ok"


@value
class Place:
    """The lowest and the highest index that may be a consent's place in the row, in [start, end)."""

    start: int
    end: int
    low: int
    high: int
    code: str = "ok"


@value(frozen=False)
class Rival:
    """Another licensee's consent whose exclusive scope meets the use in [start, end), and what can be said of it.

    From ``doubt_from`` on it cannot be told whether it still counts, for the reason ``code``.
    """

    entry: Entry
    start: int
    end: int
    doubt_from: int
    code: str
    places: list[Place]


def use_of_case(case: UsageCase) -> Use:
    """A usage as A16 sees it: as declared, and where it was reported beyond what may spill."""
    scopes: list[Scope] = []
    code = case.window_code
    if isinstance(case.use, Unread):
        code = case.use.code
    else:
        declared = scope_of(case.use)
        if declared is None:
            code = "bad_terms"
        else:
            scopes.append(declared)
            for channel, countries in _reported(case):
                known = countries & COUNTRIES if channel in CHANNELS else frozenset()
                if known:
                    scopes.append(Scope(declared.categories, frozenset([channel]), Territory(known)))
                if known < countries:
                    code = "bad_terms"
    use = None if isinstance(case.use, Unread) else case.use
    users = (case.statement.parties.licensee, case.statement.parties.sublicensee)
    return Use(
        context=case.context, consent=case.consent, scopes=scopes, window=case.reach, users=users, code=code, use=use
    )


def _reported(case: UsageCase) -> Iterator[tuple[str, frozenset[str]]]:
    """Each channel with the countries in which it was reported, but for those that the terms do not allow."""
    where: dict[str, set[str]] = {}
    for _, section in case.reports:
        for line in section.lines:
            if line.impressions:
                where.setdefault(line.channel, set()).add(line.country)
    allowed = None
    if isinstance(case.terms, Terms):
        allowed = territory(case.terms.countries, case.terms.countries_excluded)
    for channel, countries in sorted(where.items()):
        strays = countries_outside(dict.fromkeys(countries, 1), allowed) if allowed else None
        if left := frozenset(countries - set(strays or ())):
            yield channel, left


def use_of_consent(context: Context, consent: Entry[Consent], terms: Terms | Unread) -> Use:
    """A whole consent as A16 sees it: everything that its terms would allow."""
    users = (consent.statement.parties.licensee, *(consent.statement.sublicensees or ()))
    whole = Use(context=context, consent=consent, scopes=[], window=None, users=users)
    if isinstance(terms, Unread):
        return replace(whole, code=terms.code)
    scope = scope_of(terms)
    if scope is None or terms.starts >= terms.ends:
        return replace(whole, code="bad_terms")
    return replace(whole, scopes=[scope], window=(terms.starts, terms.ends))


def judge_others(case: UsageCase) -> list[TimedResult]:
    """A16 for one usage."""
    return judge_exclusivity(use_of_case(case))


def judge_exclusivity(use: Use) -> list[TimedResult]:
    """A16 over the use's window."""
    context, granted = use.context, use.consent.statement
    listed = context.listed(f"exclusive:{granted.parties.model}", Consent)
    if listed is None:
        return [always(UNKNOWN, "list_missing", use.consent.index)]
    results: list[TimedResult] = []
    mine: list[Place] | None = None
    for entry, judgement in listed:
        rival = _rival(use, entry, judgement)
        if isinstance(rival, TimedResult):
            results.append(rival)
        elif rival is not None:
            assert use.window is not None
            mine = mine or _places(use.consent.index, _own_links(use), *use.window)
            results.extend(_race(rival, mine))
    return [*results, always(PASS, "ok", *(context.record.rows(f"exclusive:{granted.parties.model}") or ()))]


def _rival(use: Use, entry: Entry[Consent], judgement: Judgement) -> Rival | TimedResult | None:
    """A consent of another licensee that may stand in the way; a result where that alone cannot be told."""
    context, statement = use.context, entry.statement
    licensee = use.consent.statement.parties.licensee
    if statement.parties.licensee == licensee:
        return None
    if _first(context, entry).index > use.consent.index:
        return None
    section = context.section(entry, "exclusive", Exclusive)
    if isinstance(section, Unread):
        return always(UNKNOWN, section.code, entry.index)
    against = use.is_against(section)
    if licensee in section.except_ or against is FAIL:
        return None
    if use.window is None or not use.scopes:
        return always(UNKNOWN, use.code, use.consent.index, entry.index)
    scope = scope_of(section)
    if scope is None or section.starts >= section.ends:
        return always(UNKNOWN, "bad_terms", entry.index)
    meets = use.meets(scope)
    if meets is FAIL:
        return None
    start = max(section.starts, use.window[0])
    rival = Rival(
        entry=entry,
        start=start,
        end=min(section.ends + section.hold_off, use.window[1]),
        doubt_from=FOREVER if meets is against is PASS else start,
        code=use.code if meets is UNKNOWN else "ok" if against is PASS else "list_missing",
        places=[],
    )
    _count_while(rival, judgement, _stops(context, entry, section))
    if rival.start >= rival.end:
        return None
    rival.places = _places(entry.index, _links(use, entry), rival.start, rival.end)
    return rival


def _count_while(rival: Rival, judgement: Judgement, stops: Stops) -> None:
    """How long a rival counts: until its revocation takes effect, its exclusivity is released, it lapses as an option
    that nobody took, or a consent that follows it is logged."""
    ends = [(stop.start, stop.judgement) for stop in (*stops.revocations, *stops.releases, *stops.lapses)]
    ends.extend((entry.logged, judgement) for entry, judgement in stops.replaced_by)
    doubts = [(rival.doubt_from, rival.code)]
    doubts.extend((at, standing.code) for at, standing in ends if standing.standing is not Standing.GOOD)
    if judgement.standing is not Standing.GOOD:
        doubts.append((rival.start, judgement.code))
    elif stops.missing is not None:
        doubts.append((rival.start, stops.missing.code))
    rival.end = min([rival.end, *(at for at, standing in ends if standing.standing is Standing.GOOD)])
    rival.doubt_from, rival.code = min(doubts)


def warn_released(context: Context, consent: Entry[Consent]) -> list[Remark]:
    """A warning with the releases for want of payment that were logged while nothing was overdue."""
    section = context.section(consent, "exclusive") if "exclusive" in consent.statement.sections else None
    if not isinstance(section, Exclusive):
        return []
    releases = [stop for stop in _stops(context, consent, section).releases if stop.sure]
    wrong = [stop.index for stop in releases if not may_be_overdue(context, consent.statement.id, stop.logged)]
    return [Remark(code="not_overdue", entries=tuple(wrong))] if wrong else []


OLDER: Kept[int, list[Entry]] = Kept()
"""By a consent's index."""


def _older(context: Context, entry: Entry) -> list[Entry]:
    """The consents reached from one by following ``replaces`` and ``renews``, newest first.

    Looked up among all that is shown: one with an exclusive scope stands in the same complete list, and one without
    ends the chain, so no further list is needed to know who came first.
    """
    return context.memo.recall(OLDER, entry.index, lambda: [copies[0] for copies in followed(context.record, entry)])


def _first(context: Context, entry: Entry) -> Entry:
    """The earliest consent that may have handed its place on to this one; a void one handed nothing on."""
    for older in _older(context, entry):
        if context.standing(older).standing is Standing.VOID:
            break
        entry = older
    return entry


OWN_STOPS: Kept[tuple[int, type], Stops] = Kept()
"""By a consent's index and the kind of section that the notice stands in."""


def _stops(context: Context, entry: Entry, section: Exclusive | Terms | Unread) -> Stops:
    """What ended a consent itself, whatever became of those that replaced it; by its scope's notice or its terms'."""
    key = (entry.index, type(section))
    return context.memo.recall(OWN_STOPS, key, lambda: stops_of(context, entry, section, onward=False))


# -- who came first


def _places(index: int, links: Iterator[Link], start: int, end: int) -> list[Place]:
    """The place of the consent at ``index`` over [start, end): that of the earliest that its chain leads to."""
    found: list[Place] = []
    low = high = index
    code = "ok"
    for link in links:
        a, b = max(start, link.start), min(end, link.end)
        if link.result is FAIL or a >= b:
            break
        # Where the older one does not meet the use, the chain ends here.
        found.append(Place(start=start, end=a, low=low, high=high, code=code))
        found.append(Place(start=b, end=end, low=low, high=high, code=code))
        start, end, low = a, b, link.index
        if link.result is PASS and code == "ok":
            high = link.index
        elif code == "ok":
            code = link.code
    found.append(Place(start=start, end=end, low=low, high=high, code=code))
    return sorted((place for place in found if place.start < place.end), key=lambda place: place.start)


def _links(use: Use, entry: Entry) -> Iterator[Link]:
    """A rival's chain: each consent on the way has an exclusive scope that meets the use."""
    context, newer = use.context, entry
    for older in _older(context, entry):
        judgement = context.standing(older)
        if judgement.standing is Standing.VOID or "exclusive" not in older.statement.sections:
            return
        section = context.section(older, "exclusive", Exclusive)
        start, end, meets, code = -FOREVER, FOREVER, UNKNOWN, "bad_terms"
        if isinstance(section, Unread):
            code = section.code
        elif (scope := scope_of(section)) is not None and section.starts < section.ends:
            start, end = section.starts, section.ends + section.hold_off
            against = use.is_against(section)
            meets = worst([use.meets(scope), against])
            code = "list_missing" if against is UNKNOWN else code
        yield _link(older, newer, judgement, _stops(context, older, section), (start, end, meets, code))
        newer = older


def _own_links(use: Use) -> Iterator[Link]:
    """The chain of the use's own consent: each consent on the way has terms that allow the use."""
    context = use.context
    newer: Entry = use.consent
    for older in _older(context, use.consent):
        judgement = context.standing(older)
        if judgement.standing is Standing.VOID:
            return
        terms = context.section(older, "terms", Terms)
        start, end, allowed, code = -FOREVER, FOREVER, UNKNOWN, "bad_terms"
        if isinstance(terms, Unread):
            code = terms.code
        elif terms.starts < terms.ends:
            start, end, allowed = terms.starts, terms.ends, _allowed(use, terms)
        yield _link(older, newer, judgement, _stops(context, older, terms), (start, end, allowed, code))
        newer = older
    if isinstance(newer.statement, Consent) and newer.statement.follows is not None:
        # Its own consents need not stand in the list of exclusive ones: one that is not shown may have come first.
        yield Link(index=-1, start=-FOREVER, end=FOREVER, result=UNKNOWN, code="list_missing")


def _link(older: Entry, newer: Entry, judgement: Judgement, stops: Stops, meets: tuple[int, int, Result, str]) -> Link:
    start, end, result, code = meets
    ends = (*stops.revocations, *stops.releases, *stops.lapses)
    before = [stop for stop in ends if stop.index < newer.index and stop.start <= newer.logged]
    held, why = PASS, "ok"
    if any(stop.sure for stop in before):
        held = FAIL
    elif before or stops.missing is not None:
        held, why = UNKNOWN, before[0].judgement.code if before else stops.missing.code if stops.missing else "ok"
    doubtful = judgement.standing is Standing.DOUBTFUL
    codes = [(UNKNOWN, judgement.code)] if doubtful else []
    codes += [(result, code), (held, why)]
    outcome = worst(found for found, _ in codes)
    return Link(
        index=older.index,
        start=start,
        end=end,
        result=outcome,
        code=next(reason for found, reason in codes if found is outcome),
    )


def _allowed(use: Use, terms: Terms) -> Result:
    if use.use is not None:
        return allows(use.use, terms)
    scope = scope_of(terms)
    return UNKNOWN if scope is None else PASS if scope == use.scopes[0] else FAIL


def _race(rival: Rival, mine: list[Place]) -> Iterator[TimedResult]:
    """FAIL where the rival's place is surely lower than the use's own, UNKNOWN where it may be."""
    for theirs in rival.places:
        for own in mine:
            start, end = max(theirs.start, own.start), min(theirs.end, own.end)
            if start >= end or theirs.low >= own.high:
                continue
            code = next((code for code in (theirs.code, own.code) if code != "ok"), rival.code)
            sure_until = min(end, rival.doubt_from) if theirs.high < own.low else start
            if start < sure_until:
                yield during(start, sure_until, FAIL, "clashes", rival.entry.index)
            if sure_until < end:
                code = rival.code if sure_until >= rival.doubt_from else code
                yield during(max(start, sure_until), end, UNKNOWN, code, rival.entry.index)
