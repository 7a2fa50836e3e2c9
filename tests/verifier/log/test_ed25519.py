"""Ed25519 on hostile input: the answers are libsodium's, everywhere and for ever (protocol, section 3.1)."""

from __future__ import annotations

import json

from tests.support.samples import SAMPLES, needs_samples
from verifier.base.crypto import verify
from verifier.base.private_keys import SigningKey

ORDER = 2**252 + 27742317777372353535851937790883648493


@needs_samples
def test_libsodium_accepts_43_of_cctvs_914() -> None:
    cases = json.loads((SAMPLES / "vectors/cctv/ed25519vectors.json").read_text("utf-8"))
    accepted = [
        case
        for case in cases
        if verify(bytes.fromhex(case["key"]), case["msg"].encode(), bytes.fromhex(case["sig"]))
    ]
    assert (len(accepted), len(cases)) == (43, 914)
    for case in accepted:
        assert not {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"} & set(case["flags"] or [])


def test_a_signature_has_one_spelling() -> None:
    key = SigningKey(bytes(32))
    signature = key.sign(b"message")
    assert verify(key.public, b"message", signature)
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not verify(key.public, b"message", signature[:32] + scalar.to_bytes(32, "little"))
