"""What one reader may read of the log, as it stands at one seal: the table, asked of statements."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from registry.readers.reader import Reader
from registry.readers.who_reads import MANDATED, SIGNER, SUBLICENSEES, TABLE, Column, Moment, column
from verifier.base.recent import Recent
from verifier.rules.model.calendar import add_months
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, Record, holds
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import key_state
from verifier.rules.standing.power import LONGEST_MANDATE
from verifier.rules.standing.stops import stops_of
from verifier.statements.kinds import signing_roles
from verifier.statements.sections import Name, Section, Terms
from verifier.statements.types import (
    SECTION_NAMES,
    Consent,
    Dispute,
    Guardian,
    Key,
    Mandate,
    Party,
    Revocation,
    Statement,
    Usage,
)

KNOWN = 1_024
"""Parties whose contracts are remembered (up to twice as many)."""
ASKED = 100
"""Contracts whose lists are asked at a time for what hangs on them: a question may look at so many lists only."""
_WARDS = ("model", "payer", "payee", "author")
"""Roles in which a ward's guardian signs for her."""


def mandate_end(mandate: Mandate) -> int:
    """When a mandate ends by itself (POSIX seconds, rule A2)."""
    return min(mandate.ends, add_months(mandate.starts, LONGEST_MANDATE))


