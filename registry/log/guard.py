"""The guard: what a log signed last, in a file outside the registry's folder.

A folder that is restored from an older copy takes its ``signed-checkpoint`` back with it, and would sign another tree
of a size that it has signed before: a fork. The guard stands elsewhere and does not go back. It is moved forward, by
compare-and-swap and durably, before a signature leaves the registry, and compared with the folder, by root, whenever
the log is opened.

It covers folders that are restored, or copied and served twice, on one machine. It says nothing where the machine
itself goes back: that is what witnesses and mirrors are for (docs/threats.md).

One line of canonical JSON: ``{"format", "note", "registry", "retired"}``; the note is the checkpoint that was signed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.log.durable import replace_file, sync
from registry.log.log_error import LogError
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import MAX_NOTE_SIZE, parse_note

FORMAT = "kembar-guard/1"
MAX_GUARD = 2 * MAX_NOTE_SIZE + 4096
"""Bytes of a guard's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What a guard holds: the checkpoint that was signed last, its note, and whether the log was retired here."""

    registry: str
    note: str
    retired: bool = False

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint in the note."""
        return parse_checkpoint(parse_note(self.note).text)


class Guard:
    """The guard of one registry at ``path``. ``is_made``: the registry's settings say that it was made once.

    ``on_made`` is called when it has been made, for the settings to say so from then on.
    """

    def __init__(self, path: Path, *, is_made: bool, on_made: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self.is_made = is_made
        self._on_made = on_made

    def read(self) -> Guarded | None:
        """What it holds; None where there is none yet. Raises :class:`LogError` where there should be one."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_GUARD + 1)
        except FileNotFoundError:
            if self.is_made:
                raise LogError(
                    f"the guard {self.path} is missing, and the settings say that it was made: this is no first start. "
                    f"Put the file back, or run 'registry recover', which asks witnesses and mirrors what was signed."
                ) from None
            return None
        except OSError as error:
            raise LogError(f"the guard {self.path} cannot be read: {error.strerror}") from None
        try:
            return _parse(data)
        except KembarError as error:
            raise LogError(
                f"the guard {self.path} cannot be read: {error}. Put a good copy back, or run 'registry recover'."
            ) from None

    def swap(self, known: Guarded | None, new: Guarded) -> None:
        """Put ``new`` in the place of ``known``; durable when it returns. Raises OSError where it cannot be written.

        Raises :class:`LogError` if it holds anything else than either, for then another process signs for this log.
        """
        with self._locked():
            there = self.read()
            if there == new:
                return
            if there != known:
                raise LogError(
                    f"the guard {self.path} was moved by another process: this folder, or a copy of it, is served twice"
                )
            replace_file(self.path, _format(new), durable=True)
            sync(self.path.parent)
        self.made()

    def made(self) -> None:
        """It is there: have the settings say so."""
        if not self.is_made:
            self._on_made()
            self.is_made = True

    def replace(self, new: Guarded) -> None:
        """Put ``new`` there whatever there was: for ``registry recover`` alone, which has asked everybody."""
        with self._locked():
            replace_file(self.path, _format(new), durable=True)
            sync(self.path.parent)
        self.made()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time: the lock is a file of its own, since the guard itself is replaced."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def default_path(genesis: str) -> Path:
    """Where a registry's guard stands unless its operator chose: the user's state folder (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME", "")
    base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"  # a relative one is ignored
    return base / "kembar" / "guards" / f"{genesis}.json"


def _format(guarded: Guarded) -> bytes:
    value = {
        "format": FORMAT,
        "note": guarded.note,
        "registry": guarded.registry,
        "retired": guarded.retired,
    }
    return canonical.encode(value) + b"\n"


def _parse(data: bytes) -> Guarded:
    value = canonical.parse(data.removesuffix(b"\n"), limit=MAX_GUARD)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) != _MEMBERS:
        raise KembarError(f"it is not a {FORMAT} file")
    note, registry, retired = value["note"], value["registry"], value["retired"]
    if not isinstance(note, str) or not isinstance(registry, str) or not isinstance(retired, bool):
        raise KembarError(f"it is not a {FORMAT} file")
    guarded = Guarded(registry=registry, note=note, retired=retired)
    _ = guarded.checkpoint  # which refuses what is none
    return guarded


_MEMBERS = {"format", "note", "registry", "retired"}
