"""Which keys are live for a party, and who is her guardian: folded from ``keys:<party>`` (protocol, section 4.1)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter

from verifier.base.values import field, replace, value
from verifier.rules.model.context import Context, Kept, Standing
from verifier.rules.model.record import Entry, entries_at, holds
from verifier.statements.types import Genesis, Guardian, Key, Party, Recovery, Registry, Statement


@value
class KeyState:
    """A party's keys as they stand before some index.

    ``unknown``: the list is not shown, or an entry in it is doubtful, so that nothing can be built on the rest; where
    that is a ``guardian`` statement the keys can, and the guardian alone is ``guardian_unknown``.
    ``enrolled`` is the party's own entry. ``retirements`` maps keys to the index that retired them; all states of a
    party share it, and to this one only those count that are not above ``last``.
    """

    unknown: bool = False
    guardian_unknown: bool = False
    enrolled: Entry[Party] | None = None
    live: frozenset[str] = frozenset()
    retirements: dict[str, int] = field(default_factory=dict, hash=False)
    last: int = -1
    recovery: Recovery | None = None
    had_key: bool = False
    guardian: str | None = None
    guardian_until: int = 0

    def guardian_at(self, logged: int) -> str | None:
        """The guardian who is live for an entry logged at ``logged``."""
        return self.guardian if logged < self.guardian_until else None

    def is_retired(self, key: str) -> bool:
        """Whether a key can never be live again."""
        return self.retirements.get(key, self.last + 1) <= self.last


UNKNOWN_KEYS = KeyState(unknown=True, guardian_unknown=True)


@value(frozen=False, kw_only=False)
class KeyHistory:
    """What was read of a party's list: (index, state from there on), rising; and below the index ``looked``, the
    ``guardians`` that it names, in the order in which it does.

    It rests on lower indices alone, so whoever grows a log may keep it from one contract to the next (``memo.lend``),
    as long as nothing is taken back."""

    states: list[tuple[int, KeyState]] = field(default_factory=lambda: [(-1, KeyState())])
    guardians: dict[str, None] = field(default_factory=dict)
    looked: int = 0


KEY_HISTORIES: Kept[str, KeyHistory] = Kept()
"""By party; each grows as far as anybody asked."""


def key_state(context: Context, party: str, before: int) -> KeyState:
    """The party's keys and guardian as an entry at index ``before`` finds them."""
    rows = context.record.rows(f"keys:{party}")
    if rows is None:
        return UNKNOWN_KEYS
    states = context.memo.recall(KEY_HISTORIES, party, KeyHistory).states
    last, state = states[-1]
    fresh = rows[bisect_right(rows, last) : bisect_left(rows, before)]
    if fresh:
        _guardians_first(context, party, before)
    # The history grows one row at a time, so that judging a row finds the rows below it already there.
    for entry in entries_at(context.record, fresh):
        state = _after(context, state, entry, party)
        if states[-1][0] < entry.index:
            states.append((entry.index, state))
    return states[bisect_left(states, before, key=itemgetter(0)) - 1][1]


def _guardians_first(context: Context, party: str, before: int) -> None:
    """Judge all that a chain of guardians turns on in log order: however long the chain, no judgement recurses far."""
    if context.memo.in_order:
        return
    parties, seen = [party], {party}
    found: dict[int, Entry] = {}
    for ward in parties:
        history = context.memo.recall(KEY_HISTORIES, ward, KeyHistory)
        rows = context.record.rows(f"keys:{ward}") or ()
        for entry in entries_at(context.record, rows[bisect_left(rows, history.looked) : bisect_left(rows, before)]):
            found[entry.index] = entry
            if entry.statement.parties.guardian is not None:
                history.guardians[entry.statement.parties.guardian] = None
        history.looked = max(history.looked, before)
        parties.extend(guardian for guardian in history.guardians if guardian not in seen)
        seen.update(history.guardians)
    if len(parties) == 1:
        return
    context.memo.in_order = True
    try:
        for index in sorted(found):
            context.standing(found[index])
    finally:
        context.memo.in_order = False


