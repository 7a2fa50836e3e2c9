"""How many decimals a currency has (ISO 4217), so that "1250.00 EUR" can be turned into minor units and back."""

from __future__ import annotations

import re

from verifier.errors import Malformed
from verifier.strict import MAX_INTEGER

_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
        CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
        JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
        NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()}

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,4}))? ([A-Z]{3})\Z", re.ASCII)


def parse_amount(text: str) -> tuple[int, str]:
    """``"1250.00 EUR"`` → (125000, "EUR"): all of the currency's decimals or none, no thousands separator."""
    match = _AMOUNT.match(text)
    if not match:
        raise Malformed(f'{text[:40]!r} is no amount: write "1250.00 EUR", or minor units without quotes: 125000')
    whole, fraction, currency = match.groups()
    decimals = DECIMALS.get(currency)
    if decimals is None:
        raise Malformed(f"the decimals of {currency} are not known here: write minor units without quotes")
    if fraction is not None and len(fraction) != decimals:
        raise Malformed(f"{currency} has {decimals} decimals, {text!r} has {len(fraction)}")
    amount = int(whole + (fraction or "0" * decimals))
    if amount > MAX_INTEGER:
        raise Malformed(f"{text!r} is beyond 2^53 - 1 minor units")
    return amount, currency


def format_amount(amount: int, currency: str) -> str:
    """(125000, "EUR") → ``"1,250.00 EUR"``, for people; an unknown currency is shown in minor units and says so."""
    decimals = DECIMALS.get(currency)
    if decimals is None:
        return f"{amount:,} minor units of {currency}"
    sign, digits = "-" if amount < 0 else "", str(abs(amount)).rjust(decimals + 1, "0")
    whole, fraction = (digits[:-decimals], "." + digits[-decimals:]) if decimals else (digits, "")
    return f"{sign}{int(whole):,}{fraction} {currency}"
