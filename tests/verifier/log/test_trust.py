"""Trust policies: limits, what an error says, and what a trusted checkpoint tells."""

from __future__ import annotations

import pytest

from verifier.base.errors import Malformed
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash, root
from verifier.log.log_proof import MAX_LOG_PROOF_SIZE, LogProof, check_log_proof, parse_log_proof
from verifier.log.note import ML_DSA_44, NoteSignature, Verifier, parse_vkey
from verifier.log.proofs import ProofError
from verifier.log.trust import MAX_POLICY_SIZE, LogUntrusted, QuorumMissing, open_checkpoint, parse_policy
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note, format_policy

OLD = Signer("log.example", SigningKey(bytes(32)))
NEW = Signer("log.example", SigningKey(bytes([1] * 32)))
STRANGER = Signer("log.example", SigningKey(bytes([2] * 32)))
LEAVES = [leaf_hash(b"a"), leaf_hash(b"b")]
TEXT = format_checkpoint(Checkpoint(origin="log.example", size=2, root=root(LEAVES)))
POLICY = parse_policy(f"log {OLD.verifier}\nlog {NEW.verifier}\nquorum none\n")


def test_size_limit() -> None:
    policy = f"log {OLD.verifier}\nquorum none\n#"
    fits = policy + "x" * (MAX_POLICY_SIZE - len(policy))
    assert parse_policy(fits).quorum is None
    with pytest.raises(Malformed, match=f"at most {MAX_POLICY_SIZE}"):
        parse_policy(fits + "x")


def test_thirty_two_logs_and_witnesses_fit_whatever_their_keys() -> None:
    """The standard asks for 32 of each. A key of ML-DSA-44 has 1,312 bytes."""
    keys = [Verifier(name=f"a.long.name.example/{n}", algorithm=ML_DSA_44, key=bytes([n]) * 1_312) for n in range(64)]
    lines = [f"log {OLD.verifier}", *(f"log {key} https://{key.name}" for key in keys[:31])]
    lines += [f"witness w{n} {key} https://{key.name}" for n, key in enumerate(keys[32:])]
    policy = parse_policy("\n".join([*lines, "quorum w0", ""]))
    assert (len(policy.logs), len(policy.witnesses)) == (32, 32)


def test_an_error_says_which_line() -> None:
    with pytest.raises(Malformed) as caught:
        parse_policy(f"# whom we trust\n\nlog {OLD.verifier}\nquorum everybody\n")
    assert (caught.value.where, caught.value.message) == ("line 4", "'everybody' is not defined on a line before")


def test_a_lone_surrogate_is_no_policy() -> None:
    with pytest.raises(Malformed, match="surrogate"):
        parse_policy(f"log {OLD.verifier}\nquorum none\n# \ud800")


def test_urls_and_keys_are_kept() -> None:
    policy = parse_policy(f"log {OLD.verifier} https://log.example/\nquorum none\n")
    assert policy.logs[0].url == "https://log.example/"
    assert policy.log("log.example") == (OLD.verifier,)
    assert policy.log("other.example") == ()


def test_a_checkpoint_tells_who_else_signed_it() -> None:
    """Step 13 asks for the registry key in force, which the log itself names and the policy need not know."""
    note = format_note(TEXT, [STRANGER.sign(TEXT), NEW.sign(TEXT)])
    trusted = open_checkpoint(note, POLICY)
    assert trusted.log_vkey == NEW.verifier
    assert [trusted.signed_by(signer.verifier) for signer in (OLD, NEW, STRANGER)] == [False, True, True]


def test_a_bad_line_by_a_key_outside_the_policy_is_no_signature() -> None:
    note = format_note(TEXT, [STRANGER.sign("x" + TEXT), NEW.sign(TEXT)])
    assert not open_checkpoint(note, POLICY).signed_by(STRANGER.verifier)