def _after(context: Context, state: KeyState, entry: Entry, party: str) -> KeyState:
    """The state once an entry of the list has taken effect; a void one changes nothing."""
    standing = context.standing(entry).standing
    if standing is Standing.VOID:
        return state
    statement = entry.statement
    if standing is Standing.DOUBTFUL:
        return replace(state, **{"guardian_unknown" if isinstance(statement, Guardian) else "unknown": True})
    if holds(entry, Party) and statement.id == party:
        keys = frozenset(entry.statement.keys or ())
        return replace(
            state, enrolled=entry, live=keys, recovery=entry.statement.recovery, had_key=state.had_key or bool(keys)
        )
    if isinstance(statement, Guardian) and statement.parties.model == party:
        return replace(state, guardian=statement.parties.guardian, guardian_until=statement.until)
    if isinstance(statement, Key) and statement.parties.author == party:
        return changed(state, statement, entry.index)
    return state


def becoming(state: KeyState, statement: Key) -> frozenset[str]:
    """The keys that a ``key`` statement makes live: each of them must sign it."""
    wanted = set(statement.keys or statement.add or ()) - state.live - set(statement.retire or ())
    return frozenset(key for key in wanted if not state.is_retired(key))


def changed(state: KeyState, statement: Key, index: int) -> KeyState:
    """The state after a good ``key`` statement at ``index``."""
    new = becoming(state, statement)
    if statement.keys is not None:
        live = (state.live & frozenset(statement.keys)) | new
        gone = state.live - live
    else:
        gone = frozenset(statement.retire or ())
        live = (state.live | new) - gone
    for key in gone:
        state.retirements.setdefault(key, index)
    return replace(
        state,
        live=live,
        last=index,
        recovery=statement.recovery or state.recovery,
        had_key=state.had_key or bool(live),
    )


@value
class RegistryState:
    """The registry's own key and registrars as they stand before some index, and the rule set."""

    registrars: frozenset[str]
    rules: int
    log: str

    @property
    def key(self) -> str:
        """The key (hex) in ``log``."""
        return vkey_key(self.log)


REGISTRY_STATES: Kept[str, list[tuple[int, RegistryState]]] = Kept()
"""By genesis: (index, state from there on), rising; it grows as far as anybody asked."""


def registry_state(context: Context, before: int) -> RegistryState | None:
    """What ``genesis`` and the good ``registry`` statements say; ``None`` where their list is not shown."""
    genesis = context.record.genesis
    rows = context.record.rows(f"registry:{genesis}")
    if rows is None:
        return None
    history: list[tuple[int, RegistryState]] = context.memo.recall(REGISTRY_STATES, genesis, list)
    last = history[-1][0] if history else -1
    for entry in entries_at(context.record, rows[bisect_right(rows, last) : bisect_left(rows, before)]):
        statement = entry.statement
        state = history[-1][1] if history else None
        if isinstance(statement, Genesis) and state is None:
            state = RegistryState(
                registrars=frozenset(statement.registrars), rules=statement.rules, log=statement.log
            )
            history.append((entry.index, state))
        elif isinstance(statement, Registry) and state is not None:
            if context.standing(entry).standing is Standing.GOOD:
                state = RegistryState(
                    registrars=frozenset(statement.registrars or state.registrars),
                    rules=statement.rules or state.rules,
                    log=statement.log or state.log,
                )
            if history[-1][0] < entry.index:
                history.append((entry.index, state))
    place = bisect_left(history, before, key=itemgetter(0))
    return history[place - 1][1] if place else None


def vkey_key(vkey: str) -> str:
    """The Ed25519 key (hex) inside a log's vkey, which is the registry key (protocol, section 4)."""
    from verifier.log.note import parse_vkey

    return parse_vkey(vkey).key.hex()


def named_keys(statement: Statement, *members: str) -> frozenset[str]:
    """The keys (hex) in those of the members that a statement has."""
    keys: set[str] = set()
    for member in members:
        value = getattr(statement, member, None)
        if isinstance(value, str):
            keys.add(vkey_key(value))
        elif value is not None:
            keys.update(value.keys if isinstance(value, Recovery) else value)
    return frozenset(keys)
