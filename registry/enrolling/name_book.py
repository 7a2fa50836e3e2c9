"""What all parties of a log are called: asked when a registrar is about to vouch for one more."""

from __future__ import annotations

from threading import Lock

from registry.enrolling.look_alikes import look_alike
from registry.service import Service
from verifier.statements.sections import Name
from verifier.statements.types import Key, Party


class NameBook:
    """For any number of threads. It reads each entry once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = Lock()
        self._read = 0
        self._names: dict[str, str] = {}

    def alike(self, name: str) -> list[tuple[str, str]]:
        """Parties, each with its name, that could be taken for one of this name; by their names."""
        with self._lock:
            self._read_on()
            found = [(party, called) for party, called in self._names.items() if look_alike(name, called)]
        return sorted(found, key=lambda one: (one[1], one[0]))

    def _read_on(self) -> None:
        record = self._service.record()
        for index in range(self._read, record.size):
            entry = record.entry(index)
            if entry is not None and isinstance(entry.statement, Party | Key):
                party = entry.statement.id if isinstance(entry.statement, Party) else entry.statement.parties.author
                called = record.opened(entry, "name")
                if isinstance(called, Name) and party is not None:
                    self._names[party] = called.name
        self._read = record.size
