"""What stops a consent: revocations, suspensions and resumptions, and when they take effect (T7, A5, A6)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.values import field, value
from verifier.rules.model.context import Context, Judgement, Standing, Unread
from verifier.rules.model.record import Entry, holds
from verifier.rules.model.timeline import FOREVER
from verifier.rules.standing.signers import model_side
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import Consent, Resumption, Revocation, Suspension, Twin

ANYWHERE = -1
"""The index of what may stand anywhere in the log."""


@value
class Stop:
    """Nothing may run in [start, end) (POSIX seconds) but what a sell-off allows.

    ``index`` is that of the revocation or suspension behind it; ANYWHERE: it cannot be told where there may be one.
    ``waits``: for the notice, if any. ``sell_off``, in seconds, is set where fees are counted (M1).
    """

    index: int
    start: int
    end: int
    code: str
    judgement: Judgement
    waits: bool = True
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
    """All stops of one consent. ``missing`` names why there may be more, or why their effect cannot be told."""

    revocations: list[Stop] = field(default_factory=list)
    suspensions: list[Stop] = field(default_factory=list)
    replaced_by: list[tuple[Entry[Consent], Judgement]] = field(default_factory=list)
    missing: Unread | None = None


def notice_of(context: Context, section: Terms | Exclusive) -> int:
    """Seconds of notice that a revocation by the model must give; none under the profile ``eu`` (T7)."""
    profiles = {context.profile, section.profile if isinstance(section, Terms) else None}
    return 0 if "eu" in profiles else section.notice


def stops_of(context: Context, consent: Entry, section: Terms | Exclusive | Unread, *, onward: bool) -> Stops:
    """Everything that stops a consent: on it, on its twin, on that twin's creation; ``onward``: and on its successors.

    ``section`` gives the notice: the consent's terms, or for A16 its exclusivity.
    """
    found = Stops()
    assert holds(consent, Consent)
    notice = 0
    if isinstance(section, Unread):
        found.missing = section
    else:
        notice = notice_of(context, section)
    found.replaced_by = _successors(context, consent.statement.id, found)
    chain = _onward(context, consent, found) if onward else [consent]
    twins: dict[str, Entry[Consent]] = {}
    for one in chain:
        _revocations(context, f"consent:{one.statement.id}", notice, found)
        if one.statement.twin is not None:
            twins.setdefault(one.statement.twin, one)
    _suspensions(context, chain, notice, found)
    for id, one in twins.items():
        # The end of a twin is a revocation of each of its consents (T7), and so of those that replaced this one.
        _revocations(context, f"twin:{id}", notice, found)
        twin, _ = context.named(f"twin:{id}", id, one.index)
        if holds(twin, Twin):
            _revocations(context, f"consent:{twin.statement.creation}", notice, found)
        else:
            found.missing = found.missing or Unread("list_missing")
    # A notice that is not known moves no stop forward in time past a year; without stops it does not matter at all.
    if isinstance(section, Unread) and found.missing is section and not found.revocations and not found.suspensions:
        found.missing = None
    return found


def _successors(context: Context, id: str, found: Stops) -> list[tuple[Entry[Consent], Judgement]]:
    listed = context.listed(f"consent:{id}", Consent)
    if listed is None:
        found.missing = Unread("list_missing")
        return []
    return [pair for pair in listed if pair[0].statement.replaces == id]


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
        if entry.statement.target != (kind, target):
            continue
        start = max(entry.statement.effective, entry.logged + notice)
        found.revocations.append(Stop(index=entry.index, start=start, end=FOREVER, code="revoked", judgement=judgement))


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
        for begin, until, why in ((start, min(end, maybe), judgement), (max(start, maybe), end, unsure)):
            if begin < until:
                found.suspensions.append(
                    Stop(index=entry.index, start=begin, end=until, code="suspended", judgement=why, waits=waits)
                )
