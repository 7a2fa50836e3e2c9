"""The guard: what a log signed last, in a file outside the registry's folder.

A folder that is restored from an older copy takes its ``signed-checkpoint`` back with it, and would sign another tree
of a size that it has signed before: a fork. The guard stands elsewhere and does not go back. It is moved forward, by
compare-and-swap and durably, before a signature leaves the registry, and compared with the folder, by root, whenever
the log is opened.

It covers folders that are restored, or copied and served twice, on one machine. It says nothing where the machine
itself goes back: that is what witnesses and mirrors are for (docs/threats.md).

A line of canonical JSON for each signature, ``{"format", "note", "registry", "retired"}``, where the note is the
checkpoint that was signed; the last whole line counts. A line is one wait for the disk, a file put in the old one's
place would be two. A line that a power cut left without its end was of a signature that nobody has got.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from registry.log.durable import replace_file, sync
from registry.log.log_error import LogError
from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.note import MAX_NOTE_SIZE, parse_note

FORMAT = "kembar-guard/1"
MAX_LINE = 2 * MAX_NOTE_SIZE + 4096
"""Bytes of one line."""

USUAL = 4096
"""Bytes that most often hold two lines."""

MAX_GUARD = 256 * 1024
"""Bytes of a guard's file, beyond which its last line alone is kept."""


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
                _, data = _end_of(file)
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
            return _parse(_last_line(data))
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
            self._add(_format(new), is_there=there is not None)
        self.made()

    def _add(self, line: bytes, *, is_there: bool) -> None:
        """Put a line after the last whole one."""
        if not is_there or self.path.stat().st_size > MAX_GUARD:
            self._write_anew(line)
            return
        with self.path.open("r+b") as file:
            start, data = _end_of(file)
            file.seek(file.truncate(start + data.rfind(b"\n") + 1))
            file.write(line)
            file.flush()
            os.fdatasync(file.fileno())

    def _write_anew(self, line: bytes) -> None:
        replace_file(self.path, line, durable=True)
        sync(self.path.parent)

    def made(self) -> None:
        """It is there: have the settings say so."""
        if not self.is_made:
            self._on_made()
            self.is_made = True

    def replace(self, new: Guarded) -> None:
        """Put ``new`` there whatever there was: for ``registry recover`` alone, which has asked everybody."""
        with self._locked():
            self._write_anew(_format(new))
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
    try:
        base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"  # a relative one is ignored
    except RuntimeError:
        raise LogError("there is no home folder for the guard to stand in: say where with --guard PATH") from None
    return base / "kembar" / "guards" / f"{genesis}.json"


def _format(guarded: Guarded) -> bytes:
    value = {
        "format": FORMAT,
        "note": guarded.note,
        "registry": guarded.registry,
        "retired": guarded.retired,
    }
    return canonical.encode(value) + b"\n"


def _end_of(file: BinaryIO) -> tuple[int, bytes]:
    """The end of a file in which its last whole line is, and where that begins; of two longest lines at most."""
    size, length = file.seek(0, os.SEEK_END), USUAL
    while True:
        start = max(0, size - length)
        file.seek(start)
        data = file.read(length)
        if start == 0 or length >= 2 * MAX_LINE or data.count(b"\n") > 1:
            return start, data
        length = min(4 * length, 2 * MAX_LINE)


def _last_line(data: bytes) -> bytes:
    """The last whole line of the end of a file, without its newline; empty if there is none."""
    end = data.rfind(b"\n")
    return data[data.rfind(b"\n", 0, end) + 1 : end] if end >= 0 else b""


def _parse(line: bytes) -> Guarded:
    value = canonical.parse(line, limit=MAX_LINE)
    if not isinstance(value, dict) or value.get("format") != FORMAT or set(value) != _MEMBERS:
        raise KembarError(f"it is not a {FORMAT} file")
    note, registry, retired = value["note"], value["registry"], value["retired"]
    if not isinstance(note, str) or not isinstance(registry, str) or not isinstance(retired, bool):
        raise KembarError(f"it is not a {FORMAT} file")
    guarded = Guarded(registry=registry, note=note, retired=retired)
    _ = guarded.checkpoint  # which refuses what is none
    return guarded


_MEMBERS = {"format", "note", "registry", "retired"}
