"""What others wrote in the JSON Canonicalization Scheme (RFC 8785), and the digest that AdCP pins a grant with."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from hashlib import sha256

from registry.drafting.adapters.foreign import Foreign


def canonical(value: Foreign) -> str:
    """The text of a value: members in the order of UTF-16, numbers as ECMAScript writes doubles."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return json.dumps(value, ensure_ascii=False)
    return _number(value)


def digest(value: dict[str, Foreign], without: Collection[str]) -> str:
    """``sha256:`` and the SHA-256 of an object less some members, in hex."""
    text = canonical({name: member for name, member in value.items() if name not in without})
    return "sha256:" + sha256(text.encode("utf-8")).hexdigest()


def _number(value: int | Decimal) -> str:
    """ECMAScript's shortest form of the nearest double (RFC 8785, 3.2.2.3)."""
    double = float(value)
    if double == 0:
        return "0"
    if 1e-6 <= abs(double) < 1e21:
        plain = format(Decimal(repr(double)), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    sign, digits, exponent = Decimal(repr(double)).normalize().as_tuple()
    power = int(exponent) + len(digits) - 1
    fraction = "".join(map(str, digits[1:]))
    return f"{'-' * sign}{digits[0]}{'.' if fraction else ''}{fraction}e{'+' if power > 0 else '-'}{abs(power)}"
