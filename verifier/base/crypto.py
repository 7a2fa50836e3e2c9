"""Ed25519 as libsodium judges it. Only this and ``private_keys.py``, of which a check needs nothing, import PyNaCl.

libsodium refuses non-canonical S, small-order and non-canonical points; its answer is the protocol's (section 3.1).
"""

from __future__ import annotations

from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (64 bytes) by ``public_key`` (32 bytes) over ``message`` is good (RFC 8032, libsodium)."""
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return True
