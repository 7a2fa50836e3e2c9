"""A registry's readers: whose key one is, what each may read, and what is kept about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from registry.log.record import LogRecord
from registry.problems import Problem
from registry.readers.holders import Holders
from registry.readers.leaf_walk import Leaves
from registry.readers.name_book import NameBook
from registry.readers.names import Names
from registry.readers.reader import Reader
from registry.readers.reader_store import QUESTION_DAYS, QUESTIONS, ReaderStore
from registry.readers.rights import Contracts, Permission, Rights
from registry.readers.sublicenses import Sublicenses
from registry.tables.tables import Tables
from verifier.base.canonical import Json
from verifier.rules.model.record import Entry, Record, holds
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import key_state
from verifier.statements.types import SECTION_NAMES, Consent


class Readership:
    """For any number of threads. ``record`` gives the published log, with everything opened, ``leaves`` its bytes;
    ``now`` the time (POSIX seconds)."""

    def __init__(
        self,
        tables: Tables,
        record: Callable[[], LogRecord],
        span: Callable[[bytes], tuple[int, int] | None],
        leaves: Leaves,
        now: Callable[[], int],
    ) -> None:
        self.holders = Holders(record, span)
        self.store = ReaderStore(tables)
        self.now = now
        self._record = record
        self._contracts = Contracts()
        self._sublicenses = Sublicenses(leaves)
        self._names = NameBook(leaves)

    def close(self) -> None:
        """Let go of what is kept."""
        self.store.close()

    def permission(self, reader: Reader, only: frozenset[str] = frozenset(SECTION_NAMES)) -> Permission:
        """What somebody may read now, and no more than the sections ``only``."""
        now = self.now()
        grants = self.store.grants(reader.party, now)[1] if reader.party else []
        granted = tuple((one.giver, frozenset(one.sections)) for one in grants)
        return Permission(reader=reader, only=only, now=now, granted=granted)

    def admit(self, permission: Permission, record: Record | None = None) -> Rights:
        """The rights that a permission comes to, in the published log or in ``record``, which shows it whole."""
        return permission.rights(self._record() if record is None else record, self._contracts)

    def rights(self, reader: Reader, only: frozenset[str] = frozenset(SECTION_NAMES)) -> Rights:
        """What somebody may read now, and no more than the sections ``only``."""
        return self.admit(self.permission(reader, only))

    def note_reads(self, reader: Reader, owners: Mapping[str, int]) -> None:
        """Keep that so many sections of each of ``owners`` were read. A stranger is nobody."""
        name = reader.party or (f"registrar {reader.key}" if reader.is_registrar else "")
        if name and owners:
            self.store.note_reads(name, owners, self.now())

    def names(self, reader: Reader, parties: Iterable[str]) -> dict[str, str]:
        """What those of them are called whose names a reader may read, by their ids; that she read them is noted."""
        found = Names(self._record(), self.rights(reader), self.now()).all(parties)
        self.note_reads(reader, dict.fromkeys(found, 1))
        return found

    def read_all_exclusivity(self, model: str, rights: Rights) -> bool:
        """Whether a reader may read all that anybody was promised on a model."""
        record = self._record()
        entries = (record.entry(index) for index in record.rows(f"exclusive:{model}"))
        return all(entry is None or rights.may_see(entry.statement, "exclusive") for entry in entries)

    def count_question(self, model: str, asker: str, plan: Mapping[str, Json]) -> int | Problem:
        """Count a question about others' exclusivity, which is shown to the model and her agency: how many are left to
        all parties under the asker's controller, or that none was."""
        left = self.store.ask(model, asker, self.controller(asker), plan, self.now())
        if left is None:
            detail = f"{QUESTIONS} questions about this model in {QUESTION_DAYS} days are answered, and were"
            return Problem(code="too_many_questions", detail=detail)
        return left

    def have_dealt(self, one: str, other: str) -> bool:
        """Whether keys of both, now live or retired, are on one consent, mandate or guardian statement of this log."""
        record, now = self._record(), self.now()
        context = JudgedContext(record, instant=now, as_of=now)
        states = [key_state(context, party, record.size + 1) for party in (one, other)]
        hers, theirs = (state.live | state.retirements.keys() for state in states)
        return any(
            not contract.signers.isdisjoint(hers) and not contract.signers.isdisjoint(theirs)
            for party in (one, other)  # whoever signs for a ward is not named in what she signs
            for contract in self._contracts.of(record, party)
        )

    def contracts(self, party: str) -> Iterator[Entry]:
        """The consents, mandates and guardian statements that name a party, in log order, good or not."""
        return self._contracts.of(self._record(), party)

    def sublicenses(self, party: str) -> Iterator[Entry[Consent]]:
        """The consents that list a party as a sub-licensee, or under which it declared a use as one, in log order, good
        or not."""
        record = self._record()
        found = {entry.index: entry for entry in self._contracts.used(record, party)}
        for index in self._sublicenses.of(record, party):
            entry = record.entry(index)
            if holds(entry, Consent):
                found[index] = entry
        return (found[index] for index in sorted(found))

    def sublicenses_behind(self) -> int:
        """How many entries are looked through before :meth:`sublicenses` can say: all of the log, once a start."""
        return self._sublicenses.walk.behind(self._record())

    def named(self, text: str) -> list[str]:
        """The parties that are called so (:meth:`NameBook.called`), whoever may know it: look each up before you tell
        of it."""
        return self._names.called(self._record(), text)

    def named_alike(self, name: str) -> list[tuple[str, str]]:
        """Parties, each with its name, that could be taken for one of this name: for registrars."""
        return self._names.alike(self._record(), name)

    def named_behind(self) -> int:
        """How many entries are looked through before :meth:`named` can say: all of the log, once a start."""
        return self._names.walk.behind(self._record())

    def side(self, model: str) -> frozenset[str]:
        """A model, and whoever acts for her now: her guardian, the agencies of her mandates."""
        named = [one.statement.parties for one in self.contracts(model)]
        others = {one for parties in named for one in (parties.guardian, parties.agency) if one is not None}
        acting = (one for one in others if self.rights(Reader(party=one)).is_model_side(model))
        return frozenset({model, *acting})

    def controller(self, party: str) -> str:
        """The last of a party's controllers; herself where there is none."""
        record, seen = self._record(), {party}
        while True:
            entries = [record.entry(index) for index in record.find(party)]
            above = next((one.statement.parties.controller for one in entries if one is not None), None)
            if above is None or above in seen:
                return party
            seen.add(above)
            party = above
