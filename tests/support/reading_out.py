"""A key's fingerprint, as a person reads it out to her registrar: 12 characters of base32 (RFC 4648), 60 bits.

The page that compares them reads them by its own code (``verifier/browser/sign/heard.js``).
"""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

CHARACTERS = 12
_CONTEXT = b"kembar/fingerprint\n"


def fingerprint(key: str) -> str:
    """Of a public key in hex: ``ABCD-EFGH-IJKL``."""
    text = b32encode(sha256(_CONTEXT + bytes.fromhex(key)).digest()).decode("ascii")[:CHARACTERS]
    return "-".join(text[at : at + 4] for at in range(0, CHARACTERS, 4))
