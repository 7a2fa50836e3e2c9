"""Asking those who have seen this log what they have seen: witnesses, auditors, mirrors.

Each is asked when the registry starts, until it has answered, and again from time to time. A witness and an auditor
show the newest checkpoint that they cosigned at ``GET <hash of origin>/checkpoint`` (C2SP tlog-witness), a mirror the
one that it holds at ``GET checkpoint``. What they show is believed only if this log's own key has signed it
(:class:`registry.gate.Gate`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from registry.gate import Gate, Word
from verifier.log.note import MAX_NOTE_SIZE
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import Policy
from verifier.programs.http import BadUrl, HttpError, ask_once

TIMEOUT = 10.0
"""Seconds after which somebody is given up for this time."""

EVERY = 600.0
"""Seconds between looks at somebody who has answered."""

AGAIN = 30.0
"""Seconds before somebody is asked again who has not."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Asked:
    """Somebody to ask: what people call it, the address of its checkpoint (or its path), and when it is next."""

    name: str
    address: str
    is_mirror: bool
    next: float = 0.0
    fault: str = ""


def everybody(origin: str, policy: Policy, mirrors: Sequence[str]) -> list[Asked]:
    """The witnesses and auditors of a policy whose URL it gives, and mirrors, by URL or folder."""
    witnesses = [one for one in policy.witnesses if one.url is not None]
    found = [Asked(one.name, witness_address(str(one.url), origin), False) for one in witnesses]
    return found + [Asked(mirror, mirror_address(mirror), True) for mirror in mirrors]


def witness_address(url: str, origin: str) -> str:
    """Where a witness shows the newest checkpoint of a log that it cosigned."""
    return f"{url.rstrip('/')}/{sha256(origin.encode()).hexdigest()}/{CHECKPOINT_PATH}"


def mirror_address(mirror: str) -> str:
    """Where a mirror, or another registry, shows the log's checkpoint."""
    if "://" in mirror:
        return f"{mirror.rstrip('/')}/{CHECKPOINT_PATH}"
    root = Path(mirror)
    for place in (root, root / "mirror", root / "public"):  # a mirror, the store of an audit, a registry's folder
        if (place / CHECKPOINT_PATH).is_file():
            return str(place / CHECKPOINT_PATH)
    return str(root / CHECKPOINT_PATH)


def ask(address: str) -> bytes | None:
    """The note there; None where there is none. Raises OSError and HttpError where nobody answers properly."""
    if "://" not in address:
        try:
            with open(address, "rb") as file:
                return file.read(MAX_NOTE_SIZE)
        except FileNotFoundError:
            return None
    answer = ask_once("GET", address, "kembar-registry", limit=MAX_NOTE_SIZE, timeout=TIMEOUT)
    if answer.status in (404, 405):
        return None
    if answer.status != 200:
        raise HttpError(f"it answers {answer.status}")
    return answer.body


class Asking:
    """Asks ``sources`` on behalf of ``gate``, in a thread of its own, until :meth:`close`."""

    def __init__(self, gate: Gate, sources: Sequence[Asked], disregarded: Sequence[str] = ()) -> None:
        self._gate = gate
        self._sources = list(sources)
        self._disregarded = frozenset(disregarded)
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="asking", daemon=True)
        if self._sources:
            self._thread.start()

    def close(self) -> None:
        """Ask nobody any more. Who is being asked is not waited for."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def larger(self, name: str, size: int) -> None:
        """A witness told a size that is larger than the log: what it has seen signed counts, its bare word hardly."""
        if any(one.name == name and self._look(one) is Word.CONTRADICTS for one in self._sources):
            return
        if name in self._disregarded:
            _log.warning("witness %s says %d entries, and is disregarded (--disregard)", name, size)
        else:
            self._gate.told(size, name)

    def _run(self) -> None:
        while True:
            with self._wake:
                now = time.monotonic()
                due = [one for one in self._sources if one.next <= now]
                if self._stopping:
                    return
                if not due:
                    self._wake.wait(max(0.01, min(one.next for one in self._sources) - now))
                    continue
            for one in due:
                try:
                    self._look(one)
                except Exception:  # whatever it is, the next look may do better
                    _log.exception("asking %s failed", one.name)
                    one.next = time.monotonic() + AGAIN

    def _look(self, one: Asked) -> Word:
        """Ask once."""
        try:
            note = ask(one.address)
        except (OSError, HttpError, BadUrl) as error:
            fault = getattr(error, "strerror", None) or str(error) or type(error).__name__
            if fault != one.fault:
                _log.warning("%s does not say what it has seen of this log: %s", one.name, fault)
            one.fault, one.next = fault, time.monotonic() + AGAIN
            return Word.FOREIGN
        one.fault, one.next = "", time.monotonic() + EVERY
        return Word.FOREIGN if note is None else self._gate.heard(note, one.name, is_mirror=one.is_mirror)
