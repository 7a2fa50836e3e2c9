"""A signed note opened as C2SP has it: whose plain signatures are good, and which lines are by keys not known."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.log.note import Note, NoteSignature, SignatureError, Verifier, by_known_keys, verify_ed25519


def open_note(note: Note, known: Iterable[Verifier]) -> tuple[tuple[Verifier, ...], tuple[NoteSignature, ...]]:
    """The plain Ed25519 keys that signed, and the lines by unknown keys, which say nothing.

    Raises :class:`SignatureError` if a line by a known key does not verify, or no line is by a known key.
    """
    claimed, unknown = by_known_keys(note, known)
    for verifier, signature in claimed:
        if not verify_ed25519(verifier, note.text, signature.signature):
            raise SignatureError(f"the signature by {verifier.name} does not verify")
    if not claimed:
        raise SignatureError("not signed by any known key")
    return tuple(dict.fromkeys(verifier for verifier, _ in claimed)), tuple(unknown)
