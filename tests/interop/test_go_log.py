"""Go's golang.org/x/mod/sumdb against our notes, checkpoints, tiles, entry bundles and proofs, and ours against its."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import pytest

from tests.interop.conftest import OurLog
from tests.support.interop_clients import Go, Refused, needs_go
from tests.support.open_note import open_note
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.cosignature import verify_cosignature
from verifier.log.hashing import EMPTY_ROOT, leaf_hash
from verifier.log.log_proof import LogProof, format_log_proof, parse_log_proof
from verifier.log.note import SignatureError, Verifier, parse_note, parse_vkey
from verifier.log.proofs import check_inclusion
from verifier.log.tiles import tiles_for_size
from verifier.log.witness_protocol import parse_cosignatures
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement

pytestmark = needs_go


def b64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def flipped(data: bytes, place: int = 0) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


class TestNotes:
    def test_go_opens_every_checkpoint_that_we_published(self, go: Go, log: OurLog) -> None:
        for size, note in log.notes.items():
            opened = go("open", note=note, keys=[log.key])
            assert opened["signed_by"] == [log.service.origin]
            assert opened["text"] == note.partition("\n\n")[0] + "\n"
            assert opened["text"].split("\n")[1] == str(size)

    @pytest.mark.parametrize("change", ["text", "signature"])
    def test_go_refuses_a_changed_checkpoint(self, go: Go, log: OurLog, change: str) -> None:
        note = log.notes[log.size]
        if change == "text":
            note = note.replace(f"\n{log.size}\n", f"\n{log.size - 1}\n")
        else:
            parsed = parse_note(note)
            [line] = parsed.signatures
            note = format_note(parsed.text, [type(line)(
                name=line.name, key_id=line.key_id, signature=flipped(line.signature)
            )])  # fmt: skip
        with pytest.raises(Refused, match="invalid signature"):
            go("open", note=note, keys=[log.key])

    @pytest.mark.parametrize("name", ["log.example", "registry.example/log", "überlog.example/日誌"])
    def test_we_open_what_go_signed(self, go: Go, name: str) -> None:
        keys = go("keygen", name=name)
        note = go("sign", text="first\n\nlast ✓\n", skey=keys["skey"])["note"]
        verifier = parse_vkey(keys["vkey"])
        assert (verifier.name, str(verifier)) == (name, keys["vkey"])
        parsed = parse_note(note)
        assert open_note(parsed, [verifier]) == ((verifier,), ())
        assert format_note(parsed.text, parsed.signatures) == note
        with pytest.raises(SignatureError):
            open_note(parse_note(note.replace("first", "worst")), [verifier])

    def test_go_opens_what_we_signed_beside_others(self, go: Go) -> None:
        signers = [Signer(f"log{number}.example", SigningKey(bytes([number]) * 32)) for number in range(3)]
        note = format_note("text\n", [signer.sign("text\n") for signer in signers])
        opened = go("open", note=note, keys=[str(signer.verifier) for signer in signers[1:]])
        assert (opened["signed_by"], opened["unknown"]) == (["log1.example", "log2.example"], ["log0.example"])


class TestCosignatures:
    KEY = SigningKey(bytes([7]) * 32)
    TIME = 1_800_000_000

    def test_go_verifies_ours(self, go: Go, log: OurLog) -> None:
        cosigner = Cosigner("witness.example/ada", self.KEY)
        parsed = parse_note(log.notes[log.size])
        note = format_note(parsed.text, [*parsed.signatures, cosigner.sign(parsed.text, self.TIME)])
        opened = go("open", note=note, keys=[log.key, str(cosigner.verifier)])
        assert opened["signed_by"] == [log.service.origin, "witness.example/ada"]
        assert opened["times"] == {"witness.example/ada": self.TIME}

    def test_go_refuses_ours_on_another_text_or_time(self, go: Go) -> None:
        cosigner = Cosigner("witness.example/ada", self.KEY)
        line = cosigner.sign("log.example\n1\n", self.TIME)
        later = type(line)(name=line.name, key_id=line.key_id, signature=flipped(line.signature, 7))
        for text, wrong in (("log.example\n2\n", line), ("log.example\n1\n", later)):
            with pytest.raises(Refused, match="invalid signature"):
                go("open", note=format_note(text, [wrong]), keys=[str(cosigner.verifier)])

    def test_we_verify_gos(self, go: Go, log: OurLog) -> None:
        text = parse_note(log.notes[log.size]).text
        made = go("cosign", text=text, name="witness.example/ada", seed=(bytes([7]) * 32).hex(), time=self.TIME)
        witness = parse_vkey(made["vkey"])
        assert witness == Cosigner("witness.example/ada", self.KEY).verifier
        line, cosignature = parse_cosignatures(made["line"].encode(), text, witness)
        assert cosignature.timestamp == self.TIME
        with pytest.raises(SignatureError):
            verify_cosignature(witness, text + "x\n", line.signature)


@pytest.fixture(scope="module")
def read(go: Go, log: OurLog) -> Any:
    """Go has checked the checkpoint, each tile, each bundle and each of its own proofs to get here."""
    return go("log", folder=str(log.public), key=log.key, olds=log.sizes)


class TestLog:
    def test_go_reads_our_tiles_and_comes_to_our_root(self, read: Any, log: OurLog) -> None:
        assert (read["size"], b64decode(read["root"])) == (log.size, log.root(log.size))
        assert read["tiles"] == [tile.path for tile in tiles_for_size(log.size)]
        assert {"tile/0/000", "tile/1/000.p/1"} < set(read["tiles"])

    def test_go_reads_our_entry_bundles(self, read: Any, log: OurLog) -> None:
        assert [b64decode(leaf) for leaf in read["leaves"]] == log.leaves

    def test_gos_inclusion_proofs_are_ours(self, read: Any, log: OurLog) -> None:
        for index, proof in enumerate(read["inclusion"]):
            hashes = [b64decode(item) for item in proof or []]
            assert hashes == log.service.inclusion(index, log.size)
            check_inclusion(leaf_hash(log.leaves[index]), index, log.size, hashes, log.root(log.size))

    def test_gos_consistency_proofs_are_ours(self, read: Any, log: OurLog) -> None:
        assert [grown["size"] for grown in read["grown"]] == log.sizes
        for grown in read["grown"]:
            old, root = grown["size"], b64decode(grown["root"])
            hashes = [b64decode(item) for item in grown["proof"] or []]
            assert hashes == log.service.consistency(old, log.size)
            assert old not in log.notes or root == log.root(old)
            check_consistency(old, root, log.size, log.root(log.size), hashes)

    @pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"])
    def test_go_sees_a_changed_byte_anywhere(self, go: Go, log: OurLog, path: str, tmp_path: Any) -> None:
        for file in log.public.rglob("*"):
            if file.is_file():
                copy = tmp_path / file.relative_to(log.public)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(file.read_bytes())
        go("log", folder=str(tmp_path), key=log.key, olds=[])
        data = (tmp_path / path).read_bytes()
        (tmp_path / path).write_bytes(flipped(data, len(data) // 2))
        with pytest.raises(Refused):
            go("log", folder=str(tmp_path), key=log.key, olds=[])


class TestProofs:
    def test_go_checks_ours_at_every_size_that_we_published(self, go: Go, log: OurLog) -> None:
        inclusion, consistency = [], []
        for size in log.notes:
            for index in {0, 1, size // 2, size - 1}:
                inclusion.append(self.included(log, index, size))
            consistency += [self.consistent(log, old, size) for old in log.notes if old <= size]
        found = go("check", inclusion=inclusion, consistency=consistency)
        assert (set(found["inclusion"]), set(found["consistency"])) == ({True}, {True})
        assert (len(found["inclusion"]), len(found["consistency"])) == (len(inclusion), len(consistency))

    def test_go_refuses_ours_once_they_are_changed(self, go: Go, log: OurLog) -> None:
        good = self.included(log, 5, log.size)
        inclusion = [
            good | {"leaf": b64(log.leaves[6])},
            good | {"index": 6},
            good | {"size": 200},
            good | {"root": b64(flipped(log.root(log.size)))},
            good | {"proof": good["proof"][1:]},
            *(good | {"proof": proof} for proof in self.spoiled(good["proof"])),
        ]
        good = self.consistent(log, 8, log.size)
        consistency = [
            good | {"old": 7},
            good | {"oldRoot": b64(flipped(log.root(8)))},
            good | {"root": b64(flipped(log.root(log.size)))},
            *(good | {"proof": proof} for proof in self.spoiled(good["proof"])),
        ]
        found = go("check", inclusion=inclusion, consistency=consistency)
        assert (set(found["inclusion"]), set(found["consistency"])) == ({False}, {False})

    @staticmethod
    def included(log: OurLog, index: int, size: int) -> dict[str, Any]:
        proof = log.service.inclusion(index, size)
        assert isinstance(proof, list)
        leaf = b64(log.leaves[index])
        return {"leaf": leaf, "index": index, "size": size, "root": b64(log.root(size)), "proof": [*map(b64, proof)]}

    @staticmethod
    def consistent(log: OurLog, old: int, size: int) -> dict[str, Any]:
        proof = log.service.consistency(old, size)
        assert isinstance(proof, list)
        roots = {"oldRoot": b64(log.root(old)), "root": b64(log.root(size))}
        return {"old": old, "size": size, **roots, "proof": [*map(b64, proof)]}

    @staticmethod
    def spoiled(proof: list[str]) -> list[list[str]]:
        """The proof with each of its hashes changed in turn."""
        return [
            [*proof[:at], b64(flipped(b64decode(proof[at]))), *proof[at + 1 :]] for at in range(len(proof))
        ]


class TestLogProofs:
    @pytest.mark.parametrize("index", [0, 2, 8, 255, 256])
    def test_go_checks_the_proof_that_a_submitter_gets(self, go: Go, log: OurLog, index: int) -> None:
        text = self.text(log, index)
        found = go("log-proof", proof=text, key=log.key, leaf=b64(log.leaves[index]))
        assert found == {"index": index, "size": log.size}

    def test_go_refuses_it_for_another_leaf_or_key(self, go: Go, log: OurLog) -> None:
        text = self.text(log, 8)
        with pytest.raises(Refused, match="the proof"):
            go("log-proof", proof=text, key=log.key, leaf=b64(log.leaves[9]))
        other = Verifier(name=log.service.origin, algorithm=1, key=SigningKey(bytes(32)).public)
        with pytest.raises(Refused, match="no verifiable signatures"):
            go("log-proof", proof=text, key=str(other), leaf=b64(log.leaves[8]))

    def test_with_extra_data(self, go: Go, log: OurLog) -> None:
        shown = parse_log_proof(self.text(log, 8))
        text = format_log_proof(
            LogProof(index=shown.index, proof=shown.proof, checkpoint=shown.checkpoint, extra=b"more\n\n")
        )
        assert go("log-proof", proof=text, key=log.key, leaf=b64(log.leaves[8]))["index"] == 8

    @staticmethod
    def text(log: OurLog, index: int) -> str:
        found = log.service.entry(parse_statement(parse_envelope(log.leaves[index]).payload).id)
        assert found is not None and found.entry.index == index
        return found.proof


def test_a_checkpoint_of_an_empty_log(go: Go) -> None:
    """Ours are never empty, but a witness sees such."""
    signer = Signer("log.example", SigningKey(bytes([3]) * 32))
    text = format_checkpoint(Checkpoint(origin="log.example", size=0, root=EMPTY_ROOT))
    assert go("open", note=format_note(text, [signer.sign(text)]), keys=[str(signer.verifier)])["text"] == text
