"""What front ends have taken and the sequencer has not judged yet, in the registry's database.

Private sections never lie here: those of one submission wait in the bucket as one encrypted object, until its outcome
is known. The queue is taken from fairly: of each network that sends, one submission after the other. What is taken is
gone from it only with its outcome, in one transaction, so that a sequencer that dies leaves it to the next; an entry
that was logged meanwhile is found by its id and logged no second time.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from registry.log.bucket import Bucket
from registry.log.damage import Damaged
from registry.log.lease import Lease
from registry.log.postgresql import ReaderPool, telling
from verifier.base import canonical, private_keys

MAX_QUEUE = 65_536
"""Submissions that may wait."""
KEPT = 24 * 3600
"""Seconds that an outcome is kept."""
FOLDER = "waiting"
_MAX_WAITING = 1 << 20

_PUT: LiteralString = """
    INSERT INTO queue (id, submission, sections, require, sender)
    SELECT * FROM unnest(%s::bytea[], %s::bytea[], %s::text[], %s::boolean[], %s::text[])
    WHERE (SELECT count(*) FROM (SELECT FROM queue LIMIT %s) waiting) + %s <= %s RETURNING ticket
"""
_TAKE: LiteralString = """
    SELECT ticket, id, submission, sections, require, sender FROM queue
    ORDER BY row_number() OVER (PARTITION BY sender ORDER BY ticket), ticket LIMIT %s
"""
_RESOLVE: LiteralString = """
    INSERT INTO outcomes (ticket, id, entry, repeated, erasure, problem, size)
    SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::bigint[], %s::boolean[], %s::text[], %s::bytea[], %s::bigint[])
    ON CONFLICT (ticket) DO NOTHING
"""
_FOUND: LiteralString = """
    SELECT ticket, id, entry, repeated, erasure, problem, size FROM outcomes
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One submission: its statement's id, its envelope's bytes, what its sections' object is called ("" for none)."""

    id: bytes
    envelope: bytes
    sections: str
    require: bool
    sender: str
    ticket: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOutcome:
    """What became of one: the index of its entry or a problem as canonical JSON, in force at ``size``."""

    ticket: int
    id: bytes
    entry: int | None
    repeated: bool | None
    erasure: str | None
    problem: bytes | None
    size: int


class Queue:
    """For any thread. ``key`` locks the sections that wait; the sequencer gives its ``lease``."""

    def __init__(self, url: str, bucket: Bucket, key: bytes, lease: Lease | None = None) -> None:
        self._url = url
        self._bucket = bucket
        self._key = key
        self._lease = lease
        self._pool = ReaderPool(url)

    def close(self) -> None:
        self._pool.close()
        self._bucket.close()

    # ---- front ends

    def put_sections(self, all_texts: Sequence[Sequence[str]]) -> list[str]:
        """Have the sections of submissions wait; the names of their objects, "" where there are none."""
        return self._bucket.each(self._put_sections, all_texts)

    def _put_sections(self, texts: Sequence[str]) -> str:
        if not texts:
            return ""
        name = f"{FOLDER}/{secrets.token_hex(16)}"
        self._bucket.create(name, private_keys.lock(self._key, canonical.encode(list(texts))))
        return name

    def drop_sections(self, places: Sequence[str]) -> None:
        """They wait for nothing."""
        self._bucket.delete([one for one in places if one])

    def put(self, queued: Sequence[Queued]) -> list[int]:
        """Their tickets, in order; none if the queue is full."""
        names = ("id", "envelope", "sections", "require", "sender")
        columns = [[getattr(one, name) for one in queued] for name in names]
        rows = self._read(_PUT, [*columns, MAX_QUEUE, len(queued), MAX_QUEUE])
        return sorted(ticket for (ticket,) in rows)

    def found(self, tickets: Sequence[int]) -> list[QueueOutcome]:
        """The outcomes that there are of these tickets."""
        return self._outcomes(self._read(_FOUND + "WHERE ticket = ANY(%s)", (list(tickets),)))

    def last(self, id: bytes) -> QueueOutcome | None:
        """The newest outcome of a statement id."""
        found = self._outcomes(self._read(_FOUND + "WHERE id = %s ORDER BY ticket DESC LIMIT 1", (id,)))
        return found[0] if found else None

    def is_waiting(self, id: bytes) -> bool:
        """Whether a submission of this statement waits."""
        return bool(self._read("SELECT FROM queue WHERE id = %s LIMIT 1", (id,)))

    def depth(self) -> int:
        """How many wait."""
        return int(self._read("SELECT count(*) FROM queue")[0][0])

    @staticmethod
    def _outcomes(rows: Sequence[Any]) -> list[QueueOutcome]:
        names = ("ticket", "id", "entry", "repeated", "erasure", "problem", "size")
        return [QueueOutcome(**dict(zip(names, row, strict=True))) for row in rows]

    # ---- the sequencer

    def take(self, most: int) -> list[Queued]:
        """The next, fairly; they stay in the queue until they are resolved."""
        names = ("ticket", "id", "envelope", "sections", "require", "sender")
        return [Queued(**dict(zip(names, row, strict=True))) for row in self._read(_TAKE, (most,))]

    def sections(self, queued: Sequence[Queued]) -> list[list[str]]:
        """What waits in the bucket for these; nothing where its object is gone."""
        return self._bucket.each(self._sections, queued)

    def _sections(self, one: Queued) -> list[str]:
        stored = self._bucket.get(one.sections) if one.sections else None
        if stored is None:
            return []
        text = private_keys.unlock(self._key, stored.data)
        if text is None:
            raise Damaged(f"{one.sections} is not what was put into the bucket")
        value = canonical.parse(text, limit=_MAX_WAITING)
        assert isinstance(value, list)
        return [str(each) for each in value]

    def resolve(self, outcomes: Sequence[QueueOutcome], taken: Sequence[Queued]) -> None:
        """Say what became of those that were ``taken``: they leave the queue. Their sections wait no more."""
        assert self._lease is not None
        names = ("ticket", "id", "entry", "repeated", "erasure", "problem", "size")
        columns = [[getattr(one, name) for one in outcomes] for name in names]
        conn = self._lease.conn
        with self._lease.writing, telling(self._url), conn.transaction():
            if not conn.execute("SELECT FROM head WHERE epoch = %s FOR SHARE", (self._lease.epoch,)).fetchall():
                self._lease.lose("another process is sequencer")
            conn.execute(_RESOLVE, columns)
            conn.execute("DELETE FROM queue WHERE ticket = ANY(%s)", ([one.ticket for one in taken],))
        self._bucket.delete([one.sections for one in taken if one.sections])

    def sweep(self) -> None:
        """Forget outcomes of more than a day ago, and sections that have waited as long for nothing."""
        left = {one for (one,) in self._read("SELECT sections FROM queue WHERE sections <> ''")}
        self._bucket.delete([one for one in self._bucket.names(f"{FOLDER}/", older=KEPT) if one not in left])
        with telling(self._url), self._pool.connection() as conn:
            conn.execute("DELETE FROM outcomes WHERE came < now() - make_interval(secs => %s)", (KEPT,))

    def _read(self, query: LiteralString, values: Sequence[Any] = ()) -> list[Any]:
        with telling(self._url), self._pool.connection() as conn:
            return conn.execute(query, values).fetchall()


