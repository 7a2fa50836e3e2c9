"""A key's fingerprint, as a person reads it out to her registrar: 12 characters of base32 (RFC 4648), 60 bits."""

from __future__ import annotations

import re
from base64 import b32encode
from hashlib import sha256

CHARACTERS = 12
_CONTEXT = b"kembar/fingerprint\n"


def fingerprint(key: str) -> str:
    """Of a public key in hex: ``ABCD-EFGH-IJKL``."""
    text = b32encode(sha256(_CONTEXT + bytes.fromhex(key)).digest()).decode("ascii")[:CHARACTERS]
    return "-".join(text[at : at + 4] for at in range(0, CHARACTERS, 4))


def is_read_out(said: str, key: str) -> bool:
    """Whether what was typed is the key's, however it was spaced. The digits 0, 1 and 8 are no base32: they are read as
    the letters that they look like."""
    letters = re.sub(r"[^A-Z0-9]", "", said.upper()).translate(str.maketrans("018", "OIB"))
    return letters == fingerprint(key).replace("-", "")
