"""Who has signed a file and who is missing, by role, as far as the file and the public log tell."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from registry.client import Client
from registry.commands.connecting import look_up
from registry.commands.targets import is_address, live_guardian, registrars_of
from registry.drafting.drafts.signers import Need, Signatory, needed
from verifier.base.values import replace
from verifier.log.note import parse_vkey
from verifier.rules.standing.keys import KeyState, changed
from verifier.statements.kinds import SignedInForms, kind_of
from verifier.statements.types import Genesis, Key, Mandate, Party, Registry, Statement
from verifier.words.catalogue import Catalogue


class PublicKeys:
    """Which keys are live for whom, as the registry's public log says it; no proof is checked (a dry run judges)."""

    def __init__(self, client: Client, registry: str, now: int) -> None:
        self._client = client
        self._registry = registry
        self._now = now
        self.keys_of = cache(self._keys_of)
        self.guardian_of = cache(self._guardian_of)

    @classmethod
    def now(cls, client: Client, registry: str) -> PublicKeys:
        """By this machine's clock."""
        return cls(client, registry, int(time.time()))

    def has_keys(self, party: str) -> bool:
        return bool(self.keys_of(party))

    def agency_of(self, mandate: str) -> str | None:
        for statement in self._listed(f"mandate:{mandate}"):
            if isinstance(statement, Mandate) and statement.id == mandate:
                return statement.parties.agency
        return None

    def of_registry(self) -> frozenset[str]:
        """The registry's own key."""
        vkeys = [one.log for one in self._listed(f"registry:{self._registry}")
                 if isinstance(one, Genesis | Registry) and one.log is not None]  # fmt: skip
        return frozenset(parse_vkey(one).key.hex() for one in vkeys[-1:])

    def of_registrars(self) -> frozenset[str]:
        return frozenset(registrars_of(self._listed(f"registry:{self._registry}")))

    def _keys_of(self, party: str) -> frozenset[str]:
        state = KeyState()
        for index, _ in self._client.subject(f"keys:{party}"):
            statement = self._client.statement(index)
            if isinstance(statement, Party) and statement.id == party:
                state = replace(state, live=frozenset(statement.keys or ()))
            elif isinstance(statement, Key) and statement.parties.author == party:
                state = changed(state, statement, index)
        return state.live

    def _guardian_of(self, party: str) -> str | None:
        return live_guardian(self._client, party, self._now)

    def _listed(self, subject: str) -> Iterator[Statement]:
        return (self._client.statement(index) for index, _ in self._client.subject(subject))


@contextmanager
def known_at(statement: Statement, where: str | None) -> Iterator[PublicKeys | None]:
    """What the public log says of keys, where the registry's address is given."""
    if not is_address(where) or statement.registry is None:
        yield None
        return
    assert where is not None
    with look_up(where) as client:
        yield PublicKeys.now(client, statement.registry)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningState:
    """One need: ``signed`` are the keys in the file that sign for it. ``done`` None: the file alone does not tell."""

    need: Need
    signed: tuple[str, ...]
    done: bool | None


def signing_states(
    statement: Statement, signed: Sequence[str], known: PublicKeys | None, words: Catalogue
) -> list[SigningState]:
    """Each need in turn, by the keys that the statement names and, with ``known``, by those that are live."""
    found = []
    for need in needed(statement, known, words):
        keys = _keys(need, known)
        own = tuple(key for key in signed if keys is not None and key in keys)
        done = None if keys is None else _done(need, frozenset(signed), known) if need.sides else bool(own)
        found.append(SigningState(need=need, signed=own, done=done))
    return found


def not_asked_for(statement: Statement, signed: Sequence[str], known: PublicKeys | None) -> list[str]:
    """Those of the keys whose signature nobody asked for: the last of them where the file tells only how many are.

    Empty where that cannot be told at all.
    """
    needs = needed(statement, known)
    if isinstance(kind_of(statement).signed, SignedInForms):
        return []
    allowed = [_keys(need, known) for need in needs]
    named = {key for keys in allowed if keys is not None for key in keys}
    others = [key for key in signed if key not in named]
    room = sum(_signers(need) for need, keys in zip(needs, allowed, strict=True) if keys is None)
    return others[room:]


def _keys(need: Need, known: PublicKeys | None) -> frozenset[str] | None:
    """The keys that can meet a need; None where that is not known."""
    if need.key is not None:
        return frozenset({need.key})
    if known is None:
        return None
    if need.office is not None:
        return known.of_registrars() if need.office == "registrar" else known.of_registry()
    parties = [one.party for one in _signatories(need)]
    return frozenset(key for party in parties if party is not None for key in known.keys_of(party))


def _done(need: Need, signed: frozenset[str], known: PublicKeys | None) -> bool:
    assert known is not None

    def has_signed(one: Signatory) -> bool:
        return one.party is not None and bool(known.keys_of(one.party) & signed)

    return any(all(any(map(has_signed, group)) for group in side) for side in need.sides)


def _signatories(need: Need) -> list[Signatory]:
    return [one for side in need.sides for group in side for one in group]


def _signers(need: Need) -> int:
    """How many may sign for a need: of somebody who may be a ward, her guardian too."""
    return sum(2 if one.ward else 1 for one in _signatories(need)) or 1
