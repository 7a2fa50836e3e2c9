"""Strict text primitives: every value has exactly one spelling, and no other is accepted (protocol, section 2).

Python's own readers are lenient (``int`` takes ``1_000`` and ``٣``, ``b64decode`` takes spare bits), so each reader
here matches an exact pattern, decodes, and where the pattern cannot say it all encodes back and compares.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from functools import lru_cache

from verifier.base.errors import Malformed

MAX_INTEGER = 2**53 - 1
"""The largest magnitude of an integer in canonical JSON (I-JSON, RFC 7493 section 2.2)."""

MIN_INSTANT = 0
MAX_INSTANT = 253402300799  # 9999-12-31T23:59:59Z

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*\Z", re.ASCII)
_B64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z", re.ASCII)
_B64U = re.compile(r"[A-Za-z0-9_-]*\Z", re.ASCII)
_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z\Z", re.ASCII)
_HEX64 = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)

LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}
"""What the last character of a group of 2 or 3 can be: one whose 4 or 2 low bits, which encode nothing, are 0."""
_PADDING = ("", "", "==", "=")


def parse_decimal(text: str) -> int:
    """A non-negative integer below 10^19 in ASCII digits, no sign, no leading zero."""
    if not _DECIMAL.match(text):
        raise Malformed("not a decimal number without sign or leading zeros")
    return int(text)


def parse_hex(text: str, length: int | None = None) -> bytes:
    """Lower-case hex; ``length`` is in bytes."""
    if not _HEX.match(text):
        raise Malformed("not lower-case hex")
    if length is not None and len(text) != 2 * length:
        raise Malformed(f"must be {2 * length} hex digits, has {len(text)}")
    return bytes.fromhex(text)


def other_version(found: object, wanted: str) -> str:
    """What is wrong with a file's ``format`` (``name/number``) that is not the one wanted."""
    name, _, number = wanted.rpartition("/")
    its = found[len(name) + 1 :] if type(found) is str and found.startswith(f"{name}/") else ""
    if re.fullmatch("[1-9][0-9]{0,5}", its, re.ASCII):
        return f"this is a file of protocol {its}, and this program reads protocol {number}: it must be {wanted}"
    return f"must be {wanted}"


def is_hex64(text: str) -> bool:
    """Whether ``text`` is 64 lower-case hex digits: the form of ids, keys and file digests."""
    return _HEX64.match(text) is not None


def parse_b64(text: str, length: int | None = None) -> bytes:
    """RFC 4648 section 4 with padding and without spare bits; ``length`` is in bytes."""
    if not _B64.match(text) or len(text) % 4:
        raise Malformed("not base64 with padding")
    data = a2b_base64(text)  # whose groups are whole by now
    if text.endswith("=") and text[-3 if text.endswith("==") else -2] not in LAST[2 if text.endswith("==") else 3]:
        raise Malformed("base64 with spare bits set")
    if length is not None and len(data) != length:
        raise Malformed(f"must hold {length} bytes, holds {len(data)}")
    return data


def format_b64(data: bytes) -> str:
    """RFC 4648 section 4 with padding."""
    return b2a_base64(data, newline=False).decode("ascii")


def parse_b64u(text: str, length: int | None = None) -> bytes:
    """RFC 4648 section 5 without padding and without spare bits; ``length`` is in bytes."""
    rest = len(text) & 3
    if not _B64U.match(text) or rest == 1:
        raise Malformed("not unpadded base64url")
    if rest and text[-1] not in LAST[rest]:
        raise Malformed("base64url with spare bits set")
    data = a2b_base64(text.replace("-", "+").replace("_", "/") + _PADDING[rest])
    if length is not None and len(data) != length:
        raise Malformed(f"must hold {length} bytes, holds {len(data)}")
    return data


def format_b64u(data: bytes) -> str:
    """RFC 4648 section 5 without padding."""
    return format_b64(data).rstrip("=").replace("+", "-").replace("/", "_")


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the proleptic Gregorian calendar (integer arithmetic only)."""
    year -= month <= 2
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """The inverse of :func:`days_from_civil`: (year, month, day)."""
    days += 719468
    era = days // 146097
    day_of_era = days - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + (3 if shifted_month < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2 and year % 4 == 0 and (year % 100 or year % 400 == 0):
        return 29
    return _DAYS[month - 1]


_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=4096)  # most of what is read together is of the same seconds and days
def parse_instant(text: str) -> int:
    """RFC 3339 in UTC, ``2026-11-23T18:05:15Z``, as POSIX seconds: a real date, 1970 to 9999, no second 60."""
    match = _INSTANT.match(text)
    if not match:
        raise Malformed("not an instant like 2026-11-23T18:05:15Z")
    year, month, day, hour, minute, second = map(int, match.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise Malformed("not a time of day between 00:00:00 and 23:59:59")
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        raise Malformed("not a real date of the years 1970 to 9999")
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second


def format_instant(seconds: int) -> str:
    """POSIX seconds as RFC 3339 in UTC; the seconds must lie in the years 1970 to 9999."""
    if not MIN_INSTANT <= seconds <= MAX_INSTANT:
        raise ValueError("an instant outside the years 1970 to 9999 cannot be written")
    days, rest = divmod(seconds, 86400)
    year, month, day = civil_from_days(days)
    return f"{year:04d}-{month:02d}-{day:02d}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"
