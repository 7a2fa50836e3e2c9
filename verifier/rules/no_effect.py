"""Stops that change nothing: what they would stop is stopped already, no later and by the same side (RULES, Quotas).

Whoever may stop something always can, whatever was logged before. So only what surely changes nothing is told here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from verifier.rules.model.context import Context, Standing
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.signers import licensee_signed, model_side
from verifier.rules.standing.stops import notice_of
from verifier.statements.sections import ApprovalTerms, Exclusive, Section, Terms
from verifier.statements.types import Approval, Consent, Key, Resumption, Revocation, Suspension

S = TypeVar("S", Revocation, Suspension, Resumption, Approval)


def is_stop(entry: Entry) -> bool:
    """Whether an entry only stops something: it is never refused for its number."""
    statement = entry.statement
    if isinstance(statement, Key):
        return statement.keys is None and statement.add is None and statement.recovery is None
    if isinstance(statement, Approval):
        return statement.decision == "reject"
    return isinstance(statement, Revocation | Suspension)


def changes_nothing(context: Context, entry: Entry, sections: Mapping[str, Section]) -> bool:
    """Whether a stop (:func:`is_stop`) surely leaves everything as it is; ``sections`` are its own."""
    if holds(entry, Revocation):
        return _revokes_again(context, entry)
    if holds(entry, Suspension):
        return _suspends_again(context, entry)
    if holds(entry, Approval):
        return all(_rejects_again(context, entry, sections, asset) for asset in entry.statement.assets)
    assert holds(entry, Key)
    state = key_state(context, entry.statement.parties.author or "", entry.index)
    return not state.unknown and state.live.isdisjoint(entry.statement.retire or ())


def _revokes_again(context: Context, entry: Entry[Revocation]) -> bool:
    kind, target = entry.statement.target
    waits = _waits(context, entry)
    if not waits:
        return True  # of an exclusivity that cannot be released
    side = licensee_signed(context, entry)
    if side is None or side[0]:
        waits = (0,)  # the licensee's own word needs no notice
    for earlier in _below(context, f"{kind}:{target}", entry, Revocation):
        is_like = earlier.statement.target == (kind, target) and earlier.statement.part == entry.statement.part
        if is_like and licensee_signed(context, earlier) == side and _no_later(earlier, entry, waits):
            return True
    return False


def _waits(context: Context, entry: Entry[Revocation]) -> Sequence[int]:
    """Seconds after its logged time from which it counts, by each section that says so (T7); none: it never does."""
    kind, target = entry.statement.target
    consent, _ = context.named(f"consent:{target}", target, entry.index) if kind == "consent" else (None, None)
    if not holds(consent, Consent):
        return (0,)
    scope = context.section(consent, "exclusive") if "exclusive" in consent.statement.sections else None
    if entry.statement.part is not None:
        if scope is None:
            return ()
        return (0,) if not isinstance(scope, Exclusive) else () if scope.release is None else (scope.release,)
    terms = context.section(consent, "terms")
    if not isinstance(terms, Terms) or consent.statement.follows is not None:
        return (0,)  # of one that follows another the notice of that one counts for its uses (A5)
    return (notice_of(context, terms), *([notice_of(context, scope)] if isinstance(scope, Exclusive) else ()))


def _suspends_again(context: Context, entry: Entry[Suspension]) -> bool:
    subject = f"consent:{entry.statement.consent}"
    side = model_side(context, entry)
    lifted = [one.index for one in _below(context, subject, entry, Resumption) if model_side(context, one) == side]
    since = max(lifted, default=-1)
    return any(
        earlier.index > since and model_side(context, earlier) == side and _no_later(earlier, entry, (0,))
        for earlier in _below(context, subject, entry, Suspension)
    )


def _no_later(
    earlier: Entry[Revocation] | Entry[Suspension], entry: Entry[Revocation] | Entry[Suspension], waits: Sequence[int]
) -> bool:
    """Whether the earlier one counts from no later than this one, however long each has to wait."""
    return all(
        max(earlier.statement.effective, earlier.logged + wait) <= max(entry.statement.effective, entry.logged + wait)
        for wait in waits
    )


def _rejects_again(
    context: Context, entry: Entry[Approval], sections: Mapping[str, Section], asset: str
) -> bool:
    """Whether since the last approval of the file the same hand rejected it for all that this one does."""
    limits = sections.get("terms") if "terms" in entry.statement.sections else ApprovalTerms()
    if not isinstance(limits, ApprovalTerms):
        return False
    rejected = False
    for earlier in _below(context, f"approval:{entry.statement.consent}.{asset}", entry, Approval):
        if earlier.statement.decision == "approve":
            rejected = False
        elif (earlier.statement.under is None) == (entry.statement.under is None):
            said = context.section(earlier, "terms") if "terms" in earlier.statement.sections else ApprovalTerms()
            rejected = rejected or said in (ApprovalTerms(), limits)
    return rejected


def _below(context: Context, subject: str, entry: Entry, kind: type[S]) -> Iterator[Entry[S]]:
    """The good entries of a type in a list, below this one."""
    for one, judgement in context.listed(subject, kind) or ():
        if one.index < entry.index and judgement.standing is Standing.GOOD:
            yield one
