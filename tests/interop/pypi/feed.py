"""Has checkpoints cosigned with aics-witness's client, the proofs coming from a log's tiles by aics-tlog.

Reads a question {url, witness (vkey), folder, size, notes}; answers with the notes, each with the new line. Every note
is submitted by a client of its own, which remembers nothing.
"""

# mypy: disable-error-code="import-not-found"
from __future__ import annotations

import json
import sys

from aics_tlog import FileSystemTileReader, consistency_proof_from_tiles
from aics_witness.feeder import WitnessClient, merge_cosignatures


def main() -> None:
    question = json.load(sys.stdin)
    reader = FileSystemTileReader(question["folder"])

    def proof(old: int, size: int) -> list[bytes]:
        found: list[bytes] = consistency_proof_from_tiles(reader, old, size, question["size"])
        return found

    cosigned = []
    for note in question["notes"]:
        with WitnessClient(question["url"], question["witness"]) as client:
            line = client.submit(note, proof)
        cosigned.append(merge_cosignatures(note, line).decode())
    json.dump(cosigned, sys.stdout)


main()
