"""``verifier check``, ``audit`` and ``watch``: the log has a new key that the policy does not name; it is told, and
followed with a flag."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.base.errors import KembarError
from verifier.base.strict import format_instant
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import MAX_NOTE_SIZE, by_known_keys, parse_note
from verifier.log.trust import Policy
from verifier.programs.console import Unusable, complain, unwritable
from verifier.programs.language import choose

if TYPE_CHECKING:
    from verifier.evidence.following import NewLogKey


HELP = "add the log's new key to POLICY, if your quorum cosigned it at least 7 days after it was logged"


def tell(data: bytes, policy: Policy, options: argparse.Namespace) -> None:
    """Say on standard error what is to be known of the log's key; with ``--follow-keys`` change the policy's file.

    ``data`` is evidence that passed under ``policy``. It is opened again only where its checkpoint has a line by a key
    of the log's name that the policy does not name.
    """
    from verifier.evidence.file import MAX_EVIDENCE
    from verifier.evidence.pdf import evidence_in

    data = evidence_in(data, MAX_EVIDENCE)
    if not _has_other_key(data, policy):
        return
    from verifier.evidence.following import new_log_key
    from verifier.evidence.verify import open_evidence

    opened = open_evidence(data, policy, instant=0)
    new = new_log_key(opened, policy)
    if new is None:
        return
    say(new, options)


def say(new: NewLogKey, options: argparse.Namespace) -> None:
    """Tell of a key that the policy does not name; with ``--follow-keys`` follow it, where the law lets it."""
    from verifier.evidence.following import followed

    words = choose(options.language)
    values = {"index": str(new.index), "logged": format_instant(new.logged), "vkey": str(new.key)}
    complain(words.say("follow.new_key", origin=new.key.name, **values), 0)
    if new.by_hand:
        complain(words.say("follow.by_hand", policy=options.trust), 0)
    elif not new.may_follow:
        complain(words.say("follow.later", start=format_instant(new.follow_from)), 0)
    elif not options.follow_keys:
        complain(words.say("follow.may", policy=options.trust), 0)
    else:
        path = Path(options.trust)
        try:
            _replace(path, followed(path.read_bytes(), new))
        except OSError as error:
            raise unwritable(options.trust, error) from None
        except KembarError as error:
            raise Unusable(f"{options.trust}: {error}") from None
        complain(words.say("follow.done", policy=options.trust), 0)


def _has_other_key(data: bytes, policy: Policy) -> bool:
    """Whether its checkpoint, with which all evidence begins, has such a line. The rest is not read again."""
    start = data[len(b'{"checkpoint":') :][: 2 * MAX_NOTE_SIZE].decode("utf-8", "ignore")
    note = parse_note(json.JSONDecoder().raw_decode(start)[0])
    origin = parse_checkpoint(note.text).origin
    return any(line.name == origin for line in by_known_keys(note, policy.verifiers())[1])


def _replace(path: Path, data: bytes) -> None:
    """The whole file or the old one."""
    path = path.resolve()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
