"""Checking many submissions at once, in two processes beside the registry's own.

Everything that needs only bytes takes far longer than what the writer does with them, and Python's threads do not share
two cores. The workers are programs of their own (``python -m registry.intake.workers``), not forks of a process with
threads. Chunks go to them through pipes; results come back as :mod:`marshal` of plain tuples, which is several times
faster than pickling the objects, and both ends are this very file.

If a worker dies, its chunks are checked here instead and it is started anew for the next.
"""

from __future__ import annotations

import fcntl
import gc
import marshal
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from operator import attrgetter
from subprocess import PIPE, Popen
from typing import IO, Any

from registry.intake.checks import CheckedSubmission, check_submissions
from registry.problems import Problem
from registry.processes import read_frame, start, write_frame

CHUNK = 100
"""Submissions that a worker gets at a time."""
WORKERS = 2
WORTHWHILE = 2 * CHUNK
"""Fewer submissions than this are checked where they came in."""
PIPE_SIZE = 1 << 20  # so that a worker finds its next chunks waiting while this process is busy

Result = CheckedSubmission | Problem


class Pool:
    """Workers that check submissions. They are started when there is something worthwhile for them to do."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._workers = [_Worker() for _ in range(workers)]

    def check(self, raw: Sequence[bytes]) -> list[Result]:
        """What :func:`check_submissions` says of each, in order. May be called from many threads."""
        return self.start(raw)()

    def start(self, raw: Sequence[bytes]) -> Callable[[], list[Result]]:
        """Begin with :meth:`check`; what it would return is there to be waited for."""
        if len(raw) < WORTHWHILE or not self._workers:
            found = check_submissions(raw)
            return lambda: found
        chunks = [_Chunk(raw[start : start + CHUNK]) for start in range(0, len(raw), CHUNK)]
        for chunk in chunks:
            min(self._workers, key=_Worker.waiting).send(chunk)
        return lambda: [result for chunk in chunks for result in chunk.results()]

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
            return check_submissions(self.raw)
        return self._results


class _Worker:
    """One process at a time, and what was sent to it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Popen[bytes] | None = None
        self._sent = _Sent()

    def waiting(self) -> int:
        """Chunks that it has not answered."""
        return len(self._sent)

    def send(self, chunk: _Chunk) -> None:
        with self._lock:
            try:
                if self._process is None or self._sent.ended:
                    self._start()
                assert self._process is not None and self._process.stdin is not None
                if self._sent.add(chunk):
                    write_frame(self._process.stdin, marshal.dumps(chunk.raw))
            except OSError:
                chunk.resolve(None)

    def close(self) -> None:
        with self._lock:
            self._abandon()
            self._process = None

    def _start(self) -> None:
        self._abandon()
        self._process = start("registry.intake.workers", stdin=PIPE, stdout=PIPE)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # pipes of the usual size will do
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        assert self._process.stdout is not None
        self._sent = _Sent()
        threading.Thread(target=self._sent.read_results, args=(self._process.stdout,), daemon=True).start()

    def _abandon(self) -> None:
        """Let the process finish what it has and end."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._sent.finished.wait()


class _Sent:
    """The chunks that one process was sent and has not answered. When it ends, no chunk is left unresolved."""

    def __init__(self) -> None:
        self.finished = threading.Event()
        self._lock = threading.Lock()
        self._pending: deque[_Chunk] = deque()
        self.ended = False

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, chunk: _Chunk) -> bool:
        """Note a chunk that is about to be sent; one that comes too late is resolved and need not be."""
        with self._lock:
            if not self.ended:
                self._pending.append(chunk)
                return True
        chunk.resolve(None)
        return False

    def read_results(self, pipe: IO[bytes]) -> None:
        """Results come in the order of the chunks."""
        try:
            while (data := read_frame(pipe)) is not None:
                chunk = self._pending[0]
                found = [_thaw(raw, item) for raw, item in zip(chunk.raw, marshal.loads(data), strict=True)]
                self._pending.popleft()
                chunk.resolve(found)
        finally:
            pipe.close()
            with self._lock:
                self.ended = True
            while self._pending:
                self._pending.popleft().resolve(None)
            self.finished.set()


# ---- results as plain tuples


_SENT = attrgetter(
    "leaf_hash", "id", "type", "at", "signers", "touches", "digests", "keys", "disclosures", "complete", "like"
)


def _freeze(result: Result) -> tuple[Any, ...]:
    """The leaf goes as its length: the other side has it at the end of the submission."""
    if isinstance(result, Problem):
        return result.code, result.detail, result.where
    return len(result.leaf), *_SENT(result)


def _thaw(raw: bytes, item: tuple[Any, ...]) -> Result:
    """The inverse, for the submission ``raw``."""
    if len(item) == 3:
        code, detail, where = item
        return Problem(code=code, detail=detail, where=where)
    length, leaf_hash, id, type, at, signers, touches, digests, keys, disclosures, complete, like = item
    end = len(raw) - (2 if raw.endswith(b"\n") else 1)
    return CheckedSubmission(
        leaf=raw[end - length : end],
        leaf_hash=leaf_hash,
        id=id,
        type=type,
        at=at,
        signers=signers,
        touches=touches,
        digests=digests,
        keys=keys,
        disclosures=disclosures,
        complete=complete,
        like=like,
    )


def _work() -> None:
    """A worker's whole life: chunks in, results out, until its input ends."""
    source, sink = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=0)
    gc.disable()  # nothing here makes cycles, and looking for them costs a tenth of the time
    os.dup2(2, 1)  # whatever is printed by mistake does not go between the frames
    while (data := read_frame(source)) is not None:
        write_frame(sink, marshal.dumps([_freeze(one) for one in check_submissions(marshal.loads(data))]))


if __name__ == "__main__":
    _work()
