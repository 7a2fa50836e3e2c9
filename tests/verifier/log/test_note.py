"""Signed notes: Go's own vectors, the limits, and what an error says."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from typing import Any

import pytest

from tests.support.open_note import open_note
from tests.support.samples import SAMPLES, needs_samples
from verifier.base.errors import Malformed
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.cosignature import verify_cosignature
from verifier.log.note import (
    MAX_NOTE_SIZE,
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    SignatureError,
    is_name,
    parse_note,
    parse_vkey,
)
from verifier.log.writing import Cosigner, Signer, format_note

SIGNER = Signer("log.example", SigningKey(bytes(32)))
TEXT = "A text.\n"


def go_vectors() -> Any:
    return json.loads((SAMPLES / "vectors/golang-x-mod/note_vectors.json").read_text("utf-8"))


@needs_samples
class TestGosVectors:
    def test_one_known_key(self) -> None:
        go = go_vectors()
        peter, note = parse_vkey(go["vkeys"]["peter"]), go["text"] + "\n" + go["peter_sig_line"] + go["enoch_sig_line"]
        verified, unverified = open_note(parse_note(note), [peter])
        assert verified == (peter,)
        assert [signature.name for signature in unverified] == ["EnochRoot"]

    def test_two_known_keys(self) -> None:
        go = go_vectors()
        keys = [parse_vkey(go["vkeys"][name]) for name in ("peter", "enoch")]
        note = go["text"] + "\n" + go["peter_sig_line"] + go["enoch_sig_line"]
        assert open_note(parse_note(note), keys) == (tuple(keys), ())

    def test_no_known_key(self) -> None:
        go = go_vectors()
        with pytest.raises(SignatureError, match="any known key"):
            open_note(parse_note(go["text"] + "\n" + go["peter_sig_line"]), [])

    def test_too_many_signatures(self) -> None:
        go = go_vectors()
        assert len(parse_note(go["text"] + "\n" + go["peter_sig_line"] * 100).signatures) == 1
        with pytest.raises(Malformed, match="101 signature lines"):
            parse_note(go["text"] + "\n" + go["peter_sig_line"] * 101)

    def test_a_bad_signature_by_a_known_key(self) -> None:
        go = go_vectors()
        line = go["peter_sig_line"]
        note = go["text"] + "\n" + line[:60] + "ABCD" + line[60:]
        with pytest.raises(SignatureError, match="PeterNeumann"):
            open_note(parse_note(note), [parse_vkey(go["vkeys"]["peter"])])

    def test_equal_lines_count_once(self) -> None:
        go = go_vectors()
        note = parse_note(go["text"] + "\n" + go["peter_sig_line"] * 2 + go["enoch_sig_line"] * 2)
        assert len(note.signatures) == 2

    def test_malformed_notes(self) -> None:
        go = go_vectors()
        text, line = go["text"], go["peter_sig_line"]
        note = text + "\n" + line
        assert parse_note(note).text == text
        for wrong in [
            text,
            text + "\n",
            note[:-1],
            "\x01" + note,
            b"\xff" + note.encode(),
            text + "\n" + line.replace("PeterNeumann", "Bad Name"),
            note + "Unexpected line.\n",
        ]:
            with pytest.raises(Malformed):
                parse_note(wrong)

    def test_malformed_keys(self) -> None:
        for _, vkey in go_vectors()["bad_vkeys"]:
            with pytest.raises(Malformed):
                parse_vkey(vkey)

    def test_what_we_sign_is_what_go_signs(self) -> None:
        go = go_vectors()
        name, _, material = go["skey_test_only"].removeprefix("PRIVATE+KEY+").split("+", 2)
        signer = Signer(name, SigningKey(b64decode(material)[1:]))
        assert str(signer.verifier) == go["vkeys"]["peter"]
        assert format_note(go["text"], [signer.sign(go["text"])]) == go["text"] + "\n" + go["peter_sig_line"]

    @pytest.mark.parametrize("name", ["sum_golang_org", "c2sp_signed_note_example"])
    def test_notes_from_the_world(self, name: str) -> None:
        sample = go_vectors()[name]
        verifier = parse_vkey(sample["vkey"])
        assert open_note(parse_note(sample["note"]), [verifier])[0] == (verifier,)

    def test_a_checkpoint_of_the_go_sum_database(self) -> None:
        go = go_vectors()["sumdb_tree"]
        checkpoint = parse_checkpoint(go["text"])
        assert checkpoint.origin == "go.sum database tree"
        assert checkpoint.size == 123456789012
        assert checkpoint.root == sha256(b"\x00hello world").digest()


def test_the_cosignature_that_the_standard_shows() -> None:
    """Its key id is of a key that the standard does not give, so only the layout can be read from it."""
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
        "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    [signature] = parse_note("text\n\n" + line).signatures
    assert int.from_bytes(signature.signature[:8], "big") == 1679315147
    assert len(signature.signature) == 72


def test_size_limit() -> None:
    signed = format_note(TEXT, [SIGNER.sign(TEXT)])
    room = MAX_NOTE_SIZE - len(signed.encode())
    assert parse_note("x" * room + signed).text == "x" * room + TEXT
    with pytest.raises(Malformed, match=f"at most {MAX_NOTE_SIZE}"):
        parse_note("x" * (room + 1) + signed)
    with pytest.raises(Malformed, match=f"at most {MAX_NOTE_SIZE}"):
        parse_note("é" * (room // 2 + 1) + signed)


def test_sixteen_signatures_fit_even_if_they_are_large() -> None:
    """The standard asks for 16, and says that one of a later kind can have nearly 5 kB."""
    signatures = [NoteSignature(name=f"witness.example/{n}", key_id=bytes(4), signature=bytes(5000)) for n in range(16)]
    assert len(parse_note(format_note(TEXT, signatures)).signatures) == 16
    assert MAX_SIGNATURES >= 16


def test_every_space_of_unicode_is_kept_out_of_names() -> None:
    spaces = {*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
    for point in range(0x11000):
        expected = point not in spaces and point >= 0x20 and point != ord("+") and not 0xD800 <= point < 0xE000
        assert is_name(f"a{chr(point)}b") == expected, hex(point)
    assert not is_name("")


def test_an_error_says_which_line() -> None:
    with pytest.raises(Malformed) as caught:
        parse_note(TEXT + "\n" + "— a YWJjZGU=\n— b YWJjZGV=\n")
    assert caught.value.where == "signatures[1]"


def test_who_signs_needs_a_name() -> None:
    for name in ("", "a b", "a+b"):
        with pytest.raises(ValueError, match="name of a key"):
            Signer(name, SigningKey(bytes(32)))
        with pytest.raises(ValueError, match="name of a key"):
            Cosigner(name, SigningKey(bytes(32)))


def test_a_text_ends_in_a_newline() -> None:
    with pytest.raises(ValueError, match="newline"):
        format_note("text", [])


@pytest.mark.parametrize("timestamp", [-1, 253402300800])
def test_nobody_cosigns_outside_time(timestamp: int) -> None:
    with pytest.raises(ValueError, match="between 1970 and 9999"):
        Cosigner("w", SigningKey(bytes(32))).sign(TEXT, timestamp)


def test_the_two_algorithms_do_not_stand_in_for_each_other() -> None:
    key = SigningKey(bytes(32))
    plain, timed = Signer("n", key), Cosigner("n", key)
    assert plain.verifier.key_id != timed.verifier.key_id
    with pytest.raises(SignatureError):
        verify_cosignature(plain.verifier, TEXT, timed.sign(TEXT, 1).signature)
    with pytest.raises(SignatureError):
        open_note(Note(text=TEXT, signatures=(timed.sign(TEXT, 1),)), [timed.verifier])
