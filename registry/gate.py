"""Whether anything may be sealed now: the writer asks before each batch.

Two things can be in the way. A **contradiction** is a checkpoint, signed by this log's own key, that this folder's tree
does not begin with: larger than it, or another tree. Whoever shows it (a witness, a mirror, an auditor), going on would
fork the log. It is kept in the folder, and stops the registry until ``registry recover``. A log that is **held** has no
guard to say that the folder is the newest: it waits until a quorum of witnesses, or a mirror, has answered and knows no
more. An outage is never taken for a no: who does not answer changes nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from enum import Enum, auto
from pathlib import Path

from registry.log.durable import replace_file
from registry.log.log import Log
from registry.problems import Problem
from verifier.base import private_keys
from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import Verifier, by_known_keys, parse_note, verify_ed25519
from verifier.log.writing import Signer

CONTRADICTION = "contradiction"
"""The file with the note that stops a registry."""

_log = logging.getLogger(__name__)


class Word(Enum):
    """What a checkpoint that somebody shows is to this log."""

    FOREIGN = auto()
    """Nothing that its key has signed, or nothing that can be read."""
    AGREES = auto()
    """The beginning of this log's tree, or all of it."""
    CONTRADICTS = auto()
    """Signed by this log's key, and not the beginning of its tree: larger, or another."""


class Gate:
    """Of ``log``; ``verifiers`` are keys of this log beside those that it holds. For any number of threads.

    ``on_open`` is called when a log that was held need not wait any more.
    """

    def __init__(self, log: Log, verifiers: Iterable[Verifier], on_open: Callable[[], None] = lambda: None) -> None:
        self._log = log
        self._verifiers = own_verifiers(log.origin, log.keys.held.values(), verifiers)
        self._lock = threading.Lock()
        self._disputed: set[str] = set()
        self._stopped = (log.root / CONTRADICTION).exists()
        self.on_open = on_open
        if self._stopped:
            _log.error("%s: this log has signed what this folder does not hold: see there", log.root / CONTRADICTION)

    def know(self, verifiers: Iterable[Verifier]) -> None:
        """Further keys of this log: what they signed counts from now on."""
        self._verifiers = own_verifiers(self._log.origin, self._log.keys.held.values(), (*self._verifiers, *verifiers))

    @property
    def is_stopped(self) -> bool:
        """Whether a contradiction was found, now or before."""
        return self._stopped

    def refusal(self) -> Problem | None:
        """Why nothing may be sealed now; None if it may."""
        if self._stopped:
            detail = "this log has signed a checkpoint that does not fit what it holds here"
            return Problem(code="stopped", detail=detail)
        if self._log.is_held:
            detail = "nobody has said yet that this is the newest state of the log"
            return Problem(code="not_confirmed", detail=detail)
        return None

    # ---- what others say

    def heard(self, note: bytes, who: str, *, is_mirror: bool = False) -> Word:
        """``who`` shows a checkpoint. A mirror that knows no more than this folder lets a held log go on."""
        checkpoint = open_own(note, self._verifiers)
        if checkpoint is None:
            return Word.FOREIGN
        if is_beginning(self._log, checkpoint):
            if is_mirror:
                self.confirmed(who)
            return Word.AGREES
        with self._lock:
            if not self._stopped:
                replace_file(self._log.root / CONTRADICTION, note, durable=True)
                self._stopped = True
                _log.error(
                    "%s shows a checkpoint of size %d that this log's key has signed, and that is not the beginning of "
                    "its tree of %d entries: nothing is sealed any more. Run 'registry recover %s'.",
                    who, checkpoint.size, self._log.state.size, self._log.root,
                )  # fmt: skip
        return Word.CONTRADICTS

    def told(self, size: int, who: str) -> None:
        """``who`` only says that it knows ``size`` entries, more than there are: a number that nobody has signed."""
        with self._lock:
            is_held = self._log.is_held
            if is_held:
                self._disputed.add(who)
        what = f"nothing is sealed; --disregard {who} if its word is worth nothing" if is_held else "the log goes on"
        _log.warning(
            "witness %s says that it knows this log with %d entries, and it has %d; it shows no signature: %s",
            who, size, self._log.published.checkpoint.size, what,
        )  # fmt: skip

    def confirmed(self, who: str) -> None:
        """``who`` has answered, and knows no more than this folder holds."""
        with self._lock:
            if not self._log.is_held or self._stopped or self._disputed:
                return
            self._log.release()
        _log.warning("%s knows no more than this folder holds: the registry goes on", who)
        self.on_open()


def own_verifiers(
    origin: str, keys: Iterable[private_keys.SigningKey], others: Iterable[Verifier]
) -> tuple[Verifier, ...]:
    """All keys of a log: those in its folder, and ``others`` from its policy."""
    held = [Signer(origin, key).verifier for key in keys]
    return tuple(dict.fromkeys([*held, *others]))


def open_own(note: bytes, verifiers: Iterable[Verifier]) -> Checkpoint | None:
    """The checkpoint in a note, if one of these keys has signed it; None for anything else."""
    try:
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
    except KembarError:
        return None
    claimed, _ = by_known_keys(parsed, tuple(verifiers))
    if not any(verify_ed25519(verifier, parsed.text, line.signature) for verifier, line in claimed):
        return None
    return checkpoint


def is_beginning(log: Log, checkpoint: Checkpoint) -> bool:
    """Whether the log's tree begins with the checkpoint's, or is it."""
    if checkpoint.origin != log.origin or checkpoint.size > log.state.size:
        return False
    return checkpoint.root == log.state.nodes.root(checkpoint.size)


def read_contradiction(root: Path) -> bytes | None:
    """The note that stops the registry in ``root``, if there is one."""
    try:
        return (root / CONTRADICTION).read_bytes()
    except FileNotFoundError:
        return None
