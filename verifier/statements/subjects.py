"""Which subjects a statement touches (protocol, section 4.2): from its public members alone, so that anyone can tell.

A subject is a kind, ``:`` and 64 hex digits; of ``approval`` two times 64, consent and asset, and of ``usage`` consent
and usage, joined by ``.``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from verifier.base.errors import Malformed
from verifier.statements.kinds import kind_of
from verifier.statements.parties import ROLES
from verifier.statements.types import Approval, Report, Seal, Statement, Usage

KINDS: Final = (
    "account", "approval", "asset", "consent", "erased", "exclusive", "keys", "mandate", "party", "registry", "twin",
    "usage", "uses",
)  # fmt: skip

PAIRED: Final = ("approval", "usage")
"""Kinds whose subjects have the consent's id before their own."""

_SUBJECT = re.compile(r"(?:(approval|usage):([0-9a-f]{64})\.|([a-z]+):)([0-9a-f]{64})\Z", re.ASCII)


def subjects(statement: Statement) -> tuple[str, ...]:
    """The subjects that ``statement`` touches, in byte order, each once. A seal touches nothing at all."""
    if type(statement) is Seal:
        return ()
    touched = {f"party:{party}" for party in statement.parties.ids()}
    for kind, member in kind_of(statement).touches:
        touched.update([f"{kind}:{id}" for id in _ids(statement, kind, member)])
    return tuple(sorted(touched))


def parse_subject(text: str) -> tuple[str, tuple[str, ...]]:
    """A subject's kind and its ids: one, or two where the consent's comes first."""
    match = _SUBJECT.match(text)
    if match:
        paired, consent, kind, last = match.groups()
        if paired:
            return paired, (consent, last)
        if kind in KINDS and kind not in PAIRED:
            return kind, (last,)
    raise Malformed(
        f"not a subject: one of {', '.join(KINDS)}, then ':' and 64 hex digits (approval and usage: two, with '.')"
    )


def format_subject(kind: str, *ids: str) -> str:
    """The inverse of :func:`parse_subject`."""
    return f"{kind}:{'.'.join(ids)}"


def _ids(statement: Statement, kind: str, member: str) -> Iterable[str]:
    """What one cell of ``touches`` stands for here."""
    value = getattr(statement.parties if member in ROLES else statement, member)
    if value is None or (kind == "exclusive" and kind not in statement.sections):
        return ()
    ids = (value,) if isinstance(value, str) else value
    if kind in PAIRED:
        assert isinstance(statement, Approval | Usage | Report)
        return [f"{statement.consent}.{id}" for id in ids]
    return ids
