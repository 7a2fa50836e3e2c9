"""Private keys of Ed25519, random bytes, and what key files are locked with: for those who sign, not for a check.

What only key files need is imported when one is opened or written, so that whoever signs starts without it.
"""

from __future__ import annotations

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair, randombytes
from nacl.exceptions import CryptoError

from verifier.base.crypto import SIGNATURE_SIZE

SEED_SIZE = 32
SALT_SIZE = 16


def public_key(seed: bytes) -> bytes:
    """The 32-byte public key of a 32-byte seed."""
    return crypto_sign_seed_keypair(seed)[0]


class SigningKey:
    """A private key, kept expanded so that signing costs one operation."""

    __slots__ = ("_secret", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_SIZE:
            raise ValueError(f"a seed has {SEED_SIZE} bytes, not {len(seed)}")
        self.public, self._secret = crypto_sign_seed_keypair(seed)

    def sign(self, message: bytes) -> bytes:
        """64 bytes over ``message``."""
        return crypto_sign(message, self._secret)[:SIGNATURE_SIZE]

    @property
    def seed(self) -> bytes:
        """The 32 bytes from which the key was made. Handle with care."""
        return self._secret[:SEED_SIZE]


def random_bytes(size: int) -> bytes:
    """``size`` bytes from the operating system's generator."""
    return randombytes(size)


def derive_key(passphrase: bytes, salt: bytes, *, passes: int, memory: int) -> bytes:
    """A 32-byte key from a passphrase by argon2id (RFC 9106, one lane); ``memory`` is in bytes, the salt 16 bytes."""
    from nacl.pwhash import argon2id
    from nacl.secret import SecretBox

    return argon2id.kdf(SecretBox.KEY_SIZE, passphrase, salt, opslimit=passes, memlimit=memory)


def lock(key: bytes, secret: bytes) -> bytes:
    """``secret`` encrypted and authenticated (XSalsa20-Poly1305): a fresh 24-byte nonce, then the box."""
    from nacl.secret import SecretBox

    return bytes(SecretBox(key).encrypt(secret))


def unlock(key: bytes, locked: bytes) -> bytes | None:
    """What :func:`lock` was given, or ``None`` if the key is not the one or a bit has changed."""
    from nacl.secret import SecretBox

    try:
        return SecretBox(key).decrypt(locked)
    except (CryptoError, ValueError):
        return None