@pytest.mark.parametrize(
    ("name", "audited"),
    [
        ("union.example/kembar-auditor", True),
        ("/kembar-auditor", True),
        ("union.example/kembar-auditor/", False),
        ("union.example/kembar-auditor/2", False),
        ("union.example/kembar-auditors", False),
        ("union.example-kembar-auditor", False),
        ("kembar-auditor", False),
    ],
)
def test_an_auditor_is_known_by_the_end_of_its_name(name: str, audited: bool) -> None:
    cosigner = Cosigner(name, SigningKey(bytes([3] * 32)))
    policy = parse_policy(f"log {OLD.verifier}\nwitness one {cosigner.verifier}\nquorum one\n")
    note = format_note(TEXT, [OLD.sign(TEXT), cosigner.sign(TEXT, 1)])
    assert open_checkpoint(note, policy).audited is audited


def test_a_log_proof_is_checked_against_the_policy() -> None:
    shown = LogProof(index=1, proof=(LEAVES[0],), checkpoint=format_note(TEXT, [OLD.sign(TEXT)]))
    assert check_log_proof(shown, LEAVES[1], POLICY).checkpoint.size == 2
    with pytest.raises(ProofError):
        check_log_proof(shown, LEAVES[0], POLICY)
    with pytest.raises(LogUntrusted):
        check_log_proof(shown, LEAVES[1], parse_policy(f"log {STRANGER.verifier}\nquorum none\n"))


def test_a_log_proof_has_a_size_limit() -> None:
    with pytest.raises(Malformed, match="at most"):
        parse_log_proof("x" * (MAX_LOG_PROOF_SIZE + 1))
    with pytest.raises(Malformed, match="UTF-8"):
        parse_log_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n\n\xff")


class TestPostQuantumKeys:
    """ML-DSA-44 is known by its type and passed over: it counts for nothing, and costs neither policy nor note."""

    ADA = Cosigner("ada.example/w", SigningKey(bytes([7] * 32)))
    KEY = Verifier(name="pq.example/w", algorithm=ML_DSA_44, key=bytes(range(256)) * 5 + bytes(32))
    LOG = Verifier(name="log.example", algorithm=ML_DSA_44, key=bytes(1312))
    LINE = NoteSignature(name=KEY.name, key_id=KEY.key_id, signature=bytes(8 + 2420))
    OWN = NoteSignature(name=LOG.name, key_id=LOG.key_id, signature=bytes(8 + 2420))
    NOTE = format_note(TEXT, [OLD.sign(TEXT), OWN, LINE, ADA.sign(TEXT, 1_795_000_000)])

    def policy(self, quorum: str) -> str:
        witnesses = f"witness ada {self.ADA.verifier}\nwitness pq {self.KEY}\ngroup one any ada pq\n"
        return f"log {self.LOG}\nlog {OLD.verifier}\n{witnesses}group both all one\nquorum {quorum}\n"

    def test_a_key_is_written_and_read(self) -> None:
        assert parse_vkey(str(self.KEY)) == self.KEY
        with pytest.raises(Malformed, match="a key of algorithm 6 has 1,312 bytes, this one 1311"):
            parse_vkey(str(Verifier(name="a", algorithm=ML_DSA_44, key=bytes(1311))))

    @pytest.mark.parametrize("quorum", ["none", "ada", "one", "both"])
    def test_a_policy_and_a_note_with_one_hold(self, quorum: str) -> None:
        policy = parse_policy(self.policy(quorum))
        assert parse_policy(format_policy(policy)) == policy
        opened = open_checkpoint(self.NOTE, policy)
        assert [one.verifier for one in opened.cosignatures] == [self.ADA.verifier]
        assert opened.log_vkey == OLD.verifier

    def test_a_quorum_that_needs_one_is_not_met_and_says_whose_it_is(self) -> None:
        with pytest.raises(QuorumMissing, match=r"the quorum pq; passed over, for keys of ML-DSA-44 .* here: pq"):
            open_checkpoint(self.NOTE, parse_policy(self.policy("pq")))

    def test_a_log_has_an_ed25519_key_too(self) -> None:
        with pytest.raises(Malformed, match="by an Ed25519 key"):
            parse_policy(f"log {self.LOG}\nquorum none\n")
        only_theirs = format_note(TEXT, [self.OWN])
        with pytest.raises(LogUntrusted, match="not signed by a key"):
            open_checkpoint(only_theirs, parse_policy(self.policy("none")))
