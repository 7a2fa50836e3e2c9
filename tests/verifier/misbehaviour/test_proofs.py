"""What a proof rests on: every bit of it counts, and nothing of an honest log ever makes one."""

from __future__ import annotations

import json
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.law.worlds import Stage, stages
from tests.support.lies import stage
from tests.support.misbehaviour_cases import heap_of
from tests.support.misbehaviour_making import CASES, Case, leaf_of, shown_list, whole
from tests.support.world import World
from verifier.base import canonical
from verifier.base.values import replace
from verifier.log.trust import parse_policy
from verifier.misbehaviour.accuse import Heap, about, accuse, convict, fork_by_notes, fork_by_tree, judged
from verifier.misbehaviour.check import Proven, check, format_outcome
from verifier.misbehaviour.file import SHAPES, Misbehaviour, NotProven, format_misbehaviour, parse_misbehaviour
from verifier.rules.model.context import Standing
from verifier.rules.model.record import MemoryRecord
from verifier.rules.standing.judged import JudgedContext

PROOFS = [name for name in CASES if not name.startswith("step")]


@cache
def proof(name: str) -> Case:
    return CASES[name]()


def outcome(name: str, data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = canonical.parse(
        format_outcome(check(data, parse_policy(proof(name).policy))), limit=1 << 20
    )
    return found


@pytest.mark.parametrize("name", PROOFS)
def test_a_file_reads_back(name: str) -> None:
    assert format_misbehaviour(parse_misbehaviour(proof(name).data)) == proof(name).data


@given(st.sampled_from(PROOFS), st.data())
def test_a_flipped_bit_proves_nothing(name: str, data: st.DataObject) -> None:
    made = bytearray(proof(name).data)
    place = data.draw(st.integers(0, 8 * len(made) - 1))
    made[place // 8] ^= 1 << place % 8
    assert outcome(name, bytes(made))["outcome"] == "not_proven"


@given(st.sampled_from(PROOFS), st.data())
def test_another_character_proves_nothing(name: str, data: st.DataObject) -> None:
    """Another letter or digit in its place is far more often still canonical JSON than a flipped bit."""
    made = proof(name).data
    place = data.draw(st.integers(0, len(made) - 1))
    new = data.draw(st.sampled_from(b"0123456789abcdefABCDEF+/=[]{},:\"").filter(lambda one: one != made[place]))
    assert outcome(name, made[:place] + bytes([new]) + made[place + 1 :])["outcome"] == "not_proven"


@given(st.sampled_from(PROOFS), st.sampled_from(PROOFS), st.data())
def test_parts_of_two_proofs(name: str, other: str, data: st.DataObject) -> None:
    """A member of one in the place of another's: what is proven then is what its kind and its entries say."""
    value, more = json.loads(proof(name).data), json.loads(proof(other).data)
    member = data.draw(st.sampled_from(sorted(value.keys() & more.keys())))
    value[member] = more[member]
    found = outcome(name, canonical.encode(value))
    if found["outcome"] == "proven":
        assert found["kind"] == value["kind"]
        assert canonical.encode(value) == proof(name).data or "entries" in found or "sizes" in found


@given(st.binary(max_size=200))
def test_noise_proves_nothing(noise: bytes) -> None:
    assert isinstance(check(noise, parse_policy(proof("rewritten").policy)), NotProven)


@pytest.mark.parametrize("name", PROOFS)
def test_nobody_elses_word_counts(name: str) -> None:
    """Whatever witnesses a reader asks for: the log is convicted by its own signatures."""
    lines = [line for line in proof(name).policy.split("\n") if line.startswith("log ")]
    witness = World().cosigner("w.example/witness").verifier
    asked = "\n".join([*lines, f"witness w {witness}", "quorum w", ""])
    assert isinstance(check(proof(name).data, parse_policy(asked)), Proven)


class TestHonestLogs:
    """Whatever parties do to one another, their registry is not to blame."""

    @given(stages(acts=8), st.data())
    def test_everything_on_one_heap(self, s: Stage, data: st.DataObject) -> None:
        world, heap = s.world, Heap()
        for about_ in data.draw(st.lists(st.sampled_from([*s.usages, *s.consents, s.model]), min_size=1, max_size=2)):
            heap.add_evidence(world.evidence(about_))
        whole_log = heap_of(world)
        heap.leaves += whole_log.leaves
        seal = whole_log.leaves[-1]
        heap.lists += [(seal, shown_list(world, subject)) for subject in sorted(world.log.lists)[:10]]
        found = [check(one, parse_policy(world.policy())) for one in accuse(heap, parse_policy(world.policy()))]
        # Random worlds log what an honest registry would refuse: those entries are void, and only they are found.
        assert {one.kind for one in found if isinstance(one, Proven)} <= {"void"}
        for one in found:
            assert isinstance(one, Proven)
            assert void_at_its_place(s, one.entries[0])

    @given(stages(acts=4), st.data())
    def test_claims_of_every_kind(self, s: Stage, data: st.DataObject) -> None:
        """Any claim about any of its entries, seals and lists."""
        world, policy = s.world, parse_policy(s.world.policy())
        places = st.integers(0, world.log.size - 1)
        one, other = sorted(data.draw(st.lists(places, min_size=2, max_size=2, unique=True)))
        subject = data.draw(st.sampled_from([*sorted(world.log.lists), f"asset:{'ab' * 32}"]))
        rows, end = shown_list(world, subject), leaf_of(world, world.log.size - 1)
        for kind in SHAPES:
            claims = [about(kind, leaf_of(world, one), leaf_of(world, other)), about(kind, leaf_of(world, other))]
            if kind in ("omitted", "foreign", "logged_wrong"):
                claims = [about(kind, end, rows=rows), about(kind, leaf_of(world, one), end, rows=rows)]
            if kind in ("fork", "wrong_index", "void"):
                continue
            for claim in claims:
                assert convict(claim, policy) is None, (kind, one, other, subject)
        assert convict(whole(world, other + 1), policy) is None

    @given(stages(acts=4), stages(acts=2), st.data())
    def test_a_tree_and_its_beginning(self, s: Stage, more: Stage, data: st.DataObject) -> None:
        """Checkpoints of one growing log, with any proof at all between them."""
        world, policy = s.world, parse_policy(s.world.policy())
        early, size = world.checkpoint(), world.log.size
        heap = heap_of(world)
        for _ in range(data.draw(st.integers(1, 3))):
            world.usage(s.consents[0])
        late = world.checkpoint()
        claim = fork_by_tree(early, size, late, world.log.size, world.log.read_node)
        assert convict(claim, policy) is None
        assert convict(fork_by_notes(early, late), policy) is None
        grown = heap_of(world)
        for index in range(0, size, 3):
            assert convict(about("rewritten", heap.leaves[index], grown.leaves[index]), policy) is None

    @given(stages(acts=10), st.data())
    def test_whatever_is_hidden_no_good_entry_is_void(self, s: Stage, data: st.DataObject) -> None:
        """Less shown never makes a good entry void at its place."""
        about_ = data.draw(st.sampled_from([*s.usages, *s.consents]))
        lists = sorted(s.world.log.lists)
        hidden = data.draw(st.lists(st.sampled_from(lists), max_size=4))
        evidence = s.world.evidence(about_, hide_lists=hidden)
        policy = parse_policy(s.world.policy())
        for index in {entry["index"] for entry in canonical.parse(evidence, limit=1 << 24)["entries"]}:
            if convict(judged(evidence, index), policy) is not None:
                assert void_at_its_place(s, index)


def void_at_its_place(s: Stage, index: int) -> bool:
    """Whether admission, seeing the whole log below it, would have refused an entry."""
    record = MemoryRecord(s.world.genesis_id)
    for place in range(index + 1):
        made = s.world.entries.get(place)
        if made is None:
            record.skip(place)
        else:
            record.fold(s.world.entry(made))
    accused = record.entry(index)
    assert accused is not None
    return JudgedContext(record, instant=0, as_of=0).standing(accused).standing is Standing.VOID


def test_readers_of_one_honest_log_compare_all_they_have() -> None:
    one = stage()
    worlds = []
    for _ in range(3):
        heap = heap_of(one.world)
        heap.add_evidence(one.world.evidence(one.usage))
        worlds.append(heap)
        one.world.usage(one.consent)
    for first, second in combinations(worlds, 2):
        both = Heap(
            notes=first.notes + second.notes,
            leaves=first.leaves + second.leaves,
            lists=first.lists + second.lists,
            evidence=first.evidence + second.evidence,
        )
        assert list(accuse(both, parse_policy(one.world.policy()))) == []


def test_what_the_log_did_not_sign_is_left_out_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of very many rows in a file that somebody made up: no claim is made of it, let alone written."""
    one = stage()
    heap, policy = Heap(), parse_policy(one.world.policy())
    heap.add_evidence(one.world.evidence(one.usage))
    seal, shown = heap.leaves[-1], next(shown for _, shown in heap.lists if shown.rows)
    heap.lists.append((seal, replace(shown, rows=tuple((row, 0) for row in range(10_000)))))
    heap.leaves += [replace(leaf, index=leaf.index + 1) for leaf in heap.leaves]
    heap.lists.append((heap.leaves[-1], shown))
    claims: list[Misbehaviour] = []
    monkeypatch.setattr("verifier.misbehaviour.accuse.convict", lambda claim, policy: claims.append(claim))
    steps: list[tuple[int, int]] = []
    assert list(accuse(heap, policy, lambda done, total: steps.append((done, total)))) == []
    assert [claim.kind for claim in claims] == []
    total = len(heap.lists) - 2 + 1
    assert steps == [(done, total) for done in range(total)]


def test_leaves_of_two_logs_are_not_held_against_one_another() -> None:
    """Nor does an honest log hide that another one lied."""
    one, other = stage(), stage(used=("other.jpg",))
    bystander = World(origin="other.example/log")
    bystander.party("anna", roles=["model"])
    policy = parse_policy(one.world.policy(logs=[one.world.vkey(), bystander.vkey()]))
    heap = heap_of(bystander, one.world, other.world)
    assert {claim.kind for claim in map(parse_misbehaviour, accuse(heap, policy))} == {"fork", "rewritten"}
