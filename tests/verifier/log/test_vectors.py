"""The JSON vectors of the log and the index: every case is accepted or refused as it says, and read as it says."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from tests.law.naive.index import index_root
from tests.support.log_cases import Case, each_case
from verifier.base.errors import Malformed
from verifier.index.proofs import check_absence, check_presence, subject_key
from verifier.index.tree import IndexTree
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.log_proof import format_log_proof, parse_log_proof
from verifier.log.note import parse_note, parse_vkey
from verifier.log.proofs import ProofError, check_inclusion
from verifier.log.tiles import format_entries, parse_entries, parse_tile_path
from verifier.log.trust import CheckpointMalformed, LogUntrusted, QuorumMissing, open_checkpoint, parse_policy
from verifier.log.writing import format_checkpoint, format_policy


def outcome(function: Callable[..., Any], *arguments: Any) -> str:
    """``ok``, or how the function refuses."""
    try:
        function(*arguments)
    except (CheckpointMalformed, LogUntrusted, QuorumMissing) as error:
        return error.code
    except Malformed:
        return "malformed"
    except ProofError:
        return "proof"
    return "ok"


def unhex(items: list[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in items]


def path_of(case: Case) -> list[tuple[int, bytes]]:
    return [(bit, bytes.fromhex(sibling)) for bit, sibling in case["input"]["path"]]


@each_case("log/inclusion.json")
def test_inclusion(case: Case) -> None:
    given = case["input"]
    leaf, root = unhex([given["leaf_hash"], given["root"]])
    proof = unhex(given["proof"])
    assert outcome(check_inclusion, leaf, given["index"], given["size"], proof, root) == case["expect"]


@each_case("log/consistency.json")
def test_consistency(case: Case) -> None:
    given = case["input"]
    old, new = unhex([given["old_root"], given["root"]])
    proof = unhex(given["proof"])
    assert outcome(check_consistency, given["old_size"], old, given["size"], new, proof) == case["expect"]


@each_case("log/note.json")
def test_note(case: Case) -> None:
    data = b64decode(case["input"]["note_b64"])
    assert outcome(parse_note, data) == case["expect"]
    if case["expect"] == "ok":
        note = parse_note(data)
        assert {"text": note.text, "signatures": len(note.signatures)} == case["output"]


@each_case("log/vkey.json")
def test_vkey(case: Case) -> None:
    vkey = case["input"]["vkey"]
    assert outcome(parse_vkey, vkey) == case["expect"]
    if case["expect"] == "ok":
        assert str(parse_vkey(vkey)) == vkey


@each_case("log/checkpoint.json")
def test_checkpoint(case: Case) -> None:
    text = case["input"]["text"]
    assert outcome(parse_checkpoint, text) == case["expect"]
    if case["expect"] == "ok":
        read = parse_checkpoint(text)
        assert {"origin": read.origin, "size": str(read.size), "root": read.root.hex()} == case["output"]
        assert format_checkpoint(read) == text


@each_case("log/policy.json")
def test_policy(case: Case) -> None:
    given = case["input"]
    policy = b64decode(given["policy_b64"]) if "policy_b64" in given else given["policy"]
    assert outcome(parse_policy, policy) == case["expect"]
    if case["expect"] == "ok":
        read = parse_policy(policy)
        assert parse_policy(format_policy(read)) == read


@each_case("log/open_checkpoint.json")
def test_open_checkpoint(case: Case) -> None:
    note, policy = case["input"]["note"], parse_policy(case["input"]["policy"])
    assert outcome(open_checkpoint, note, policy) == case["expect"]
    if case["expect"] == "ok":
        trusted = open_checkpoint(note, policy)
        read = {"as_of": trusted.as_of, "quorum_none": trusted.quorum_none, "audited": trusted.audited}
        assert read == case["output"]
        assert trusted.log_vkey in policy.log(trusted.checkpoint.origin)
        assert trusted.signed_by(trusted.log_vkey)


@each_case("log/log_proof.json")
def test_log_proof(case: Case) -> None:
    text = case["input"]["log_proof"]
    assert outcome(parse_log_proof, text) == case["expect"]
    if case["expect"] == "ok":
        read = parse_log_proof(text)
        assert {
            "index": read.index,
            "hashes": len(read.proof),
            "extra": read.extra.hex() if read.extra else None,
            "checkpoint": read.checkpoint,
        } == case["output"]
        assert format_log_proof(read) == text


@each_case("log/tile_path.json")
def test_tile_path(case: Case) -> None:
    path = case["input"]["path"]
    assert outcome(parse_tile_path, path) == case["expect"]
    if case["expect"] == "ok":
        tile = parse_tile_path(path)
        assert {"level": tile.level, "index": str(tile.index), "width": tile.width} == case["output"]
        assert tile.path == path


@each_case("log/entries.json")
def test_entries(case: Case) -> None:
    bundle, width = bytes.fromhex(case["input"]["bundle"]), case["input"]["width"]
    assert outcome(parse_entries, bundle, width) == case["expect"]
    if case["expect"] == "ok":
        assert parse_entries(bundle, width) == unhex(case["output"]["entries"])
        assert format_entries(parse_entries(bundle, width)) == bundle


@each_case("index/root.json")
def test_index_root(case: Case) -> None:
    given = case["input"]
    items = {subject_key(subject): bytes.fromhex(entry) for subject, entry in given.get("map", {}).items()}
    items |= {bytes.fromhex(key): bytes.fromhex(entry) for key, entry in given.get("keys", {}).items()}
    assert IndexTree(items).root().hex() == case["output"]["root"]
    assert index_root(items).hex() == case["output"]["root"]


@each_case("index/presence.json")
def test_presence(case: Case) -> None:
    given = case["input"]
    root, entry = unhex([given["root"], given["value"]])
    assert outcome(check_presence, root, given["subject"], entry, path_of(case)) == case["expect"]


@each_case("index/absence.json")
def test_absence(case: Case) -> None:
    given = case["input"]
    other_k = other_v = None
    if given["other"] is not None:
        other_k, other_v = unhex([given["other"]["k"], given["other"]["v"]])
    root = bytes.fromhex(given["root"])
    assert outcome(check_absence, root, given["subject"], other_k, other_v, path_of(case)) == case["expect"]


def test_codes_are_the_protocols() -> None:
    assert [error.code for error in (CheckpointMalformed, LogUntrusted, QuorumMissing)] == [
        "checkpoint_malformed",
        "log_untrusted",
        "quorum_missing",
    ]
