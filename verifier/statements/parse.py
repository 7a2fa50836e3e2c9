"""Statements and sections out of bytes and JSON, and statements into bytes: strict both ways (protocol, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.statements.kinds import KINDS, kind_of
from verifier.statements.readers import Shape, record, text
from verifier.statements.sections import Section
from verifier.statements.types import MAX_LEAF, STATEMENT_TYPES, VERSION, Statement


def _version(value: Json) -> None:
    if type(value) is not int or value != VERSION:
        other = f"this is a statement of protocol {value}: it " if type(value) is int and value > 0 else ""
        raise Malformed(f"{other}must be {VERSION}, the version of the protocol")


_SHAPES = {name: Shape(make, {"kembar": _version, "type": text}) for name, make in STATEMENT_TYPES.items()}
_READERS: dict[type[Section], Callable[[Json], Section]] = {
    make: record(make)
    for row in KINDS.values()
    for make in (*row.sections.values(), *row.optional_sections.values())
}


def parse_statement(payload: bytes) -> Statement:
    """Read one statement; :class:`Malformed` says where and why it cannot be read."""
    value = canonical.parse(payload, limit=MAX_LEAF)
    kind = value.get("type") if type(value) is dict else None
    shape = _SHAPES.get(kind) if type(kind) is str else None
    if type(kind) is not str or shape is None:
        raise Malformed(f"a statement is an object whose type is one of {', '.join(STATEMENT_TYPES)}", "type")
    members = shape.members(value)
    del members["kembar"]
    statement = STATEMENT_TYPES[kind](id=sha256(payload).hexdigest(), **members)
    check_sections(statement)
    return statement


def check_sections(statement: Statement) -> None:
    """That it has the sections that its kind must have, and no other than it may."""
    row, names = kind_of(statement), statement.sections.keys()
    required, optional = row.sections.keys(), row.optional_sections.keys()
    if not required <= names:
        raise Malformed("is missing", f"sections.{min(required - names)}")
    if not names <= required | optional:
        place = min(names - required - optional)
        allowed = ", ".join(sorted(required | optional)) or "none"
        raise Malformed(f"a {statement.type} has no such section; allowed are {allowed}", f"sections.{place}")


def parse_section(statement: Statement, name: str, value: Json) -> Section:
    """Read the object of a disclosed section of ``statement``; errors say where, as in ``terms.countries[3]``.

    Whether the disclosure is the one whose digest the header holds is the caller's to check.
    """
    row = kind_of(statement)
    make = row.sections.get(name) or row.optional_sections.get(name)
    if make is None:
        raise Malformed(f"a {statement.type} has no such section", name)
    try:
        return _READERS[make](value)
    except Malformed as error:
        raise error.at(name) from None
