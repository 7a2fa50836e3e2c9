"""Laws of the log: one class for each, against references that follow the definitions."""

from __future__ import annotations

from hashlib import sha256
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.law.naive import merkle
from tests.support.open_note import open_note
from verifier.base.errors import Malformed
from verifier.base.private_keys import SigningKey
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.cosignature import verify_cosignature
from verifier.log.hashing import CompactTree, leaf_hash, node_hash, root
from verifier.log.log_proof import LogProof, format_log_proof, parse_log_proof
from verifier.log.note import NoteSignature, SignatureError, Verifier, is_name, parse_note, parse_vkey
from verifier.log.proofs import MAX_SIZE, ProofError, check_inclusion
from verifier.log.provers import prove_consistency, prove_inclusion
from verifier.log.tiles import (
    WIDTH,
    Tile,
    format_entries,
    new_tiles,
    node_from_tiles,
    parse_entries,
    parse_tile_path,
    tiles_for_size,
)
from verifier.log.trust import Group, Policy, TrustedLog, Witness, parse_policy
from verifier.log.writing import Cosigner, Signer, format_checkpoint, format_note, format_policy

LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(300)]
ROOTS = [merkle.mth(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
WITNESSES = [Cosigner(f"witness.example/{number}", SigningKey(bytes([number] * 32))) for number in range(5)]

hashes = st.binary(min_size=32, max_size=32)
instants = st.integers(0, 253402300799)


def read_node(level: int, index: int) -> bytes:
    return merkle.mth(LEAVES[index << level : (index + 1) << level])


@st.composite
def two_sizes(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(0, len(LEAVES)))
    return draw(st.integers(0, size)), size


@st.composite
def leaf_in_tree(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, len(LEAVES)))
    return draw(st.integers(0, size - 1)), size


@st.composite
def damaged(draw: st.DrawFn, proof: list[bytes]) -> list[bytes]:
    """Another proof: one hash changed, left out, doubled or put in, or two exchanged."""
    at = draw(st.integers(0, len(proof)))
    stray = draw(hashes)
    result = draw(
        st.sampled_from(
            [
                [*proof[:at], stray, *proof[at:]],
                [*proof[:at], stray, *proof[at + 1 :]],
                proof[:at] + proof[at + 1 :],
                proof[: at + 1] + proof[at:],
                proof[::-1],
            ]
        )
    )
    assume(result != proof)
    return result


class TestRootFollowsTheDefinition:
    @given(st.lists(hashes, max_size=70))
    def test_root(self, leaves: list[bytes]) -> None:
        assert root(leaves) == merkle.mth(leaves)

    @given(st.integers(0, len(LEAVES)))
    def test_a_compact_tree_goes_on_where_it_stopped(self, size: int) -> None:
        tree = CompactTree()
        for leaf in LEAVES[:size]:
            tree.append(leaf)
        again = CompactTree(tree.size, tree.peaks)
        for leaf in LEAVES[size:]:
            again.append(leaf)
        assert (tree.root(), again.root()) == (ROOTS[size], ROOTS[-1])


class TestInclusionProofsFollowTheDefinition:
    @given(leaf_in_tree())
    def test_proof(self, where: tuple[int, int]) -> None:
        index, size = where
        assert prove_inclusion(index, size, read_node) == merkle.path(index, LEAVES[:size])


class TestInclusionIsComplete:
    @given(leaf_in_tree())
    def test_what_is_proved_is_accepted(self, where: tuple[int, int]) -> None:
        index, size = where
        check_inclusion(LEAVES[index], index, size, merkle.path(index, LEAVES[:size]), ROOTS[size])


class TestInclusionIsSound:
    @given(leaf_in_tree(), st.data())
    def test_no_other_proof(self, where: tuple[int, int], data: st.DataObject) -> None:
        index, size = where
        proof = data.draw(damaged(merkle.path(index, LEAVES[:size])))
        with pytest.raises(ProofError):
            check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])

    @given(leaf_in_tree(), leaf_in_tree())
    def test_no_other_place(self, where: tuple[int, int], other: tuple[int, int]) -> None:
        index, size = where
        assume(where != other)
        proof = merkle.path(index, LEAVES[:size])
        with pytest.raises(ProofError):
            check_inclusion(LEAVES[index], other[0], other[1], proof, ROOTS[other[1]])

    @given(st.integers(), st.integers(), st.lists(hashes, max_size=70), hashes)
    def test_any_input_gets_an_answer(self, index: int, size: int, proof: list[bytes], stray: bytes) -> None:
        with pytest.raises(ProofError):
            check_inclusion(stray, index, size, proof, sha256(stray).digest())


