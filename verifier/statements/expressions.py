"""Statements and sections by one regular expression a type: for whoever reads them by the million.

In canonical JSON a value has one spelling, so that an expression can tell what is spelled as a type must be. Each is
made of the annotations that the readers are made of. It takes less than they do, never more, and gives the same value;
what it does not take is for the readers (:mod:`verifier.statements.parse`), who are the law and alone say what is
wrong. Checking one file needs none of this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cache, lru_cache
from hashlib import sha256
from operator import ge
from typing import Any, Final, NamedTuple, TypeAlias

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import LAST, MAX_INTEGER, parse_b64u, parse_instant
from verifier.base.values import NO_DEFAULT, fields
from verifier.statements.disclosure import MAX_DISCLOSURE, digest
from verifier.statements.kinds import kind_of
from verifier.statements.parse import check_sections, parse_statement
from verifier.statements.parties import Parties
from verifier.statements.readers import (
    CODE,
    COUNTRY,
    MADE,
    Reader,
    Shape,
    array_of,
    b64u_of,
    boolean,
    choice,
    code,
    countries_or_world,
    country,
    hex64,
    instant,
    map_of,
    record,
    set_of,
)
from verifier.statements.sections import Section
from verifier.statements.types import MAX_LEAF, STATEMENT_TYPES, VERSION, Statement

Take: TypeAlias = Callable[[str], Any]

_PLAIN = r'"[^"\\\x00-\x1f]*"'
"""A string without escapes."""
_ANY = rf"(?:{_PLAIN}|0|[1-9][0-9]{{0,15}}|true|false|\[{_PLAIN}(?:,{_PLAIN})*\])"
"""What most members are: such a string, a number, a flag, an array of such strings."""
_NAME = "[A-Za-z][A-Za-z0-9_]{0,39}"
_DISCLOSURE = re.compile(r'\["[A-Za-z0-9_-]{21}[AQgw]","([a-z]+)",(\{.*\})\]', re.DOTALL)


class _Unusual(Exception):
    """Not spelled as usual: the readers say whether anything is wrong with it."""


def read_statement(payload: bytes) -> Statement:
    """The same as :func:`~verifier.statements.parse.parse_statement`."""
    return match_statement(payload) or parse_statement(payload)


def match_statement(payload: bytes) -> Statement | None:
    """The statement that ``payload`` is, if it is spelled as most good ones are; None for the readers to look at."""
    start = payload.rfind(b'"type":"') + 8
    make: Any = STATEMENT_TYPES.get(payload[start : payload.find(b'"', start)].decode("latin-1"))
    if make is None or len(payload) > MAX_LEAF:
        return None
    try:
        statement: Statement = _statement(make).take(payload.decode("utf-8"))
        _put_id(statement, sha256(payload).hexdigest())
        check_sections(statement)
    except (_Unusual, Malformed, UnicodeDecodeError):
        return None
    return statement


def match_disclosure(statement: Statement, text: str) -> tuple[str, Section] | None:
    """The name and the section of a disclosure to which ``statement`` commits, likewise."""
    row = kind_of(statement)
    try:
        match = _DISCLOSURE.fullmatch(parse_b64u(text).decode("utf-8")) if len(text) <= MAX_DISCLOSURE else None
        if match is None or statement.sections.get(match[1]) != digest(text):
            return None
        make: Any = row.sections.get(match[1]) or row.optional_sections[match[1]]
        section: Section = _object(make).take(match[2])
    except (_Unusual, Malformed, UnicodeDecodeError):
        return None
    return match[1], section


_put_id = getattr(Statement, "id").__set__  # noqa: B009 -- past what freezes it


# ---- made of the annotations


class _Spelling(NamedTuple):
    """How a value is written: an expression without groups and what stands on both sides of it; and what makes the
    value of the text that it matched. None: the text is the value.
    """

    inside: str
    take: Take | None = None
    beside: str = ""

    @property
    def whole(self) -> str:
        return f"{self.beside}{self.inside}{self.beside}"

    @property
    def group(self) -> str:
        return f"{self.beside}({self.inside}){self.beside}"


@cache
def _statement(make: type[Statement]) -> _Object:
    name = make.__name__.lower()
    return _Object(make, {"kembar": str(VERSION), "type": f'"{name}"'}, {"type": name})


@cache
def _object(make: type[Any]) -> _Object:
    return _Object(make, {}, {})


class _Object:
    """Objects of the class ``make``. ``fixed`` are members that are always written alike, ``given`` what fields hold
    that are no members.
    """

    def __init__(self, make: type[Any], fixed: Mapping[str, str], given: Mapping[str, str]) -> None:
        shape = Shape(make)
        readers = sorted(shape.compiled().items())
        spellings = [(member, _spelling(read)) for member, (_, read) in readers]
        must = shape.required | fixed.keys()
        self.whole = _members({**{name: one.whole for name, one in spellings}, **fixed}, must)
        self._match = re.compile(_members({**{name: one.group for name, one in spellings}, **fixed}, must)).fullmatch
        self._make: Any = make
        self._new: Any = make.__new__
        known = {one.name: one for one in fields(make)}
        self._groups = [
            (getattr(make, name).__set__, spelling.take, known.pop(name))
            for (_, (name, _)), (_, spelling) in zip(readers, spellings, strict=True)
        ]
        self._given = [(getattr(make, name).__set__, given.get(name, one.default)) for name, one in known.items()]

    def take(self, text: str) -> Any:
        match = self._match(text)
        if match is None:
            raise _Unusual
        made = self._new(self._make)
        for (put, take, field), found in zip(self._groups, match.groups(), strict=True):
            if found is not None:
                put(made, found if take is None else take(found))
            else:
                put(made, field.default if field.default is not NO_DEFAULT else field.default_factory())
        for put, value in self._given:
            put(made, value)
        made.__post_init__()
        return made


def _members(written: Mapping[str, str], must: Set[str]) -> str:
    """An object that has some members, in their order, each as it is ``written``."""
    parts = [f'(?:"{one}":{written[one]}(?:,|(?=}}))){"" if one in must else "?"}' for one in sorted(written)]
    return r'\{(?=")' + "".join(parts) + r"(?<!,)\}"


def _spelling(read: Reader) -> _Spelling:
    """Of what a reader takes: exactly, where that is met often; else of all that is plain, which it is given then."""
    if read in _EXACT:
        return _EXACT[read]
    made, *of = MADE.get(read, (None,))
    if made is choice:
        return _Spelling(f"(?:{'|'.join(map(re.escape, of[0]))})", None, '"')
    if made is b64u_of:
        length = 8 * of[0] // 6
        return _Spelling(f"[A-Za-z0-9_-]{{{length}}}[{''.join(sorted(LAST[length + 1 & 3]))}]", None, '"')
    if made is record:
        found = _object(of[0])
        return _Spelling(found.whole, lru_cache(4096)(found.take) if of[0] is Parties else found.take)
    if made is map_of:
        return _map(_spelling(of[0]), of[1])
    if made is array_of:
        return _array(_spelling(of[0]), *of[1:])
    if made is set_of and (item := _spelling(of[0])).take is None:
        return _Spelling(rf"\[{item.whole}(?:,{item.whole}){_times(of[1] - 1)}\]", _rising)
    return _Spelling(_ANY, lambda text: read(_plain(text)))


def _rising(text: str) -> tuple[str, ...]:
    """A set of strings without what needs an escape."""
    items = tuple(text[2:-2].split('","'))
    if any(map(ge, items, items[1:])):
        raise _Unusual
    return items


_EXACT: Final = {
    hex64: _Spelling("[0-9a-f]{64}", None, '"'),
    code: _Spelling(CODE, None, '"'),
    country: _Spelling(COUNTRY, None, '"'),
    instant: _Spelling("[0-9TZ:-]{20}", parse_instant, '"'),
    boolean: _Spelling("(?:true|false)", "true".__eq__),
    countries_or_world: _Spelling(rf'\["(?:WORLD|{COUNTRY}(?:","{COUNTRY})*)"\]', _rising),
}


def _array(item: _Spelling, low: int, high: int) -> _Spelling:
    """Objects in any order."""
    find, read = re.compile(item.whole).findall, item.take or str

    def take(text: str) -> tuple[Any, ...]:
        found = find(text)
        if not low <= len(found) <= high:
            raise _Unusual
        return tuple([read(one) for one in found])

    return _Spelling(rf"\[(?:{item.whole}(?:,{item.whole})*)?\]", take)


def _map(item: _Spelling, allowed: Sequence[str] | None) -> _Spelling:
    """Members that are all of one kind."""
    name = _NAME if allowed is None else f"(?:{'|'.join(allowed)})"
    find, read = re.compile(f'"({name})":{item.group}').findall, item.take or str

    def take(text: str) -> dict[str, Any]:
        found = find(text)
        names = [name for name, _ in found]
        if any(map(ge, names, names[1:])):
            raise _Unusual
        return {name: read(one) for name, one in found}

    return _Spelling(rf'\{{"{name}":{item.whole}(?:,"{name}":{item.whole})*\}}', take)


def _times(most: int) -> str:
    return "*" if most > MAX_LEAF else f"{{0,{most}}}"  # so many stand in no statement and in no section


def _plain(text: str) -> Json:
    """The value that :data:`_ANY` matched."""
    if text[0] == '"':
        return text[1:-1]
    if text[0] == "[":
        return text[2:-2].split('","')
    if text[0] in "tf":
        return text == "true"
    if int(text) > MAX_INTEGER:
        raise _Unusual
    return int(text)
