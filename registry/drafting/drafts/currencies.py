"""Amounts as people write them, each with its currency: "1250.00 EUR", "IDR 2.000.000" (decimals by ISO 4217)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from verifier.base.canonical import Json
from verifier.base.currencies import EXPONENTS
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER

_NUMBER = r"([0-9][0-9.,]{0,39})"
_AMOUNT = re.compile(rf"(?:([A-Z]{{3}}) {_NUMBER}|{_NUMBER} ([A-Z]{{3}}))\Z", re.ASCII)
_UNITS = re.compile(rf"{_NUMBER} minor units of ([A-Z]{{3}})\Z", re.ASCII)
_WHOLE = re.compile(r"(?:0|[1-9][0-9]*)\Z", re.ASCII)
_GROUPED = {mark: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+\Z", re.ASCII) for mark in ".,"}

HOW = 'write it with its currency, "1250.00 EUR" or "IDR 2.000.000"'


def parse_amount(text: str) -> tuple[int, str]:
    """``"1250.00 EUR"`` → (125000, "EUR"): minor units. :class:`Malformed` for what can be read in two ways.

    The currency stands before or after; all of its decimals or none; thousands may be set apart by points or commas.
    Of a currency whose decimals are not known, ``"125000 minor units of XYZ"``.
    """
    if match := _UNITS.match(text):
        digits, currency = match.groups()
        decimals = 0
    elif match := _AMOUNT.match(text):
        currency, digits = match[1] or match[4], match[2] or match[3]
        if currency not in EXPONENTS:
            raise Malformed(f'the decimals of {currency} are not known here: write "125000 minor units of {currency}"')
        decimals = EXPONENTS[currency]
    else:
        raise Malformed(f"{text[:40]!r} is no amount: {HOW}")
    amount = _minor(digits, decimals)
    if amount is None:
        raise Malformed(f"{text[:40]!r} can be read in more than one way or in none: {HOW}, with {decimals} decimals")
    if amount > MAX_INTEGER:
        raise Malformed(f"{text[:40]!r} is beyond 2^53 - 1 minor units")
    return amount, currency


def format_amount(amount: int, currency: str) -> str:
    """Minor units as :func:`parse_amount` reads them: ``EUR 1250.00``."""
    if currency not in EXPONENTS:
        return f"{amount} minor units of {currency}"
    decimals = EXPONENTS[currency]
    digits = str(amount).zfill(decimals + 1)
    return f"{currency} {digits[: len(digits) - decimals]}" + (f".{digits[-decimals:]}" if decimals else "")


def with_currency(value: Json, currency: str | None = None) -> Json:
    """The same with each ``amount`` in minor units as a draft writes it; ``currency`` is that of the table around."""
    if isinstance(value, Mapping):
        own = value.get("currency", currency)
        found = {name: with_currency(member, own) for name, member in value.items()}
        if own and isinstance(amount := value.get("amount"), int) and not isinstance(amount, bool):
            found["amount"] = format_amount(amount, own)
        return found
    if isinstance(value, list | tuple):
        return [with_currency(item, currency) for item in value]
    return value


def _minor(digits: str, decimals: int) -> int | None:
    """Digits with a mark before the decimals and another between thousands, as minor units; None if it is not clear."""
    before, mark, after = digits, "", ""
    if decimals and (place := max(digits.rfind("."), digits.rfind(","))) >= 0 and len(digits) - place - 1 == decimals:
        before, mark, after = digits[:place], digits[place], digits[place + 1 :]
        if mark in before:  # 2.000.000 of a currency with three decimals
            before, mark, after = digits, "", ""
        elif decimals == 3 and mark == "," and "." not in before:
            return None  # 1,250 dinars, or 1.250?
    whole = _whole(before, mark)
    return None if whole is None else int(whole + (after or "0" * decimals))


def _whole(text: str, taken: str) -> str | None:
    """The digits of a whole number, its thousands set apart or not, by another mark than the one that is taken."""
    if _WHOLE.match(text):
        return text
    for mark, grouped in _GROUPED.items():
        if mark != taken and grouped.match(text):
            return text.replace(mark, "")
    return None
