"""Each write of a batch fails in both ways, with and without a restart after it; then everything is looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from registry.fsck import fsck
from registry.log.log_error import LogError
from registry.problems import Problem
from registry.sequencer import Logged
from registry.service import Service
from tests.support.breaking import Faults
from tests.support.served import Served, proved_list, raw
from tests.support.shared_served import SharedServed
from tests.support.world import Logged as Made
from verifier.index.proofs import check_absence
from verifier.index.shown import Absence
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.consistency import check_consistency
from verifier.log.note import parse_note
from verifier.statements.leaf import parse_leaf
from verifier.statements.types import Seal

WRITES = {
    "folder": ["append", "guard", "signed-checkpoint", "tile", "tile", "checkpoint"],
    "shared": ["append", "signed-checkpoint", "tiles", "checkpoint"],
}
"""What a small batch writes, in order. In a folder hashes and entries are a tile each; a bucket gets them together, and
its signed checkpoint is the guard."""

CASES = [
    pytest.param(kind, place, id=f"{kind}-{place}-{name}")
    for kind, names in WRITES.items()
    for place, name in enumerate(names)
]


@pytest.fixture(params=list(WRITES))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    if request.param == "folder":
        made = Served(tmp_path / "registry")
    else:
        cluster, buckets = request.getfixturevalue("cluster"), request.getfixturevalue("buckets")
        made = SharedServed(tmp_path / "registry", cluster, buckets)
    yield made
    made.end()


@pytest.fixture
def in_folder(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "registry")
    yield made
    made.end()


def writes(served: Served) -> list[str]:
    return WRITES["shared" if isinstance(served, SharedServed) else "folder"]


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


def crash(served: Served) -> None:
    """End the service without letting it finish anything, and start anew."""
    served.service._sequencer._closing = True
    served.service.close()
    served.open()


def look_at_everything(served: Served, faults: Faults, made: list[Made]) -> None:
    """Nothing doubled, nothing lost, no fork, and fsck finds nothing."""
    assert fsck(served.root).faults == []
    seen = [parse_checkpoint(parse_note(note).text) for note in faults.checkpoints]
    published = served.service.published.checkpoint
    for older, newer in pairwise([*seen, published]):
        assert older.size <= newer.size
        consistent(served, older, newer)
    leaves = [served.service.leaf(index) for index in range(published.size)]
    for one in made:
        assert leaves.count(one.leaf) == 1


def consistent(served: Served, older: Checkpoint, newer: Checkpoint) -> None:
    proof = served.service.consistency(older.size, newer.size)
    assert not isinstance(proof, Problem)
    check_consistency(older.size, older.root, newer.size, newer.root, proof)


def look_at_the_absence(served: Served, subject: str, size: int) -> None:
    """It is proved under the index root in the seal that the published checkpoint ends with."""
    found = proved_list(served.service, subject)
    assert not isinstance(found, Problem)
    assert (found.rows, found.published.checkpoint.size) == ((), size)
    leaf = served.service.leaf(size - 1)
    assert leaf is not None
    seal = parse_leaf(leaf).statement
    assert isinstance(seal, Seal) and isinstance(found.proof, Absence)
    check_absence(seal.index, subject, found.proof.other_k, found.proof.other_v, found.proof.path)


def test_the_writes_of_a_batch_are_these(served: Served, faults: Faults) -> None:
    _, story = served.story()
    faults.fail_at(kept=False)
    served.accept(*story)
    assert faults.names == writes(served)


@pytest.mark.parametrize("restart", [False, True], ids=["goes on", "restarts"])
@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
@pytest.mark.parametrize(("served", "place"), CASES, indirect=["served"])
def test_a_write_fails(served: Served, faults: Faults, place: int, kept: bool, restart: bool) -> None:
    consent, story = served.story()
    served.accept(*story)
    size = served.service.published.checkpoint.size
    usages = [served.world.usage(consent, assets=[name]) for name in ("a", "b", "c")]
    faults.fail_at(place, kept=kept)
    lost = served.service.submit([raw(one) for one in usages])
    assert all(isinstance(one, Problem) and one.code == "unavailable" for one in lost)
    assert faults.names == writes(served)[: place + 1]
    if not restart:
        look_at_the_absence(served, f"uses:{consent.id}", size)  # reading goes on, at what is published
    faults.heal()
    if restart:
        crash(served)
    again = served.accept(*usages)
    assert [one.index for one in again] == [size, size + 1, size + 2]
    was_logged = place > 0 or kept
    assert [one.repeated for one in again] == [was_logged] * 3
    look_at_everything(served, faults, usages)


def test_reading_goes_on_while_a_disk_stays_full(served: Served, faults: Faults) -> None:
    consent, story = served.story()
    served.accept(*story)
    size = served.service.published.checkpoint.size
    usages = [served.world.usage(consent, assets=[name]) for name in ("a", "b")]
    faults.fail_at(*range(writes(served).index("signed-checkpoint") + 1, 40), kept=False)
    for usage in usages:
        [lost] = served.service.submit([raw(usage)])
        assert isinstance(lost, Problem) and lost.code == "unavailable"
        look_at_the_absence(served, f"uses:{consent.id}", size)
    faults.heal()
    served.accept(*usages)
    look_at_everything(served, faults, usages)


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
def test_a_disk_that_fails_for_a_while(served: Served, faults: Faults, kept: bool) -> None:
    consent, story = served.story()
    served.accept(*story)
    usages = [served.world.usage(consent, assets=[str(number)]) for number in range(6)]
    faults.fail_at(*range(0, 30, 2), kept=kept)
    answered: list[Made] = []
    for usage in usages:
        [found] = served.service.submit([raw(usage)])
        if isinstance(found, Logged):
            answered.append(usage)
    faults.heal()
    for usage in answered:
        [once_more] = served.accept(usage)
        assert once_more.repeated
    served.accept(*usages)
    look_at_everything(served, faults, usages)


def test_the_other_subjects_of_a_failed_batch_are_as_before(served: Served, faults: Faults) -> None:
    """The index that ran ahead of a transaction that was not kept is taken back."""
    consent, story = served.story()
    served.accept(*story)
    before = proved_list(served.service, f"uses:{consent.id}")
    faults.fail_at(0, kept=False)
    served.service.submit([raw(served.world.usage(consent, assets=["lost"]))])
    faults.heal()
    served.accept(served.world.party("ben", roles=["model"]))
    after = proved_list(served.service, f"uses:{consent.id}")
    assert not isinstance(before, Problem) and not isinstance(after, Problem)
    assert (before.rows, after.rows) == ((), ())
    assert fsck(served.root).faults == []


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
def test_a_late_disclosure_that_fails_can_be_sent_again(served: Served, faults: Faults, kept: bool) -> None:
    made = served.entry(served.world.party("anna", roles=["model"]))
    bare = raw(made).replace(b'"' + made.disclosures["person"].encode() + b'"', b"")
    served.service.submit([bare])
    faults.fail_at(0, kept=kept)
    [found] = served.service.submit([raw(made)])
    assert isinstance(found, Problem) and found.code == "unavailable"
    faults.heal()
    served.accept(made)
    kept_now = served.service.entry(made.id)
    assert kept_now is not None and kept_now.disclosures == made.disclosures
    assert fsck(served.root).faults == []


def test_what_a_power_cut_takes_of_tiles_and_checkpoint_is_made_anew(in_folder: Served) -> None:
    consent, story = in_folder.story()
    in_folder.accept(*story, *[in_folder.world.usage(consent, assets=[str(number)]) for number in range(300)])
    in_folder.service.close()
    public = in_folder.root / "public"
    whole = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    for number, (path, data) in enumerate(sorted(whole.items())):
        if number % 2:
            path.unlink()
        else:
            path.write_bytes(data[: len(data) // 2] if path.name != "checkpoint" else data)
    (public / "checkpoint").unlink()
    assert not fsck(in_folder.root).ok
    in_folder.service = Service.open(in_folder.root, clock=in_folder.clock)
    assert {path: path.read_bytes() for path in public.rglob("*") if path.is_file()} == whole
    assert fsck(in_folder.root).faults == []


def test_another_signer_on_the_same_folder_is_noticed(in_folder: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signed checkpoint is compared before it is swapped."""
    in_folder.accept(in_folder.world.party("anna", roles=["model"]))
    path = in_folder.root / "signed-checkpoint"
    own = path.read_bytes()
    forked = own.replace(b"\n4\n", b"\n3\n")
    assert forked != own
    path.write_bytes(forked)
    [found] = in_folder.service.submit([raw(in_folder.entry(in_folder.world.party("ben", roles=["model"])))])
    assert isinstance(found, Problem) and found.code == "unavailable"
    assert path.read_bytes() == forked
    with pytest.raises(LogError, match="another tree"):
        crash(in_folder)
    path.write_bytes(own)
    in_folder.service = Service.open(in_folder.root, clock=in_folder.clock)
