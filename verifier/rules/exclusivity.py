"""A16: another licensee's exclusive scope. Only that section of the other's consent is ever asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from verifier.rules.contract import Contract, Judgement, Missing, Standing
from verifier.rules.limits import allows, reported_countries, strays_of
from verifier.rules.logic import Piece, Result, worst
from verifier.rules.record import Entry
from verifier.rules.scope import Scope, Territory, scope_of, territory
from verifier.rules.stops import Stops, stops_of
from verifier.rules.timeline import always, during
from verifier.rules.usage import Case
from verifier.statements.sections import Exclusive, Terms, UsageTerms
from verifier.statements.statement import Consent

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE


@dataclass(slots=True, kw_only=True)
class Use:
    """What is held against others' scopes: a usage under its consent, or a consent's own terms for a warning.

    ``scopes`` is empty where they are not known; ``code`` then says why. ``use`` is ``None`` for a whole consent.
    """

    contract: Contract
    consent: Entry
    scopes: list[Scope]
    window: tuple[int, int] | None
    code: str = "ok"
    use: UsageTerms | None = None

    @property
    def granted(self) -> Consent:
        """The consent's statement."""
        assert isinstance(self.consent.statement, Consent)
        return self.consent.statement


@dataclass(slots=True, kw_only=True)
class Rival:
    """Another licensee's consent whose exclusive scope meets the use, and what can be said of it."""

    entry: Entry
    judgement: Judgement
    section: Exclusive
    stops: Stops
    chain: list[tuple[Entry, Exclusive | Missing, Stops]] = field(default_factory=list)


def use_of_case(case: Case) -> Use:
    """A usage as A16 sees it: as declared, and where it was reported beyond what may spill."""
    scopes: list[Scope] = []
    code = "ok"
    if isinstance(case.use, Missing):
        code = case.use.code
    else:
        declared = scope_of(case.use)
        if declared is None:
            code = "bad_terms"
        else:
            scopes.append(declared)
            scopes.extend(_reported(case, declared))
    use = None if isinstance(case.use, Missing) else case.use
    return Use(contract=case.contract, consent=case.consent, scopes=scopes, window=case.window, code=code, use=use)


def _reported(case: Case, declared: Scope) -> Iterator[Scope]:
    countries = set(reported_countries(section for _, section in case.reports))
    if isinstance(case.terms, Terms):
        allowed = territory(case.terms.countries, case.terms.countries_excluded)
        strays = strays_of(dict.fromkeys(countries, 1), allowed) if allowed else None
        countries -= set(strays or ())
    channels = {line.channel for _, section in case.reports for line in section.lines if line.impressions}
    if countries:
        yield Scope(declared.categories, frozenset(channels), Territory(frozenset(countries)))


def use_of_consent(contract: Contract, consent: Entry, terms: Terms | Missing) -> Use:
    """A whole consent as A16 sees it: everything that its terms would allow."""
    if isinstance(terms, Missing):
        return Use(contract=contract, consent=consent, scopes=[], window=None, code=terms.code)
    scope = scope_of(terms)
    if scope is None or terms.starts >= terms.ends:
        return Use(contract=contract, consent=consent, scopes=[], window=None, code="bad_terms")
    return Use(contract=contract, consent=consent, scopes=[scope], window=(terms.starts, terms.ends))


def judge_exclusivity(use: Use) -> list[Piece]:
    """A16 over the use's window."""
    contract, granted = use.contract, use.granted
    listed = contract.listed(f"exclusive:{granted.parties.model}", Consent)
    if listed is None:
        return [always(UNKNOWN, "list_missing", use.consent.index)]
    pieces: list[Piece] = []
    rivals: list[Rival] = []
    for entry, judgement in listed:
        found = _rival(use, entry, judgement)
        if isinstance(found, Rival):
            rivals.append(found)
        elif found is not None:
            pieces.append(found)
    if rivals and use.window is not None:
        pieces.extend(_race(use, rivals))
    return [*pieces, always(PASS, "ok", *[entry.index for entry, _ in listed])]


def _rival(use: Use, entry: Entry, judgement: Judgement) -> Rival | Piece | None:
    """A consent of another licensee that may stand in the way; a piece where that alone cannot be told."""
    contract, statement = use.contract, entry.statement
    assert isinstance(statement, Consent)
    if statement.parties.licensee == use.granted.parties.licensee:
        return None
    older = list(_older(contract, entry))
    if min([entry.index, *[other.index for other, _ in older]]) > use.consent.index:
        return None
    section = contract.section(entry, "exclusive")
    if isinstance(section, Missing):
        return always(UNKNOWN, section.code, entry.index)
    assert isinstance(section, Exclusive)
    if use.granted.parties.licensee in section.except_:
        return None
    if use.window is None or not use.scopes:
        return always(UNKNOWN, use.code, use.consent.index, entry.index)
    scope = scope_of(section)
    if scope is None or section.starts >= section.ends:
        return always(UNKNOWN, "bad_terms", entry.index)
    if not any(scope.meets(mine) for mine in use.scopes) or not _overlaps(section, use.window):
        return None
    stops = stops_of(contract, entry, section, onward=False)
    rival = Rival(entry=entry, judgement=judgement, section=section, stops=stops)
    for other, standing in older:
        theirs = contract.section(other, "exclusive") if "exclusive" in other.statement.sections else None
        if standing.standing is Standing.VOID or theirs is None:
            break
        assert isinstance(theirs, Exclusive | Missing)
        rival.chain.append((other, theirs, stops_of(contract, other, theirs, onward=False)))
    return rival


