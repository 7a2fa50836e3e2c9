"""Everything that can be wrong with one value, by what it is: an id, an instant, a set, an object, ..."""

from __future__ import annotations

import copy
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Collection, Iterator
from hashlib import sha256
from typing import Any

Json = Any
MAX = 2**53 - 1


def h(label: str) -> str:
    return sha256(label.encode()).hexdigest()


def hs(label: str, count: int) -> list[str]:
    return sorted(h(f"{label} {i}") for i in range(count))


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def sections(*names: str) -> dict[str, str]:
    return {name: b64u(sha256(name.encode()).digest()) for name in names}


def text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# ---- mutations

HEX = re.compile(r"[0-9a-f]{64}\Z")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
LIMITS = {"keys": 8, "add": 8, "retire": 8, "registrars": 8, "payees": 16}
FREE = frozenset("born contact description log name note origin product products where".split())
"""Strings that are no words of a closed list."""
NOT_RISING = frozenset({"fees", "lines", "signatures", "splits", "tiers"})
"""Arrays that are no sets of strings."""

Mutation = tuple[str, Json, str]
"""What is wrong, the value instead, and where in it."""


def broken_instants(_: str) -> Iterator[Mutation]:
    for what, wrong in {
        "with-fraction": "2026-11-23T18:05:15.0Z", "with-offset": "2026-11-23T18:05:15+00:00",
        "lower-case": "2026-11-23t18:05:15z", "second-60": "2026-06-30T23:59:60Z", "hour-24": "2026-06-30T24:00:00Z",
        "february-30": "2026-02-30T00:00:00Z", "february-29-in-2100": "2100-02-29T00:00:00Z",
        "month-0": "2026-00-10T00:00:00Z", "year-1969": "1969-12-31T23:59:59Z", "year-10000": "10000-01-01T00:00:00Z",
        "without-zone": "2026-11-23T18:05:15", "other-digits": "٢٠٢٦-11-23T18:05:15Z",
    }.items():  # fmt: skip
        yield what, wrong, ""


def broken_instants_in_brief(_: str) -> Iterator[Mutation]:
    yield "february-30", "2026-02-30T00:00:00Z", ""
    yield "not-an-instant", "2026-11-23", ""


def broken_references(item: str) -> Iterator[Mutation]:
    for what, wrong in {
        "lower-case": item.lower(), "with-blank": f"{item[:2]} {item[2:]}", "with-newline": item + "\n",
        "with-underscore": f"{item}_1", "with-umlaut": f"{item}Ä", "too-long": "K" * 36, "not-provided": "NOTPROVIDED",
    }.items():  # fmt: skip
        yield what, wrong, ""


def mutations(name: str, item: Json, *, thorough: bool = False) -> Iterator[Mutation]:
    """Wrong values for the member ``name`` that is now ``item``."""
    if isinstance(item, bool):
        yield "number-instead", 1, ""
        yield "string-instead", "true", ""
    elif isinstance(item, int):
        yield "negative", -1, ""
        yield "boolean", True, ""
        yield "string-instead", str(item), ""
    elif isinstance(item, str):
        yield "number-instead", 7, ""
        yield "empty", "", ""
        if HEX.match(item):
            yield "upper-case", item.upper(), ""
            yield "one-digit-short", item[:-1], ""
            yield "one-digit-long", item + "0", ""
        elif name == "reference":
            yield from broken_references(item)
        elif INSTANT.match(item):
            yield from (broken_instants if thorough else broken_instants_in_brief)(item)
        elif name not in FREE:
            yield "unknown", "un known", ""
            if item.swapcase() != item:
                yield "other-case", item.swapcase(), ""
    elif isinstance(item, list):
        yield "not-an-array", item[0], ""
        yield "empty", [], ""
        yield "item-of-wrong-type", [True, *item[1:]], "[0]"
        if name not in NOT_RISING:
            yield "repeated", [*item, item[-1]], f"[{len(item)}]"
            if len(item) > 1:
                yield "falling", item[::-1], "[1]"
        if name in LIMITS:
            yield "over-limit", hs("many", LIMITS[name] + 1), ""
    else:
        yield "empty", {}, ""
        yield "array-instead", [item], ""
        yield "unknown-member", {**item, "zebra": 1}, ".zebra"


def walk(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str, Json]]:
    """(path, member's name, item) of everything inside an object; of an array only the last item."""
    members = value.items() if isinstance(value, dict) else [(len(value) - 1, value[-1])]
    for step, item in members:
        here = (*path, step)
        yield here, str(step if isinstance(step, str) else path[-1]), item
        if isinstance(item, dict) or (isinstance(item, list) and item):
            yield from walk(item, here)


def where(path: tuple[Any, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def label(path: tuple[Any, ...]) -> str:
    return "-".join(str(step) for step in path)


def replaced(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    """A copy with another item at ``path``; ``...`` removes it."""
    result = copy.deepcopy(value)
    inner = result
    for step in path[:-1]:
        inner = inner[step]
    if new is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return result


def lean(value: Json, full: dict[str, Json], optional: tuple[str, ...]) -> Json:
    """``value``, a mutation of ``full``, without the optional members that the mutation left alone."""
    if not isinstance(value, dict):
        return value
    alone = {name for name in optional if name in full and repr(value.get(name)) == repr(full[name])}
    return {name: item for name, item in value.items() if name not in alone} or value


def mutated(value: Json, optional: tuple[str, ...], skip: Collection[str]) -> Iterator[tuple[str, Json, str]]:
    """(name, value, where) of everything that can be wrong with single members of an object."""
    yield "unknown-member", {**value, "zebra": 1}, "zebra"
    for path, name, item in walk(value):
        plain = where(tuple(step for step in path if isinstance(step, str)))
        if isinstance(path[-1], str) and plain not in optional and not plain.startswith("parties."):
            yield f"without-{label(path)}", replaced(value, path, ...), where(path)
        if plain in skip:
            continue
        for what, new, place in mutations(name, item, thorough=path == ("at",)):
            if isinstance(path[-1], int) and what in ("empty", "number-instead") and isinstance(item, str):
                continue  # "item-of-wrong-type" says it
            yield f"{label(path)}-{what}", replaced(value, path, new), where(path) + place
