"""Who must sign a statement, in words (protocol, section 4).

A guide for people who pass a file on: whether a key is live for a party only the registry can say (rule A1), and a dry
run asks it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.log.note import parse_vkey
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Key,
    Party,
    Payment,
    Registry,
    Report,
    Revocation,
    Statement,
    Usage,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One signature that is needed: ``who`` in words; ``key`` (hex) where the statement itself says which."""

    who: str
    key: str | None = None


def needed(statement: Statement) -> tuple[Need, ...]:
    """Everyone who must sign, and nobody else may."""
    return tuple(_needed(statement))


def _needed(statement: Statement) -> Iterable[Need]:
    parties = statement.parties
    match statement:
        case Registry():
            yield Need(who="the registry's log key")
            if statement.log is not None:
                yield Need(who="the new log key", key=parse_vkey(statement.log).key.hex())
        case Party():
            yield from _keys("a key of the party", statement.keys)
            yield from _keys("a recovery key", statement.recovery.keys if statement.recovery else None)
            yield Need(who="a registrar")
        case Key():
            yield from _key_change(statement)
        case Consent(act="create"):
            yield from (*_model(statement), *_role(statement, "maker"))
        case Consent():
            yield from (*_model(statement), *_role(statement, "licensee"))
            if statement.under is not None:
                yield from _role(statement, "agency")
        case Approval() | Revocation() if statement.under is not None:
            yield from _role(statement, "author" if parties.author else "agency")
        case Approval(decision="approve"):
            yield from _model(statement)
        case Approval():
            yield Need(who=_either(statement))
        case Revocation(mandate=str()):
            yield Need(who=f"{_either(statement)}, or the agency {parties.agency}")
        case Revocation():
            yield Need(who=_either(statement))
        case Usage() | Report():
            yield from _role(statement, "sublicensee" if parties.sublicensee else "licensee")
        case Payment():
            yield from _role(statement, "provider" if parties.provider else "payer")
        case Adjustment(kind="return"):
            others = [f"the {role} {getattr(parties, role)}" for role in ("provider", "payer") if parties.role(role)]
            yield Need(who=", or ".join([*others, f"the payee {parties.payee}"]))
        case Adjustment():
            yield from _role(statement, "payee")
        case _:
            yield from _simple(statement)


def _simple(statement: Statement) -> Iterable[Need]:
    match statement.type:
        case "guardian":
            yield from _role(statement, "guardian")
            yield Need(who="a registrar")
            yield Need(who=f"if the model {statement.parties.model} ever had a key: she, or the guardian until now")
        case "mandate":
            yield from (*_model(statement), *_role(statement, "agency"))
        case "twin":
            yield from (*_model(statement), *_role(statement, "maker"))
        case "receipt":
            yield from _role(statement, "payee")
        case "suspension" | "resumption":
            union = statement.parties.union
            yield Need(who=_either(statement) + (f", or the union {union}" if union else ""))
        case "dispute":
            yield from _role(statement, "author")
        case "ruling":
            yield from _role(statement, "arbiter")
        case "erasure":
            yield Need(who="a registrar")
        case _:
            yield Need(who="the registry itself")


def _key_change(statement: Key) -> Iterable[Need]:
    author = statement.parties.author
    if statement.keys is not None:
        yield Need(who=f"enough recovery keys of {author}; or a registrar, if it never had a key")
        yield from _keys("a new key", statement.keys)
    elif statement.add is not None:
        yield Need(who=f"a key that {author} has now")
        yield from _keys("an added key", statement.add)
    else:
        yield Need(who=f"a key that {author} has now, or a registrar")
    yield from _keys("a new recovery key", statement.recovery.keys if statement.recovery else None)


def _keys(what: str, keys: tuple[str, ...] | None) -> Iterable[Need]:
    return (Need(who=what, key=key) for key in keys or ())


def _role(statement: Statement, role: str) -> Iterable[Need]:
    yield Need(who=f"the {role} {statement.parties.role(role) or '(nobody is named)'}")


def _model(statement: Statement) -> Iterable[Need]:
    """The model; with a guardian the guardian, and she if she has keys."""
    parties = statement.parties
    if parties.guardian is None:
        yield Need(who=f"the model {parties.model or '(nobody is named)'}")
    else:
        yield Need(who=f"the guardian {parties.guardian}")
        yield Need(who=f"the model {parties.model}, if she has keys")


def _either(statement: Statement) -> str:
    """What stops something: the model or her guardian, one of the two."""
    guardian = statement.parties.guardian
    return f"the model {statement.parties.model}" + (f", or the guardian {guardian}" if guardian else "")
