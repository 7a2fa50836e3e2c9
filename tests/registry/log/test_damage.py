"""A disk that changes what was written: noticed at the start or by fsck, never served, and mended from the leaves."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from registry.fsck import fsck
from registry.log import sqlite_store as stores
from registry.log.batch import CHECKED_COLUMNS, Batch
from registry.log.damage import Damaged
from registry.log.log_error import LogError
from registry.log.repair import repair
from registry.log_files import LogFiles
from registry.service import Service
from registry.web.app import create_app
from tests.support.asking import value
from tests.support.flipping import flip, tamper
from tests.support.served import Served

FLIPS = 24


@pytest.fixture
def closed(served: Served) -> Served:
    """A registry with a story, at rest."""
    consent, story = served.story()
    served.accept(*story)
    for name in "abc":
        served.accept(served.world.usage(consent, assets=[name]))
    served.service.close()
    return served


def contents(path: Path) -> list[object] | None:
    """All rows of all tables; None where they cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as db:
            return [
                db.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
                for table in ("batches", "checks", "disclosures", "erased")
            ]
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return None


class TestStart:
    @pytest.mark.parametrize("column", [one for one in CHECKED_COLUMNS if one not in ("first", "tree", "index")])
    def test_a_row_that_was_changed_stops_it_and_is_named(self, closed: Served, column: str) -> None:
        before = (closed.root / "signed-checkpoint").read_bytes()
        flip(closed.root, "batches", column, 2)
        with pytest.raises(LogError, match=r"batch 2.*registry repair"):
            Service.open(closed.root, clock=closed.clock)
        assert (closed.root / "signed-checkpoint").read_bytes() == before
        assert not fsck(closed.root).ok

    @pytest.mark.parametrize("column", ["checksum", "tree", "index"])
    def test_so_does_a_check_that_was_changed(self, closed: Served, column: str) -> None:
        flip(closed.root, "checks", column, 2)
        with pytest.raises(LogError, match="batch 2"):
            Service.open(closed.root, clock=closed.clock)
        assert not fsck(closed.root).ok

    def test_roots_are_compared_with_what_the_rows_make(self, closed: Served) -> None:
        """A row that was wrong when its checksum was made: a fault of memory, not of the disk."""
        with closing(sqlite3.connect(closed.root / "registry.db")) as db:
            names = ", ".join(f'"{name}"' for name in CHECKED_COLUMNS if name not in ("tree", "index"))
            columns = f'{names}, tree, "index", leaves'
            row = db.execute(f"SELECT {columns} FROM batches JOIN checks USING (first) WHERE first = 2")
            values = dict(zip((*CHECKED_COLUMNS, "leaves"), row.fetchone(), strict=True))
        values["touches"] = values["touches"][:-4] + b"\0\0\0\0"
        wrong = Batch(**values)
        touches, checksum = wrong.touches.hex(), wrong.checksum().hex()
        tamper(
            closed.root,
            f"UPDATE batches SET touches = x'{touches}' WHERE first = 2",
            f"UPDATE checks SET checksum = x'{checksum}' WHERE first = 2",
        )
        with pytest.raises(LogError, match="index made of all rows"):
            Service.open(closed.root, clock=closed.clock)