class Contracts:
    """What a party has agreed to, or uses under others' consents: of a list that only grows, read once.

    For any number of threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: Recent[str, tuple[int, list[int], dict[str, None]]] = Recent(KNOWN)

    def of(self, record: Record, party: str) -> Iterator[Entry]:
        """The consents, mandates and guardian statements that name her, in log order, good or not."""
        for index in self._read(record, party)[0]:
            entry = record.entry(index)
            if entry is not None:
                yield entry

    def used(self, record: Record, party: str) -> Iterator[Entry[Consent]]:
        """The consents under which she declared a use as a sub-licensee. They name her in none of their roles."""
        for id in self._read(record, party)[1]:
            for index in record.find(id):
                entry = record.entry(index)
                if holds(entry, Consent):
                    yield entry

    def _read(self, record: Record, party: str) -> tuple[Sequence[int], Iterable[str]]:
        """What hangs on a consent that was found is told by its lists, and not read: it is thousands, and no contract.
        """
        rows = record.rows(f"party:{party}") or ()
        with self._lock:
            read, found, used = self._known.get(party) or (0, [], {})
            if len(rows) <= read:  # or fewer, where it is looked at as of an earlier seal
                return found, used
            found, used, passed, asked = [*found], {**used}, set[int](), 0
            for index in rows[read:]:
                entry = None if index in passed else record.entry(index)
                if entry is None:
                    continue
                if isinstance(entry.statement, Consent | Mandate | Guardian):
                    found.append(index)
                    consent = entry.statement.id
                elif holds(entry, Usage) and entry.statement.parties.sublicensee == party:
                    consent = entry.statement.consent
                    used[consent] = None
                else:
                    continue
                if asked < ASKED:
                    asked += 1
                    passed.update(*(record.rows(f"{kind}:{consent}") or () for kind in ("account", "uses")))
            self._known.put(party, (len(rows), found, used))
        return found, used


class Rights:
    """For one request: it remembers what it worked out. ``record`` shows all, ``now`` is in POSIX seconds.

    ``only``: no more than these sections, as the reader asked; ``granted`` are the rights of those who let her read
    theirs, each with the sections that the grant names.
    """

    def __init__(
        self,
        record: Record,
        reader: Reader,
        now: int,
        contracts: Contracts,
        *,
        only: frozenset[str] = frozenset(SECTION_NAMES),
        granted: Sequence[Rights] = (),
    ) -> None:
        self.reader = reader
        self._record = record
        self._now = now
        self._contracts = contracts
        self._only = only
        self._granted = granted
        self._context = JudgedContext(record, instant=now, as_of=now)
        self._said: dict[tuple[str, str], bool] = {}
        self._acting: dict[str, bool] = {}
        self._mandates: list[tuple[Entry[Mandate], bool]] | None = None
        self._exclusive: dict[str, int | None] = {}

    def may_see(self, statement: Statement, section: str) -> bool:
        """Whether this reader gets a section (by its name) of a statement."""
        if section not in self._only or (self.reader.is_stranger and section != "name"):
            return False
        key = (statement.id, section)
        said = self._said.get(key)
        if said is None:
            said = self._said[key] = self._sees(statement, column(statement, section)) or any(
                one.may_see(statement, section) for one in self._granted
            )
        return said

    def is_party(self, statement: Statement) -> bool:
        """Whether rule reports about a statement are this reader's: she is its licensee, agency or model, or signs it,
        or the model's guardian or an agency under mandate."""
        roles = {role for role, _ in self._roles(statement)}
        if isinstance(statement, Consent) and statement.act == "use":
            return bool(roles & {"model", "licensee", "agency", MANDATED})
        return bool(roles - {SUBLICENSEES, "controller", SIGNER}) or (
            isinstance(statement, Party) and (self.reader.is_registrar or self.acts_for(statement.id))
        )

    def acts_for(self, party: str | None) -> bool:
        """Whether the reader is this party, or her guardian now."""
        if party is None or not self.reader.party:
            return False
        if party == self.reader.party:
            return True
        found = self._acting.get(party)
        if found is None:
            state = key_state(self._context, party, self._record.size + 1)
            found = self._acting[party] = state.guardian_at(self._now) == self.reader.party
        return found

    def is_model_side(self, model: str) -> bool:
        """Whether the reader is a model, her guardian now, or an agency with a mandate of hers that is in force."""
        return self.acts_for(model) or any(one.statement.parties.model == model for one in self._in_force())

    def models(self) -> frozenset[str]:
        """The models of the reader's mandates that are in force."""
        return frozenset(model for one in self._in_force() if (model := one.statement.parties.model) is not None)

    def acting_for(self) -> frozenset[str]:
        """All for whom the reader acts now: herself, her wards, the models of her mandates."""
        if not self.reader.party:
            return frozenset()
        named = self._contracts.of(self._record, self.reader.party)
        wards = {one.statement.parties.model for one in named if holds(one, Guardian)}
        return self.models() | {self.reader.party, *(one for one in wards if one is not None and self.acts_for(one))}

    # ---- the table

    def _sees(self, statement: Statement, what: Column) -> bool:
        if what is Column.PERSON:
            return self.reader.is_registrar or self.acts_for(statement.id)
        if what is Column.NAME:
            return self._name(statement)
        for role, mandate in self._roles(statement):
            moment = TABLE[role].get(what)
            if moment is not None and self._holds(moment, statement, mandate):
                return True
        return what is Column.EXCLUSIVE and isinstance(statement, Consent) and self._others_exclusive(statement)

    def _roles(self, statement: Statement) -> Iterator[tuple[str, Entry[Mandate] | None]]:
        """The rows of the table by which the reader may read a statement."""
        if not self.reader.party:
            return
        for role, party in statement.parties.roles().items():
            if party == self.reader.party or (role in _WARDS and self.acts_for(party)):
                yield role, None
        if any(self.acts_for(party) for party in statement.parties.payees):
            yield "payees", None
        if self._lists(statement):
            yield SUBLICENSEES, None
        for mandate in self._in_force():
            if mandate.statement.parties.model == statement.parties.model and self._has_effect(statement):
                yield MANDATED, mandate
        yield SIGNER, None

    def _holds(self, moment: Moment, statement: Statement, mandate: Entry[Mandate] | None) -> bool:
        parties = statement.parties
        match moment:
            case Moment.ALWAYS | Moment.IN_FORCE:
                return True
            case Moment.SIGNED:
                return self._signed(statement)
            case Moment.OWN_LEG:
                return self.acts_for(parties.payer) or self.acts_for(parties.payee)
            case Moment.CREATE:
                consent = self._consent(statement)
                return consent is not None and consent.statement.act == "create"
            case Moment.DISPUTED:
                id = statement.id if isinstance(statement, Consent) else getattr(statement, "consent", None)
                return any(True for _ in self._context.listed(f"consent:{id}", Dispute) or ())
            case Moment.MAY_APPROVE:
                return mandate is not None and "approve" in mandate.statement.powers
            case Moment.CONSENT_RUNS:
                consent = self._consent(statement)
                own = isinstance(statement, Consent) or self._is_approval(statement)
                return own and consent is not None and (self._runs(consent) or self._used(consent))

    # ---- what the moments turn on

    def _consent(self, statement: Statement) -> Entry[Consent] | None:
        """The consent that a statement is, or stands under."""
        id = statement.id if isinstance(statement, Consent) else getattr(statement, "consent", None)
        for index in self._record.find(id) if isinstance(id, str) else ():
            entry = self._record.entry(index)
            if holds(entry, Consent):
                return entry
        return None

    def _lists(self, statement: Statement) -> bool:
        """Whether the consent that a statement is or stands under lists the reader as a sub-licensee."""
        consent = self._consent(statement)
        return consent is not None and self.reader.party in (consent.statement.sublicensees or ())

    @staticmethod
    def _is_approval(statement: Statement) -> bool:
        return statement.type == "approval"

    def _runs(self, consent: Entry[Consent]) -> bool:
        """Whether a consent has not ended yet: a revocation that has taken effect, a lapse, its term."""
        terms = self._context.section(consent, "terms")
        if not isinstance(terms, Terms) or not self._good(consent) or self._now >= terms.ends + terms.sell_off:
            return False
        stops = stops_of(self._context, consent, terms, onward=True)
        return not any(one.sure and one.start <= self._now for one in (*stops.revocations, *stops.lapses))

    def _used(self, consent: Entry[Consent]) -> bool:
        listed = self._context.listed(f"uses:{consent.statement.id}", Usage) or ()
        return any(self.acts_for(usage.statement.parties.sublicensee) for usage, _ in listed)

    def _signed(self, statement: Statement) -> bool:
        """Whether a key that is or was the reader's is on a statement."""
        state = key_state(self._context, self.reader.party, self._record.size + 1)
        hers = state.live | state.retirements.keys()
        return any(not entry.signers.isdisjoint(hers) for entry in self._entries(statement.id))

    def _in_force(self) -> Iterable[Entry[Mandate]]:
        """The reader's mandates that are in force now."""
        if self._mandates is None:
            self._mandates = []
            for entry in self._contracts.of(self._record, self.reader.party) if self.reader.party else ():
                if holds(entry, Mandate) and entry.statement.parties.agency == self.reader.party and self._lasts(entry):
                    self._mandates.append((entry, True))
        return [entry for entry, _ in self._mandates]

    def _lasts(self, mandate: Entry[Mandate]) -> bool:
        statement = mandate.statement
        if not statement.starts <= self._now < mandate_end(statement) or not self._good(mandate):
            return False
        revoked = self._context.listed(f"mandate:{statement.id}", Revocation) or ()
        return not any(max(one.statement.effective, one.logged) <= self._now for one, _ in revoked)

    def _has_effect(self, statement: Statement) -> bool:
        """Whether it is good, or not logged yet: what is void is read by those alone whom it names."""
        entries = list(self._entries(statement.id))
        return not entries or any(self._good(entry) for entry in entries)

    def _good(self, entry: Entry) -> bool:
        return self._context.standing(entry).standing is Standing.GOOD

    def _entries(self, id: str) -> Iterator[Entry]:
        for index in self._record.find(id):
            entry = self._record.entry(index)
            if entry is not None:
                yield entry

    # ---- names, and others' exclusivity

    def _name(self, statement: Statement) -> bool:
        """The party itself, her guardian, registrars, everybody where it is public, and those who stand with it in a
        good consent, mandate or guardian statement that it, or who signs for it, signed."""
        party = statement.parties.author if isinstance(statement, Key) else statement.id
        if self.reader.is_registrar or self.acts_for(party):
            return True
        for entry in self._entries(statement.id):
            section = self._record.opened(entry, "name")
            if isinstance(section, Name) and section.public:
                return True
        if not self.reader.party:
            return False
        return any(
            party in contract.statement.parties.ids() and self._binds(contract, party) and self._good(contract)
            for contract in self._contracts.of(self._record, self.reader.party)
        )

    @staticmethod
    def _binds(contract: Entry, party: str | None) -> bool:
        """Whether a contract is one that a party signs, by itself or by who signs for it."""
        statement, parties = contract.statement, contract.statement.parties
        if isinstance(statement, Guardian):
            return party in (parties.model, parties.guardian)
        return any(parties.role(one.role) == party for one in signing_roles(statement))

    def _others_exclusive(self, consent: Consent) -> bool:
        """A licensee with a good consent to use on this model reads what was granted before it to others; so does the
        agency that such a consent names."""
        model = consent.parties.model
        if not model:
            return False
        if model not in self._exclusive:
            places = [
                entry.index
                for entry in self._contracts.of(self._record, self.reader.party)
                if holds(entry, Consent)
                and entry.statement.act == "use"
                and entry.statement.parties.model == model
                and self.reader.party in (entry.statement.parties.licensee, entry.statement.parties.agency)
                and self._good(entry)
            ]
            self._exclusive[model] = max(places, default=None)
        place = self._exclusive[model]
        return place is not None and any(index < place for index in self._chain(consent))

    def _chain(self, consent: Consent) -> Iterator[int]:
        """The places of a consent and of those that it replaced."""
        seen: set[str] = set()
        id: str | None = consent.id
        while id is not None and id not in seen:
            seen.add(id)
            older = None
            for entry in self._entries(id):
                yield entry.index
                if holds(entry, Consent):
                    older = entry.statement.replaces
            id = older


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What makes somebody's rights, in plain values, so that another process makes the same of them.

    ``granted`` are the parties that let her read theirs, each with the sections.
    """

    reader: Reader
    only: frozenset[str]
    now: int
    granted: tuple[tuple[str, frozenset[str]], ...] = ()

    def rights(self, record: Record, contracts: Contracts) -> Rights:
        """Her rights in a log that ``record`` shows whole."""
        granted = [
            Rights(record, Reader(party=giver), self.now, contracts, only=self.only & sections)
            for giver, sections in self.granted
        ]
        return Rights(record, self.reader, self.now, contracts, only=self.only, granted=granted)

    def packed(self) -> tuple[Any, ...]:
        """As values that ``marshal`` takes."""
        granted = [(giver, sorted(sections)) for giver, sections in self.granted]
        return self.reader.party, self.reader.key, self.reader.is_registrar, sorted(self.only), self.now, granted

    @classmethod
    def unpacked(cls, packed: tuple[Any, ...]) -> Permission:
        """The inverse of :meth:`packed`."""
        party, key, is_registrar, only, now, granted = packed
        return cls(
            reader=Reader(party=party, key=key, is_registrar=is_registrar),
            only=frozenset(only),
            now=now,
            granted=tuple((giver, frozenset(sections)) for giver, sections in granted),
        )


class Seeing(Protocol):
    """Whoever says what may be read."""

    def may_see(self, statement: Statement, section: str) -> bool:
        """Whether a section of a statement is given."""


class ReaderRecord:
    """A record that opens only what its reader may read (:class:`verifier.rules.model.record.Record`).

    It vouches for nothing that was judged with more: each standing is worked out from what is open, as it is from the
    evidence file that this reader gets.
    """

    def __init__(self, record: Record, rights: Seeing) -> None:
        self.genesis = record.genesis
        self.size = record.size
        self.complete = record.complete
        self.rows = record.rows
        self.entry = record.entry
        self.find = record.find
        self._record = record
        self._rights = rights

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._record.opened(entry, name) if self._rights.may_see(entry.statement, name) else None

    def assumed_good(self, index: int) -> bool:
        return False
