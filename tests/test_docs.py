"""The documents agree with the code: every example is made anew, every table compared, every link followed.

An example is a code block after ``<!-- example: NAME -->``. Where the document breaks one line into many, the breaks
are taken out again; JSON that is laid out to be read is compared by its canonical bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from tests.support.encoded import encode_statement
from tests.support.memory_log import MemoryLog
from tests.support.pages import BLOCK, BLOCKS, PROTOCOL, block, line
from verifier.base import canonical
from verifier.base.errors import Malformed
from verifier.base.private_keys import SigningKey
from verifier.base.strict import format_b64, format_b64u, parse_b64, parse_b64u, parse_hex, parse_instant
from verifier.evidence import file as evidence
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.index.proofs import check_presence, entry_hash, list_leaf, list_root, list_value, subject_key
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash, root
from verifier.log.log_proof import LogProof, format_log_proof
from verifier.log.note import parse_vkey
from verifier.log.tiles import entries_path, tile_path
from verifier.log.trust import Policy, parse_policy
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note
from verifier.misbehaviour import file as misbehaviour
from verifier.misbehaviour.accuse import fork_by_notes
from verifier.misbehaviour.check import check as check_misbehaviour
from verifier.misbehaviour.check import format_outcome as format_misbehaviour_outcome
from verifier.rules.table import RULE_IDS
from verifier.statements.disclosure import digest
from verifier.statements.envelope import PAYLOAD_TYPE, Signature, pae
from verifier.statements.making import format_disclosure, format_envelope
from verifier.statements.parse import parse_statement as read_statement
from verifier.statements.subjects import subjects
from verifier.statements.types import Statement


def lines(name: str) -> list[str]:
    return block(name).split("\n")


# ---- the log that the examples are of


SEEDS = {"log": 1, "registrar": 2, "anna": 3, "recovery": 4, "witness": 5}
ORIGIN = "registry.example/log"
ABC = sha256(b"abc").hexdigest()


def key(name: str) -> SigningKey:
    return SigningKey(bytes([SEEDS[name]]) * 32)


def log_signer() -> Signer:
    return Signer(ORIGIN, key("log"))


def signed(payload: bytes, *names: str) -> bytes:
    keys = [key(name) for name in names]
    return format_envelope(
        payload, [Signature(keyid=one.public.hex(), sig=one.sign(pae(payload))) for one in keys]
    )


@cache
def the_log() -> MemoryLog:
    """The example's four entries, from the document's own statements."""
    log = MemoryLog()
    log.append(signed(line("genesis"), "log"))
    first = {
        "at": "2026-11-23T18:00:00Z",
        "first": 0,
        "index": format_b64(log.close_batch(parse_instant("2026-11-23T18:00:00Z"))),
        "kembar": 2,
        "nonce": format_b64u(b"\xa1" * 16),
        "registry": block("genesis-id"),
        "size": 1,
        "type": "seal",
    }
    log.append_seal(signed(encode_statement(first), "log"))
    log.append(line("leaf"), {"person": block("disclosure")})
    log.close_batch(parse_instant("2026-11-23T18:05:15Z"))
    log.append_seal(signed(line("seal"), "log"))
    return log


def checkpoint_text() -> str:
    log = the_log()
    return format_checkpoint(Checkpoint(origin=ORIGIN, size=log.size, root=log.root()))


def policy() -> Policy:
    return parse_policy(block("policy") + "\n")


def party() -> Statement:
    return read_statement(line("party"))


# ---- every example, checked


CHECKS: dict[str, Callable[[], None]] = {}


def example(check: Callable[[], None]) -> Callable[[], None]:
    """Register the check of the example that a function is named after."""
    CHECKS[check.__name__.removesuffix("_example").replace("_", "-")] = check
    return check


@example
def keys_example() -> None:
    for row in lines("keys"):
        name, seed, times, size, public = row.split()
        assert (int(seed, 16), times, size) == (SEEDS[name], "x", "32")
        assert public == key(name).public.hex()
    assert len(lines("keys")) == len(SEEDS)


@example
def canonical_example() -> None:
    for text in lines("canonical"):
        assert canonical.encode(canonical.parse(text.encode(), limit=1000)) == text.encode()


@example
def canonical_refused_example() -> None:
    for text in lines("canonical-refused"):
        with pytest.raises(Malformed):
            canonical.parse(text.encode(), limit=1000)


@example
def values_refused_example() -> None:
    readers: Mapping[str, Callable[[str], object]] = {
        "b64": parse_b64, "b64u": parse_b64u, "hex": parse_hex, "instant": parse_instant,
    }  # fmt: skip
    for row in lines("values-refused"):
        kind, text = row.split()[:2]
        with pytest.raises(Malformed):
            readers[kind](text)


@example
def party_example() -> None:
    statement = party()
    assert encode_statement(json.loads(line("party"))) == line("party")
    assert statement.type == "party" and statement.sections == {"person": block("disclosure-digest")}


@example
def party_id_example() -> None:
    assert party().id == sha256(line("party")).hexdigest() == block("party-id")


@example
def pae_example() -> None:
    assert pae(line("party")).startswith(block("pae").encode())
    assert PAYLOAD_TYPE in block("pae") and f" {len(line('party'))} " in block("pae")


@example
def leaf_example() -> None:
    assert line("leaf") == signed(line("party"), "registrar", "anna", "recovery")


@example
def leaf_hash_example() -> None:
    assert block("leaf-hash") == leaf_hash(line("leaf")).hex()


@example
def disclosure_array_example() -> None:
    salt, name, section = json.loads(block("disclosure-array"))
    assert canonical.encode([salt, name, section]) == block("disclosure-array").encode()
    assert format_disclosure(name, section, parse_b64u(salt)) == block("disclosure")


@example
def disclosure_example() -> None:
    assert parse_b64u(block("disclosure")) == block("disclosure-array").encode()


@example
def disclosure_digest_example() -> None:
    assert block("disclosure-digest") == digest(block("disclosure"))


@example
def vkey_example() -> None:
    assert block("vkey") == str(log_signer().verifier)
    assert parse_vkey(block("vkey")).key == key("log").public


@example
def genesis_example() -> None:
    statement = read_statement(line("genesis"))
    assert statement.type == "genesis" and block("vkey").encode() in line("genesis")


@example
def genesis_id_example() -> None:
    assert block("genesis-id") == sha256(line("genesis")).hexdigest() == party().registry


@example
def subjects_example() -> None:
    assert tuple(lines("subjects")) == subjects(party())


@example
def reference_example() -> None:
    stem = sha256(f"kembar/ref\n{'a' * 64}\n{'b' * 64}".encode()).hexdigest()[:24].upper()
    assert re.fullmatch(f"K{stem}[0-9]{{1,10}}", block("reference"))


@example
def tiles_example() -> None:
    assert lines("tiles") == [tile_path(0, 1_234_067, 8), entries_path(1_234_067, 8)]


@example
def seal_example() -> None:
    seal: Any = read_statement(line("seal"))
    assert (seal.type, seal.first, seal.size) == ("seal", 2, 3)
    assert seal.index.hex() == block("index-root")


@example
def checkpoint_example() -> None:
    text = checkpoint_text()
    assert format_note(text, [log_signer().sign(text)]) == block("checkpoint") + "\n"


@example
def list_example() -> None:
    assert list_root(json.loads(block("list"))).hex() == block("list-root")


@example
def list_leaves_example() -> None:
    assert lines("list-leaves") == [list_leaf(*row).hex() for row in json.loads(block("list"))]


@example
def list_root_example() -> None:
    left, right = (leaf_hash(bytes.fromhex(one)) for one in lines("list-leaves"))
    assert block("list-root") == sha256(b"\x01" + left + right).hexdigest()


@example
def subject_keys_example() -> None:
    shown = dict(zip(lines("subject-keys")[::2], lines("subject-keys")[1::2], strict=True))
    assert shown == {subject: "  " + subject_key(subject).hex() for subject in the_log().lists}
    assert [keyed.strip()[:2] for keyed in shown.values()] == ["13", "34", "cd"]


@example
def value_example() -> None:
    rows = the_log().rows(f"party:{block('party-id')}")
    assert rows == [(2, 1795457115)] and "`[2,1795457115]`" in PROTOCOL
    assert block("value") == list_value(1, list_root(rows)).hex()


def index_entries() -> dict[str, bytes]:
    return {kind: bytes.fromhex(hashed) for kind, hashed in map(str.split, lines("index-entries"))}


@example
def index_entries_example() -> None:
    log = the_log()
    shown = index_entries()
    for subject, rows in log.lists.items():
        held = list_value(len(rows), list_root(rows))
        assert shown.pop(subject.partition(":")[0]) == entry_hash(subject_key(subject), held)
    assert not shown


@example
def index_root_example() -> None:
    entries = index_entries()
    inner = sha256(b"\x01\x02" + entries["keys"] + entries["party"]).digest()
    assert block("index-root") == sha256(b"\x01\x00" + inner + entries["registry"]).hexdigest()


@example
def index_path_example() -> None:
    path = [(bit, parse_b64(sibling)) for bit, sibling in json.loads(block("index-path"))]
    root = bytes.fromhex(block("index-root"))
    check_presence(root, f"party:{block('party-id')}", bytes.fromhex(block("value")), path)


def evidence_bytes() -> bytes:
    return canonical.encode(json.loads(block("evidence")))


@example
def evidence_example() -> None:
    shown = evidence.parse_evidence(evidence_bytes())
    log = the_log()
    assert shown.checkpoint == block("cosigned") + "\n"
    assert [entry.envelope.leaf for entry in shown.entries] == [log.leaf(0), log.leaf(3)]
    assert {one.subject for one in shown.subjects} == {f"asset:{ABC}", f"registry:{block('genesis-id')}"}


@example
def log_proof_example() -> None:
    proof = LogProof(index=2, proof=tuple(the_log().inclusion(2)), checkpoint=block("cosigned") + "\n")
    assert format_log_proof(proof) == block("log-proof") + "\n"


def witness() -> Cosigner:
    return Cosigner("witness.example/ada", key("witness"))


@example
def policy_example() -> None:
    assert policy().quorum == "ada"
    assert policy().verifiers() == (log_signer().verifier, witness().verifier)


COSIGNED_AT = parse_instant("2026-11-23T18:05:16Z")


@example
def cosignature_message_example() -> None:
    message = block("cosignature-message") + "\n"
    assert message == f"cosignature/v1\ntime {COSIGNED_AT}\n{checkpoint_text()}"
    cosigned = witness().sign(checkpoint_text(), COSIGNED_AT)
    assert cosigned.signature == COSIGNED_AT.to_bytes(8, "big") + key("witness").sign(message.encode())


@example
def cosigned_example() -> None:
    text = checkpoint_text()
    note = format_note(text, [log_signer().sign(text), witness().sign(text, COSIGNED_AT)])
    assert note == block("cosigned") + "\n"


@example
def verdict_example() -> None:
    outcome = verify(evidence_bytes(), policy(), instant=parse_instant("2026-11-23T19:00:00Z"))
    assert format_verdict(outcome) == canonical.encode(json.loads(block("verdict")))
    assert [row["rule"] for row in json.loads(block("verdict"))["rules"]] == list(RULE_IDS)


@example
def invalid_example() -> None:
    broken = evidence_bytes().replace(b'"index":0,', b'"index":0.0,', 1)
    assert format_verdict(verify(broken, policy(), instant=0)) == block("invalid").encode()


def other_checkpoint() -> str:
    """The log's last two entries the other way round."""
    hashes = [leaf_hash(the_log().leaf(index)) for index in (0, 1, 3, 2)]
    text = format_checkpoint(Checkpoint(origin=ORIGIN, size=4, root=root(hashes)))
    return format_note(text, [log_signer().sign(text)])


@example
def misbehaviour_example() -> None:
    claim = fork_by_notes(block("checkpoint") + "\n", other_checkpoint())
    assert misbehaviour.format_misbehaviour(claim) == canonical.encode(json.loads(block("misbehaviour")))


@example
def misbehaviour_proven_example() -> None:
    outcome = check_misbehaviour(canonical.encode(json.loads(block("misbehaviour"))), policy())
    assert format_misbehaviour_outcome(outcome) == block("misbehaviour-proven").encode()


@pytest.mark.parametrize("name", CHECKS)
def test_example(name: str) -> None:
    CHECKS[name]()


def test_every_example_is_checked() -> None:
    assert sorted(BLOCKS) == sorted(CHECKS)
    assert len(BLOCK.findall(PROTOCOL)) == PROTOCOL.count("<!-- example:") == len(BLOCKS)
