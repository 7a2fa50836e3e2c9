"""JSON that others wrote: read leniently in its spelling, strictly in its size, depth, names and types.

Whatever is not taken out of a :class:`Members` ends as a note for a person: nothing is dropped in silence.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import NoReturn, TypeAlias

from verifier.base.errors import KembarError

Foreign: TypeAlias = "dict[str, Foreign] | list[Foreign] | str | int | Decimal | bool | None"
"""A decoded value. Fractions and exponents come as exact decimals."""

MAX_MESSAGE = 1024 * 1024
MAX_DEPTH = 32
MAX_NUMBER = 40
"""Characters of a number; its magnitude lies between 1e-30 and 1e30."""


class ForeignError(KembarError):
    """Bytes that cannot be read, or say something that cannot be used; ``where`` is a path in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingNote:
    """For a person: what about the member at ``where`` they have to know or decide."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


def parse_foreign(data: bytes, limit: int = MAX_MESSAGE) -> Foreign:
    """One JSON text of at most ``limit`` bytes in UTF-8, with or without a byte order mark.

    Raises :class:`ForeignError`, also for a name that stands twice in one object, NaN, and lone surrogates.
    """
    if len(data) > limit:
        raise ForeignError(f"is larger than {limit:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ForeignError(f"is not text in UTF-8 (byte {error.start})") from None
    _check_depth(text)
    try:
        value: Foreign = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ForeignError(f"is not JSON (line {error.lineno}, column {error.colno})") from None
    _check_text(value)
    return value


def _check_depth(text: str) -> None:
    """Before decoding, which nests as deep as its input."""
    depth, inside, escaped = 0, False, False
    for char in text:
        if inside:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                inside = False
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ForeignError(f"is nested deeper than {MAX_DEPTH}")
        elif char in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Foreign]]) -> dict[str, Foreign]:
    found: dict[str, Foreign] = {}
    for name, value in pairs:
        if name in found:
            raise ForeignError(f"the member {name[:60]!r} stands twice in one object")
        found[name] = value
    return found


def _check_text(value: Foreign) -> None:
    """No text in it, however deep, holds what cannot be written."""
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise ForeignError("holds half of a surrogate pair, which is no character")
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check_text(member)


def _whole(text: str) -> int:
    if len(text) > MAX_NUMBER:
        raise ForeignError(f"the number {text[:20]}... is too long")
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text) if len(text) <= MAX_NUMBER else None
    except InvalidOperation:
        value = None
    if value is None or (value and not -30 <= value.adjusted() <= 30):
        raise ForeignError(f"the number {text[:20]} is too long or out of range")
    return value or Decimal(0)


def _constant(text: str) -> NoReturn:
    raise ForeignError(f"{text} is no JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_decimal, parse_constant=_constant
)


MAX_DESCRIBED = 40
"""Items of an array that are told."""

_STATE_NAME = re.compile(
    r"(?:^|_)(?:status|state)\Z|\A(?:is_)?"
    r"(?:active|approved|expired|failed|paused|pending|revoked|suspended|terminated|withdrawn|cancell?ed)\Z",
    re.ASCII,
)
_GOOD_STATES = frozenset({"accepted", "acquired", "active", "approved", "complete", "completed", "ok", "success"})
_BAD_STATES = frozenset(
    "blocked cancelled canceled declined denied disabled draft expired failed hold inactive invalid on_hold paused "
    "pending pending_approval rejected requested revoked submitted suspended terminated void withdrawn".split()
)
_DATE_NAME = re.compile(
    r"(?:date|_at|valid_from|valid_to|_until)\Z|\A(?:expires|starts|ends|start|end|expiry|expiration)\Z", re.ASCII
)


def describe(value: Foreign) -> str:
    """A value in a few harmless characters; an array of plain values in full."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        plain = [describe(item) for item in value[:MAX_DESCRIBED] if not isinstance(item, dict | list)]
        if not value or len(plain) < min(len(value), MAX_DESCRIBED):
            return f"an array of {len(value)}"
        more = len(value) - MAX_DESCRIBED
        return ", ".join(plain) + (f" and {more} more" if more > 0 else "")
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    text = str(value)
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[:120]) + (
        "…" if len(text) > 120 else ""
    )


