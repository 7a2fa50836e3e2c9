"""Whose key one is: the party for which it is live at the newest seal, or why it is none's any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from registry.log.record import LogRecord
from verifier.base.recent import Recent
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import KEY_HISTORIES, KeyHistory, KeyState, key_state, named_keys, registry_state
from verifier.statements.types import Genesis, Key, Party, Registry

KNOWN = 65_536
"""Keys whose party is remembered (up to twice as many)."""

KEPT_HISTORIES = 16_384
"""Parties whose keys are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """``party`` has the key, or had it; ``refusal`` is a sentence without its full stop, empty where it is live."""

    party: str = ""
    is_registrar: bool = False
    refusal: str = ""


class Holders:
    """For any number of threads. ``record`` gives the log up to its newest seal, ``span`` the entries of the batch in
    which a key became known: (first, end), or None if it never was.
    """

    def __init__(self, record: Callable[[], LogRecord], span: Callable[[bytes], tuple[int, int] | None]) -> None:
        self._record = record
        self._span = span
        self._lock = threading.Lock()
        self._histories: dict[str, KeyHistory] = {}
        self._parties: Recent[str, str] = Recent(KNOWN)

    def of(self, key: str) -> Holder:
        """Who holds a key (64 hex digits) now."""
        span = self._span(bytes.fromhex(key))
        if span is None:
            return Holder(refusal="no statement in this log names the key that signed")
        with self._lock:
            record = self._record()
            party = self._parties.get(key)
            if party is None:
                party = _party_of(record, key, *span)
                if record.size >= span[1] - 1:  # else what names it is not published yet
                    self._parties.put(key, party)
            context = JudgedContext(record, instant=0, as_of=0)
            if len(self._histories) > KEPT_HISTORIES:
                self._histories.clear()
            context.memo.lend(KEY_HISTORIES, self._histories)
            if not party:
                registry = registry_state(context, record.size + 1)
                if registry is not None and key in registry.registrars:
                    return Holder(is_registrar=True)
                return Holder(refusal="the key that signed is no party's: log, recovery and witness keys ask nothing")
            state = key_state(context, party, record.size + 1)
        return Holder(party=party, refusal=_refusal(record, party, key, state))

    def forget(self) -> None:
        """Start over: something was taken back."""
        with self._lock:
            self._histories = {}
            self._parties = Recent(KNOWN)


def _party_of(record: LogRecord, key: str, first: int, end: int) -> str:
    """The party that an entry from ``first`` to ``end`` gives the key to; "" where none does."""
    for index in range(first, min(end, record.size)):
        entry = record.entry(index)
        if entry is None or isinstance(entry.statement, Genesis | Registry):
            continue
        statement = entry.statement
        if isinstance(statement, Party) and key in (statement.keys or ()):
            return statement.id
        if isinstance(statement, Key) and key in named_keys(statement, "add", "keys"):
            return statement.parties.author or ""
    return ""


def _refusal(record: LogRecord, party: str, key: str, state: KeyState) -> str:
    """Why a key is not live for the party whose it is or was; "" if it is."""
    if key in state.live:
        return ""
    index = state.retirements.get(key)
    if index is None or not state.is_retired(key):
        return f"the key that signed never became live for party {party}"
    entry = record.entry(index)
    assert entry is not None
    return f"the key that signed was retired for party {party} by key statement {entry.statement.id}, entry {index}"
