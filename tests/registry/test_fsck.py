"""fsck finds what is wrong: files and columns that were changed, and logs that no honest registry would write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from registry.config import create, load
from registry.fsck import fsck
from registry.gate import CONTRADICTION
from registry.intake.checks import CheckedSubmission, check_submission, checked
from registry.log.log_error import LogError
from registry.log.log_keys import LogKeys
from registry.service import Service
from registry.settings import read_settings, write_settings
from tests.support.served import Served, raw
from tests.support.world import Logged as Made
from tests.support.world import key
from verifier.log.note import COSIGNATURE_V1, Verifier
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement


@pytest.fixture
def closed(served: Served) -> Served:
    """A registry with a short story, at rest."""
    consent, story = served.story()
    served.accept(*story)
    served.accept(*[served.world.usage(consent, assets=[name]) for name in "abc"])
    served.service.close()
    return served


def reopen(served: Served) -> None:
    """For the fixture to close, if it can still be opened."""
    served.service = Service.open(served.root, clock=served.clock)


def faults(served: Served) -> set[tuple[str, str]]:
    return {(fault.where, fault.what) for fault in fsck(served.root).faults}


def tamper(root: Path, *statements: str) -> None:
    """Change the database as somebody does who can take its triggers away."""
    with closing(sqlite3.connect(root / "registry.db")) as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        db.commit()


class TestTampering:
    def test_nothing_is_wrong_with_a_registry_at_rest(self, closed: Served) -> None:
        report = fsck(closed.root)
        assert (report.faults, report.size, report.batches, report.tiles) == ([], 13, 3, 2)
        reopen(closed)

    def test_it_tells_how_far_it_is(self, closed: Served) -> None:
        seen: list[tuple[int, int]] = []
        fsck(closed.root, lambda done, total: seen.append((done, total)))
        assert seen == [(2, 13), (9, 13), (13, 13)]
        reopen(closed)

    @pytest.mark.parametrize("column", ["ids", "hashes", "touches", "subjects", "digests"])
    def test_a_column_that_is_not_what_the_leaves_say(self, closed: Served, column: str) -> None:
        with closing(sqlite3.connect(closed.root / "registry.db")) as db:
            (data,) = db.execute(f"SELECT {column} FROM batches WHERE first = 2").fetchone()
        changed = bytes([data[0] ^ 1]) + data[1:]
        tamper(closed.root, f"UPDATE batches SET {column} = x'{changed.hex()}' WHERE first = 2")
        assert ("batch 2", f"the column {column} is not what the leaves say") in faults(closed)
        tamper(closed.root, f"UPDATE batches SET {column} = x'{data.hex()}' WHERE first = 2")
        assert faults(closed) == set()
        reopen(closed)

    @pytest.mark.parametrize(
        ("statements", "where", "what"),
        [
            (["UPDATE batches SET at = at + 1 WHERE first = 9"], "batch 9", "the column at is not what the leaves say"),
            (["UPDATE batches SET lengths = x'0100' WHERE first = 9"], "batch 9", "the lengths of its leaves do not"),
            (["DELETE FROM batches WHERE first = 2"], "batch 9", "does not begin at 2"),
            (["DELETE FROM batches WHERE first = 9"], "signed-checkpoint", "an older backup was restored"),
            (["DELETE FROM disclosures WHERE place = 9 * 8 + 4"], "entry 9", "section terms is missing"),
            (["UPDATE disclosures SET text = text || 'A' WHERE place = 9 * 8 + 4"],
             "entry 9", "disclosure of terms is wrong"),
            (["INSERT INTO disclosures SELECT 9 * 8 + 3, text FROM disclosures WHERE place = 9 * 8 + 4"],
             "entry 9", "kept as person is another section's"),
            (["INSERT INTO erased VALUES (9 * 8 + 4)"], "entry 9", "no entry says so"),
        ],
    )  # fmt: skip
    def test_a_changed_database(self, closed: Served, statements: list[str], where: str, what: str) -> None:
        whole = {path: path.read_bytes() for path in closed.root.glob("registry.db*")}
        tamper(closed.root, *statements)
        assert any(place == where and what in said for place, said in faults(closed))
        for path in closed.root.glob("registry.db*"):
            path.unlink()
        for path, data in whole.items():
            path.write_bytes(data)
        reopen(closed)

    @pytest.mark.parametrize(
        ("spoil", "what"),
        [
            (lambda file: file.unlink(), "is missing"),
            (lambda file: file.write_bytes(b"rubbish"), "cannot be read: file is not a database"),
            (lambda file: file.write_bytes(file.read_bytes()[:5000]), "database disk image is malformed"),
            (lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 4096 + file.read_bytes()[8192:]),
             "cannot be read"),
        ],
    )  # fmt: skip
    def test_a_damaged_database(self, closed: Served, spoil: Callable[[Path], object], what: str) -> None:
        """Told as a fault, whatever became of the file; nothing is made in its place."""
        file = closed.root / "registry.db"
        data = file.read_bytes()
        spoil(file)
        assert any(place == "registry.db" and what in said for place, said in faults(closed))
        assert file.exists() == (what != "is missing")
        file.write_bytes(data)
        reopen(closed)

    def test_random_damage_is_a_fault_or_nothing(self, closed: Served) -> None:
        file, random = closed.root / "registry.db", Random(1)
        data = file.read_bytes()
        for _ in range(20):
            at = random.randrange(len(data) - 100)
            file.write_bytes(data[:at] + random.randbytes(100) + data[at + 100 :])
            fsck(closed.root)
        file.write_bytes(data)
        reopen(closed)

    def test_a_changed_leaf(self, closed: Served) -> None:
        with closing(sqlite3.connect(closed.root / "registry.db")) as db:
            (data,) = db.execute("SELECT leaves FROM batches WHERE first = 9").fetchone()
        at = data.index(b'"sig":"') + 10
        changed = data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]
        tamper(closed.root, f"UPDATE batches SET leaves = x'{changed.hex()}' WHERE first = 9")
        found = faults(closed)
        assert ("entry 9", "signature 0 does not verify") in found
        assert ("signed-checkpoint", "its root is not that of the leaves") in found
        assert ("public/checkpoint", "its root is not that of the leaves") in found
        tamper(closed.root, f"UPDATE batches SET leaves = x'{data.hex()}' WHERE first = 9")
        reopen(closed)

    @pytest.mark.parametrize(
        ("path", "change", "where"),
        [
            ("public/tile/0/000.p/13", lambda data: data[:-1] + b"?", "tile/0/000.p/13"),
            ("public/tile/entries/000.p/13", lambda data: data[:-1], "tile/entries/000.p/13"),
            ("public/tile/entries/000.p/13", None, "tile/entries/000.p/13"),
            ("public/checkpoint", None, "checkpoint"),
            ("public/checkpoint", lambda data: data[:-5] + b"AAA=\n", "checkpoint"),
            ("signed-checkpoint", None, "signed-checkpoint"),
            ("signed-checkpoint", lambda data: data.replace(b"\n13\n", b"\n9\n"), "signed-checkpoint"),
            ("signed-checkpoint", lambda data: b"rubbish", "signed-checkpoint"),
            ("trust.policy", lambda data: data.replace(b"registry.example", b"elsewhere.example"), ""),
        ],
    )
    def test_a_changed_file(
        self, closed: Served, path: str, change: Callable[[bytes], bytes] | None, where: str
    ) -> None:
        file = closed.root / path
        data = file.read_bytes()
        if change is None:
            file.unlink()
        else:
            assert change(data) != data
            file.write_bytes(change(data))
        if where:
            assert any(where in place for place, _ in faults(closed))
        else:
            with pytest.raises(ValueError, match="id of this key"):
                fsck(closed.root)
        file.write_bytes(data)
        reopen(closed)


def candidate(made: Made) -> CheckedSubmission:
    """A submission as the writer gets it; where a check refuses it, what a dishonest registry would make of it."""
    found = check_submission(raw(made))
    if isinstance(found, CheckedSubmission):
        return found
    envelope = parse_envelope(made.leaf)
    return checked(envelope, parse_statement(envelope.payload), {})


class TestDishonestLogs:
    """Written past the sequencer: everything is in its place but what the test is about."""

    def log(self, served: Served, *batches: list[Made]) -> set[tuple[str, str]]:
        served.service.close()
        log = load(served.root).open_log()
        try:
            for batch in batches:
                entries = [candidate(one) for one in batch]
                key_in_force = served.world.log_key.public.hex()
                log.commit(entries, served.world.now, key=key_in_force, registry=served.world.genesis_id)
        finally:
            log.close()
        found = faults(served)
        reopen(served)
        return found

    def test_an_honest_one_passes(self, served: Served) -> None:
        consent, story = served.story()
        usage = served.world.usage(consent)
        assert self.log(served, [served.entry(one) for one in story], [usage]) == set()

    def test_a_void_entry(self, served: Served) -> None:
        party = served.entry(served.world.party("anna", roles=["model"], drop=[served.world.registrar]))
        assert self.log(served, [party]) == {("entry 2", "should not have been admitted: A1 void_signers")}

    def test_what_stands_on_a_void_entry_is_void_too(self, served: Served) -> None:
        world = served.world
        anna = world.party("anna", roles=["model"], drop=[world.registrar])
        maker = world.party("maker", roles=["maker"])
        creation = world.creation(model=anna, maker=maker)
        found = self.log(served, [served.entry(anna), served.entry(maker), creation])
        assert {place for place, _ in found} == {"entry 2", "entry 4"}

    def test_a_signature_that_does_not_verify(self, served: Served) -> None:
        party = served.entry(served.world.party("anna", roles=["model"], wrong_signatures=True))
        assert ("entry 2", "signature 0 does not verify") in self.log(served, [party])

    def test_a_statement_twice(self, served: Served) -> None:
        party = served.entry(served.world.party("anna", roles=["model"]))
        found = self.log(served, [party], [party])
        assert ("entry 4", "the same statement stands in the log before") in found
        assert ("entry 4", "the digest of a section stands in the log before") in found

    def test_a_key_that_was_seen(self, served: Served) -> None:
        world = served.world
        anna, ben = world.party("anna", roles=["model"]), world.party("ben", roles=["model"])
        again = world.key(ben, add=[anna.keys[0]])
        found = self.log(served, [served.entry(anna), served.entry(ben)], [again])
        assert ("entry 5", "a key becomes live that was seen before") in found

    def test_a_revocation_that_had_to_wait(self, served: Served) -> None:
        consent, story = served.story()
        usage, revocation = served.world.usage(consent), served.world.revocation(consent=consent)
        found = self.log(served, [served.entry(one) for one in story], [usage, revocation])
        assert found == {("entry 10", "should come first in its batch")}

    def test_a_missing_section(self, served: Served) -> None:
        consent, story = served.story()
        usage = served.world.usage(consent)
        usage.disclosures.clear()
        found = self.log(served, [served.entry(one) for one in story], [usage])
        assert found == {("entry 9", "its section terms is missing, and no entry erased it")}

    def test_a_seal_in_the_middle_of_a_batch(self, served: Served) -> None:
        party = served.entry(served.world.party("anna", roles=["model"]))
        served.world.seal()
        leaf = served.world.log.leaf(served.world.log.size - 1)
        seal = checked(parse_envelope(leaf), parse_statement(parse_envelope(leaf).payload), {})
        served.service.close()
        log = load(served.root).open_log()
        key_in_force = served.world.log_key.public.hex()
        log.commit([candidate(party), seal], served.world.now, key=key_in_force, registry=served.world.genesis_id)
        log.close()
        assert faults(served) >= {
            ("entry 3", "is a seal, and its batch goes on"),
            ("", "what comes after batch 2 cannot be judged without it; the rest was not looked at"),
        }
        reopen(served)

    def test_a_seal_by_another_key(self, served: Served) -> None:
        served.service.close()
        made = load(served.root)
        log = made.open_log()
        other = key("not the log's")
        log.keys = LogKeys([other])
        entry = candidate(served.entry(served.world.party("anna", roles=["model"])))
        log.commit([entry], served.world.now, key=other.public.hex(), registry=served.world.genesis_id)
        log.close()
        found = {what for _, what in faults(served)}
        assert "the seal is not signed by the registry key then in force" in found
        assert any(what.startswith("not what the trust policy wants") for what in found)
        with pytest.raises(LogError, match="put its file back"):
            reopen(served)


def test_a_checkpoint_that_no_witness_has_seen_yet_is_no_fault(tmp_path: Path) -> None:
    witness = Verifier(name="w.example/witness", algorithm=COSIGNATURE_V1, key=key("witness").public)
    create(tmp_path / "r", "registry.example/log", witnesses=[(witness, "https://w.example")])
    assert fsck(tmp_path / "r").faults == []


def test_a_contradiction_that_stops_it_is_told(closed: Served) -> None:
    assert not any("nothing is sealed" in remark for remark in fsck(closed.root).remarks)
    (closed.root / CONTRADICTION).write_bytes(b"a note")
    report = fsck(closed.root)
    assert report.ok and any("nothing is sealed until 'registry recover" in remark for remark in report.remarks)


def test_a_folder_that_the_guard_knows_more_of_is_told(served: Served, tmp_path: Path) -> None:
    """An older copy is all right in itself, and yet is not served."""
    served.accept(served.world.party("anna", roles=["model"]))
    older = tmp_path / "older"
    served.service.close()
    copytree(served.root, older)
    reopen(served)
    served.accept(served.world.party("ben", roles=["model"]))
    served.service.close()
    assert not any("guard" in remark for remark in fsck(served.root).remarks)
    report = fsck(older)
    assert report.ok and any("has seen 6 entries signed, and here are 4" in remark for remark in report.remarks)
    reopen(served)


def test_another_tree_that_the_guard_knows_is_told(served: Served, tmp_path: Path) -> None:
    older = tmp_path / "older"
    served.service.close()
    copytree(served.root, older)
    reopen(served)
    served.accept(served.world.party("anna", roles=["model"]))
    served.service.close()
    write_settings(older, read_settings(served.root).with_guard("none"))
    with closing(Service.open(older, clock=served.clock)) as other:
        other.submit([raw(served.entry(served.world.party("ben", roles=["model"])))])
    write_settings(older, read_settings(served.root))
    [told] = [remark for remark in fsck(older).remarks if "guard" in remark]
    assert "has seen another tree of 4 entries signed" in told
    reopen(served)
