"""What pages work out of many entries: made once for a reader, kept for as long as it holds, and never waited for long.

Whatever rests on many entries is made beside the request. A person's page that would have to wait for it says so and
comes again by itself; a program waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import g

from registry.readers.reader import Reader
from registry.service import Service
from registry.web.pages.reader_view import ReaderView
from verifier.base.recent import Recent
from verifier.base.values import value

KEPT = 256
"""Answers that are kept (up to twice as many)."""
AGE = 600
"""Seconds after which what is late is worked out anew."""
FEW = 50
"""Entries of which something is made at once."""
PATIENCE = 0.08
"""Seconds from its beginning until which a person's page waits, for however many answers."""
AT_ONCE = 2
"""Answers that are made at a time."""

_UNTIL = "kembar_until"

V = TypeVar("V")
Make = Callable[[ReaderView], V]


class StillWorking(Exception):
    """It is being worked out; come again in a moment."""


def in_short(patience: float | None = None) -> None:
    """From here on nothing in this request is waited for long, and nothing at all once it has taken so many seconds
    (:data:`PATIENCE`)."""
    setattr(g, _UNTIL, time.monotonic() + (PATIENCE if patience is None else patience))


@value
class _KeptAnswer:
    """``read`` are the lists that it rests on with their lengths, ``owners`` whose sections; ``at`` is when it was made
    (POSIX seconds)."""

    value: Any
    at: int
    read: Mapping[str, int]
    owners: Mapping[str, int]


class KeptAnswers:
    """For any number of threads. An answer is thrown away when a list that it rests on grows: an erasure lengthens one,
    and so does whatever changes its reader's rights, but for grants, which are part of the key."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._kept: Recent[Hashable, _KeptAnswer] = Recent(KEPT)
        self._lock = threading.RLock()  # a future that is done calls back at once
        self._making: dict[Hashable, Future[_KeptAnswer]] = {}
        self._workers = ThreadPoolExecutor(AT_ONCE, "pages")
        service.before_close(lambda: self._workers.shutdown(cancel_futures=True))

    def get(self, reader: Reader, name: Hashable, entries: int, make: Make[V]) -> V:
        """What ``make`` says, or said of the same ``name`` while that holds. It rests on so many ``entries``; of more
        than :data:`FEW` it is made beside, and a page that people see (:func:`in_short`) raises :class:`StillWorking`.
        """
        readers, now = self._service.readers, self._service.now()
        *_, granted = readers.permission(reader).packed()
        key = reader.party, reader.is_registrar, repr(granted), name
        kept = self._kept.get(key)
        if kept is not None and kept.at // AGE == now // AGE and self._holds(kept.read):
            readers.note_reads(reader, kept.owners)
            return cast("V", kept.value)
        if entries <= FEW:
            return cast("V", self._make(key, reader, make).value)
        with self._lock:
            making = self._making.get(key)
            if making is None:
                making = self._making[key] = self._workers.submit(self._make, key, reader, make)
                making.add_done_callback(lambda _: self._forget(key))
        until = g.get(_UNTIL)
        try:
            return cast("V", making.result(None if until is None else max(0.0, until - time.monotonic())).value)
        except TooLate:
            raise StillWorking from None

    def _make(self, key: Hashable, reader: Reader, make: Make[Any]) -> _KeptAnswer:
        view = ReaderView(self._service, reader)
        value = make(view)
        found = _KeptAnswer(value=value, at=view.now, read=dict(view.read), owners=view.done())
        self._kept.put(key, found)
        return found

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._making.pop(key, None)

    def _holds(self, read: Mapping[str, int]) -> bool:
        record = self._service.record()
        return all(len(record.rows(subject)) == length for subject, length in read.items())


_of: WeakKeyDictionary[Service, KeptAnswers] = WeakKeyDictionary()
_making = threading.Lock()


def kept_answers(service: Service) -> KeptAnswers:
    """Those of one registry, which all its pages share."""
    with _making:
        found = _of.get(service)
        if found is None:
            found = _of[service] = KeptAnswers(service)
        return found
