"""Checking many submissions at once, in two processes beside the registry's own.

Everything that needs only bytes takes far longer than what the writer does with them, and Python's threads do not share
two cores. The workers are programs of their own (``python -m registry.checking``), not forks of a process with threads.
Chunks go to them through pipes; results come back as :mod:`marshal` of plain tuples, which is several times faster than
pickling the objects, and both ends are this very file.

If a worker dies, its chunks are checked here instead and it is started anew for the next.
"""

from __future__ import annotations

import fcntl
import gc
import marshal
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any

from registry.checker import Checked, Sections, check_submission
from registry.problems import Problem
from verifier.statements.parties import Parties
from verifier.statements.statement import STATEMENT_TYPES, Recovery, Statement

CHUNK = 100
"""Submissions that a worker gets at a time."""
WORKERS = 2
WORTHWHILE = 2 * CHUNK
"""Fewer submissions than this are checked where they came in."""
PIPE_SIZE = 1 << 20  # so that a worker finds its next chunks waiting while this process is busy
MAX_FRAME = 1 << 30

Result = Checked | Problem


class Pool:
    """Workers that check submissions. They are started when there is something worthwhile for them to do."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = [_Worker() for _ in range(workers)]

    def check(self, raw: Sequence[bytes]) -> list[Result]:
        """What :func:`check_submission` says of each, in order. May be called from many threads."""
        if len(raw) < WORTHWHILE or not self._workers:
            return [check_submission(one) for one in raw]
        chunks = [_Chunk(raw[start : start + CHUNK]) for start in range(0, len(raw), CHUNK)]
        for place, chunk in enumerate(chunks):
            self._workers[place % len(self._workers)].send(chunk)
        return [result for chunk in chunks for result in chunk.results()]

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


class _Chunk:
    """Some submissions, and their results when they are there."""

    __slots__ = ("_done", "_results", "raw")

    def __init__(self, raw: Sequence[bytes]) -> None:
        self.raw = list(raw)
        self._done = threading.Event()
        self._results: list[Result] | None = None

    def resolve(self, results: list[Result] | None) -> None:
        """None: the worker died."""
        self._results = results
        self._done.set()

    def results(self) -> list[Result]:
        self._done.wait()
        if self._results is None:
            return [check_submission(one) for one in self.raw]
        return self._results


class _Worker:
    """One process and the thread that reads from it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._pending: deque[_Chunk] = deque()

    def send(self, chunk: _Chunk) -> None:
        with self._lock:
            try:
                if self._process is None or self._process.poll() is not None:
                    self._start()
                assert self._process is not None and self._process.stdin is not None
                self._pending.append(chunk)
                _write(self._process.stdin, marshal.dumps(chunk.raw))
            except OSError:
                chunk.resolve(None)

    def close(self) -> None:
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                self._process.wait()
            if self._reader is not None:
                self._reader.join()
            self._process = self._reader = None

    def _start(self) -> None:
        self._abandon()
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "registry.checking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is for the registry, which closes its workers when it is done with them
        )
        pending: deque[_Chunk] = deque()
        self._pending = pending
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with _ignored():
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=_read_results, args=(self._process.stdout, pending), daemon=True)
        self._reader.start()

    def _abandon(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()


def _read_results(pipe: IO[bytes], pending: deque[_Chunk]) -> None:
    """A worker's results come in the order of its chunks."""
    thaw = _Thaw()
    while (data := _read(pipe)) is not None:
        pending.popleft().resolve([thaw.result(item) for item in marshal.loads(data)])
    pipe.close()
    while pending:
        pending.popleft().resolve(None)


# ---- objects as plain tuples


_NESTED: Mapping[str, type] = {"parties": Parties, "recovery": Recovery}


class _Shape:
    """A class's fields, to be taken out and put back in without running its constructor: they were checked once."""

    def __init__(self, make: type) -> None:
        names = [one.name for one in fields(make)]
        self.make = make
        self.take: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
        self.put = [getattr(make, name).__set__ for name in names]
        self.nested = [(place, name) for place, name in enumerate(names) if name in _NESTED]

    def build(self, values: Sequence[Any]) -> Any:
        made: Any = object.__new__(self.make)
        for put, value in zip(self.put, values, strict=True):
            put(made, value)
        return made


_SHAPES = {name: _Shape(make) for name, make in STATEMENT_TYPES.items()}
_PARTS = {name: _Shape(make) for name, make in _NESTED.items()}


def _freeze(result: Result) -> tuple[Any, ...]:
    if isinstance(result, Problem):
        return result.code, result.detail, result.where
    statement = result.statement
    shape = _SHAPES[statement.type]
    values = list(shape.take(statement))
    for place, name in shape.nested:
        if values[place] is not None:
            values[place] = _PARTS[name].take(values[place])
    return (
        statement.type,
        values,
        result.leaf,
        result.leaf_hash,
        result.signers,
        result.touches,
        result.digests,
        result.keys,
        dict(result.disclosures),
    )


class _Thaw:
    """The inverse. Usages of one consent name the same parties, so these are made once."""

    LIMIT = 4096

    def __init__(self) -> None:
        self._parties: dict[tuple[Any, ...], Parties] = {}

    def result(self, item: tuple[Any, ...]) -> Result:
        if len(item) == 3:
            code, detail, where = item
            return Problem(code=code, detail=detail, where=where)
        type, values, leaf, leaf_hash, signers, touches, digests, keys, disclosures = item
        shape = _SHAPES[type]
        for place, name in shape.nested:
            if values[place] is not None:
                values[place] = self._part(name, values[place])
        statement: Statement = shape.build(values)
        return Checked(
            leaf=leaf,
            leaf_hash=leaf_hash,
            statement=statement,
            signers=signers,
            id=bytes.fromhex(statement.id),
            touches=touches,
            digests=digests,
            keys=keys,
            disclosures=disclosures,
            sections=Sections(statement, disclosures),
        )

    def _part(self, name: str, values: tuple[Any, ...]) -> Any:
        if name != "parties":
            return _PARTS[name].build(values)
        found = self._parties.get(values)
        if found is None:
            if len(self._parties) >= self.LIMIT:
                self._parties.clear()
            found = self._parties[values] = _PARTS[name].build(values)
        return found


# ---- pipes


class _ignored:
    """Swallow an OSError: pipes of the usual size will do."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


def _write(pipe: IO[bytes], data: bytes) -> None:
    view = memoryview(len(data).to_bytes(4, "big") + data)
    while view:
        view = view[pipe.write(view) :]


def _read(pipe: IO[bytes]) -> bytes | None:
    """One frame; None at the end."""
    head = _read_exactly(pipe, 4)
    size = int.from_bytes(head, "big")
    return _read_exactly(pipe, size) if len(head) == 4 and size <= MAX_FRAME else None


def _read_exactly(pipe: IO[bytes], size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = pipe.read(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)


def _work() -> None:
    """A worker's whole life: chunks in, results out, until its input ends."""
    source, sink = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    gc.disable()  # nothing here makes cycles, and looking for them costs a tenth of the time
    os.dup2(2, 1)  # whatever is printed by mistake does not go between the frames
    for data in _frames(source):
        _write(sink, marshal.dumps([_freeze(check_submission(one)) for one in marshal.loads(data)]))


def _frames(source: IO[bytes]) -> Iterator[bytes]:
    while (data := _read(source)) is not None:
        yield data


if __name__ == "__main__":
    _work()
