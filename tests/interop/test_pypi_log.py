"""tlog-scales and aics-tlog, from PyPI, against our checkpoints, tiles and proofs, and ours against their logs."""

from __future__ import annotations

import shutil
from base64 import b64decode, b64encode
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.interop.conftest import OurLog
from tests.support.interop_clients import CLIENTS, Refused, aics, needs_aics, needs_scales, pypi, run
from tests.support.running import running
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import check_log_proof, format_log_proof, parse_log_proof
from verifier.log.note import parse_note
from verifier.log.proofs import check_inclusion
from verifier.log.provers import prove_consistency, prove_inclusion
from verifier.log.tiles import Tile, node_from_tiles, parse_entries, tiles_for_size
from verifier.log.trust import Policy, open_checkpoint, parse_policy
from verifier.log.writing import Cosigner, Signer, format_note

SEED = bytes([11]) * 32
ORIGIN = "foreign.example/log"
LEAVES = [f"entry {number}".encode() * (number % 7) for number in range(530)]
BATCHES = [LEAVES[:1], LEAVES[1:5], LEAVES[5:256], LEAVES[256:300], LEAVES[300:]]


def b64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def as_batches() -> list[list[str]]:
    return [[b64(leaf) for leaf in batch] for batch in BATCHES]


def tlog_tiles(*arguments: str | Path) -> str:
    """tlog-scales' own command."""
    return run([CLIENTS / "bin/tlog-tiles", *arguments])


