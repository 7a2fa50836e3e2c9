"""Readers of single members: decoded JSON in, checked value out, :class:`Malformed` with ``where`` otherwise.

A type of statement or section is a frozen dataclass whose annotations say how each member is read:
``starts: Instant`` is ``Annotated[int, <reader>]``. A member without a default is required; the default of an optional
one is the protocol's. :func:`record` compiles such a class once into a table, so that parsing is one look-up and one
call a member. What relates members to one another is left to the rules, but for *which* members may stand together:
alternatives that exclude one another are a class's ``__post_init__``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import ge
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER, is_hex64, parse_b64, parse_b64u, parse_instant
from verifier.base.values import NO_DEFAULT, fields

Reader: TypeAlias = Callable[[Json], Any]
T = TypeVar("T")

MADE: dict[Reader, tuple[Any, ...]] = {}
"""What a reader was made by, and of what: for whoever reads the same in another way."""

MAX_IDS = 512
"""Assets or statement ids in one set (protocol, section 2)."""
MAX_KEYS = 8
"""Keys, or recovery keys, in one set."""
MAX_PAYEES = 16
NO_LIMIT = MAX_INTEGER
"""A set bounded by the size of its leaf or disclosure alone."""
DIGEST_SIZE = 32
NONCE_SIZE = 16

CODE = "[a-z0-9][a-z0-9_-]{0,63}"
COUNTRY = "[A-Z]{2}"
_REFERENCE = r"(?!NOTPROVIDED\Z)[A-Z0-9/\-?:().,'+]{1,35}"
_LINE = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+\Z", re.ASCII)


_shared = lru_cache(maxsize=4096)(str)  # most words stand in many sections: one string serves them all


def _made(read: Callable[[Json], T], *by: Any) -> Callable[[Json], T]:
    MADE[read] = by
    return read


# ---- scalars


def text(value: Json) -> str:
    """Any string but the empty one. Inside sections only: headers have narrower alphabets."""
    if type(value) is not str:
        raise Malformed("must be a string")
    if not value:
        raise Malformed("is empty; a member that does not apply is left out")
    return value


def text_of(low: int, high: int) -> Reader:
    """A string of ``low`` to ``high`` code points."""

    def read(value: Json) -> str:
        if not low <= len(text(value)) <= high:
            raise Malformed(f"has {len(value)} code points, {low} to {high} are allowed")
        return str(value)

    return read


def line_of(high: int) -> Reader:
    """A string outside sections: 1 to ``high`` of ASCII 0x20 to 0x7E without ``"`` and ``\\``."""

    def read(value: Json) -> str:
        if len(text(value)) > high:
            raise Malformed(f"has {len(value)} characters, at most {high} are allowed")
        if not _LINE.match(value):
            raise Malformed('must be ASCII 0x20 to 0x7E without " and \\')
        return str(value)

    return read


def matching(pattern: str, what: str, flags: re.RegexFlag = re.ASCII) -> Reader:
    """A string that ``pattern`` matches in full; ``what`` finishes the sentence "must be ..."."""
    match: Callable[[str], object] | None = None

    def read(value: Json) -> str:
        nonlocal match
        if match is None:  # with the first string: a check of one file meets few of the patterns
            match = re.compile(pattern, flags).fullmatch
        if type(value) is not str or not match(value):
            raise Malformed(f"must be {what}")
        return _shared(value)

    return read


def choice(allowed: tuple[str, ...]) -> Reader:
    """One of a closed list of strings."""
    known = dict(zip(allowed, allowed, strict=True))
    listing = ", ".join(allowed)

    def read(value: Json) -> str:
        if type(value) is not str or value not in known:
            raise Malformed(f"must be one of {listing}")
        return known[value]

    return _made(read, choice, allowed)


def integer(low: int = 0, high: int = MAX_INTEGER) -> Reader:
    """An integer of ``low`` to ``high``; a boolean is none."""
    allowed = f"{low} to {high}" if high < MAX_INTEGER else f"{low} or more"

    def read(value: Json) -> int:
        if type(value) is not int:
            raise Malformed("must be an integer")
        if not low <= value <= high:
            raise Malformed(f"is {value}, allowed is {allowed}")
        return value

    return read


