"""Tables in the database that several machines share, and their words in the bucket beside it.

A database keeps what was deleted, in its pages and in its write-ahead log. So what must go without a trace never lies
in it: words are encrypted objects, ``<part>/<random>``, and rows hold their names. The table ``words`` lists them, from
before they are put until they are gone, so that no crash leaves one that nobody knows of.
"""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import psycopg

from registry.log.bucket import Bucket
from registry.log.damage import Damaged
from registry.log.postgresql import Connection, ReaderPool, telling
from registry.tables.tables import Value, Words
from verifier.base import private_keys

LOCK_SECONDS = 15
"""Seconds that a transaction waits for another, and after which one that does nothing is ended: its process stands
still."""
PUT_SECONDS = 10
"""Seconds in which words are put into the bucket: a transaction does nothing meanwhile, and others wait for it."""
UNUSED = 3_600
"""Seconds after which words that no transaction held were put there in vain."""
AT_ONCE = 1_000
"""Words that are tidied away together."""
REMEMBERED = 32 * 1024 * 1024
"""Bytes of words that are not fetched again."""

_log = logging.getLogger(__name__)

_WORDS = """
CREATE TABLE IF NOT EXISTS words (
    name text PRIMARY KEY, held boolean NOT NULL, since timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS words_not_held ON words (since) WHERE NOT held;
"""
_TYPES = {"INTEGER": "BIGINT", "BLOB": "BYTEA"}


class PostgresTables:
    """Those of one ``part`` of the registry, a schema of its own (:class:`registry.tables.tables.Tables`).

    ``key`` locks the words in ``bucket``, which is closed with this.
    """

    is_shared = True

    def __init__(self, url: str, part: str, bucket: Bucket, key: bytes) -> None:
        """Raises :class:`~registry.log.postgresql.DatabaseError`."""
        self._url, self._part = url, part
        self._bucket, self._key = bucket, key
        waits = 1000 * LOCK_SECONDS
        self._pool = ReaderPool(url, search_path=part, lock_timeout=waits, idle_in_transaction_session_timeout=waits)
        self._turn = threading.Lock()  # so that those who wait leave connections for the one who goes on
        self._mine = threading.local()
        self._known = _Remembered()
        try:
            self.make(f"CREATE SCHEMA IF NOT EXISTS {part};\n{_WORDS}")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._pool.close()
        self._bucket.close()

    # ---- rows

    def make(self, schema: str) -> None:
        text = re.sub(r"\b(INTEGER|BLOB)\b", lambda found: _TYPES[found[0]], schema)
        with self.transaction():
            self._work.conn.execute(re.sub(r"\) STRICT(, WITHOUT ROWID)?;", ");", text).encode())

    def rows(self, query: str, *values: Value) -> list[tuple[Any, ...]]:
        with telling(self._url):
            if self._in_transaction:
                return self._work.conn.execute(_translated(query), values).fetchall()
            with ExitStack() as stack:
                conn = self._connected(stack)
                return conn.execute(_translated(query), values).fetchall()

    def change(self, query: str, *values: Value) -> int:
        with self.transaction():
            return self._work.conn.execute(_translated(query), values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        if self._in_transaction:
            yield
            return
        with self._turn, telling(self._url), ExitStack() as stack:
            conn = self._connected(stack)
            stack.enter_context(conn.transaction())
            conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"kembar {self._part}",))
            work = self._mine.work = _Work(conn)
            try:
                yield
            finally:
                self._mine.work = None
        self._delete(work.dropped)

    @property
    def _in_transaction(self) -> bool:
        return getattr(self._mine, "work", None) is not None

    @property
    def _work(self) -> _Work:
        """This thread's transaction."""
        work: _Work = self._mine.work
        return work

    def _connected(self, stack: ExitStack) -> Connection:
        """A connection that answers, as long as ``stack`` lasts."""
        for is_last in (False, True):
            held = stack.enter_context(ExitStack())
            conn = held.enter_context(self._pool.connection())
            try:
                conn.execute("")
                return conn
            except psycopg.OperationalError:
                held.close()
                if is_last:
                    raise
                self._pool.check()  # the others have lost their server as well
        raise AssertionError

    # ---- words

    def hide(self, words: Words) -> Words:
        if not words:
            return words
        name = f"{self._part}/{secrets.token_hex(16)}"
        self._apart("INSERT INTO words VALUES (?, false, now())", name)
        data = _bytes(words)
        self._bucket.create_within(PUT_SECONDS, name, private_keys.lock(self._key, data))
        self.change("UPDATE words SET held = true WHERE name = ?", name)
        self._known.add(name, data)
        return _like(words, name.encode())

    def show(self, held: Sequence[Words]) -> list[Words | None]:
        return self._bucket.each(self._show, held)

    def _show(self, held: Words) -> Words | None:
        if not held:
            return held
        name = _bytes(held).decode()
        data = self._known.get(name)
        if data is None:
            stored = self._bucket.get(name)
            if stored is None:
                return None
            data = private_keys.unlock(self._key, stored.data)
            if data is None:
                raise Damaged(f"{name} is not what was put into the bucket")
            self._known.add(name, data)
        return _like(held, data)

    def drop(self, held: Sequence[Words]) -> None:
        for one in held:
            if one:
                name = _bytes(one).decode()
                self.change("UPDATE words SET held = false, since = '-infinity' WHERE name = ?", name)
                self._work.dropped.append(name)

    def tidy(self) -> None:
        query = "SELECT name FROM words WHERE NOT held AND since < now() - make_interval(secs => ?) LIMIT ?"
        self._delete([name for (name,) in self.rows(query, UNUSED, AT_ONCE)])

    def _apart(self, query: str, *values: Value) -> None:
        """Change something that stays, whatever becomes of this thread's transaction."""
        with telling(self._url), ExitStack() as stack:
            self._connected(stack).execute(_translated(query), values)

    def _delete(self, names: Sequence[str]) -> None:
        if not names:
            return
        try:
            self._bucket.delete(names)
            self.rows("DELETE FROM words WHERE name = ANY (string_to_array(?, ' ')) RETURNING name", " ".join(names))
        except OSError as error:
            _log.warning("what was dropped is not gone yet, and is tried again: %s", error)


class _Work:
    """One transaction: its connection, and the words that it drops."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.dropped: list[str] = []


class _Remembered:
    """Words by their names, which never stand for others; the ones that came first go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, name: str) -> bytes | None:
        with self._lock:
            return self._words.get(name)

    def add(self, name: str, data: bytes) -> None:
        with self._lock:
            if name not in self._words:
                self._words[name] = data
                self._size += len(data)
            while self._size > REMEMBERED:
                self._size -= len(self._words.popitem(last=False)[1])


def _bytes(words: str | bytes) -> bytes:
    return words.encode() if isinstance(words, str) else words


def _like(sample: Words, data: bytes) -> Words:
    return cast("Words", data.decode() if isinstance(sample, str) else data)


def _translated(query: str) -> bytes:
    return query.replace("?", "%s").encode()
