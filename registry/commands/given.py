"""What a file is that somebody handed in by mistake: a picture, another program's JSON, another file of Kembar's."""

from __future__ import annotations

from registry.drafting.adapters.foreign import describe, parse_foreign
from registry.drafting.adapters.wrappers import unwrap
from verifier.base.errors import KembarError
from verifier.evidence.file import FORMAT as EVIDENCE
from verifier.misbehaviour.file import FORMAT as MISBEHAVIOUR
from verifier.programs.keys import FORMAT as KEY

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive, or a document of an office program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<?xml", "an XML document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"log ", "a trust policy"),
)
_HASH = "`registry hash FILE` prints the SHA-256 that a statement names"

_OURS = {
    EVIDENCE: "an evidence file: `verifier check FILE --trust POLICY` checks it",
    MISBEHAVIOUR: "a misbehaviour file: `verifier check FILE --trust POLICY` checks it",
    KEY: "A PRIVATE KEY: hand it to nobody; `registry sign FILE --key KEY` signs with it",
}
"""Kembar's other files, by their ``format``."""

MAX_NAMED = 6


def given(data: bytes) -> str | None:
    """What the bytes are, as the end of "is ...", with what to do; None for what may be a draft or a signed file."""
    start = data[:64].lower() if data[:1] == b"<" else data[:64]
    for beginning, what in _BEGINNINGS:
        if start.startswith(beginning):
            return f"{what}: {_HASH}"
    if data[4:8] == b"ftyp":
        return f"a video, or a HEIC or AVIF picture: {_HASH}"
    if data[:4] == b"RIFF":
        return f"a WebP picture, or sound: {_HASH}"
    return _json(data)


def _json(data: bytes) -> str | None:
    if data.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        value = parse_foreign(data)
        if not isinstance(value, dict):
            return "JSON of another program"
        if "envelope" in value:
            return None
        if isinstance(kind := value.get("format"), str) and kind in _OURS:
            return _OURS[kind]
        inside = unwrap(value)
    except KembarError:
        return None
    if isinstance(inside, dict) and not {"terms", "campaign"}.isdisjoint(inside):
        return "an AdCP message: `registry draft consent --adcp FILE` makes a draft of it"
    names = ", ".join(describe(name) for name in list(value)[:MAX_NAMED]) or "no member at all"
    return f"JSON of another program ({names})"
