"""Amounts as people write them: "1250.00 EUR" is so many minor units, by the currency's decimals (ISO 4217)."""

from __future__ import annotations

import re

from verifier.base.currencies import EXPONENTS
from verifier.base.errors import Malformed
from verifier.base.strict import MAX_INTEGER

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,4}))? ([A-Z]{3})\Z", re.ASCII)


def parse_amount(text: str) -> tuple[int, str]:
    """``"1250.00 EUR"`` → (125000, "EUR"): all of the currency's decimals or none, no thousands separator."""
    match = _AMOUNT.match(text)
    if not match:
        raise Malformed(f'{text[:40]!r} is no amount: write "1250.00 EUR", or minor units without quotes: 125000')
    whole, fraction, currency = match.groups()
    decimals = EXPONENTS.get(currency)
    if decimals is None:
        raise Malformed(f"the decimals of {currency} are not known here: write minor units without quotes")
    if fraction is not None and len(fraction) != decimals:
        raise Malformed(f"{currency} has {decimals} decimals, {text!r} has {len(fraction)}")
    amount = int(whole + (fraction or "0" * decimals))
    if amount > MAX_INTEGER:
        raise Malformed(f"{text!r} is beyond 2^53 - 1 minor units")
    return amount, currency