@pytest.fixture(scope="module")
def cosigned(log: OurLog, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Our log's files with a checkpoint that a witness of ours cosigned, and the witness's key."""
    folder = tmp_path_factory.mktemp("cosigned") / "log"
    shutil.copytree(log.public, folder)
    cosigner = Cosigner("witness.example/ada", SigningKey(SEED))
    note = parse_note(log.notes[log.size])
    text = format_note(note.text, [*note.signatures, cosigner.sign(note.text, 1_800_000_000)])
    (folder / "checkpoint").write_text(text, encoding="utf-8")
    return folder, str(cosigner.verifier)


@pytest.fixture(scope="module")
def url(log: OurLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where ``registry serve`` serves a copy of our log."""
    folder = tmp_path_factory.mktemp("served") / "registry"
    shutil.copytree(log.served.root, folder)
    with running(folder) as server:
        yield server.url


def check_their_log(folder: Path, notes: list[str], policy: Policy) -> None:
    """Everything of a log that somebody else wrote, with our code."""
    size = len(LEAVES)
    tree = open_checkpoint((folder / "checkpoint").read_text("utf-8"), policy).checkpoint
    assert (tree.origin, tree.size) == (ORIGIN, size)

    def read(tile: Tile) -> bytes:
        return (folder / tile.path).read_bytes()

    bundles = [Tile(level=None, index=tile.index, width=tile.width) for tile in tiles_for_size(size) if tile.level == 0]
    assert [leaf for tile in bundles for leaf in parse_entries(read(tile), tile.width)] == LEAVES
    read_node = node_from_tiles(size, read)
    for index, leaf in enumerate(LEAVES):
        check_inclusion(leaf_hash(leaf), index, size, prove_inclusion(index, size, read_node), tree.root)
    trees = [open_checkpoint(note, policy).checkpoint for note in notes]
    assert [one.size for one in trees] == [1, 5, 256, 300, 530]
    for old, new in pairwise(trees):
        check_consistency(old.size, old.root, new.size, new.root, prove_consistency(old.size, new.size, read_node))


@needs_scales
class TestScales:
    def test_it_reads_our_log_and_verifies_who_signed(self, log: OurLog, cosigned: tuple[Path, str]) -> None:
        folder, witness = cosigned
        sizes = [size for size in log.sizes if size]
        read = pypi("scales", location=str(folder), keys=[log.key, witness], sizes=sizes)
        assert read["note"] == (folder / "checkpoint").read_text("utf-8")
        assert read["signed_by"] == [log.service.origin, "witness.example/ada"]
        assert [b64decode(entry) for entry in read["entries"]] == log.leaves
        for old in sizes:
            grown = read["grown"][str(old)]
            proof = [b64decode(item) for item in grown["proof"]]
            assert proof == log.service.consistency(old, log.size)
            assert old not in log.notes or b64decode(grown["root"]) == log.root(old)

    def test_a_wrong_signature_is_nobodys(self, log: OurLog, cosigned: tuple[Path, str], tmp_path: Path) -> None:
        folder, witness = cosigned
        copy = tmp_path / "log"
        shutil.copytree(folder, copy)
        stranger = Signer(log.service.origin, SigningKey(SEED))
        note = parse_note(log.notes[log.size])
        other = Cosigner("witness.example/ada", SigningKey(SEED)).sign(log.notes[8].partition("\n\n")[0] + "\n", 1)
        (copy / "checkpoint").write_text(
            format_note(note.text, [stranger.sign(note.text), other]), encoding="utf-8"
        )
        assert pypi("scales", location=str(copy), keys=[log.key, witness], sizes=[])["signed_by"] == []

    @pytest.mark.parametrize("index", [0, 2, 8, 255, 256])
    def test_its_log_proofs_are_ours(self, log: OurLog, index: int) -> None:
        text = tlog_tiles("gen-proof", log.public, str(index))
        proof = parse_log_proof(text)
        assert format_log_proof(proof) == text
        assert (proof.index, list(proof.proof)) == (index, log.service.inclusion(index, log.size))
        trusted = check_log_proof(proof, leaf_hash(log.leaves[index]), log.service.config.policy)
        assert trusted.checkpoint.size == log.size

    def test_it_reads_what_is_served(self, log: OurLog, url: str) -> None:
        read = pypi("scales", location=url, keys=[log.key], sizes=[2, 256])
        assert (read["size"], read["signed_by"]) == (log.size, [log.service.origin])
        assert [b64decode(entry) for entry in read["entries"]] == log.leaves
        assert tlog_tiles("get-leaf", "--check", url, "256").encode() == log.leaves[256]

    def test_we_read_a_log_that_it_wrote(self, tmp_path: Path) -> None:
        folder = tmp_path / "theirs"
        made = pypi("scales", folder=str(folder), origin=ORIGIN, seed=SEED.hex(), batches=as_batches())
        check_their_log(folder, made["notes"], parse_policy(f"log {made['key']}\nquorum none\n"))


@needs_aics
class TestAics:
    def test_it_verifies_our_checkpoint_and_its_cosignature(self, log: OurLog, cosigned: tuple[Path, str]) -> None:
        folder, witness = cosigned
        asked = ["verify-checkpoint", "--note", str(folder / "checkpoint"), "--origin", log.service.origin]
        keys = ["--log-key", log.key, "--witness-key", witness, "--quorum", "1"]
        assert aics(*asked, *keys)["ok"] is True
        (folder.parent / "bare").write_text(log.notes[log.size], encoding="utf-8")
        with pytest.raises(Refused, match="quorum"):
            aics("verify-checkpoint", "--note", folder.parent / "bare", *keys)

    def test_it_refuses_another_key(self, log: OurLog) -> None:
        stranger = str(Signer(log.service.origin, SigningKey(SEED)).verifier)
        with pytest.raises(Refused):
            aics("verify-checkpoint", "--note", log.public / "checkpoint", "--log-key", stranger)

    @pytest.mark.parametrize("index", [0, 256])
    def test_it_proves_our_entries_from_our_tiles(self, log: OurLog, index: int, tmp_path: Path) -> None:
        out = tmp_path / "entry"
        found = aics(
            "verify-inclusion", "--tiles", log.public, "--log-key", log.key, "--index", str(index), "--entry-out", out
        )
        assert found["ok"] is True
        assert out.read_bytes() == log.leaves[index]

    @pytest.mark.parametrize("old", [2, 8])
    def test_it_sees_that_our_log_only_grew(self, log: OurLog, url: str, old: int, tmp_path: Path) -> None:
        (tmp_path / "old").write_text(log.notes[old], encoding="utf-8")
        asked = ["verify-consistency", "--log-key", log.key, "--old-checkpoint", str(tmp_path / "old")]
        for tiles in (str(log.public), url + "/"):
            assert aics(*asked, "--tiles", tiles)["ok"] is True

    def test_it_sees_a_fork(self, log: OurLog, tmp_path: Path) -> None:
        text = log.notes[8].partition("\n\n")[0] + "\n"
        root = b64(parse_checkpoint(text).root)
        fork = text.replace(root, b64(bytes(32)))
        signer = Signer(log.service.origin, log.served.world.log_key)
        (tmp_path / "old").write_text(format_note(fork, [signer.sign(fork)]), encoding="utf-8")
        with pytest.raises(Refused, match='"ok": false'):
            aics(
                "verify-consistency", "--log-key", log.key, "--old-checkpoint", tmp_path / "old", "--tiles", log.public
            )

    def test_we_read_a_log_that_it_wrote(self, tmp_path: Path) -> None:
        folder = tmp_path / "theirs"
        made = pypi(
            "aics",
            folder=str(folder),
            origin=ORIGIN,
            seed=SEED.hex(),
            witness="witness.example/ada",
            time=1_800_000_000,
            batches=as_batches(),
        )
        policy = parse_policy(f"log {made['key']}\nwitness w {made['witness']}\nquorum w\n")
        check_their_log(folder, made["notes"], policy)
        assert {open_checkpoint(note, policy).as_of for note in made["notes"]} == {1_800_000_000}
