"""What a reader is told of a log key that her policy does not name yet (protocol, section 7.4)."""

from __future__ import annotations

from verifier.base.strict import format_instant
from verifier.evidence.following import new_log_key
from verifier.evidence.verify import Opened
from verifier.log.trust import Policy
from verifier.words.catalogue import Catalogue


def new_key_lines(opened: Opened, policy: Policy, file: str, words: Catalogue) -> list[str]:
    """Of evidence in ``file`` that passed under ``policy``; nothing where that names the key in force.

    The policy is changed by ``verifier check`` alone, which keeps the law of when it may follow.
    """
    new = new_log_key(opened, policy)
    if new is None:
        return []
    values = {"index": str(new.index), "logged": format_instant(new.logged), "vkey": str(new.key)}
    lines = [words.say("follow.new_key", origin=new.key.name, **values)]
    if new.by_hand:
        lines.append(words.say("follow.by_hand", policy="POLICY"))
    elif new.may_follow:
        lines.append(words.say("follow.check", file=file))
    else:
        lines.append(words.say("follow.later", start=format_instant(new.follow_from)))
    return lines