class TestConsistencyProofsFollowTheDefinition:
    @given(two_sizes())
    def test_proof(self, sizes: tuple[int, int]) -> None:
        old, size = sizes
        assume(0 < old < size)
        assert prove_consistency(old, size, read_node) == merkle.proof(old, LEAVES[:size])


class TestConsistencyIsComplete:
    @given(two_sizes())
    def test_what_is_proved_is_accepted(self, sizes: tuple[int, int]) -> None:
        old, size = sizes
        check_consistency(old, ROOTS[old], size, ROOTS[size], prove_consistency(old, size, read_node))


class TestConsistencyIsSound:
    @given(two_sizes(), st.data())
    def test_no_other_proof(self, sizes: tuple[int, int], data: st.DataObject) -> None:
        old, size = sizes
        proof = data.draw(damaged(prove_consistency(old, size, read_node)))
        with pytest.raises(ProofError):
            check_consistency(old, ROOTS[old], size, ROOTS[size], proof)

    @given(two_sizes(), hashes, st.booleans())
    def test_no_other_root(self, sizes: tuple[int, int], stray: bytes, is_old: bool) -> None:
        old, size = sizes
        old_root, new_root = (stray, ROOTS[size]) if is_old else (ROOTS[old], stray)
        assume((old_root, new_root) != (ROOTS[old], ROOTS[size]))
        assume(old > 0 or is_old)  # from the empty tree any tree may grow
        with pytest.raises(ProofError):
            check_consistency(old, old_root, size, new_root, prove_consistency(old, size, read_node))

    @given(st.integers(), st.integers(), st.lists(hashes, max_size=70), hashes)
    def test_any_input_gets_an_answer(self, old: int, size: int, proof: list[bytes], stray: bytes) -> None:
        with pytest.raises(ProofError):
            check_consistency(old, stray, size, sha256(stray).digest(), proof)


LEVELS = [leaf_hash(b"")]
for _ in range(63):
    LEVELS.append(node_hash(LEVELS[-1], LEVELS[-1]))


class TestHugeTrees:
    """Trees of up to 2^63 - 1 equal leaves: every complete subtree of a level has one and the same hash."""

    def read_node(self, level: int, index: int) -> bytes:
        return LEVELS[level]

    def root(self, size: int) -> bytes:
        result: bytes | None = None
        for level in range(63):
            if size >> level & 1:
                result = LEVELS[level] if result is None else node_hash(LEVELS[level], result)
        return result or root([])

    @given(st.integers(1, MAX_SIZE), st.data())
    def test_inclusion(self, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        proof = prove_inclusion(index, size, self.read_node)
        check_inclusion(LEVELS[0], index, size, proof, self.root(size))

    @given(st.integers(0, MAX_SIZE), st.data())
    def test_consistency(self, size: int, data: st.DataObject) -> None:
        old = data.draw(st.integers(0, size))
        proof = prove_consistency(old, size, self.read_node)
        check_consistency(old, self.root(old), size, self.root(size), proof)


class TestTilesHoldTheTree:
    @given(st.integers(1, len(LEAVES)), st.data())
    def test_every_node_is_read_from_tiles(self, size: int, data: st.DataObject) -> None:
        served = {tile.path: tile_bytes(tile) for tile in tiles_for_size(size)}
        read = node_from_tiles(size, lambda tile: served[tile.path])
        index = data.draw(st.integers(0, size - 1))
        assert prove_inclusion(index, size, read) == merkle.path(index, LEAVES[:size])

    @given(st.lists(st.integers(0, 200_000), min_size=1, max_size=6))
    def test_growing_in_steps_serves_every_tile(self, steps: list[int]) -> None:
        published: set[str] = set()
        sizes = sorted(steps)
        for old, size in zip([0, *sizes], sizes, strict=False):
            published.update(tile.path for tile in new_tiles(old, size))
        assert {tile.path for tile in tiles_for_size(sizes[-1])} <= published

    @given(st.integers(0, 200_000))
    def test_tiles_of_a_level_hold_each_complete_subtree_once(self, size: int) -> None:
        widths: dict[int, int] = {}
        for tile in tiles_for_size(size):
            assert tile.level is not None
            assert tile.index * WIDTH == widths.get(tile.level, 0)
            widths[tile.level] = widths.get(tile.level, 0) + tile.width
        assert widths == {level: size >> 8 * level for level in range(8) if size >> 8 * level}


def tile_bytes(tile: Tile) -> bytes:
    assert tile.level is not None
    return b"".join(read_node(8 * tile.level, tile.index * WIDTH + at) for at in range(tile.width))


class TestTilePathsHaveOneSpelling:
    @given(st.integers(0, 7) | st.none(), st.integers(0, 2**55), st.integers(1, WIDTH))
    def test_round_trip(self, level: int | None, index: int, width: int) -> None:
        assume(index * WIDTH + width <= MAX_SIZE >> 8 * (level or 0))
        tile = Tile(level=level, index=index, width=width)
        assert parse_tile_path(tile.path) == tile

    @given(st.from_regex(r"tile/(entries|[0-9]{1,2})(/x?[0-9]{1,4}){1,3}(\.p/[0-9]{1,3})?", fullmatch=True))
    def test_what_is_accepted_is_spelled_so(self, path: str) -> None:
        try:
            tile = parse_tile_path(path)
        except Malformed:
            return
        assert tile.path == path


class TestEntryBundles:
    @given(st.lists(st.binary(max_size=40), min_size=1, max_size=WIDTH))
    def test_round_trip(self, entries: list[bytes]) -> None:
        assert parse_entries(format_entries(entries), len(entries)) == entries

    @given(st.binary(max_size=60), st.integers(1, 20))
    def test_what_is_accepted_is_spelled_so(self, data: bytes, width: int) -> None:
        try:
            entries = parse_entries(data, width)
        except Malformed:
            return
        assert format_entries(entries) == data


names = st.text(min_size=1, max_size=20).filter(is_name)
signatures = st.builds(
    NoteSignature, name=names, key_id=st.binary(min_size=4, max_size=4), signature=st.binary(min_size=1, max_size=80)
)
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=60).map(lambda text: text + "\n")


