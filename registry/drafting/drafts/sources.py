"""Where a draft consent comes from, when not from an empty template: an earlier deal, or an AdCP message."""

from __future__ import annotations

from collections.abc import Mapping

from registry.drafting.adapters.adcp import Drafted
from registry.intake.submission import Submission
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.statements.types import Consent

ANEW = {"delivered": "", "memo": None}
"""Members of an earlier deal's terms that are never true of a new one: handed over anew, in a memo of its own."""


def from_earlier(earlier: Submission) -> dict[str, Json]:
    """"Copy last deal": everything that an earlier ``use`` consent says, but when its terms were handed over.

    ``replaces`` is not taken over: a draft that is like another is a deal of its own, not an amendment.
    """
    statement = earlier.statement()
    if not isinstance(statement, Consent) or statement.act != "use":
        raise Malformed("is not a consent to a use: only such a deal can be copied")
    values: dict[str, Json] = {
        name: member
        for name in ("twin", "under", "sublicensees", "providers", "registry")
        if (member := getattr(statement, name)) is not None
    }
    roles = {role: party for role, party in statement.parties.roles().items() if role != "guardian"}
    values["parties"] = {**roles, "payees": statement.parties.payees}
    for name, (disclosure, _) in earlier.opened().items():
        values[name] = dict(disclosure.value)
    terms = values.get("terms")
    if not isinstance(terms, dict) or "money" not in values:
        raise Malformed("does not show its terms and its money, so that they cannot be copied")
    terms.update({name: value for name, value in ANEW.items() if name in terms})
    return values


def from_adcp(message: Drafted) -> dict[str, Json]:
    """What an ``acquire_rights`` message says of a consent."""
    values: dict[str, Json] = {"terms": dict(message.terms), "money": dict(message.money)}
    if message.exclusive is not None:
        values["exclusive"] = dict(message.exclusive)
    return values


def flattened(values: Mapping[str, Json], where: str = "") -> dict[str, Json]:
    """Tables in tables as paths, for :func:`registry.drafting.drafts.templates.template`: ``terms.caps.uses``."""
    found: dict[str, Json] = {}
    for name, value in values.items():
        path = f"{where}.{name}" if where else name
        if isinstance(value, Mapping):
            found.update(flattened(value, path))
        else:
            found[path] = value
    return found
