"""Who cosigns: a witness or auditor joins or leaves a registry's trust policy, and the quorum never falls unnoticed.

A quorum falls where fewer cosignatures meet it than before, or fewer of auditors among them. What was written by hand,
with groups of groups, is left to hands: only the two forms that ``registry init`` makes are made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from registry.config import ConfigError, policy_of
from verifier.log.note import Verifier
from verifier.log.trust import AUDITOR_SUFFIX, Policy, Witness


class QuorumFalls(ConfigError):
    """A change would lower the quorum, and nobody said that it may; ``before`` and ``after`` are what it asks for."""

    def __init__(self, before: AskedFor, after: AskedFor) -> None:
        super().__init__(f"the quorum would fall from {before} to {after}")
        self.before, self.after = before, after


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The fewest cosignatures that meet a quorum, and the fewest of auditors that any of those who meet it hold."""

    cosignatures: int
    auditors: int

    def __str__(self) -> str:
        return f"{self.cosignatures}, of auditors {self.auditors}"

    def is_below(self, other: AskedFor) -> bool:
        """Whether less is asked for here, in either number."""
        return self.cosignatures < other.cosignatures or self.auditors < other.auditors


def asked_for(policy: Policy) -> AskedFor:
    """What the policy's quorum asks for at least; zeros for ``quorum none``."""
    return AskedFor(_fewest(policy, lambda one: True), _fewest(policy, is_auditor))


def is_auditor(witness: Witness) -> bool:
    """Whether it is an auditor: the key's own name says so."""
    return witness.verifier.name.endswith(AUDITOR_SUFFIX)


def joined(policy: Policy, verifier: Verifier, url: str, quorum: int | None, *, may_fall: bool = False) -> Policy:
    """The policy with one more, asked at ``url``; one that is there already gets this URL.

    ``quorum`` is how many of all, from now on; left out it stays as it was made: so many, or most of each kind.
    """
    known = next((one for one in policy.witnesses if one.verifier == verifier), None)
    if known is not None:
        moved = Witness(name=known.name, verifier=verifier, url=url)
        members = [moved if witness is known else witness for witness in policy.witnesses]
        return _made(policy, members, quorum, may_fall)
    kind = "auditor" if verifier.name.endswith(AUDITOR_SUFFIX) else "witness"
    taken = {*(one.name for one in policy.witnesses), *(one.name for one in policy.groups)}
    name = next(name for number in range(1, len(taken) + 2) if (name := f"{kind}{number}") not in taken)
    return _made(policy, [*policy.witnesses, Witness(name=name, verifier=verifier, url=url)], quorum, may_fall)


def left(policy: Policy, who: str, quorum: int | None, *, may_fall: bool = False) -> Policy:
    """The policy without one, by its name in the policy, its key's name or its vkey."""
    going = [one for one in policy.witnesses if who in (one.name, one.verifier.name, str(one.verifier))]
    if len(going) != 1:
        names = ", ".join(one.name for one in policy.witnesses) or "none"
        raise ConfigError(f"the policy has no one witness {who[:200]!r}; it has: {names}")
    return _made(policy, [one for one in policy.witnesses if one not in going], quorum, may_fall)


def _made(policy: Policy, members: list[Witness], quorum: int | None, may_fall: bool) -> Policy:
    kept = _number(policy)
    if quorum is None and members:
        quorum = kept if kept is None else min(kept, len(members))
    made = policy_of(policy.logs, members, quorum)
    before, after = asked_for(policy), asked_for(made)
    if after.is_below(before) and not may_fall:
        raise QuorumFalls(before, after)
    return made


def _number(policy: Policy) -> int | None:
    """``quorum`` as the policy was made with it; None for most of each kind."""
    if policy.groups == policy_of(policy.logs, policy.witnesses).groups and _is_whole(policy):
        return None
    match policy.groups:
        case [group] if policy == policy_of(policy.logs, policy.witnesses, group.threshold):
            return group.threshold
    raise ConfigError(
        "the policy's groups are written by hand: change trust.policy by hand too; a running registry takes it up"
    )


def _is_whole(policy: Policy) -> bool:
    return policy.quorum == (policy.groups[-1].name if policy.groups else None)


def _fewest(policy: Policy, counts: Callable[[Witness], bool]) -> int:
    """The fewest of those that count in any set that meets the quorum. Each name is in one group, so sums are exact."""
    if policy.quorum is None:
        return 0
    least = {witness.name: int(counts(witness)) for witness in policy.witnesses}
    for group in policy.groups:
        least[group.name] = sum(sorted(least[name] for name in group.members)[: group.threshold])
    return least[policy.quorum]
