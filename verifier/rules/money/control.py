"""Who is controlled by whom: a registrar vouches for each party's ``controller`` at enrolment (rule M7)."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.values import value
from verifier.rules.model.context import Context, Kept, Standing


@value(kw_only=False)
class Chain:
    """A party, its controller, that one's controller and so on; ``complete`` if it is shown to the end."""

    parties: frozenset[str]
    complete: bool


CHAINS: Kept[str, Chain] = Kept()
"""By party."""


def chain(context: Context, party: str) -> Chain:
    """The chain from a party upward, read from ``keys:<party>``, which holds its enrolment."""
    return context.memo.recall(CHAINS, party, lambda: _chain(context, party))


def _chain(context: Context, party: str) -> Chain:
    parties: set[str] = set()
    above: str | None = party
    while above is not None and above not in parties:
        parties.add(above)
        entry, judgement = context.named(f"keys:{above}", above)
        if judgement.standing is Standing.DOUBTFUL:
            return Chain(frozenset(parties), complete=False)
        above = entry.statement.parties.controller if entry and judgement.standing is Standing.GOOD else None
    return Chain(frozenset(parties), complete=True)


def together(context: Context, party: str, others: Iterable[str]) -> bool | None:
    """Whether ``party`` is one of the others or shares a controller, upward, with one; ``None``: cannot be told."""
    own = chain(context, party)
    chains = [chain(context, other) for other in others]
    if any(own.parties & other.parties for other in chains):
        return True
    return False if own.complete and all(other.complete for other in chains) else None
