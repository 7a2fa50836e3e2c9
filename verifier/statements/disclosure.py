"""Disclosures: private sections as SD-JWT disclosures (RFC 9901; protocol, section 3.2).

A disclosure is ``b64u(canonical JSON of [salt, name, object])``; the header of its statement holds
``b64u(SHA-256(ASCII(disclosure)))`` under the same name. What the object may hold is for
:func:`verifier.statements.parse.parse_section`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import Malformed
from verifier.base.strict import format_b64u, parse_b64u
from verifier.base.values import value
from verifier.statements.readers import b64u_of
from verifier.statements.types import SECTION_NAMES

MAX_DISCLOSURE: Final = 65536
"""Characters of a disclosure."""
SALT_SIZE: Final = 16

_salt = b64u_of(SALT_SIZE)


@value
class Disclosure:
    """``text`` is the disclosure as it was read, ``salt`` b64u of 16 bytes, ``value`` the section's object."""

    text: str
    salt: str
    name: str
    value: Mapping[str, Json]


def parse_disclosure(text: str) -> Disclosure:
    """Read one disclosure; :class:`Malformed` if it is not exactly one spelling of [salt, name, object]."""
    if len(text) > MAX_DISCLOSURE:
        raise Malformed(f"{len(text)} characters, at most {MAX_DISCLOSURE} are allowed")
    value = canonical.parse(parse_b64u(text), limit=MAX_DISCLOSURE)
    if type(value) is not list or len(value) != 3:
        raise Malformed("a disclosure is an array of salt, name and object")
    salt, name, section = value
    try:
        _salt(salt)
    except Malformed as error:
        raise error.at("[0]") from None
    if type(name) is not str or name not in SECTION_NAMES:
        raise Malformed(f"must be one of {', '.join(SECTION_NAMES)}", "[1]")
    if type(section) is not dict:
        raise Malformed("must be an object", "[2]")
    return Disclosure(text=text, salt=salt, name=name, value=section)


def digest(text: str) -> str:
    """What the header holds for a disclosure that :func:`parse_disclosure` took."""
    return format_b64u(sha256(text.encode("ascii")).digest())
