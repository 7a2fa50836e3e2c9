"""Which subjects a statement touches (protocol, section 4.2): from its public members alone, so that anyone can tell.

A subject is a kind, ``:`` and 64 hex digits; of ``approval`` two times 64, consent and asset, joined by ``.``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from verifier.base.errors import Malformed
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Erasure,
    Genesis,
    Guardian,
    Key,
    Mandate,
    Party,
    Payment,
    Receipt,
    Registry,
    Report,
    Resumption,
    Revocation,
    Ruling,
    Seal,
    Statement,
    Suspension,
    Twin,
    Usage,
)

KINDS: Final = (
    "account", "approval", "asset", "consent", "erased", "exclusive", "keys", "mandate", "party", "registry", "twin",
    "uses",
)  # fmt: skip

_SUBJECT = re.compile(r"(?:(approval):([0-9a-f]{64})\.|([a-z]+):)([0-9a-f]{64})\Z", re.ASCII)


def subjects(statement: Statement) -> tuple[str, ...]:
    """The subjects that ``statement`` touches, in byte order, each once. A seal touches nothing at all."""
    if type(statement) is Seal:
        return ()
    touched = {f"party:{party}" for party in statement.parties.ids()}
    touched.update(_TOUCHES[type(statement)](statement))
    return tuple(sorted(touched))


def parse_subject(text: str) -> tuple[str, tuple[str, ...]]:
    """A subject's kind and its ids: one, or for ``approval`` the consent's and the asset's."""
    match = _SUBJECT.match(text)
    if match:
        approval, consent, kind, last = match.groups()
        if approval:
            return approval, (consent, last)
        if kind in KINDS and kind != "approval":
            return kind, (last,)
    raise Malformed(f"not a subject: one of {', '.join(KINDS)}, then ':' and 64 hex digits (approval: two, with '.')")


def format_subject(kind: str, *ids: str) -> str:
    """The inverse of :func:`parse_subject`."""
    return f"{kind}:{'.'.join(ids)}"


def _registry(statement: Genesis | Registry) -> Iterator[str]:
    yield f"registry:{statement.id if statement.registry is None else statement.registry}"


def _party(statement: Party) -> Iterator[str]:
    yield f"party:{statement.id}"
    yield f"keys:{statement.id}"


def _key(statement: Key) -> Iterator[str]:
    if statement.parties.author is not None:
        yield f"keys:{statement.parties.author}"


def _guardian(statement: Guardian) -> Iterator[str]:
    if statement.parties.model is not None:
        yield f"keys:{statement.parties.model}"


def _mandate(statement: Mandate) -> Iterator[str]:
    yield f"mandate:{statement.id}"


def _consent(statement: Consent) -> Iterator[str]:
    yield f"consent:{statement.id}"
    if statement.replaces is not None:
        yield f"consent:{statement.replaces}"
    if "exclusive" in statement.sections and statement.parties.model is not None:
        yield f"exclusive:{statement.parties.model}"


def _twin(statement: Twin) -> Iterator[str]:
    yield f"twin:{statement.id}"
    yield from _assets(statement)


def _approval(statement: Approval) -> Iterator[str]:
    for asset in statement.assets:
        yield f"approval:{statement.consent}.{asset}"
        yield f"asset:{asset}"


def _usage(statement: Usage) -> Iterator[str]:
    yield f"uses:{statement.consent}"
    yield from _assets(statement)


def _assets(statement: Twin | Usage) -> Iterator[str]:
    for asset in statement.assets:
        yield f"asset:{asset}"


def _report(statement: Report) -> Iterator[str]:
    yield f"uses:{statement.consent}"


def _account(statement: Payment | Receipt | Adjustment) -> Iterator[str]:
    yield f"account:{statement.consent}"


def _revocation(statement: Revocation) -> Iterator[str]:
    kind, target = statement.target
    yield f"{kind}:{target}"


def _on_consent(statement: Suspension | Resumption | Dispute | Ruling) -> Iterator[str]:
    yield f"consent:{statement.consent}"


def _erasure(statement: Erasure) -> Iterator[str]:
    yield f"erased:{statement.of}"


_TOUCHES: dict[type[Statement], Callable[[Any], Iterator[str]]] = {
    Genesis: _registry,
    Registry: _registry,
    Party: _party,
    Key: _key,
    Guardian: _guardian,
    Mandate: _mandate,
    Consent: _consent,
    Twin: _twin,
    Approval: _approval,
    Usage: _usage,
    Report: _report,
    Payment: _account,
    Receipt: _account,
    Adjustment: _account,
    Revocation: _revocation,
    Suspension: _on_consent,
    Resumption: _on_consent,
    Dispute: _on_consent,
    Ruling: _on_consent,
    Erasure: _erasure,
}
