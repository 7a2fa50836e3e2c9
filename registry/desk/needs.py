"""Whose signature a draft needs, as the rules say it over the log of now (A1, read off ``statements/kinds.py``)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from registry.desk.pending import DeskRefusal, PendingDraft
from registry.log.record import LogRecord
from verifier.rules.model.record import Entry
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.signers import signer_groups
from verifier.statements.kinds import SignedBy, kind_of
from verifier.statements.types import Statement

Groups = Sequence[Collection[str]]
"""Party ids: of each group one signs."""


def groups_of(record: LogRecord, statement: Statement, at: int, keys: Iterable[str]) -> Groups:
    """Who must sign a statement that would be logged at ``at`` (POSIX seconds); ``keys`` (hex) have signed so far."""
    entry = Entry(index=record.size + 1, logged=at, statement=statement, signers=frozenset(keys))
    groups = signer_groups(JudgedContext(record, instant=at, as_of=at), entry)
    if groups is None:
        raise DeskRefusal("refused", "whose signature it needs cannot be told: what it stands on is not in the log")
    return [[one.party for one in group] for group in groups]


def check_kind(statement: Statement) -> None:
    """Raises :class:`DeskRefusal` for what is not signed by parties with their live keys."""
    if not isinstance(kind_of(statement).signed, SignedBy):
        detail = f"a {statement.type} is signed with keys that it names itself: pass its file on instead"
        raise DeskRefusal("bad_request", detail, "submission.envelope.payload.type")


def is_complete(groups: Groups, signed: Collection[str]) -> bool:
    """Whether of each group somebody has signed."""
    return all(any(party in signed for party in group) for group in groups)


def is_hopeless(draft: PendingDraft, groups: Groups) -> bool:
    """Whether there is a group of which everybody has declined."""
    return any(all(draft.mark(party).declined is not None for party in group) for group in groups)


def has_turn(draft: PendingDraft, groups: Groups, signed: Collection[str], party: str) -> bool:
    """Whether a party is asked now: she is in a group, and all groups of earlier turns have signed."""
    if not any(party in group for group in groups):
        return False
    turn = draft.turn(party)
    earlier = [group for group in groups if max(map(draft.turn, group)) < turn]
    return is_complete(earlier, signed)
