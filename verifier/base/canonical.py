"""Canonical JSON: the one spelling of every value that the protocol writes (protocol, section 2; a subset of RFC 8785).

The whole check is: decode, encode, compare. What comparing cannot see (fractions that print back alike, integers that
JavaScript would round, names outside the alphabet, depth) is refused while decoding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeAlias

from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER

Json: TypeAlias = Any
"""dict, list, str, int, bool. ``None`` and floats are never produced by :func:`parse`."""

MAX_DEPTH = 16
_LARGE = 1 << 20
"""Characters from which on a text is compared piece by piece."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}\Z", re.ASCII)


def _no_fraction(text: str) -> NoReturn:
    raise Malformed(f"{text[:40]} is not an integer: fractions, exponents and NaN are not allowed")


def _integer(text: str) -> int:
    if len(text) > 17:
        raise Malformed(f"integer {text[:20]}... is beyond 2^53 - 1")
    value = int(text)
    if not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise Malformed(f"integer {text} is beyond 2^53 - 1")
    return value


_DECODER = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction, parse_int=_integer)
_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def encode(value: Json) -> bytes:
    """The canonical bytes of ``value``.

    Raises :class:`Malformed` for what cannot be written canonically only where Python's encoder does (lone
    surrogates); callers build their values from the protocol's types.
    """
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("a lone surrogate cannot be written in UTF-8") from None


def parse(data: bytes, *, limit: int) -> Json:
    """Decode one canonical JSON text of at most ``limit`` bytes; anything else raises :class:`Malformed`."""
    if len(data) > limit:
        raise Malformed(f"{len(data)} bytes, at most {limit} are allowed")
    if data.startswith(b"\xef\xbb\xbf"):
        raise Malformed("begins with a byte order mark, which an editor may have added: take the file as it was made")
    if data.endswith((b"\n", b"\r")):
        raise Malformed("ends with a line break, which an editor may have added: take the file as it was made")
    try:
        text = data.decode("utf-8")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"not JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise Malformed(f"nested deeper than {MAX_DEPTH}") from None
    check(value, MAX_DEPTH)
    place = 0
    for piece in pieces(value, 3 if len(text) > _LARGE else 0):
        if not text.startswith(piece, place):
            place += _common(piece, text[place : place + len(piece)])
            break
        place += len(piece)
    if place != len(text):
        raise Malformed(
            f"not canonical JSON from byte {len(text[:place].encode('utf-8'))} on: white space, order of members, "
            "a repeated name or an escape differs"
        )
    return value


def pieces(value: Json, depth: int = 3) -> Iterator[str]:
    """The canonical text of a value, cut at its first levels: a large one is never written whole beside itself."""
    if depth and type(value) is dict:
        between = "{"
        for name in sorted(value):
            yield f'{between}"{name}":'
            yield from pieces(value[name], depth - 1)
            between = ","
        yield "}" if value else "{}"
    elif depth and type(value) is list:
        between = "["
        for one in value:
            yield between
            yield from pieces(one, depth - 1)
            between = ","
        yield "]" if value else "[]"
    else:
        yield _ENCODER.encode(value)


def _common(one: str, other: str) -> int:
    """How many characters both begin with; by halving, for they may be long."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one.startswith(other[low:middle], low):
            low = middle
        else:
            high = middle - 1
    return low


def check(value: Json, depth: int) -> None:
    """Names, null and depth of a decoded value that may be ``depth`` levels deep, itself included."""
    kind = type(value)
    if kind is str or kind is int or kind is bool:
        return
    if kind is not dict and kind is not list:
        raise Malformed("null is not allowed")
    if depth == 1 and value:
        raise Malformed(f"nested deeper than {MAX_DEPTH}")
    if kind is dict:
        for name, member in value.items():
            if not _NAME.match(name):
                raise Malformed(f"member name {name[:60]!r} is not [A-Za-z][A-Za-z0-9_]* of at most 40")
            if type(member) is not str:
                check(member, depth - 1)
    else:
        for member in value:
            if type(member) is not str:
                check(member, depth - 1)