def boolean(value: Json) -> bool:
    if type(value) is not bool:
        raise Malformed("must be true or false")
    return value


def instant(value: Json) -> int:
    """RFC 3339 in UTC, as POSIX seconds."""
    if type(value) is not str:
        raise Malformed("must be an instant like 2026-11-23T18:05:15Z")
    return parse_instant(value)


def hex64(value: Json) -> str:
    """An id, a key or the digest of a file: 64 lower-case hex digits."""
    if type(value) is not str:
        raise Malformed("must be 64 lower-case hex digits")
    return _hex64(value)


@lru_cache(maxsize=4096)  # most ids stand in many statements: one string serves them all
def _hex64(value: str) -> str:
    if not is_hex64(value):
        raise Malformed("must be 64 lower-case hex digits")
    return value


def b64_of(size: int) -> Callable[[Json], bytes]:
    """``size`` bytes in base64 with padding."""

    def read(value: Json) -> bytes:
        return parse_b64(text(value), size)

    return read


def b64u_of(size: int) -> Reader:
    """``size`` bytes in unpadded base64url, kept as the text that they were written in."""

    def read(value: Json) -> str:
        parse_b64u(text(value), size)
        return str(value)

    return _made(read, b64u_of, size)


# ---- sets, arrays, objects


def array_of(read: Callable[[Json], T], low: int, high: int = NO_LIMIT) -> Callable[[Json], tuple[T, ...]]:
    """An array of ``low`` to ``high`` items, in any order."""

    def read_array(value: Json) -> tuple[T, ...]:
        if type(value) is not list:
            raise Malformed("must be an array")
        if not low <= len(value) <= high:
            allowed = f"{low} to {high} are" if high < NO_LIMIT else f"at least {low} is"
            raise Malformed(f"has {len(value)} items, {allowed} allowed")
        try:
            return tuple([read(item) for item in value])
        except Malformed as error:
            raise _locate(value, read, error) from None

    return _made(read_array, array_of, read, low, high)


def set_of(read: Callable[[Json], str], high: int = NO_LIMIT) -> Callable[[Json], tuple[str, ...]]:
    """1 to ``high`` strings, strictly rising in byte order (which in UTF-8 is the order of code points)."""
    read_array = array_of(read, 1, high)

    def read_set(value: Json) -> tuple[str, ...]:
        items = read_array(value)
        if any(map(ge, items, items[1:])):
            place = next(i for i in range(1, len(items)) if items[i - 1] >= items[i])
            raise Malformed("must rise strictly in byte order, without repeats", f"[{place}]")
        return items

    return _made(read_set, set_of, read, high)


def _members(value: Json) -> dict[str, Json]:
    """An object that is not empty."""
    if type(value) is not dict:
        raise Malformed("must be an object")
    if not value:
        raise Malformed("is empty; a member that does not apply is left out")
    return value


def map_of(read: Callable[[Json], T], allowed: Sequence[str] | None = None) -> Callable[[Json], dict[str, T]]:
    """An object whose members are all of one kind, of any name or of those that are ``allowed``; never empty."""

    def read_map(value: Json) -> dict[str, T]:
        found = {}
        for name, item in _members(value).items():
            if allowed is not None and name not in allowed:
                raise Malformed(f"unknown member; allowed are {', '.join(allowed)}", name)
            try:
                found[name] = read(item)
            except Malformed as error:
                raise error.at(name) from None
        return found

    return _made(read_map, map_of, read, allowed)


def record(make: type[T]) -> Callable[[Json], T]:
    """An object, by the annotations of the dataclass ``make``; never empty."""
    shape = Shape(make)

    def read(value: Json) -> T:
        return make(**shape.members(value))

    return _made(read, record, make)