def _state(name: str, value: Foreign) -> str | None:
    """Why a member that nobody asked for says that something is not in force; None if it does not."""
    plain = value.strip().casefold().replace(" ", "_").replace("-", "_") if isinstance(value, str) else value
    if value is None:
        return "is null where a date belongs: that is not settled yet" if _DATE_NAME.search(name) else None
    if isinstance(plain, str) and plain in _BAD_STATES:
        return f"says {describe(value)}: what is not in force is no terms to draft"
    if not _STATE_NAME.search(name):
        return None
    if isinstance(plain, bool):
        good = name.removeprefix("is_") in ("active", "approved")
        return None if plain is good else f"says {describe(value)}: what is not in force is no terms to draft"
    if isinstance(plain, str) and plain in _GOOD_STATES:
        return None
    return f"tells a state that is not known here ({describe(value)}): ask what it means before anything is drafted"


@dataclass(slots=True)
class Members:
    """One object of a message, member by member. An absent member is ``None``, and so is one that is ``null``.

    A member of another type than is asked for raises :class:`ForeignError`.
    """

    value: dict[str, Foreign]
    where: str
    notes: list[MappingNote]
    _taken: set[str] = field(default_factory=set)

    def at(self, name: str) -> str:
        """The path of a member."""
        return f"{self.where}.{name}" if self.where else name

    def note(self, name: str, text: str) -> None:
        """A note on a member."""
        self.notes.append(MappingNote(where=self.at(name), text=text))

    def wrong(self, name: str, text: str) -> ForeignError:
        """An error about a member, to be raised."""
        return ForeignError(text, self.at(name))

    def text(self, name: str) -> str | None:
        """A string."""
        value = self._take(name)
        if value is None or isinstance(value, str):
            return value
        raise self.wrong(name, "must be a string")

    def texts(self, name: str) -> tuple[str, ...] | None:
        """An array of strings."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise self.wrong(name, "must be an array of strings")
        found = tuple(item for item in value if isinstance(item, str))
        if len(found) != len(value):
            raise self.wrong(name, "must be an array of strings")
        return found

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self._take(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(name, "must be true or false")

    def number(self, name: str) -> Decimal | None:
        """A number that is not negative, exactly as it was written."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
            raise self.wrong(name, "must be a number, 0 or more")
        return Decimal(value)

    def whole(self, name: str) -> int | None:
        """A whole number, 0 or more; ``5.0`` is one too."""
        value = self.number(name)
        if value is None:
            return None
        if value != value.to_integral_value():
            raise self.wrong(name, "must be a whole number")
        return int(value)

    def members(self, name: str) -> Members | None:
        """An object."""
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "must be an object")
        return Members(value, self.at(name), self.notes)

    def aside(self, why: str, *names: str) -> None:
        """Members that have no place in a draft: each gets a note that says why, and its value stays where it is."""
        for name in names:
            if self._take(name) is not None:
                self.note(name, why)

    def close(self) -> None:
        """A note on every member that nobody asked for; one that tells a state, at whatever depth, stops the draft."""
        for name, value in self.value.items():
            if name not in self._taken:
                self._check_states(name, value, self.at(name[:60]))
                if value is not None:
                    self.note(name[:60], f"not mapped: {describe(value)}")

    def date(self, name: str) -> str | None:
        """A string that is a date; there and ``null``, it is not settled yet."""
        if name in self.value and self.value[name] is None:
            raise self.wrong(name, "is null where a date belongs: that is not settled yet")
        return self.text(name)

    def _check_states(self, name: str, value: Foreign, where: str) -> None:
        if (why := _state(name, value)) is not None:
            raise ForeignError(why, where)
        if isinstance(value, dict):
            for inner, member in value.items():
                self._check_states(inner, member, f"{where}.{inner[:60]}")
        elif isinstance(value, list):
            for place, item in enumerate(value):
                self._check_states(name if isinstance(item, str) else "", item, f"{where}[{place}]")

    def _take(self, name: str) -> Foreign:
        self._taken.add(name)
        return self.value.get(name)
