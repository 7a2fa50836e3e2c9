"""Ed25519 signatures that implementations part on: small orders, strange encodings, S beyond the order."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha512
from random import Random

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
)

ORDER = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19
SMALL = [
    bytes.fromhex(one)
    for one in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
"""The eight points of small order."""
STRANGE = [
    *SMALL,
    (P).to_bytes(32, "little"),
    (P + 1).to_bytes(32, "little"),
    (P + 1 | 1 << 255).to_bytes(32, "little"),
    (P - 1 | 1 << 255).to_bytes(32, "little"),
    (1 | 1 << 255).to_bytes(32, "little"),
    b"\xff" * 32,
    (2).to_bytes(32, "little"),
]
"""Small orders, encodings that are not canonical, and what is no point at all."""


def hostile_signatures(seed: int, number: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(key, message, signature), some of which are right by one equation or the other."""
    random = Random(seed)
    again = [crypto_core_ed25519_scalar_reduce(random.randbytes(64)) for _ in range(8)]  # keys that sign often
    for _ in range(number):
        scalar = random.choice([*again, crypto_core_ed25519_scalar_reduce(random.randbytes(64))])
        nonce = crypto_core_ed25519_scalar_reduce(random.randbytes(64))
        key, point = crypto_scalarmult_ed25519_base_noclamp(scalar), crypto_scalarmult_ed25519_base_noclamp(nonce)
        message = random.randbytes(random.randrange(40))
        match random.randrange(8):
            case 0:
                key = random.choice(STRANGE)
            case 1:
                point = random.choice(STRANGE)
            case 2:  # a key with a part of small order: right with the cofactor, by chance without
                key = crypto_core_ed25519_add(key, random.choice(SMALL[4:]))
            case 3:
                point = crypto_core_ed25519_add(point, random.choice(SMALL[4:]))
            case 4:
                key, point = random.choice(STRANGE), random.choice(STRANGE)
            case _:
                pass
        challenge = crypto_core_ed25519_scalar_reduce(sha512(point + key + message).digest())
        response = crypto_core_ed25519_scalar_add(nonce, crypto_core_ed25519_scalar_mul(challenge, scalar))
        match random.randrange(8):
            case 0:
                response = (int.from_bytes(response, "little") + ORDER).to_bytes(32, "little")
            case 1:
                response = bytes(32)
            case 2:
                response = random.randbytes(32)
            case _:
                pass
        yield key, message, point + response
