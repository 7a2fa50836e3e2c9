"""What another licensee was promised to have alone: A16."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from tests.law.naive.contract import NO, UNKNOWN, YES, History, Untold, all_of, surely, told, worst
from tests.law.naive.contract_case import Case, Scope, above, known, registry_profile, territory
from tests.law.naive.contract_people import chain
from tests.law.naive.contract_stops import ends_of, lapsed, replacing, taking_effect
from tests.law.naive.contract_use import purpose_fits
from verifier.rules.model.record import Entry
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import Consent, Revocation
from verifier.statements.vocabulary import CHANNELS, MANIPULATIONS, RIGHTS


def a16(case: Case, t: int) -> str:
    barred = [told(lambda x=x: bars(case, x, t)) for x in rivals(case)]  # type: ignore[misc]
    return NO if YES in barred else UNKNOWN if UNKNOWN in barred else YES


def rivals(case: Case) -> list[Entry]:
    """The good consents that are exclusive for somebody else."""
    found = []
    for entry, said in case.history.of(f"exclusive:{case.consent.parties.model}", Consent):
        if said.parties.licensee != case.consent.parties.licensee:
            found.append(entry)
    return found


def bars(case: Case, x: Entry, t: int) -> str:
    """Whether an exclusive consent keeps the use out at an instant."""
    first = x
    while (older := replaced(case.history, first)) is not None:
        first = older
    if first.index > case.c.index or case.consent.parties.licensee in case.history.section(x, "exclusive").except_:
        return NO  # whatever else it says
    if told(lambda: YES if aimed_at(case, case.history.section(x, "exclusive")) else NO) == NO:
        return NO
    readable(case.history, x)
    above(case.use.category)  # a code that is not known makes the rule that reads it unknown
    case.declared()
    return all_of(
        lambda: comes_first(case, x, t),
        lambda: meets(case, x, t),
        lambda: not ended(case, x, t),
    )


def meets(case: Case, x: Entry, t: int) -> bool:
    """Whether the scope of an exclusive consent and the use meet at an instant."""
    scope = readable(case.history, x)
    return surely(all_of(
        lambda: aimed_at(case, scope),
        lambda: scope.starts <= t < scope.ends + scope.hold_off,
        lambda: category_meets(scope, case.use.category),
        lambda: meets_somewhere(case, scope),
    ))  # fmt: skip


def aimed_at(case: Case, scope: Exclusive) -> bool:
    """Whether it shuts out the licensee or the sub-licensee of the use."""
    if scope.against is None:
        return True
    users = [one for one in (case.consent.parties.licensee, case.said.parties.sublicensee) if one is not None]
    said = [told(lambda one=one: YES if chain(case.history, one) & set(scope.against) else NO) for one in users]  # type: ignore[misc]
    return YES in said or surely(UNKNOWN if UNKNOWN in said else NO)  # either is enough


def meets_somewhere(case: Case, scope: Exclusive) -> bool:
    """As declared, or as reported, those aside that the consent does not allow, or only as spill."""
    alone = territory(scope.countries, scope.countries_excluded)
    elsewhere = [partial(reported_there, case, one, other) for one, other in case.reported()]
    found = [
        told(lambda place=place: YES if set(scope.channels) & place()[0] and alone & place()[1] else NO)  # type: ignore[misc]
        for place in [case.declared, *elsewhere]
    ]
    return YES in found or surely(UNKNOWN if UNKNOWN in found else NO)


def reported_there(case: Case, channel: str, country: str) -> Scope:
    """Where something was reported; nowhere, if the consent does not allow the country."""
    countries = territory([country])
    with suppress(Untold):
        countries &= territory(case.terms.countries, case.terms.countries_excluded)
    return (known([channel], CHANNELS) if countries else frozenset()), countries


def readable(history: History, x: Entry) -> Exclusive:
    """An exclusive scope all of whose codes are known, and which makes sense."""
    scope: Exclusive = history.section(x, "exclusive")
    known(scope.categories, [*CATEGORIES, "all"])
    known(scope.channels, CHANNELS)
    territory(scope.countries, scope.countries_excluded)
    if scope.starts >= scope.ends:
        raise Untold("bad_terms")
    return scope


def category_meets(scope: Exclusive, category: str) -> bool:
    codes = known(scope.categories, [*CATEGORIES, "all"])
    return "all" in codes or bool(above(category) & codes) or any(category in above(one) for one in codes)


def ended(case: Case, x: Entry, t: int) -> bool:
    """Whether it no longer counts: its revocation took effect, or a good consent that replaces it was logged."""
    assert isinstance(x.statement, Consent)
    if any(other.logged <= t for other in replacing(case.history, x.statement.id)):
        return True
    gone = [*revoked(case, x, _notice(case, x)), *released(case.history, x)]
    if any(effective <= t for index, effective in gone if index != x.index):
        return True
    since = lapsed(case.history, x.statement)
    if since is not None and since <= t and case.history.as_of < since:
        raise Untold("not_yet")
    return since is not None and since <= t


def _notice(case: Case, x: Entry) -> int:
    """The exclusivity's own; none where the registry's profile is ``eu``."""
    scope: Exclusive = case.history.section(x, "exclusive")
    return 0 if registry_profile(case.history) == "eu" else scope.notice


def revoked(case: Case, x: Entry, notice: int) -> list[tuple[int, int]]:
    """The indices of its revocations, and when each takes effect; an option that nobody took counts as revoked."""
    consent = x.statement
    assert isinstance(consent, Consent)
    found = [(entry.index, taking_effect(case.history, consent, entry, said, lambda: notice))
             for entry, said in ends_of(case.history, consent)]  # fmt: skip
    since = lapsed(case.history, consent)
    return found if since is None else [*found, (x.index, since)]


def released(history: History, x: Entry) -> list[tuple[int, int]]:
    """The indices of the revocations of its exclusivity alone, and when each takes effect: under every profile (T7)."""
    scope: Exclusive = history.section(x, "exclusive")
    if scope.release is None:
        return []
    return [
        (entry.index, max(said.effective, entry.logged + scope.release))
        for entry, said in history.of(f"consent:{x.statement.id}", Revocation)
        if said.consent == x.statement.id and said.part is not None
    ]


def comes_first(case: Case, x: Entry, t: int) -> bool:
    """Whether a consent has a lower place than the use's own, whichever of those that either may have it is."""
    found = {theirs < own for theirs in places(case, x, partial(held, case, t=t))
             for own in places(case, case.c, partial(granted, case, t=t))}  # fmt: skip
    return surely(UNKNOWN if len(found) > 1 else YES if found == {True} else NO)


