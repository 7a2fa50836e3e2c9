"""``verifier check``, ``audit`` and ``watch``: the log has a new key that the policy does not name; it is told, and
followed with a flag."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.base.errors import KembarError
from verifier.base.strict import format_instant
from verifier.programs.console import Unusable, complain, unwritable
from verifier.programs.language import choose

if TYPE_CHECKING:
    from verifier.evidence.following import NewLogKey


HELP = "add the log's new key to POLICY, if your quorum cosigned it at least 7 days after it was logged"


def say(new: NewLogKey, options: argparse.Namespace) -> None:
    """Tell on standard error of a key that the policy does not name; with ``--follow-keys`` follow it, where the law
    lets it."""
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


def _replace(path: Path, data: bytes) -> None:
    """The whole file or the old one."""
    import tempfile  # this one and what it needs take a twentieth of a check's start

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
