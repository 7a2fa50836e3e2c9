"""Before a witness serves: that it still knows what it cosigned, by its own database and by its own signatures.

A witness whose key is there and whose database is gone would cosign whatever it is shown, a fork too. So without a
database it refuses, until its operator hands in a checkpoint of each log and vouches that the witness cosigned nothing
later. And it reads each log's checkpoint: a line of its own over more than it knows means that its database is an older
copy. A log that does not answer then is asked again before anything is cosigned for it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.cosignature import verify_cosignature
from verifier.log.note import MAX_NOTE_SIZE, SignatureError, Verifier, by_known_keys, parse_note
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import Policy, open_checkpoint
from verifier.programs.http import BadUrl, HttpError, ask_once
from verifier.programs.witness.decision import Reply, refuse
from verifier.programs.witness.store import WitnessStore, WitnessStoreError
from verifier.words.catalogue import Sentence

TIMEOUT = 5.0
"""Seconds that a log has to show its checkpoint."""

ASK_AGAIN = 1.0
"""Seconds between two looks at a log that has not shown its checkpoint."""

AGENT = "kembar-witness"


def require_memory(path: Path) -> None:
    """Raises :class:`WitnessStoreError` if there is no database at ``path``, or an empty one."""
    if not path.is_file() or not path.stat().st_size:
        raise WitnessStoreError(
            f"{path} is missing: it says what this witness cosigned, and without it the witness would cosign a "
            f"fork. Put the newest copy back. If it is lost for good, make a new witness with a new key; or hand in, "
            f"for each log, the newest checkpoint that it may have cosigned (--start-anew FILE), and vouch for that "
            f"(--on-my-word)."
        )


def start_anew(path: Path, policy: Policy, notes: Mapping[str, bytes]) -> None:
    """Make the database of a witness that has lost it. ``notes`` are signed checkpoints, by the name of their file.

    There must be one of every log in ``policy``, and no database. Raises :class:`WitnessStoreError`.
    """
    if path.exists() and path.stat().st_size:
        raise WitnessStoreError(f"{path} is there: there is nothing to start anew")
    alone = Policy(logs=policy.logs, witnesses=(), groups=(), quorum=None)
    found: dict[str, tuple[Checkpoint, str]] = {}
    for name, note in notes.items():
        try:
            checkpoint = open_checkpoint(note, alone).checkpoint
        except KembarError as error:
            raise WitnessStoreError(f"{name} is no checkpoint of a log of the policy: {error}") from None
        if checkpoint.origin in found:
            raise WitnessStoreError(f"{name} is a second checkpoint of {checkpoint.origin}: hand in the newest alone")
        found[checkpoint.origin] = checkpoint, note.decode("utf-8")
    missing = sorted({log.verifier.name for log in policy.logs} - found.keys())
    if missing:
        raise WitnessStoreError(f"hand in a checkpoint of {', '.join(missing)} too: --start-anew FILE for each log")
    making = path.with_name(f"{path.name}.new")
    making.unlink(missing_ok=True)
    store = WitnessStore(making)
    try:
        for checkpoint, text in found.values():
            store.begin(checkpoint, text)
    finally:
        store.close()
    os.replace(making, path)


def compare_with_logs(
    store: WitnessStore, verifier: Verifier, urls: Mapping[str, str], warn: Callable[[str | Sentence], object]
) -> dict[str, str]:
    """Read each log's checkpoint (``urls`` by origin); returns those logs that do not answer, which is told.

    Raises :class:`WitnessStoreError` for a line by ``verifier`` over more than ``store`` knows, or over another tree.
    """
    silent = {}
    for origin, url in urls.items():
        try:
            note = _read(url)
        except (OSError, HttpError, BadUrl) as error:
            warn(Sentence("witness.silent", url=url, why=str(error)))
            silent[origin] = url
            continue
        cosigned = _cosigned(note, origin, verifier)
        known = store.known(origin)
        if cosigned is None or cosigned.size < known.size:
            continue
        if cosigned.size > known.size or cosigned.root != known.root:
            raise WitnessStoreError(
                f"{url} shows a checkpoint of {cosigned.size} entries that this witness cosigned, and it knows "
                f"{known.size}: its database is an older copy, and it would cosign a fork. Put the newest copy back."
            )
    return silent


class UntilCompared:
    """Logs that did not answer when this witness started (``urls`` by origin).

    Nothing is cosigned for one of them until it has shown its checkpoint; whoever asks for a cosignature meanwhile
    makes the witness look again. For any number of threads.
    """

    def __init__(
        self, store: WitnessStore, verifier: Verifier, urls: Mapping[str, str], warn: Callable[[str | Sentence], object]
    ) -> None:
        self._store = store
        self._verifier = verifier
        self._silent = dict(urls)
        self._warn = warn
        self._reasons = dict.fromkeys(urls, "the log has not shown its checkpoint since this witness started")
        self._looked: dict[str, float] = {}
        self._looking = threading.Lock()

    def refusal(self, origin: str) -> Reply | None:
        """None if the log may be cosigned."""
        if origin in self._silent and self._looking.acquire(blocking=False):
            try:
                self._look(origin)
            finally:
                self._looking.release()
        why = self.reason(origin)
        return refuse(503, why) if why else None

    def reason(self, origin: str) -> str:
        """Why nothing is cosigned for the log, or ""."""
        return self._reasons.get(origin, "")

    def _look(self, origin: str) -> None:
        now = time.monotonic()
        if origin not in self._silent or now - self._looked.get(origin, -ASK_AGAIN) < ASK_AGAIN:
            return
        self._looked[origin] = now
        urls = {origin: self._silent[origin]}
        try:
            is_silent = compare_with_logs(self._store, self._verifier, urls, lambda line: None)
        except WitnessStoreError as error:
            self._warn(str(error))
            self._reasons[origin] = "the log shows a signature of this witness over more than the witness knows"
        else:
            if is_silent:
                return
            self._warn(Sentence("witness.answers", url=self._silent[origin]))
            del self._reasons[origin]
        del self._silent[origin]


def _read(url: str) -> bytes:
    if "://" not in url:
        return (Path(url) / CHECKPOINT_PATH).read_bytes()[: MAX_NOTE_SIZE + 1]
    answer = ask_once("GET", f"{url.rstrip('/')}/{CHECKPOINT_PATH}", AGENT, limit=MAX_NOTE_SIZE, timeout=TIMEOUT)
    if answer.status != 200:
        raise HttpError(f"the server answers {answer.status}")
    return answer.body


def _cosigned(data: bytes, origin: str, verifier: Verifier) -> Checkpoint | None:
    """The checkpoint in a note, if it is of this log and carries a good line by ``verifier``."""
    try:
        note = parse_note(data)
        checkpoint = parse_checkpoint("".join(f"{line}\n" for line in note.text.split("\n")[:3]))
        claimed, _ = by_known_keys(note, (verifier,))
        for _, line in claimed:
            verify_cosignature(verifier, note.text, line.signature)
    except (KembarError, SignatureError):
        return None
    return checkpoint if claimed and checkpoint.origin == origin else None
