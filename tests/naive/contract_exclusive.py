"""What another licensee was promised to have alone: A16."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tests.naive.contract import NO, UNKNOWN, YES, History, Untold, all_of, surely, told, worst
from tests.naive.contract_case import Case, Scope, above, known, registry_profile, territory
from tests.naive.contract_stops import ends_of, replacing
from tests.naive.contract_use import purpose_fits
from verifier.rules.record import Entry
from verifier.statements.categories import CATEGORIES
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.statement import Consent
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
    above(case.use.category)  # a code that is not known makes the rule that reads it unknown
    case.declared()
    return all_of(
        lambda: place(case, x, t) < own_place(case, t),
        lambda: meets(case, x, t),
        lambda: not ended(case, x, t),
    )


def meets(case: Case, x: Entry, t: int) -> bool:
    """Whether the scope of an exclusive consent and the use meet at an instant."""
    scope: Exclusive = case.history.section(x, "exclusive")
    return surely(all_of(
        lambda: scope.starts <= t < scope.ends + scope.hold_off,
        lambda: category_meets(scope, case.use.category),
        lambda: any(
            known(scope.channels, CHANNELS) & channels
            and territory(scope.countries, scope.countries_excluded) & countries
            for channels, countries in places(case)
        ),
    ))  # fmt: skip


def category_meets(scope: Exclusive, category: str) -> bool:
    codes = known(scope.categories, [*CATEGORIES, "all"])
    return "all" in codes or bool(above(category) & codes) or any(category in above(one) for one in codes)


def places(case: Case) -> list[Scope]:
    """Where it runs, as declared and as reported, but for what the consent does not allow, or only as spill."""
    declared, *reported = case.scopes()
    try:
        allowed = territory(case.terms.countries, case.terms.countries_excluded)
    except Untold:
        return [declared, *reported]
    return [declared, *(one for one in reported if one[1] <= allowed)]


def ended(case: Case, x: Entry, t: int) -> bool:
    """Whether it no longer counts: its revocation took effect, or a good consent that replaces it was logged."""
    assert isinstance(x.statement, Consent)
    if any(other.logged <= t for other in replacing(case.history, x.statement.id)):
        return True
    return any(effective <= t for _, effective in revoked(case, x, _notice(case, x)))


def _notice(case: Case, x: Entry) -> int:
    """The exclusivity's own; none where the registry's profile is ``eu``."""
    scope: Exclusive = case.history.section(x, "exclusive")
    return 0 if registry_profile(case.history) == "eu" else scope.notice


def revoked(case: Case, x: Entry, notice: int) -> list[tuple[int, int]]:
    """The indices of its revocations, and when each takes effect."""
    assert isinstance(x.statement, Consent)
    return [(entry.index, max(said.effective, entry.logged + notice))
            for entry, said in ends_of(case.history, x.statement)]  # fmt: skip


def place(case: Case, x: Entry, t: int) -> int:
    """The earliest consent that held this use alone, and handed it on."""
    while (old := replaced(case.history, x)) is not None:
        if "exclusive" not in old.statement.sections or not meets(case, old, t):
            break
        if was_revoked(case, old, x, _notice(case, old)):
            break
        x = old
    return x.index


def own_place(case: Case, t: int) -> int:
    """The earliest consent that allowed this use, and handed it on."""
    x = case.c
    while (old := replaced(case.history, x)) is not None:
        terms: Terms = case.history.section(old, "terms")
        eu = "eu" in {registry_profile(case.history), terms.profile}
        if not allows(case, terms, t) or was_revoked(case, old, x, 0 if eu else terms.notice):
            break
        x = old
    return x.index


def was_revoked(case: Case, old: Entry, new: Entry, notice: int) -> bool:
    """Whether it had been revoked when it was replaced."""
    return any(index < new.index and effective <= new.logged for index, effective in revoked(case, old, notice))


def replaced(history: History, x: Entry) -> Entry | None:
    """The good consent that one replaces."""
    assert isinstance(x.statement, Consent)
    if x.statement.replaces is None:
        return None
    for entry in history.touching(f"consent:{x.statement.replaces}"):
        if entry.statement.id == x.statement.replaces and history.good(entry):
            return entry
    return None


def allows(case: Case, terms: Terms, t: int) -> bool:
    """Whether other terms allow this use, too."""
    use = case.use
    used = set(use.manipulations)
    return surely(worst([
        purpose_fits(terms, use),
        all_of(
            lambda: known(use.rights, RIGHTS) <= known(terms.rights, RIGHTS),
            lambda: known(use.channels, CHANNELS) <= known(terms.channels, CHANNELS),
            lambda: case.declared()[1] <= territory(terms.countries, terms.countries_excluded),
            lambda: terms.starts <= t < terms.ends,
            lambda: known(used, MANIPULATIONS) <= known({*terms.allow, *terms.approve}, MANIPULATIONS),
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
                assert isinstance(chain.statement, Consent)
                yield from (other.logged for other in replacing(case.history, chain.statement.id))
                chain = replaced(case.history, chain)
    with suppress(Untold):
        own: Entry | None = case.c
        while own is not None:
            terms: Terms = case.history.section(own, "terms")
            yield from (terms.starts, terms.ends)
            own = replaced(case.history, own)
