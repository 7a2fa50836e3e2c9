"""What stops a consent: revocations, suspensions and resumptions, an option that lapses, and when each takes effect
(T7, A5, A6)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.values import field, replace, value
from verifier.rules.model.context import GOOD, Context, Judgement, Standing, Unread, doubtful
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.timeline import FOREVER
from verifier.rules.standing.signers import licensee_signed, model_side
from verifier.statements.sections import CreateTerms, Exclusive, Terms
from verifier.statements.types import Consent, Exercise, Resumption, Revocation, Suspension, Twin

ANYWHERE = -1
"""The index of what may stand anywhere in the log."""


@value
class Stop:
    """Nothing may run in [start, end) (POSIX seconds) but what a sell-off allows.

    ``index`` is that of the revocation or suspension behind it; ANYWHERE: it cannot be told where there may be one.
    ``waits``: for the notice, if any. ``by_licensee``: the licensee revokes alone, and owes what it still owes (M1).
    ``logged`` is when the entry behind it was. ``sell_off``, in seconds, is set where fees are counted (M1).
    """

    index: int
    start: int
    judgement: Judgement
    end: int = FOREVER
    code: str = "revoked"
    waits: bool = True
    by_licensee: bool = False
    logged: int = 0
    sell_off: int = 0

    @property
    def sure(self) -> bool:
        """Whether the entry behind it is good."""
        return self.judgement.standing is Standing.GOOD

    def bites(self, declared: int, end: int) -> bool:
        """Whether it takes time from a use that runs to ``end`` and was declared to run to ``declared`` (A6)."""
        return max(self.start, min(self.start + self.sell_off, declared)) < min(end, self.end)


@value(frozen=False)
class Stops:
    """All stops of one consent. ``missing`` names why there may be more, or why their effect cannot be told.

    ``releases`` end its exclusivity alone. ``lapses``: it is an option that was, or may have been, not taken in time.
    """

    revocations: list[Stop] = field(default_factory=list)
    suspensions: list[Stop] = field(default_factory=list)
    releases: list[Stop] = field(default_factory=list)
    lapses: list[Stop] = field(default_factory=list)
    replaced_by: list[tuple[Entry[Consent], Judgement]] = field(default_factory=list)
    missing: Unread | None = None


def notice_of(context: Context, section: Terms | Exclusive) -> int:
    """Seconds of notice that a revocation by the model must give; none under the profile ``eu`` (T7)."""
    profiles = {context.profile, section.profile if isinstance(section, Terms) else None}
    return 0 if "eu" in profiles else section.notice


def stops_of(
    context: Context, consent: Entry, section: Terms | CreateTerms | Exclusive | Unread, *, onward: bool
) -> Stops:
    """Everything that stops a consent: on it, on its twin, on that twin's creation; ``onward``: and on its successors.

    ``section`` gives the notice: the consent's terms, or for A16 its exclusivity; of a consent to create there is none.
    While it is hidden, what waits for it is in doubt from the earliest instant at which it may take effect.
    """
    assert holds(consent, Consent)
    hidden = section if isinstance(section, Unread) and consent.statement.act == "use" else None
    found = Stops(missing=hidden)
    notice = 0 if isinstance(section, Unread | CreateTerms) else notice_of(context, section)
    found.replaced_by = _successors(context, consent.statement.id, found)
    chain = _onward(context, consent, found) if onward else [consent]
    twins: dict[str, Entry[Consent]] = {}
    for one in chain:
        _revocations(context, f"consent:{one.statement.id}", notice, found)
        if one.statement.twin is not None:
            twins.setdefault(one.statement.twin, one)
    _suspensions(context, chain, notice, found)
    if isinstance(section, Exclusive):
        _releases(context, consent, section, found)
    _lapse(context, consent, found)
    for id, one in twins.items():
        # The end of a twin is a revocation of each of its consents (T7), and so of those that replaced this one.
        _revocations(context, f"twin:{id}", notice, found)
        twin, _ = context.named(f"twin:{id}", id, one.index)
        if holds(twin, Twin):
            _revocations(context, f"consent:{twin.statement.creation}", notice, found)
        else:
            found.missing = found.missing or Unread("list_missing")
    if hidden is not None:
        if found.missing is hidden and not found.revocations and not found.suspensions:
            found.missing = None  # without stops the notice does not matter at all
        why = doubtful("T7", hidden.code, *hidden.entries)
        found.revocations = [replace(stop, judgement=why) if stop.waits else stop for stop in found.revocations]
        found.suspensions = [replace(stop, judgement=why) if stop.waits else stop for stop in found.suspensions]
    return found


def _successors(context: Context, id: str, found: Stops) -> list[tuple[Entry[Consent], Judgement]]:
    listed = context.listed(f"consent:{id}", Consent)
    if listed is None:
        found.missing = Unread("list_missing")
        return []
    return [pair for pair in listed if pair[0].statement.follows == id]


def _onward(context: Context, consent: Entry[Consent], found: Stops) -> list[Entry[Consent]]:
    """The consent and all that replace it, directly or through others."""
    chain, seen = [consent], {consent.statement.id}
    for one in chain:
        for entry, _ in _successors(context, one.statement.id, found):
            if entry.statement.id not in seen:
                seen.add(entry.statement.id)
                chain.append(entry)
    return chain


def _revocations(context: Context, subject: str, notice: int, found: Stops) -> None:
    kind, _, target = subject.partition(":")
    listed = context.listed(subject, Revocation)
    if listed is None:
        found.missing = Unread("list_missing")
        return
    for entry, judgement in listed:
        if entry.statement.target != (kind, target) or entry.statement.part is not None:
            continue
        by = licensee_signed(context, entry)
        signed, alone = by or (True, False)  # by whom is not known of a doubtful one only, which stops nothing for sure
        start = max(entry.statement.effective, entry.logged + (0 if signed else notice))
        stop = Stop(
            index=entry.index, start=start, judgement=judgement,
            waits=not signed or by is None, by_licensee=alone, logged=entry.logged,
        )  # fmt: skip
        found.revocations.append(stop)


def _releases(context: Context, consent: Entry, section: Exclusive, found: Stops) -> None:
    """Revocations of its exclusivity alone, which wait for ``release`` under every profile, and need it (T7)."""
    for entry, judgement in context.listed(f"consent:{consent.statement.id}", Revocation) or ():
        if entry.statement.part is not None and section.release is not None:
            start = max(entry.statement.effective, entry.logged + section.release)
            found.releases.append(Stop(index=entry.index, start=start, judgement=judgement, logged=entry.logged))


def exercises_of(context: Context, consent: Entry) -> list[tuple[Entry[Exercise], Judgement]] | None:
    """The good and doubtful words that an option is taken, in log order; ``None``: its list is not shown."""
    return context.listed(f"consent:{consent.statement.id}", Exercise)


def _lapse(context: Context, consent: Entry[Consent], found: Stops) -> None:
    """An option that is not exercised in time counts as revoked then; whether it is cannot be told before (A5)."""
    by = consent.statement.exercise_by
    taken = exercises_of(context, consent)
    if by is None or taken is None or any(judgement.standing is Standing.GOOD for _, judgement in taken):
        return
    why = GOOD if context.as_of >= by else doubtful("A5", "not_yet", consent.index)
    for entry, judgement in taken:
        why = doubtful("A5", judgement.code, entry.index)
    stop = Stop(index=consent.index, start=by, code="not_exercised", judgement=why, waits=False, logged=by)
    found.lapses.append(stop)


def _suspensions(context: Context, chain: Iterable[Entry], notice: int, found: Stops) -> None:
    """Each suspension lasts until its own signer's side resumes; a union's takes effect at once.

    What is said of a consent that replaces another counts for the other's uses too (A5): a resumption of the one lifts
    a suspension of the other.
    """
    listed: list[tuple[Entry, Judgement]] = []
    for one in chain:
        theirs = context.listed(f"consent:{one.statement.id}", Suspension, Resumption)
        if theirs is None:
            found.missing = Unread("list_missing")
        listed.extend(theirs or ())
    listed.sort(key=lambda pair: pair[0].index)
    for entry, judgement in listed:
        if not holds(entry, Suspension):
            continue
        side = model_side(context, entry)
        start = max(entry.statement.effective, entry.logged + (notice if side else 0))
        end = maybe = FOREVER
        unsure, waits = judgement, side is not False
        for other, standing in listed:
            other_side = model_side(context, other)
            if not holds(other, Resumption) or other.index < entry.index:
                continue
            at = max(other.statement.effective, other.logged)
            if None not in (side, other_side) and side != other_side:
                continue
            if standing.standing is Standing.GOOD and side is not None:
                end = min(end, at)
            elif at < maybe:
                maybe, unsure = at, standing
        # Where what may lift it does not, it is the same suspension, sell-off included.
        stretches = {end: unsure if judgement.standing is Standing.GOOD else judgement, min(end, maybe): judgement}
        for until, why in stretches.items():
            if start < until:
                stop = Stop(index=entry.index, start=start, end=until, code="suspended", judgement=why, waits=waits)
                found.suspensions.append(stop)
