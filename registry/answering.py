"""``python -m registry.answering DIR``: the process that answers long questions about the registry in DIR.

It only reads, and holds a copy of the log (:class:`registry.log.log_reader.LogCopy`). Each question comes as a socket
of its own, for which it forks: it has no threads, and what it holds is shared with those forks. The other end is
:mod:`registry.answerer`.
"""

from __future__ import annotations

import gc
import marshal
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from select import select
from typing import Any

from registry.answerer import unpack_proof
from registry.config import load
from registry.evidence import MeteredView
from registry.listing import rows_text
from registry.log.log_reader import LogCopy
from registry.log.publication import Published
from registry.log.published_log import SubjectProof
from registry.log.record import EntryCache, LogRecord
from registry.metering import Bounds, HasLeft, Meter, MeteredRecord, TooMuch
from registry.processes import read_frame, write_frame
from registry.readers.disclosing import Reading
from registry.readers.rights import Contracts, Permission, Rights
from registry.service import Snapshot
from verifier.evidence.build import TooLarge, build_evidence
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.rules.model.question import Question
from verifier.rules.needs import lists_needed

_NICE = 5
"""The writer comes first."""
_SPARE_SECONDS = 30
"""Of CPU beyond what a question's meter allows; then the system ends it."""


class Answer:
    """One question, asked through ``sock``."""

    def __init__(self, copy: LogCopy, sock: socket.socket) -> None:
        self._copy = copy
        self._sock = sock
        self._raw = socket.SocketIO(sock, "rw")
        self._cache = EntryCache(copy)
        genesis = self._cache.entry(0)
        assert genesis is not None
        self._genesis = genesis.statement.id
        self._meter: Meter | None = None
        self._question: Question | None = None
        self._rights: Rights | None = None
        self._wanted: tuple[str, ...] = ()

    def run(self) -> None:
        """Say what is asked for until nobody asks any more."""
        while (data := read_frame(self._raw)) is not None:
            what, *rest = marshal.loads(data)
            answers: dict[str, Callable[..., tuple[Any, ...]]]
            answers = {"choose": self._choose, "build": self._build, "rows": self._rows}
            try:
                said = answers[what](*rest)
            except (TooMuch, TooLarge) as error:
                said = "too_much", str(error)
            write_frame(self._raw, marshal.dumps(said))

    def _choose(
        self, asked: tuple[Any, ...], packed: tuple[Any, ...], bounds: tuple[Any, ...], size: int
    ) -> tuple[Any, ...]:
        if self._meter is None:
            self._meter = self._bounded(bounds)
            kind, id, ask, consent = asked
            self._question = Question(kind=kind, id=id, ask=ask, consent=consent)
            newest = LogRecord(self._copy, self._cache, self._genesis, self._copy.state.size)
            self._rights = Permission.unpacked(packed).rights(newest, Contracts())
        assert self._question is not None and self._rights is not None
        if self._copy.state.size < size:
            self._copy.follow()
        record = MeteredRecord(LogRecord(self._copy, self._cache, self._genesis, size), self._meter)
        self._wanted = tuple(lists_needed(record, self._question, self._rights.may_see))
        for subject in self._wanted:
            record.rows(subject)
        return "chosen", self._wanted, record.read

    def _build(self, note: str, proofs: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        assert self._question is not None and self._meter is not None and self._rights is not None
        published, record = self._reach(note)
        lists = {
            subject: SubjectProof(
                published=published,
                rows=tuple((row, self._copy.state.logged(row)) for row in record.rows(subject)),
                proof=unpack_proof(proof),
            )
            for subject, proof in zip(self._wanted, proofs, strict=True)
        }
        view = MeteredView(Snapshot(self._copy, record, published, lists), self._meter)
        reading = Reading(self._rights)
        return "file", build_evidence(self._question, view, note, self._wanted, reading.gives), reading.owners()

    def _rows(self, subject: str, note: str, bounds: tuple[Any, ...]) -> tuple[Any, ...]:
        meter = self._bounded(bounds)
        _, record = self._reach(note)
        return "rows", rows_text(record.rows(subject), self._copy.state.logged, meter)

    def _bounded(self, bounds: tuple[Any, ...]) -> Meter:
        """A meter, and the system's bound above it."""
        lists, entries, most, seconds = bounds
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + _SPARE_SECONDS,) * 2)
        return Meter(Bounds(lists=lists, entries=entries, size=most, seconds=seconds), self._has_left)

    def _reach(self, note: str) -> tuple[Published, LogRecord]:
        """The log at a checkpoint, and that it is the one that was signed."""
        published = Published(checkpoint=parse_checkpoint(parse_note(note).text), note=note)
        size = published.checkpoint.size
        if self._copy.state.size < size:
            self._copy.follow()
        if self._copy.state.nodes.root(size) != published.checkpoint.root:
            raise ValueError(f"the database holds another tree of size {size} than the one that was signed")
        return published, LogRecord(self._copy, self._cache, self._genesis, size)

    def _has_left(self) -> bool:
        """Nothing comes while an answer is awaited, but the end."""
        return bool(select([self._sock], [], [], 0)[0])


def _serve(root: Path, control: socket.socket) -> None:
    copy = LogCopy(load(root).open_store)
    _follow(copy)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that forks that have ended leave nothing behind
    control.sendall(b".")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        with socket.socket(fileno=descriptors[0]) as sock:
            _follow(copy)
            gc.freeze()  # what is there stays shared
            if os.fork() == 0:
                control.close()
                _answer(copy, sock)


def _follow(copy: LogCopy) -> None:
    copy.open()
    try:
        copy.follow()
    finally:
        copy.close()  # a connection must not be carried through a fork


def _answer(copy: LogCopy, sock: socket.socket) -> None:
    """A fork's whole life."""
    try:
        copy.open()
        with suppress(HasLeft, BrokenPipeError, ConnectionResetError):
            Answer(copy, sock).run()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    os.nice(_NICE)
    _serve(Path(sys.argv[1]), socket.socket(fileno=os.dup(0)))