class TestNotes:
    @given(st.lists(texts, min_size=1, max_size=4), st.lists(signatures, min_size=1, max_size=5, unique=True))
    def test_round_trip(self, lines: list[str], lines_signed: list[NoteSignature]) -> None:
        text = "".join(lines)
        note = parse_note(format_note(text, lines_signed))
        assert (note.text, note.signatures) == (text, tuple(lines_signed))

    @given(st.text(st.sampled_from("ab —\n+=A\u00a0"), max_size=40).map(lambda tail: "text\n\n— name " + tail))
    def test_what_is_accepted_is_spelled_so(self, data: str) -> None:
        try:
            note = parse_note(data)
        except Malformed:
            return
        if len(note.signatures) == data.count("\n— "):  # no line twice
            assert format_note(note.text, note.signatures) == data

    @given(st.binary(max_size=200) | st.text(max_size=100))
    def test_any_input_gets_an_answer(self, data: bytes | str) -> None:
        with pytest.raises(Malformed):
            parse_note(data)

    @given(names, st.sampled_from([1, 4]), hashes)
    def test_keys_have_one_spelling(self, name: str, algorithm: int, key: bytes) -> None:
        verifier = Verifier(name=name, algorithm=algorithm, key=key)
        assert parse_vkey(str(verifier)) == verifier

    @given(texts, st.binary(min_size=32, max_size=32), st.data())
    def test_a_changed_text_or_signature_does_not_verify(self, text: str, seed: bytes, data: st.DataObject) -> None:
        signer = Signer("log.example", SigningKey(seed))
        line = signer.sign(text)
        assert open_note(parse_note(format_note(text, [line])), [signer.verifier]) == ((signer.verifier,), ())
        bit = data.draw(st.integers(0, 511))
        flipped = bytearray(line.signature)
        flipped[bit // 8] ^= 1 << bit % 8
        bad = NoteSignature(name=line.name, key_id=line.key_id, signature=bytes(flipped))
        for wrong in (format_note(text, [bad]), format_note("x" + text, [line])):
            with pytest.raises(SignatureError):
                open_note(parse_note(wrong), [signer.verifier])


class TestCosignatures:
    @given(texts, instants, instants)
    def test_they_bind_text_and_time(self, text: str, at: int, other: int) -> None:
        line = WITNESSES[0].sign(text, at)
        assert verify_cosignature(WITNESSES[0].verifier, text, line.signature).timestamp == at
        assume(at != other)
        moved = other.to_bytes(8, "big") + line.signature[8:]
        for verifier, signed, signature in [
            (WITNESSES[0].verifier, text, moved),
            (WITNESSES[0].verifier, "x" + text, line.signature),
            (WITNESSES[1].verifier, text, line.signature),
        ]:
            with pytest.raises(SignatureError):
                verify_cosignature(verifier, signed, signature)


class TestCheckpoints:
    @given(texts.map(lambda text: text[:-1]).filter(bool), st.integers(0, MAX_SIZE), hashes)
    def test_round_trip(self, origin: str, size: int, tree_root: bytes) -> None:
        checkpoint = Checkpoint(origin=origin, size=size, root=tree_root)
        assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint

    @given(st.text(st.sampled_from("0123\n aA=+"), max_size=60))
    def test_what_is_accepted_is_spelled_so(self, text: str) -> None:
        try:
            checkpoint = parse_checkpoint(text)
        except Malformed:
            return
        assert format_checkpoint(checkpoint) == text


class TestLogProofs:
    @given(
        st.integers(0, MAX_SIZE - 1),
        st.lists(hashes, max_size=63).map(tuple),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
        st.none() | st.binary(min_size=1, max_size=50),
    )
    def test_round_trip(self, index: int, proof: tuple[bytes, ...], checkpoint: str, extra: bytes | None) -> None:
        log_proof = LogProof(index=index, proof=proof, checkpoint=checkpoint, extra=extra)
        assert parse_log_proof(format_log_proof(log_proof)) == log_proof


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Some of the five witnesses, in up to three groups of which each takes what no group has yet."""
    count = draw(st.integers(0, len(WITNESSES)))
    witnesses = tuple(Witness(name=f"w{n}", verifier=WITNESSES[n].verifier) for n in range(count))
    free = [witness.name for witness in witnesses]
    groups = []
    for number in range(draw(st.integers(0, 3))):
        if not free:
            break
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        threshold = draw(st.integers(1, len(members)))
        groups.append(Group(name=f"g{number}", threshold=threshold, members=tuple(members)))
        free = [name for name in free if name not in members] + [f"g{number}"]
    quorum = draw(st.sampled_from([None, *(w.name for w in witnesses), *(g.name for g in groups)]))
    log = TrustedLog(verifier=Signer("log.example", SigningKey(bytes(32))).verifier, url="https://log.example/")
    return Policy(logs=(log,), witnesses=witnesses, groups=tuple(groups), quorum=quorum)


def meets(policy: Policy, name: str | None, signed: set[str]) -> bool:
    """The quorum as the standard words it: a group witnessed if at least k of its members did."""
    if name is None or name in signed:
        return True
    for group in policy.groups:
        if group.name == name:
            return sum(meets(policy, member, signed) for member in group.members) >= group.threshold
    return False


class TestPolicies:
    @given(policies())
    def test_round_trip(self, policy: Policy) -> None:
        assert parse_policy(format_policy(policy)) == policy

    @given(policies())
    def test_the_quorum_is_as_the_standard_words_it(self, policy: Policy) -> None:
        names = [witness.name for witness in policy.witnesses]
        for count in range(len(names) + 1):
            for signed in combinations(names, count):
                keys = {witness.verifier for witness in policy.witnesses if witness.name in signed}
                assert policy.satisfied(keys) == meets(policy, policy.quorum, set(signed))

    @given(policies(), st.lists(st.none() | st.integers(0, 9), min_size=5, max_size=5))
    def test_as_of_is_the_latest_instant(self, policy: Policy, times: list[int | None]) -> None:
        made = {w.verifier: time for w, time in zip(policy.witnesses, times, strict=False) if time is not None}

        def met_at(instant: int) -> bool:
            signed = {w.name for w in policy.witnesses if made.get(w.verifier, -1) >= instant}
            return meets(policy, policy.quorum, signed)

        latest = max((instant for instant in range(10) if met_at(instant)), default=None)
        assert policy.as_of(made) == (None if policy.quorum is None else latest)

    @given(st.text(max_size=200) | st.binary(max_size=200))
    def test_any_input_gets_an_answer(self, text: str | bytes) -> None:
        with pytest.raises(Malformed):
            parse_policy(text)
