"""Questions that take long are answered in a process beside the writer's: this is the writer's end of it.

The process (:mod:`registry.answering`) is started with the first such question and holds a copy of the log; for each
question it forks, so that one which goes wrong takes nothing else with it. It cannot prove lists: it says which it
needs, and gets their proofs from here. One that has died is replaced; one that nobody has asked for a while is ended,
for its copy takes half as much memory as the writer's process.
"""

from __future__ import annotations

import logging
import marshal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from select import POLLIN, poll, select
from typing import Any, Never

from registry.metering import Bounds, HasLeft, TooMuch
from registry.processes import read_frame, start, write_frame
from registry.readers.rights import Permission
from verifier.index.shown import Absence, Presence
from verifier.rules.model.question import Question

AGAIN = 60.0
"""Seconds after which a process that could not be started is tried again."""
IDLE = 300.0
"""Seconds without a question after which a process is ended."""
_LOOK = 0.2  # seconds between two looks whether the client is still there

_log = logging.getLogger(__name__)


class CannotStart(Exception):
    """There is no process: what it would do has to be done here."""


class Died(Exception):
    """A process ended before it had answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The lists that an answer needs, and the lengths of all lists that were read to find out."""

    wanted: tuple[str, ...]
    read: Mapping[str, int]


class Channel:
    """One question, and whoever answers it. For one thread."""

    def __init__(self, sock: socket.socket, has_left: Callable[[], bool]) -> None:
        self._sock = sock
        self._raw = socket.SocketIO(sock, "rw")
        self._has_left = has_left

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()
        self._sock.close()  # whoever still works on it sees that, and stops

    def choose(self, question: Question, permission: Permission, bounds: Bounds, size: int) -> Chosen:
        """The lists that are needed at ``size``. Raises TooMuch, HasLeft and :class:`Died`, as the next does."""
        asked = question.kind, question.id, question.ask, question.consent
        wanted, read = self._say(("choose", asked, permission.packed(), astuple(bounds), size))
        return Chosen(wanted=tuple(wanted), read=dict(read))

    def build(self, note: str, proofs: Sequence[Presence | Absence]) -> tuple[bytes, dict[str, int]]:
        """The file at the checkpoint ``note``, with the proofs of the lists that were chosen last; and how many
        sections of whom are in it."""
        data, owners = self._say(("build", note, [pack_proof(proof) for proof in proofs]))
        assert isinstance(data, bytes)
        return data, dict(owners)

    def list_rows(self, subject: str, note: str, bounds: Bounds) -> bytes:
        """The rows of a list at the checkpoint ``note``, as text. Raises TooMuch, HasLeft and :class:`Died`."""
        [text] = self._say(("rows", subject, note, astuple(bounds)))
        assert isinstance(text, bytes)
        return text

    def _say(self, said: tuple[Any, ...]) -> tuple[Any, ...]:
        try:
            write_frame(self._raw, marshal.dumps(said))
            while not select([self._sock], [], [], _LOOK)[0]:
                if self._has_left():
                    raise HasLeft
            data = read_frame(self._raw)
        except OSError:
            data = None
        if data is None:
            raise Died
        what, *rest = marshal.loads(data)
        if what == "too_much":
            raise TooMuch(rest[0])
        return tuple(rest)


def pack_proof(proof: Presence | Absence) -> tuple[Any, ...]:
    """A proof as plain values."""
    if isinstance(proof, Presence):
        return "presence", proof.value, proof.path
    return "absence", proof.other_k, proof.other_v, proof.path


def unpack_proof(packed: tuple[Any, ...]) -> Presence | Absence:
    """The inverse of :func:`pack_proof`."""
    match packed:
        case "presence", bytes() as value, tuple() as path:
            return Presence(value=value, path=path)
        case "absence", bytes() | None as other_k, bytes() | None as other_v, tuple() as path:
            return Absence(other_k=other_k, other_v=other_v, path=path)
    raise ValueError(f"no proof: {packed[:1]}")


class Answerer:
    """The process for the registry in the folder ``root``; for any number of threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._failed: float | None = None  # when it could not be started

    @property
    def state(self) -> str:
        """Where long questions are answered: ``beside``, or ``here`` while there can be no process."""
        return "beside" if self._failed is None else "here"

    def ask(self, has_left: Callable[[], bool]) -> Channel:
        """Somebody who answers one question. Raises :class:`CannotStart` and HasLeft."""
        process = self._running()
        while not process.began.wait(_LOOK):
            if has_left():
                raise HasLeft
        if not process.is_ready:
            self._fail("it ended while it read the log")
        self._failed = None
        ours, theirs = socket.socketpair()
        try:
            process.hand_over(theirs)
        except OSError:  # it has ended, which is not noted yet
            ours.close()
            process.has_ended = True
            return self.ask(has_left)
        finally:
            theirs.close()
        return Channel(ours, has_left)

    def close(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.close()

    def _running(self) -> _Process:
        with self._lock:
            process = self._process
            if process is None or process.has_ended:
                if self._failed is not None and time.monotonic() - self._failed < AGAIN:
                    raise CannotStart
                if process is not None:
                    process.close()
                if process is not None and not process.was_idle:
                    _log.warning("the process that answers questions has ended; another takes its place")
                try:
                    process = self._process = _Process(self._root, self._lock)
                except OSError as error:
                    self._fail(str(error))
            process.asked = time.monotonic()
            return process

    def _fail(self, why: str) -> Never:
        if self._failed is None or time.monotonic() - self._failed >= AGAIN:
            _log.error("questions are answered in the writer's own process, for there can be none beside it: %s", why)
            self._failed = time.monotonic()
        raise CannotStart


class _Process:
    """One process, and the socket through which it is handed questions. ``lock`` is held by whoever gets it for a
    question, and notes in ``asked`` when (by the monotonic clock): so it never ends between the two.
    """

    def __init__(self, root: Path, lock: threading.Lock) -> None:
        self.asked = time.monotonic()
        self._lock = lock
        self.began = threading.Event()
        self.is_ready = False
        self.has_ended = self.was_idle = False
        self._control, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = start("registry.answering", [str(root)], stdin=theirs.fileno())
        except OSError:
            self._control.close()
            raise
        threading.Thread(target=self._watch, name="answerer", daemon=True).start()

    def _watch(self) -> None:
        with suppress(OSError):
            self.is_ready = bool(self._control.recv(1))
            self.asked = time.monotonic()  # whoever waits for it hands over now
            self.began.set()
            says = poll()
            says.register(self._control, POLLIN)
            while not self._end_if_idle() and not says.poll(1000 * IDLE / 4):
                pass  # it says no more until its end
        self.has_ended = True
        self.began.set()
        self._process.wait()

    def _end_if_idle(self) -> bool:
        with self._lock:
            if time.monotonic() - self.asked > IDLE:
                self.has_ended = self.was_idle = True
                self._control.shutdown(socket.SHUT_RDWR)
        return self.was_idle

    def hand_over(self, sock: socket.socket) -> None:
        socket.send_fds(self._control, [b"?"], [sock.fileno()])

    def close(self) -> None:
        """Have it end, and wait for that; those who answer end with their questions."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._process.wait()
        self._control.close()
