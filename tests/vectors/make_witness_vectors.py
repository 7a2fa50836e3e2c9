"""Writes ``witness/add-checkpoint.json``: requests to a C2SP witness, each with what it must answer.

    python -m tests.vectors.make_witness_vectors

Every vector begins with a witness that knows nothing: ``before`` are requests that it answers with 200 first, ``body``
is the one that the vector is about, each byte as the character of its number. The witness watches the logs in
``policy``, and its clock stands at ``now``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.witnessed_logs import NOW, WITNESS_KEY, WITNESS_NAME, MemoryLog, policy
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.note import NoteSignature
from verifier.log.witness_protocol import SIZE_TYPE, format_cosignature, format_request
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note, format_policy

TARGET = Path(__file__).parent / "witness" / "add-checkpoint.json"
TEXT = "text/plain; charset=utf-8"


def vectors() -> dict[str, Any]:
    log, other = MemoryLog(), MemoryLog("log.example/b", 2)
    fork = MemoryLog(tale="another tale ")
    stranger = MemoryLog("log.example/stranger", 3)
    impostor = MemoryLog(seed=4)
    cosigner = Cosigner(WITNESS_NAME, WITNESS_KEY)
    found: list[dict[str, Any]] = []

    def add(name: str, body: bytes, status: int, *, before: tuple[bytes, ...] = (), size: int | None = None) -> None:
        one: dict[str, Any] = {"name": name, "before": [each.decode() for each in before]}
        one |= {"body": body.decode("latin-1"), "status": status}
        if size is not None:
            one |= {"content_type": SIZE_TYPE, "answer": f"{size}\n"}
        elif status == 200:
            text = body.decode().partition("\n\n")[2].rpartition("\n\n")[0] + "\n"
            one |= {"content_type": TEXT, "answer": format_cosignature(cosigner.sign(text, NOW)).decode()}
        found.append(one)

    first, second = log.request(0, 5), log.request(5, 8)
    add("first", first, 200)
    add("grown", second, 200, before=(first,))
    add("grown from a power of two", log.request(8, 300), 200, before=(first, second))
    add("the same again", log.request(5, 5), 200, before=(first,))
    add("the empty tree", log.request(0, 0), 200)
    add("the empty tree, then five", first, 200, before=(log.request(0, 0),))
    add("another log is another matter", other.request(0, 9), 200, before=(first,))
    add("further signatures by unknown keys", format_request(0, [], log.note(5, stranger.signer)), 200)
    forged = format_note(log.text(5), [log.signer.sign(log.text(6)), log.signer.sign(log.text(5))])
    add("a bad and a good signature by the log", format_request(0, [], forged), 403)
    post_quantum = NoteSignature(name="witness.example/pq", key_id=bytes(4), signature=bytes(8 + 2420))
    signatures = (log.signer.sign(log.text(5)), post_quantum)
    add("a cosignature by ML-DSA-44", format_request(0, [], format_note(log.text(5), signatures)), 200)
    extended = log.text(5) + "an extension\n"
    add("extension lines", format_request(0, [], format_note(extended, [log.signer.sign(extended)])), 200)

    note = log.note(5)
    malformed = {
        "no body": b"",
        "no old line": note.encode(),
        "no empty line": b"old 0\n" + note.encode(),
        "no checkpoint": b"old 0\n\n",
        "old in capitals": b"OLD 0\n\n" + note.encode(),
        "old with a plus": b"old +0\n\n" + note.encode(),
        "old with a leading zero": b"old 00\n\n" + note.encode(),
        "old with two spaces": b"old  0\n\n" + note.encode(),
        "old without a number": b"old \n\n" + note.encode(),
        "old with a space after it": b"old 0 \n\n" + note.encode(),
        "old beyond all trees": b"old 9223372036854775808\n\n" + note.encode(),
        "carriage returns": b"old 0\r\n\r\n" + note.encode(),
        "a proof line that is no base64": b"old 0\n!\n\n" + note.encode(),
        "a proof line of 31 bytes": b"old 0\n" + b"A" * 42 + b"==\n\n" + note.encode(),
        "64 proof lines": format_request(0, [bytes(32)] * 64, note),
        "a checkpoint of two lines": format_request(0, [], format_note("a\n1\n", [log.signer.sign("a\n1\n")])),
        "a checkpoint without a signature": b"old 0\n\n" + log.text(5).encode() + b"\n",
        "a checkpoint that is not UTF-8": b"old 0\n\n\xff" + note.encode("utf-8").replace("—".encode(), b"-"),
        "text after the signatures": format_request(0, [], note + "and more\n"),
    }
    for name, body in malformed.items():
        add(name, body, 400)
    add("an old size larger than the checkpoint's", log.request(5, 8).replace(b"old 5", b"old 9"), 400)
    add("an unknown origin", stranger.request(0, 5), 404)
    add("a key that is not the log's", impostor.request(0, 5), 403)
    text = log.text(5)
    add("a signature over another text", format_request(0, [], format_note(text, [log.signer.sign("x\n")])), 403)
    own = Signer(log.origin, SigningKey(bytes([9]) * 32))
    add("the log's name and an unknown key", format_request(0, [], format_note(text, [own.sign(text)])), 403)
    add("an old size before anything is known", log.request(5, 8), 409, size=0)
    add("zero when five are known", log.request(0, 8), 409, before=(first,), size=5)
    add("an older checkpoint", log.request(0, 3), 409, before=(first,), size=5)
    add("a stale old size", log.request(5, 9), 409, before=(first, second), size=8)
    add("the old size of another log", log.request(5, 8), 409, before=(other.request(0, 5),), size=0)
    add("the same size, another root", fork.request(5, 5, []), 422, before=(first,))
    nothing = format_checkpoint(Checkpoint(origin=log.origin, size=0, root=bytes(32)))
    empty = format_request(0, [], format_note(nothing, [log.signer.sign(nothing)]))
    add("a wrong root of the empty tree", empty, 422)
    add("a wrong root of the empty tree, later", empty, 422, before=(first,))
    add("a fork that grew", fork.request(5, 8), 422, before=(first,))
    add("a proof that is missing", log.request(5, 8, []), 422, before=(first,))
    add("a proof with a line too many", log.request(5, 8, [*log.proof(5, 8), bytes(32)]), 422, before=(first,))
    add("a proof from nothing", log.request(0, 5, [bytes(32)]), 422)
    add("a proof between the same", log.request(5, 5, [bytes(32)]), 422, before=(first,))
    add("a proof with its lines in another order", log.request(5, 8, log.proof(5, 8)[::-1]), 422, before=(first,))
    head = {"policy": format_policy(policy(log, other)), "now": NOW, "witness": str(cosigner.verifier)}
    return {**head, "vectors": found}


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n", encoding="ascii")
