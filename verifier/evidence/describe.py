"""What an entry says in public, in one sentence. What was allowed or paid is private, and not here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from verifier.evidence.explain import moment, short
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


def describe(statement: Statement) -> str:
    """One sentence in plain English; ids by their first 12 digits."""
    sentence = _SENTENCES[type(statement)](statement)
    return "T" + sentence[1:] if sentence.startswith("the ") else sentence


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _files(statement: Twin | Usage | Approval) -> str:
    return _count(len(statement.assets), "file", "files")


def _who(statement: Statement, *roles: str) -> str:
    """The first of these roles that is filled, as in "the licensee 3f0c..."."""
    for role in roles:
        party = statement.parties.role(role)
        if party is not None:
            return f"the {role} {short(party)}"
    return "somebody"


def _consent(statement: Consent) -> str:
    if statement.act == "create":
        return (
            f"{_who(statement, 'model')} lets {_who(statement, 'maker')} make a digital twin of her "
            f"(consent {short(statement.id)})."
        )
    exclusive = ", exclusively," if "exclusive" in statement.sections else ""
    replaces = f", in place of the consent {short(statement.replaces)}" if statement.replaces else ""
    return (
        f"The model lets {_who(statement, 'licensee')}{exclusive} use the twin {short(statement.twin or '')} "
        f"(consent {short(statement.id)}){replaces}."
    )


def _usage(statement: Usage) -> str:
    who = _who(statement, "sublicensee", "licensee")
    return (
        f"A use of the twin {short(statement.twin)} with {_files(statement)} was declared by {who} under the consent "
        f"{short(statement.consent)}."
    )


def _approval(statement: Approval) -> str:
    decided = "approved" if statement.decision == "approve" else "rejected"
    by = " by the agency" if statement.under else ""
    files = _files(statement)
    return f"{files} under the consent {short(statement.consent)} {_was(statement)} {decided}{by}."


def _was(statement: Approval) -> str:
    return "was" if len(statement.assets) == 1 else "were"


def _payment(statement: Payment) -> str:
    word = _who(statement, "provider", "payer")
    return (
        f"{word} says that money was sent to {_who(statement, 'payee')} under the consent {short(statement.consent)}."
    )


def _receipt(statement: Receipt) -> str:
    return f"{_who(statement, 'payee')} says that money arrived under the consent {short(statement.consent)}."


def _adjustment(statement: Adjustment) -> str:
    if statement.kind == "credit":
        return f"{_who(statement, 'payee')} lets off a debt under the consent {short(statement.consent)}."
    return f"Money is said to have gone back, under the consent {short(statement.consent)}."


def _revocation(statement: Revocation) -> str:
    kind, target = statement.target
    done = "is retired" if kind == "twin" else "is revoked"
    return f"The {kind} {short(target)} {done} from {moment(statement.effective)} on; ground: {statement.ground}."


def _suspension(statement: Suspension) -> str:
    return (
        f"The consent {short(statement.consent)} is suspended from {moment(statement.effective)} on; "
        f"ground: {statement.ground}."
    )


def _key(statement: Key) -> str:
    if statement.keys is not None:
        return f"All keys of {_who(statement, 'author')} are replaced."
    changes = [
        f"{_count(len(keys), 'key', 'keys')} {done}"
        for keys, done in ((statement.add, "added"), (statement.retire, "retired"))
        if keys
    ]
    return f"Keys of {_who(statement, 'author')}: {', '.join(changes)}."


def _dispute(statement: Dispute) -> str:
    about = _count(len(statement.of), "statement", "statements")
    return (
        f"{_who(statement, 'author')} disputes {about} under the consent {short(statement.consent)}: {statement.tag}."
    )


def _ruling(statement: Ruling) -> str:
    about = _count(len(statement.of), "statement", "statements")
    meaning = "stands" if statement.outcome == "stands" else "void"
    return f"The arbiter rules on {about} under the consent {short(statement.consent)}: {meaning}."


def _registry(statement: Registry) -> str:
    what = [name for name in ("log", "registrars", "rules") if getattr(statement, name) is not None]
    words = {"log": "its key", "registrars": "its registrars", "rules": "its rule set"}
    return f"The registry changes {', '.join(words[name] for name in what)}."


_SENTENCES: Final[dict[type[Statement], Callable[[Any], str]]] = {
    Genesis: lambda one: f"The registry {one.origin} begins.",
    Registry: _registry,
    Party: lambda one: f"The party {short(one.id)} is enrolled as {', '.join(one.roles)}.",
    Key: _key,
    Guardian: lambda one: f"{_who(one, 'guardian')} is guardian of {_who(one, 'model')} until {moment(one.until)}.",
    Mandate: lambda one: (
        f"{_who(one, 'agency')} may act for {_who(one, 'model')} ({', '.join(one.powers)}) from {moment(one.starts)} "
        f"to {moment(one.ends)} (mandate {short(one.id)})."
    ),
    Consent: _consent,
    Twin: lambda one: f"The twin {short(one.id)} of {_who(one, 'model')}: {one.modality}, {_files(one)}, registered.",
    Approval: _approval,
    Usage: _usage,
    Report: lambda one: f"It is reported how far the use {short(one.usage)} went.",
    Payment: _payment,
    Receipt: _receipt,
    Adjustment: _adjustment,
    Revocation: _revocation,
    Suspension: _suspension,
    Resumption: lambda one: f"A suspension of the consent {short(one.consent)} ends from {moment(one.effective)} on.",
    Dispute: _dispute,
    Ruling: _ruling,
    Erasure: lambda one: f"Private parts of the statement {short(one.of)} were erased: {', '.join(one.erased)}.",
    Seal: lambda one: f"A batch of {_count(one.size - one.first, 'entry', 'entries')} is sealed.",
}