class Shape:
    """The members that an object may and must have, compiled from a dataclass."""

    __slots__ = ("_more", "_source", "listing", "readers", "required")

    def __init__(self, source: type[Any], more: Mapping[str, Reader] | None = None) -> None:
        """``more`` adds required members that are no field of the class."""
        self._source = source
        self._more = more or {}
        self.readers: dict[str, tuple[str, Reader]] = {}

    def compiled(self) -> dict[str, tuple[str, Reader]]:
        """Once, when the first object is read: a check of one file meets few of the types."""
        hints = get_type_hints(self._source, include_extras=True)
        readers = {name: (name, read) for name, read in self._more.items()}
        required = set(readers)
        for field in fields(self._source):
            read = _reader(hints[field.name])
            if read is not None:
                member = field.name.rstrip("_")  # from_, except_: Python's own words
                readers[member] = (field.name, read)
                if field.default is NO_DEFAULT and field.default_factory is NO_DEFAULT:
                    required.add(member)
        self.required = frozenset(required)
        self.listing = ", ".join(sorted(readers))
        self.readers = readers
        return readers

    def members(self, value: Json) -> dict[str, Any]:
        """Field name -> value, checked; :class:`Malformed` names the member."""
        given = _members(value)
        readers = self.readers or self.compiled()
        if not given.keys() <= readers.keys():
            raise Malformed(f"unknown member; allowed are {self.listing}", min(given.keys() - readers.keys()))
        found: dict[str, Any] = {}
        name = ""
        try:
            for name, item in given.items():
                field, read = readers[name]
                found[field] = read(item)
        except Malformed as error:
            raise error.at(name) from None
        if not self.required <= given.keys():
            raise Malformed("is missing", min(self.required - given.keys()))
        return found


def _reader(hint: Any) -> Reader | None:
    """The reader in ``Annotated[type, reader]`` or ``Annotated[type, reader] | None``; None if there is none."""
    if get_origin(hint) in (Union, UnionType):
        hint = get_args(hint)[0]
    if get_origin(hint) is not Annotated:
        return None
    read: Reader = hint.__metadata__[0]
    return read


def _locate(value: list[Json], read: Reader, first: Malformed) -> Malformed:
    """The error of the first item that ``read`` refuses, with its place."""
    for place, item in enumerate(value):
        try:
            read(item)
        except Malformed as error:
            located = error.at(f"[{place}]")
            assert isinstance(located, Malformed)
            return located
    return first


# ---- the types that statements and sections are made of

Id: TypeAlias = Annotated[str, hex64]
Ids: TypeAlias = Annotated[tuple[str, ...], set_of(hex64, MAX_IDS)]
Keys: TypeAlias = Annotated[tuple[str, ...], set_of(hex64, MAX_KEYS)]
Instant: TypeAlias = Annotated[int, instant]
Count: TypeAlias = Annotated[int, integer()]
Positive: TypeAlias = Annotated[int, integer(1)]
Flag: TypeAlias = Annotated[bool, boolean]
Text: TypeAlias = Annotated[str, text]
Texts: TypeAlias = Annotated[tuple[str, ...], set_of(text)]

code = matching(CODE, "a code [a-z0-9][a-z0-9_-]* of at most 64 characters")
country = matching(COUNTRY, "two capital letters (ISO 3166-1 alpha-2)")
_countries = set_of(country)


def countries_or_world(value: Json) -> tuple[str, ...]:
    """A set of countries, or ``["WORLD"]``."""
    return ("WORLD",) if value == ["WORLD"] else _countries(value)


Code: TypeAlias = Annotated[str, code]
Codes: TypeAlias = Annotated[tuple[str, ...], set_of(code)]
Country: TypeAlias = Annotated[str, country]
Countries: TypeAlias = Annotated[tuple[str, ...], _countries]
Territory: TypeAlias = Annotated[tuple[str, ...], countries_or_world]
Currency: TypeAlias = Annotated[str, matching("[A-Z]{3}", "three capital letters (ISO 4217)")]
Reference: TypeAlias = Annotated[
    str, matching(_REFERENCE, "1 to 35 of A-Z, 0-9 and /-?:().,'+ without blanks, and not NOTPROVIDED")
]
"""The characters of ISO 20022 without the blank and the small letters, which systems on the way change."""
