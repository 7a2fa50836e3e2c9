"""Evidence files that are nearly right: one or two things of a right one changed, a function of a number alone."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from tests.support.root import VECTORS


@dataclass(frozen=True, kw_only=True)
class Right:
    """A file that yields a verdict, and how it is read."""

    evidence: bytes
    policy: str
    instant: int
    max_age: int
    files: tuple[str, ...]


@cache
def right_ones() -> tuple[Right, ...]:
    """The evidence vectors that yield verdicts; those in PDFs have mutants of their own (:mod:`.pdf_mutants`)."""
    from verifier.base.strict import parse_instant

    found = []
    for path in sorted((VECTORS / "evidence").glob("*.json")):
        vector = json.loads(path.read_text())
        if vector["expected"].get("outcome") != "invalid" and not path.name.startswith("pdf-"):
            found.append(
                Right(
                    evidence=vector["evidence"].encode(),
                    policy=vector["policy"],
                    instant=parse_instant(vector["instant"]),
                    max_age=vector["max_age"],
                    files=tuple(vector["files"]),
                )
            )
    return tuple(found)


def mutant(number: int) -> Right:
    """A right file, and what was done to it."""
    random = Random(number)
    right = random.choice(right_ones())
    data = right.evidence
    for _ in range(random.choice((1, 1, 1, 2))):
        change = random.choice((_in_bytes, _in_shape, _in_shape, _in_shape, _left_out, _left_out, _inside))
        data = change(random, data)
    instant = right.instant + random.choice((0, 0, 0, 1, -1, 86_400, 30 * 86_400, -400))
    return Right(evidence=data, policy=right.policy, instant=instant, max_age=right.max_age, files=right.files)


def changed(random: Random, data: bytes) -> bytes:
    """One thing of a JSON text changed: its bytes, or its shape."""
    return random.choice((_in_bytes, _in_shape, _in_shape))(random, data)


def _in_bytes(random: Random, data: bytes) -> bytes:
    """A byte flipped, added, or gone; or the end cut off."""
    if not data:
        return b"{"
    place = random.randrange(len(data))
    match random.randrange(4):
        case 0:
            return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]
        case 1:
            return data[:place] + random.choice((b" ", b"\n", b"0", b'"', b"\xc2\xa0", b"\xff")) + data[place:]
        case 2:
            return data[:place] + data[place + 1 :]
        case _:
            return data[:place]


def _in_shape(random: Random, data: bytes) -> bytes:
    """Something of the JSON dropped, doubled, swapped, or made another value."""
    return _with(data, lambda value: _change(random, value))


def _left_out(random: Random, data: bytes) -> bytes:
    """Whole disclosures, lists or entries less than there were: what a file may lack, and what it may not."""

    def lessen(value: Any) -> None:
        arrays = [one for name, one in value.items() if isinstance(one, list) and one and name != "log"]
        if arrays:
            array = random.choice(arrays)
            for _ in range(random.choice((1, 1, 2, len(array)))):
                if array:
                    array.pop(random.randrange(len(array)))

    return _with(data, lessen)


def _inside(random: Random, data: bytes) -> bytes:
    """A change inside what stands in base64: leaves, disclosures, proofs."""

    def change(value: Any) -> None:
        holder, key = _place(random, value)
        text = holder[key]
        if isinstance(text, str):
            for pad in ("", "=", "=="):
                try:
                    inner = b64decode(
                        text + pad, altchars=b"-_" if pad or "-" in text or "_" in text else None, validate=True
                    )
                except ValueError:
                    continue
                made = b64encode(_in_bytes(random, inner), altchars=b"-_" if "-" in text or "_" in text else None)
                holder[key] = made.decode().rstrip("=") if "=" not in text else made.decode()
                return

    return _with(data, change)


def _with(data: bytes, change: Callable[[Any], None]) -> bytes:
    try:
        value = json.loads(data)
    except ValueError:
        return data
    if not isinstance(value, dict) or not value:
        return data
    change(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode("utf-8", "surrogatepass")


def _place(random: Random, value: Any) -> tuple[Any, Any]:
    """A container somewhere in the value, and one of its keys."""
    holder, key = value, random.choice(list(value))
    while isinstance(holder[key], dict | list) and holder[key] and random.randrange(5):
        holder = holder[key]
        key = random.choice(list(holder)) if isinstance(holder, dict) else random.randrange(len(holder))
    return holder, key


OTHERS: Sequence[Any] = (None, True, 0, -1, 2**53, 1.5, "", "0", [], {}, "é", "\ud800", "a" * 64, "A" * 22)


def _change(random: Random, value: Any) -> None:
    holder, key = _place(random, value)
    one = holder[key]
    match random.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(key, one)
        case 2 if isinstance(holder, list) and len(holder) > 1:
            other = random.randrange(len(holder))
            holder[key], holder[other] = holder[other], holder[key]
        case 3 if isinstance(one, int) and not isinstance(one, bool):
            holder[key] = one + random.choice((-1, 1, 1000))
        case 4 if isinstance(one, str) and one:
            place = random.randrange(len(one))
            holder[key] = one[:place] + random.choice("0aA/+-_= \n\x00") + one[place + random.randrange(2) :]
        case 5 if isinstance(holder, dict):
            holder[random.choice(("x", key + "x", "v"))] = one
        case _:
            holder[key] = random.choice(OTHERS)