def _older(contract: Contract, entry: Entry) -> Iterator[tuple[Entry, Judgement]]:
    """The consents reached from one by following ``replaces``, newest first.

    Looked up among all that is shown: one with an exclusive scope stands in the same complete list, and one without
    ends the chain, so no further list is needed to know who came first.
    """
    while isinstance(entry.statement, Consent) and (older := entry.statement.replaces) is not None:
        indices = [index for index in contract.record.find(older) if index < entry.index]
        found = contract.record.entry(indices[0]) if indices else None
        if found is None:
            return
        yield found, contract.standing(found)
        entry = found


def _overlaps(section: Exclusive, window: tuple[int, int]) -> bool:
    return section.starts < window[1] and window[0] < section.ends + section.hold_off


# -- who came first, instant by instant


def _race(use: Use, rivals: list[Rival]) -> Iterator[Piece]:
    assert use.window is not None
    start, end = use.window
    mine = list(_own_chain(use))
    marks = {start, end}
    for rival in rivals:
        for section in (rival.section, *[theirs for _, theirs, _ in rival.chain if isinstance(theirs, Exclusive)]):
            marks.update((section.starts, section.ends + section.hold_off))
        marks.update(stop.start for stop in rival.stops.revocations)
        marks.update(entry.logged for entry, _ in rival.stops.replaced_by)
    for _, terms, _ in mine:
        if isinstance(terms, Terms):
            marks.update((terms.starts, terms.ends))
    instants = sorted(mark for mark in marks if start <= mark <= end)
    for a, b in pairwise(instants):
        low, high = _own_place(use, mine, a)
        for rival in rivals:
            result = _stands_in_the_way(use, rival, a, low, high)
            if result is FAIL:
                yield during(a, b, FAIL, "clashes", rival.entry.index)
            elif result is UNKNOWN:
                yield during(a, b, UNKNOWN, _why_unknown(rival, mine), rival.entry.index)


def _own_chain(use: Use) -> Iterator[tuple[Entry, Terms | Missing, Stops]]:
    for entry, judgement in _older(use.contract, use.consent):
        if judgement.standing is Standing.VOID:
            return
        terms = use.contract.section(entry, "terms")
        assert isinstance(terms, Terms | Missing)
        if judgement.standing is Standing.DOUBTFUL:
            terms = Missing(judgement.code)
        yield entry, terms, stops_of(use.contract, entry, terms, onward=False)


def _own_place(use: Use, chain: list[tuple[Entry, Terms | Missing, Stops]], at: int) -> tuple[int, int]:
    """The lowest and the highest index that may be the place of the use's own consent at an instant."""
    low = high = use.consent.index
    newer = use.consent
    for entry, terms, stops in chain:
        allowed = UNKNOWN if isinstance(terms, Missing) else _allowed(use, terms, at)
        held = _not_revoked_before(stops, newer)
        result = worst((allowed, held))
        if result is FAIL:
            break
        low = entry.index
        if result is PASS and high == newer.index:
            high = entry.index
        newer = entry
    return low, high


def _allowed(use: Use, terms: Terms, at: int) -> Result:
    if not terms.starts <= at < terms.ends:
        return FAIL
    if use.use is not None:
        return allows(use.use, terms)
    scope = scope_of(terms)
    return UNKNOWN if scope is None else PASS if scope == use.scopes[0] else FAIL


def _not_revoked_before(stops: Stops, newer: Entry) -> Result:
    """Whether a consent was still standing when ``newer`` replaced it."""
    before = [stop for stop in stops.revocations if stop.entry.index < newer.index and stop.start <= newer.logged]
    if stops.missing is not None:
        return UNKNOWN
    return FAIL if any(stop.sure for stop in before) else UNKNOWN if before else PASS


def _stands_in_the_way(use: Use, rival: Rival, at: int, low: int, high: int) -> Result:
    """FAIL where the rival's place is surely lower than the use's own, PASS where it surely is not, else UNKNOWN."""
    section, stops = rival.section, rival.stops
    if not section.starts <= at < section.ends + section.hold_off:
        return PASS
    over = [stop for stop in stops.revocations if stop.start <= at]
    over_by = [(entry, judgement) for entry, judgement in stops.replaced_by if entry.logged <= at]
    if any(stop.sure for stop in over) and stops.missing is None:
        return PASS
    if any(judgement.standing is Standing.GOOD for _, judgement in over_by):
        return PASS
    lowest = highest = rival.entry.index
    newer = rival.entry
    for entry, theirs, theirs_stops in rival.chain:
        meets = UNKNOWN if isinstance(theirs, Missing) else _meets(use, theirs, at)
        result = worst((meets, _not_revoked_before(theirs_stops, newer)))
        if result is FAIL:
            break
        lowest = entry.index
        if result is PASS and highest == newer.index:
            highest = entry.index
        newer = entry
    if lowest >= high:
        return PASS
    certain = (
        highest < low
        and rival.judgement.standing is Standing.GOOD
        and stops.missing is None
        and not over
        and not over_by
    )
    return FAIL if certain else UNKNOWN


def _meets(use: Use, theirs: Exclusive, at: int) -> Result:
    scope = scope_of(theirs)
    if scope is None:
        return UNKNOWN
    inside = theirs.starts <= at < theirs.ends + theirs.hold_off
    return PASS if inside and any(scope.meets(mine) for mine in use.scopes) else FAIL


def _why_unknown(rival: Rival, mine: list[tuple[Entry, Terms | Missing, Stops]]) -> str:
    if rival.judgement.standing is not Standing.GOOD:
        return rival.judgement.code
    if rival.stops.missing is not None:
        return rival.stops.missing.code
    for _, section, stops in (*rival.chain, *mine):
        if isinstance(section, Missing):
            return section.code
        if stops.missing is not None:
            return stops.missing.code
    return "list_missing"