class TestReading:
    def test_a_leaf_that_was_changed_is_not_served(self, closed: Served) -> None:
        with Service.open(closed.root, clock=closed.clock) as service:
            flip(closed.root, "batches", "leaves", 2)
            size, refused = service.published.checkpoint.size, 0
            for index in range(size):
                try:
                    service.leaf(index)
                except Damaged:
                    refused += 1
            assert refused == 1
            answer = create_app(service).test_client().get(f"/tile/entries/000.p/{size}")
        assert (answer.status_code, value(answer.data)["type"]) == (500, "urn:kembar:problem:damaged")
        assert str(closed.root) not in answer.text
        assert not fsck(closed.root).ok

    def test_nor_does_it_start_while_the_tiles_would_be_made_of_it(self, closed: Served) -> None:
        flip(closed.root, "batches", "leaves", 2)
        with pytest.raises(LogError, match=r"entry 5 .*mirror"):
            Service.open(closed.root, clock=closed.clock)

    def test_a_section_that_was_changed_is_not_served(self, closed: Served) -> None:
        with closing(sqlite3.connect(closed.root / "registry.db")) as db:
            (place,) = db.execute("SELECT min(place) FROM disclosures").fetchone()
        flip(closed.root, "disclosures", "text", place)
        with Service.open(closed.root, clock=closed.clock) as service:
            entry = service.record().entry(place // 8)
            assert entry is not None
            with pytest.raises(Damaged, match="section"):
                service.entry(entry.statement.id)
            with pytest.raises(Damaged, match="section"):
                service.record().opened(entry, next(iter(entry.statement.sections)))
        assert not fsck(closed.root).ok


class TestRepair:
    @pytest.mark.parametrize("column", [one for one in CHECKED_COLUMNS if one not in ("first", "tree", "index")])
    def test_columns_come_back_from_the_leaves(self, closed: Served, column: str) -> None:
        before = contents(closed.root / "registry.db")
        flip(closed.root, "batches", column, 2)
        assert repair(closed.root) == [2]
        assert contents(closed.root / "registry.db") == before
        assert repair(closed.root) == []
        assert fsck(closed.root).ok
        with closing(sqlite3.connect(closed.root / "registry.db")) as db, pytest.raises(sqlite3.IntegrityError):
            db.execute("UPDATE batches SET at = 5")

    def test_a_leaf_does_not_and_is_named(self, closed: Served) -> None:
        flip(closed.root, "batches", "leaves", 2)
        before = contents(closed.root / "registry.db")
        with pytest.raises(LogError, match=r"entry \d+ .*mirror"):
            repair(closed.root)
        assert contents(closed.root / "registry.db") == before

    def test_a_leaf_comes_back_from_a_copy_that_has_it(self, closed: Served) -> None:
        before = contents(closed.root / "registry.db")
        flip(closed.root, "batches", "leaves", 2)
        tiles = LogFiles(str(closed.root / "public"))
        assert repair(closed.root, [lambda index: None, lambda index: b"{}", tiles.leaf]) == [2]
        assert contents(closed.root / "registry.db") == before
        assert fsck(closed.root).ok

    def test_one_that_the_copies_have_otherwise_is_not_taken(self, closed: Served) -> None:
        flip(closed.root, "batches", "leaves", 2)
        before = contents(closed.root / "registry.db")
        with pytest.raises(LogError, match="no copy has it"):
            repair(closed.root, [lambda index: b"{}", LogFiles(str(closed.root / "nowhere")).leaf])
        assert contents(closed.root / "registry.db") == before

    def test_leaves_that_were_never_signed_are_none(self, closed: Served) -> None:
        """Leaf and hash agree, and the tree that was signed is another."""
        with closing(sqlite3.connect(closed.root / "registry.db")) as db:
            (leaves,) = db.execute("SELECT leaves FROM batches WHERE first = 2").fetchone()
        place = leaves.index(b'"sig":"') + 8
        swapped = leaves[:place] + (b"A" if leaves[place : place + 1] != b"A" else b"B") + leaves[place + 1 :]
        tamper(closed.root, f"UPDATE batches SET leaves = x'{swapped.hex()}', hashes = x'' WHERE first = 2")
        with pytest.raises(LogError, match=r"was signed|cannot be read"):
            repair(closed.root)


class TestMigration:
    def test_checks_are_made_from_the_leaves(self, closed: Served) -> None:
        before = contents(closed.root / "registry.db")
        self.drop(closed.root)
        with Service.open(closed.root, clock=closed.clock):
            pass
        assert contents(closed.root / "registry.db") == before

    @pytest.mark.parametrize("column", ["touches", "digests", "ids", "lengths"])
    def test_where_a_column_differs_it_refuses(self, closed: Served, column: str) -> None:
        self.drop(closed.root)
        flip(closed.root, "batches", column, 2)
        with pytest.raises(LogError, match=f"column {column} of batch 2"):
            Service.open(closed.root, clock=closed.clock)

    @pytest.mark.parametrize("column", ["touches", "digests", "ids", "lengths"])
    def test_and_repair_makes_the_columns_anew(self, closed: Served, column: str) -> None:
        before = contents(closed.root / "registry.db")
        self.drop(closed.root)
        flip(closed.root, "batches", column, 2)
        repair(closed.root)
        assert contents(closed.root / "registry.db") == before
        assert repair(closed.root) == []
        with Service.open(closed.root, clock=closed.clock):
            pass

    def test_a_leaf_that_is_damaged_stops_the_repair_of_an_earlier_version_too(self, closed: Served) -> None:
        self.drop(closed.root)
        flip(closed.root, "batches", "leaves", 2)
        with pytest.raises(LogError, match="Nothing was changed"):
            repair(closed.root)
        with pytest.raises(LogError):
            Service.open(closed.root, clock=closed.clock)
        tiles = LogFiles(str(closed.root / "public"))
        repair(closed.root, [tiles.leaf])
        with Service.open(closed.root, clock=closed.clock):
            pass
        assert fsck(closed.root).ok

    def drop(self, root: Path) -> None:
        with closing(sqlite3.connect(root / "registry.db")) as db:
            db.execute("DROP TABLE checks")
            db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm002_checks'")
            db.commit()


def test_random_flips_are_all_noticed_and_none_is_served(closed: Served, tmp_path: Path) -> None:
    with Service.open(closed.root, clock=closed.clock) as service:
        size = service.published.checkpoint.size
        leaves = [service.leaf(index) for index in range(size)]
        sections = {index: service._log.disclosures(index) for index in range(size)}
    good, chance, noticed = contents(closed.root / "registry.db"), Random(20261129), 0
    data = (closed.root / "registry.db").read_bytes()
    while noticed < FLIPS:
        place, bit = chance.randrange(100, len(data)), 1 << chance.randrange(8)
        root = tmp_path / "flipped"
        shutil.copytree(closed.root, root)
        changed = bytearray(data)
        changed[place] ^= bit
        (root / "registry.db").write_bytes(changed)
        if contents(root / "registry.db") != good:  # else it lies where nothing is stored
            noticed += 1
            assert not fsck(root).ok, (place, bit)
            assert_none_is_served(root, closed, leaves, sections)
        shutil.rmtree(root)


def assert_none_is_served(
    root: Path, closed: Served, leaves: list[bytes | None], sections: Mapping[int, Mapping[str, str]]
) -> None:
    """It does not start, or what it gives is what was logged."""
    try:
        service = Service.open(root, clock=closed.clock)
    except (LogError, *stores.DAMAGED):
        return
    with service:
        for index, leaf in enumerate(leaves):
            try:
                assert service.leaf(index) == leaf
                given = service._log.disclosures(index)
            except stores.DAMAGED:
                continue
            assert given.items() <= sections[index].items()

