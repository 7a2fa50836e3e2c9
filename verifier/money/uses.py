"""The usages and reports of a consent as its schedule counts them, read from the record (rule M1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from verifier.money.reasons import CannotTell, Reason, gather
from verifier.money.schedule import Event
from verifier.rules.contract import Contract, Missing, Standing
from verifier.rules.record import Entry
from verifier.statements.sections import ReportTerms, UsageTerms
from verifier.statements.statement import Consent, Report, Usage


@dataclass(slots=True)
class Uses:
    """Events in log order; the terms of the consent's own usages by id; what is doubtful among them.

    A doubtful usage or report is counted all the same: what it owes stays due (A20), but nothing can be told (M4).
    """

    events: list[Event] = field(default_factory=list)
    terms: dict[str, UsageTerms] = field(default_factory=dict)
    doubts: list[Reason] = field(default_factory=list)


def read_uses(contract: Contract, consent: Entry, *, replaced: bool) -> Uses:
    """The good and doubtful usages and reports under a consent, and if ``replaced`` under those that it replaced.

    :class:`CannotTell`: ``list_missing``, or ``erased`` or ``not_disclosed`` terms.
    """
    uses = Uses()
    missing: list[Reason] = []
    for one in _chain(contract, consent) if replaced else (consent,):
        listed = contract.listed(f"uses:{one.statement.id}", Usage, Report)
        if listed is None:
            raise CannotTell("M1", "list_missing")
        for entry, judgement in listed:
            if judgement.standing is Standing.DOUBTFUL:
                uses.doubts.append(Reason("M1", judgement.code, (entry.index,)))
            terms = contract.section(entry, "terms")
            if isinstance(terms, Missing):
                missing.append(Reason("M1", terms.code, (entry.index,)))
            else:
                assert isinstance(terms, UsageTerms | ReportTerms)
                uses.events.append(_event(entry, terms, own=one is consent))
                if isinstance(terms, UsageTerms) and one is consent:
                    uses.terms[entry.statement.id] = terms
    if missing:
        first = gather(missing)[0]
        raise CannotTell(first.rule, first.code, first.entries)
    uses.events.sort(key=lambda event: event.index)
    return uses


def _chain(contract: Contract, consent: Entry) -> Iterator[Entry]:
    """A consent, the one that it replaces, and so on; a replaced one that was ruled void has replaced nothing."""
    while True:
        yield consent
        assert isinstance(consent.statement, Consent)
        replaces = consent.statement.replaces
        if replaces is None:
            return
        older, judgement = contract.named(f"consent:{replaces}", replaces, consent.index)
        if judgement.standing is Standing.DOUBTFUL or older is None:
            raise CannotTell("M1", judgement.code)
        consent = older


def _event(entry: Entry, terms: UsageTerms | ReportTerms, *, own: bool) -> Event:
    statement = entry.statement
    if isinstance(terms, ReportTerms):
        assert isinstance(statement, Report)
        return Event(entry.index, entry.logged, statement.usage, declares=False, own=own, images=terms.images)
    assert isinstance(statement, Usage)
    images = max(terms.units.get("images", 0), len(statement.assets))
    return Event(entry.index, entry.logged, statement.id, declares=True, own=own, images=images)
