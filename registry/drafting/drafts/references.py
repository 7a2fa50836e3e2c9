"""References of transfers: the one spelling of what was typed, and the protocol's own (section 4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from verifier.base.errors import Malformed

MAX_LENGTH = 35
MAX_NUMBER = 10**10 - 1
NOT_PROVIDED = "NOTPROVIDED"

_NO_SIGN = re.compile(r"[^A-Z0-9/\-?:().,'+]", re.ASCII)


def spell(typed: str) -> str:
    """A reference without its blanks and in capitals; :class:`Malformed` for what that does not mend."""
    plain = "".join(one.upper() if one.isascii() else one for one in "".join(typed.split()))
    if wrong := _NO_SIGN.search(plain):
        raise Malformed(f"has {wrong[0]!r}: a reference is made of letters A to Z, digits and /-?:().,'+")
    if not 1 <= len(plain) <= MAX_LENGTH:
        raise Malformed(f"has {len(plain)} characters without its blanks, 1 to {MAX_LENGTH} are allowed")
    if plain == NOT_PROVIDED:
        raise Malformed(f"{NOT_PROVIDED} is what a bank writes where nobody gave a reference: it names no transfer")
    return plain


def end_to_end(consent: str, payee: str, number: int) -> str:
    """The protocol's reference of a transfer to a payee under a consent (ids in hex); ``number`` from 1."""
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError("a reference ends in 1 to 10 digits")
    return f"{_stem(consent, payee)}{number}"


def next_number(consent: str, payee: str, used: Iterable[str]) -> int:
    """The number after the highest with which one of the references that are ``used`` ends; from 1."""
    stem = _stem(consent, payee)
    numbers = (one.removeprefix(stem) for one in used if one.startswith(stem))
    return 1 + max((int(one) for one in numbers if re.fullmatch(r"[0-9]{1,10}", one, re.ASCII)), default=0)


def _stem(consent: str, payee: str) -> str:
    return "K" + sha256(f"kembar/ref\n{consent}\n{payee}".encode("ascii")).hexdigest()[:24].upper()
