"""A reader's rights in use: what she was given is counted for those whose it is."""

from __future__ import annotations

from collections import Counter

from registry.readers.readership import Readership
from registry.readers.rights import Rights
from verifier.statements.types import Party, Statement


class Reading:
    """For one answer. What :meth:`gives` says yes to is read."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._read: dict[tuple[str, str], frozenset[str]] = {}

    def gives(self, statement: Statement, section: str) -> bool:
        """Whether the reader gets a section, which is there to be given."""
        is_given = self._rights.may_see(statement, section)
        if is_given:
            owners = statement.parties.ids()
            own = {statement.id} if isinstance(statement, Party) else set()
            self._read[statement.id, section] = owners | own
        return is_given

    def may_see(self, statement: Statement, section: str) -> bool:
        """The same, as :class:`~registry.readers.rights.ReaderRecord` asks it."""
        return self.gives(statement, section)

    def owners(self) -> dict[str, int]:
        """Whose sections were read, and how many of each."""
        return dict(Counter(one for some in self._read.values() for one in some))

    def note(self, readers: Readership) -> None:
        """Keep who read whose sections."""
        readers.note_reads(self._rights.reader, self.owners())
