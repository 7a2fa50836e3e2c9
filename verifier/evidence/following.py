"""A log's new key, and when a reader's policy may follow it (protocol, section 7.4).

Whoever has stolen a log's key can give the log another one, in a statement that everybody sees. So a policy follows
only under a checkpoint that this reader's own quorum cosigned, and only a while after the change was logged.
"""

from __future__ import annotations

from verifier.base.errors import KembarError
from verifier.base.limits import FOLLOW_AFTER
from verifier.base.values import value
from verifier.evidence.verify import Opened
from verifier.log.note import Verifier, parse_vkey
from verifier.log.trust import Policy, parse_policy
from verifier.rules.model.context import Context
from verifier.rules.standing.keys import registry_state
from verifier.statements.types import Registry


class MayNotFollow(KembarError):
    """The policy may not follow this key, or not yet."""


@value
class NewLogKey:
    """A key in force that a policy does not name. ``index`` and ``logged`` (POSIX seconds) are of the statement that
    gave it; ``may_follow``: the reader's quorum has cosigned it, late enough. ``by_hand``: her policy asks for none."""

    key: Verifier
    index: int
    logged: int
    follow_from: int
    may_follow: bool
    by_hand: bool


def new_log_key(opened: Opened, policy: Policy) -> NewLogKey | None:
    """The log's key in force as evidence shows it, where the policy that the evidence passed under does not name it."""
    return new_key_in(opened.context, opened.size, opened.facts.as_of, policy)


def new_key_in(context: Context, size: int, as_of: int, policy: Policy) -> NewLogKey | None:
    """The same of a whole log of ``size`` entries, or of what evidence shows of it: ``as_of`` is the time of the quorum
    that met ``policy`` (POSIX seconds)."""
    state = registry_state(context, size)
    if state is None:
        return None
    key = parse_vkey(state.log)
    if key in policy.log(key.name):
        return None
    record = context.record
    given = [
        entry
        for index in record.rows(f"registry:{record.genesis}") or ()
        if (entry := record.entry(index)) is not None
        and isinstance(entry.statement, Registry)
        and entry.statement.log == state.log
    ]
    if not given:
        return None
    first = given[-1]
    by_hand = policy.quorum is None
    follow_from = first.logged + FOLLOW_AFTER
    return NewLogKey(
        key=key,
        index=first.index,
        logged=first.logged,
        follow_from=follow_from,
        may_follow=not by_hand and as_of >= follow_from,
        by_hand=by_hand,
    )


def followed(text: bytes, new: NewLogKey) -> bytes:
    """A policy's text with one line more, for the new key; all else stays as its reader wrote it, the earlier key too.

    Raises :class:`MayNotFollow` where the law forbids it, Malformed where the policy has no room.
    """
    if not new.may_follow:
        raise MayNotFollow("a new log key is followed under a checkpoint of the policy's own quorum, after 7 days")
    earlier = [one for one in parse_policy(text).logs if one.verifier.name == new.key.name]
    line = " ".join(filter(None, ("log", str(new.key), earlier[0].url if earlier else None)))
    more = text + (b"" if text.endswith(b"\n") or not text else b"\n") + line.encode() + b"\n"
    parse_policy(more)
    return more