def places(case: Case, x: Entry, handed_on: Callable[[Entry, Entry], bool]) -> list[int]:
    """The indices of the consents that may be the earliest in a chain; one, where that can be told."""
    found = []
    while (old := replaced(case.history, x)) is not None:
        answer = told(partial(in_words, handed_on, old, x))
        if answer == NO:
            break
        found += [x.index] if answer == UNKNOWN else []
        x = old
    return [*found, x.index]


def in_words(handed_on: Callable[[Entry, Entry], bool], old: Entry, new: Entry) -> str:
    return YES if handed_on(old, new) else NO


def held(case: Case, old: Entry, new: Entry, t: int) -> bool:
    """Whether the older one held this use alone, and handed it on."""
    return surely(all_of(
        lambda: "exclusive" in old.statement.sections,
        lambda: "exclusive" in old.statement.sections and meets(case, old, t),
        lambda: "exclusive" in old.statement.sections and not was_revoked(case, old, new, _notice(case, old)),
        lambda: "exclusive" in old.statement.sections and not before(released(case.history, old), new),
    ))  # fmt: skip


def granted(case: Case, old: Entry, new: Entry, t: int) -> bool:
    """Whether the older one allowed this use, and handed it on."""
    terms: Terms = case.history.section(old, "terms")
    eu = "eu" in {registry_profile(case.history), terms.profile}
    return surely(all_of(
        lambda: allows(case, terms, t),
        lambda: not was_revoked(case, old, new, 0 if eu else terms.notice),
    ))  # fmt: skip


def was_revoked(case: Case, old: Entry, new: Entry, notice: int) -> bool:
    """Whether it had been revoked when it was replaced."""
    return before(revoked(case, old, notice), new)


def before(stops: list[tuple[int, int]], new: Entry) -> bool:
    return any(index < new.index and effective <= new.logged for index, effective in stops)


def replaced(history: History, x: Entry) -> Entry | None:
    """The good consent that one replaces or renews."""
    assert isinstance(x.statement, Consent)
    if x.statement.follows is None:
        return None
    for entry in history.touching(f"consent:{x.statement.follows}"):
        if entry.statement.id == x.statement.follows and history.good(entry):
            return entry
    return None


def allows(case: Case, terms: Terms, t: int) -> bool:
    """Whether other terms allow this use, too."""
    use = case.use
    used = set(use.manipulations)
    if terms.starts >= terms.ends or (used and set(terms.allow) & set(terms.approve)):
        raise Untold("bad_terms")
    return surely(worst([
        purpose_fits(terms, use),
        all_of(
            lambda: known(use.rights, RIGHTS) <= known(terms.rights, RIGHTS),
            lambda: known(use.channels, CHANNELS) <= known(terms.channels, CHANNELS),
            lambda: use.placement in terms.placements,
            lambda: case.declared()[1] <= territory(terms.countries, terms.countries_excluded),
            lambda: terms.starts <= t < terms.ends,
            lambda: not used or known(used, MANIPULATIONS) <= known({*terms.allow, *terms.approve}, MANIPULATIONS),
            lambda: not (use.training and terms.training == "none"),
            lambda: not (use.derivative_of and terms.derivatives == "none"),
        ),
    ]))  # fmt: skip


def instants(case: Case) -> Iterator[int]:
    """When any of that may change."""
    with suppress(Untold):
        for x in rivals(case):
            chain: Entry | None = x
            while chain is not None:
                if "exclusive" in chain.statement.sections:
                    scope: Exclusive = case.history.section(chain, "exclusive")
                    yield from (scope.starts, scope.ends + scope.hold_off)
                    yield from (effective for _, effective in revoked(case, chain, _notice(case, chain)))
                    yield from (effective for _, effective in released(case.history, chain))
                assert isinstance(chain.statement, Consent)
                yield from (other.logged for other in replacing(case.history, chain.statement.id))
                chain = replaced(case.history, chain)
    with suppress(Untold):
        own: Entry | None = case.c
        while own is not None:
            terms: Terms = case.history.section(own, "terms")
            yield from (terms.starts, terms.ends)
            own = replaced(case.history, own)
