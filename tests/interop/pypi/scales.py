"""Reads or writes a log with tlog-scales.

``read``: {location, keys, sizes} → the checkpoint and who signed it, every entry, and proofs that it has checked.
``write``: {folder, origin, seed, batches} → the log's key, and its checkpoint after each batch.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales import backend, tiles
from tlog_scales.reader import TilesReader
from tlog_scales.signing import PlainEd25519Signer, Vkey, VkeySet
from tlog_scales.writer import TilesWriter


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def read(question: Any) -> Any:
    reader = TilesReader(backend.make_backend(question["location"]))
    checkpoint = reader.get_checkpoint()
    keys = VkeySet(*(Vkey.from_string(key) for key in question["keys"]))
    size, root = checkpoint.size, checkpoint.root_hash
    if reader.calculate_root_hash() != root:
        raise SystemExit("the tiles have another root")
    entries = [reader.get_entry(index) for index in range(size)]
    for index, entry in enumerate(entries):
        reader.get_inclusion_proof(index, size).check(tiles.leaf_hash(entry), root)
    grown = {}
    for old in question["sizes"]:
        proof = reader.get_consistency_proof(old, size)
        proof.check(reader.mth(0, old), root)
        grown[old] = {"root": b64(reader.mth(0, old)), "proof": [b64(item) for item in proof.node_hashes]}
    return {
        "note": checkpoint.serialize(),
        "size": size,
        "signed_by": sorted(key.name for key, _ in keys.verify(checkpoint.signatures, checkpoint)),
        "entries": [b64(entry) for entry in entries],
        "grown": grown,
    }


def write(question: Any) -> Any:
    folder = Path(question["folder"])
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(question["seed"]))
    signer = PlainEd25519Signer(question["origin"], key)
    writer = TilesWriter.create(folder, question["origin"])
    notes = []
    for batch in question["batches"]:
        for leaf in batch:
            writer.add_leaf(b64decode(leaf))
        writer.commit([signer])
        notes.append((folder / "checkpoint").read_text("utf-8"))
    return {"key": signer.vkey.serialize(), "notes": notes}


asked = json.load(sys.stdin)
json.dump(write(asked) if "batches" in asked else read(asked), sys.stdout)
