"""Writes a log with aics-tlog, cosigned: {folder, origin, seed, witness, batches, time} → keys, and the checkpoints."""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import json
import sys
from base64 import b64decode

from aics_tlog import (
    Checkpoint,
    DirectoryTileStore,
    IncrementalTileWriter,
    Note,
    cosignature_vkey,
    format_vkey,
    sign_checkpoint,
    sign_cosignature,
    vkey_from_ed25519,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def main() -> None:
    question = json.load(sys.stdin)
    origin, name = question["origin"], question["witness"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(question["seed"]))
    store = DirectoryTileStore(question["folder"], fsync=False)
    writer = IncrementalTileWriter(store)
    notes = []
    for batch in question["batches"]:
        writer.append([b64decode(leaf) for leaf in batch])
        note = sign_checkpoint(Checkpoint(origin, writer.size, writer.root()), key, origin)
        _, line = sign_cosignature(key, name, question["time"], origin, writer.size, writer.root())
        note = Note(text=note.text, signatures=(*note.signatures, line))
        store.write_checkpoint(note.to_bytes())
        notes.append(note.to_bytes().decode())
    public = key.public_key()
    keys = {"key": vkey_from_ed25519(origin, public), "witness": cosignature_vkey(name, public)}
    json.dump({"notes": notes, **{kind: format_vkey(one) for kind, one in keys.items()}}, sys.stdout)


main()
