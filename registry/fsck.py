"""Check a registry's folder against itself: everything is made anew from the leaves and compared.

Nothing is believed: not the columns beside the leaves, not the index, not that what was logged deserved it. The leaves
go through the same replay as an auditor's (:mod:`verifier.replay.replay`); what is looked at here besides is what only
the registry has. It may run beside a registry that is writing; it looks at the log as it was when the check began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from registry.config import Config, clock, load
from registry.gate import CONTRADICTION, read_contradiction
from registry.intake.checks import CheckedSubmission, checked
from registry.intake.submission import open_disclosures
from registry.log.batch import Batch, pack_lengths, split_hashes, unpack_lengths
from registry.log.image import LogImage, Staged
from registry.log.log_error import LogError
from registry.log.publication import DATABASE, PUBLIC, SIGNED_CHECKPOINT, Published
from registry.log.sqlite_store import DAMAGED
from registry.log.store import Store
from registry.log_files import LogFiles
from verifier.base.errors import KembarError
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.log.tiles import CHECKPOINT_PATH, HEIGHT, WIDTH, Tile, format_entries, tiles_for_size
from verifier.log.trust import Policy, open_checkpoint
from verifier.replay.findings import Finding
from verifier.replay.leaves import ReadLeaf, read_leaf
from verifier.replay.replay import NotReplayable, Position, Replay, Times
from verifier.rules.admit import needed_sections
from verifier.statements.envelope import parse_envelope
from verifier.statements.types import Erasure, Seal

MAX_FAULTS = 1000
"""After so many it stops looking: the folder is beyond telling one by one."""

Progress = Callable[[int, int], None]
"""(entries done, entries in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Something that is not as it should be. ``where`` is ``entry 12``, ``batch 7``, a file, or the like."""

    where: str
    what: str


@dataclass(slots=True, kw_only=True)
class FsckReport:
    """What was looked at, and what was found wrong: nothing, if ``ok``."""

    size: int = 0
    batches: int = 0
    subjects: int = 0
    disclosures: int = 0
    tiles: int = 0
    faults: list[Damage] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What is no fault, and yet is to be known."""

    @property
    def ok(self) -> bool:
        return not self.faults


class _Stop(Exception):
    """Nothing more is looked at, and why."""


def fsck(root: Path, progress: Progress = lambda done, total: None) -> FsckReport:
    """Check the registry in ``root``. Raises :class:`registry.config.ConfigError` if it is none."""
    settings = load(root)
    report = FsckReport()
    check = _Check(LogFiles(settings.public), settings.origin, report, progress)
    publication = settings.publication()
    try:
        # Before the database, which may go on meanwhile.
        signed = check.checkpoint_file(SIGNED_CHECKPOINT, publication.read_signed)
        shown = check.checkpoint_file(CHECKPOINT_PATH, publication.read_shown)
        store = check.database(settings)
        try:
            for line in store.check():
                check.fault(DATABASE, line)
            check.log(store)
            check.erasures(store)
            check.guard(settings)
            if shown is not None:
                check.tiles(shown.checkpoint.size)
            report.remarks += _remarks(settings, store.last_at())
        finally:
            store.close()
        check.checkpoints(signed, shown)
        if shown is not None:
            # Whether the witnesses have come round to it is not this folder's to say.
            trusted = Policy(logs=settings.policy.logs, witnesses=settings.policy.witnesses, groups=(), quorum=None)
            try:
                open_checkpoint(shown.note, trusted)
            except KembarError as error:
                check.fault(f"{PUBLIC}/{CHECKPOINT_PATH}", f"not what the trust policy wants: {error}")
    except DAMAGED as error:
        report.faults.append(Damage(where=DATABASE, what=f"cannot be read: {error}; the rest was not looked at"))
    except _Stop as why:
        report.faults.append(Damage(where="", what=f"{why}; the rest was not looked at"))
    return report


def _remarks(settings: Config, last_at: int) -> list[str]:
    """What is to be known beside faults: why nothing is sealed, and of the clock by which seals are dated."""
    remarks = []
    if read_contradiction(settings.root) is not None:
        remarks.append(
            f"this log has signed what this folder does not hold ({settings.root / CONTRADICTION}): nothing is sealed "
            f"until 'registry recover {settings.root}'"
        )
    ahead = last_at - clock()
    if ahead > 0:
        remarks.append(f"the last seal, {format_instant(last_at)}, lies {ahead} seconds ahead of this machine's clock")
    if not any(one.url for one in settings.policy.witnesses):
        remarks.append("no witness is asked, so nobody checks the clock by which seals are dated")
    return remarks


class _Postings:
    """Where things stand in the log (:class:`verifier.replay.record.Postings`).

    ``logged`` tells of what is in the image; what the batch at hand adds lies on top until the image has it.
    """

    def __init__(self, logged: Callable[[bytes], Sequence[int]]) -> None:
        self._logged = logged
        self._fresh: dict[bytes, list[int]] = {}

    def add(self, keys: Iterable[bytes], index: int) -> None:
        for key in keys:
            self._fresh.setdefault(key, []).append(index)

    def find(self, key: bytes) -> Sequence[int]:
        return [*self._logged(key), *self._fresh.get(key, ())]

    def forget(self) -> None:
        """The image has the batch."""
        self._fresh.clear()


class _FirstPlaces:
    """The first place of each key that is ever added."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def add(self, keys: Iterable[bytes], index: int) -> None:
        for key in keys:
            self._places.setdefault(key, index)

    def find(self, key: bytes) -> Sequence[int]:
        place = self._places.get(key)
        return () if place is None else (place,)


class _Image:
    """The log as it is made anew: all that a replay keeps (:class:`verifier.replay.record.ReplayStore`) and its lists.

    ``image`` holds whole batches. ``batch`` is the one at hand, if any, ``leaves`` and ``entries`` what stands in it,
    ``staged`` what it did to the lists. ``store`` is where the leaves are read.
    """

    def __init__(self, store: Store) -> None:
        self.image = LogImage()
        self.store = store
        self.batch: Batch | None = None
        self.leaves: list[bytes] = []
        self.entries: list[CheckedSubmission] = []
        self.staged: Staged | None = None
        self._again: dict[bytes, list[int]] = {}  # where ids stand in the log again, which they should not
        self.ids = _Postings(self._ids)
        self.rows = _Postings(self.image.rows)
        self.digests, self.keys = _FirstPlaces(), _FirstPlaces()

    def _ids(self, id: bytes) -> Sequence[int]:
        first = self.image.ids.get(id)
        return () if first is None else (first, *self._again.get(id, ()))

    def leaf(self, index: int) -> bytes:
        """The bytes of an entry. The batch at hand is not read twice."""
        batch = self.batch
        if batch is not None and batch.first <= index <= batch.size:
            return self.leaves[index - batch.first]
        return self.store.read_leaves(*self.image.span(index))

    def logged(self, index: int) -> int:
        """An entry's logged time."""
        batch = self.batch
        return batch.at if batch is not None and index >= batch.first else self.image.logged(index)

    def add_seal(self, index: int, logged: int) -> None:
        """The image has it from the batch."""

    def add_bad(self, index: int) -> None:
        """The replay's record has it."""

    # ---- verifier.replay.growing_lists.GrowingLists

    def append(self, first: int, logged: int, touched: Iterable[Sequence[bytes]]) -> None:
        """The image wants the keys in the order of the batch row, which a replay has in another."""
        self.staged = self.image.stage(first, [entry.touches for entry in self.entries], logged)

    def root(self) -> bytes:
        return self.image.index.root()

    def take(self, batch: Batch) -> None:
        """Take the batch at hand, of which ``batch`` is the row as it should be, into the image."""
        self.image.apply(batch, self.staged)
        for index, id in enumerate(split_hashes(batch.ids), batch.first):
            if self.image.ids[id] != index:
                self._again.setdefault(id, []).append(index)
        self.ids.forget()
        self.rows.forget()


_FAULTS = {
    "batch_empty": "seals nothing",
    "digest_repeated": "the digest of a section stands in the log before",
    "genesis_repeated": "is a genesis, which is entry 0 and no other",
    "index_wrong": "its index root is not that of the entries before it",
    "key_repeated": "a key becomes live that was seen before",
    "order_wrong": "should come first in its batch",
    "registry_wrong": "is a statement for another registry",
    "repeated": "the same statement stands in the log before",
    "seal_backwards": "its time runs backwards",
    "seal_signer": "the seal is not signed by the registry key then in force",
}
"""What is said of an entry, by the code of a replay's finding, where there is no more to it."""


class _Check:
    """One run. ``report`` is filled as it goes."""

    def __init__(self, public: LogFiles, origin: str, report: FsckReport, progress: Progress) -> None:
        self._public = public
        self._origin = origin
        self._report = report
        self._progress = progress
        self._missing: set[tuple[int, str]] = set()
        self._erased: set[tuple[int, str]] = set()

    def fault(self, where: str, what: str) -> None:
        """Note one."""
        if len(self._report.faults) >= MAX_FAULTS:
            raise _Stop(f"more than {MAX_FAULTS} faults")
        self._report.faults.append(Damage(where=where, what=what))

    def database(self, settings: Config) -> Store:
        """Opened for reading; a new one is never made."""
        try:
            return settings.open_store()
        except FileNotFoundError:
            self.fault(DATABASE, "is missing")
            raise _Stop("without it nothing can be told") from None

    # ---- the log, batch by batch

    def log(self, store: Store) -> None:
        """Every batch: its columns, its seal, and the standing of each entry in it."""
        self._store, self._made = store, _Image(store)
        self.image = self._made.image
        times = Times(now=MAX_INSTANT)  # when it was sealed is what this folder says, and no more is known here
        replay = Replay(self._made, self._made, Position(), (), self._origin, times)
        total = store.size()
        for batch in store.batches(checked=False):
            if batch.first >= total:
                break
            if batch.first != self.image.size:
                self.fault(f"batch {batch.first}", f"does not begin at {self.image.size}, where the last one ended")
                raise _Stop("what comes after a gap cannot be judged")
            if not self._batch(batch, replay):
                raise _Stop(f"what comes after batch {batch.first} cannot be judged without it")
            self._report.batches += 1
            self._report.size = self.image.size
            self._report.subjects = self.image.subject_count()
            self._progress(self.image.size, total)
        self._made.batch = None

    def _batch(self, batch: Batch, replay: Replay) -> bool:
        """Make the batch anew from its leaves and compare; False if nothing after it can be judged."""
        name = f"batch {batch.first}"
        lengths = unpack_lengths(batch.lengths)
        if len(lengths) != batch.size - batch.first + 1 or sum(lengths) != len(batch.leaves):
            self.fault(name, "the lengths of its leaves do not add up")
            return False
        ends = list(accumulate(lengths))
        leaves = [batch.leaves[end - length : end] for end, length in zip(ends, lengths, strict=True)]
        read = [read_leaf(leaf) for leaf in leaves]
        *covered, last = read
        if not isinstance(last.statement, Seal):
            self.fault(f"entry {batch.size}", "should be the seal of its batch")
            return False
        for index, leaf in enumerate(covered, batch.first):
            if leaf.statement is None:
                self.fault(f"entry {index}", f"cannot be read: {leaf.fault}")
            elif isinstance(leaf.statement, Seal):
                self.fault(f"entry {index}", "is a seal, and its batch goes on")
        if any(leaf.statement is None or isinstance(leaf.statement, Seal) for leaf in covered):
            return False
        made = self._made
        entries = [
            checked(parse_envelope(leaf), one.statement, {})
            for leaf, one in zip(leaves, read, strict=True)
            if one.statement is not None
        ]
        made.batch, made.leaves, made.entries = replace(batch, at=last.statement.at), leaves, entries[:-1]
        for leaf in read:
            self._tell(self._taken(replay, leaf), read, batch, replay)
        assert made.staged is not None
        hashes = b"".join(leaf.hash for leaf in read)
        derived = Batch(
            first=batch.first,
            size=batch.size,
            at=last.statement.at,
            leaves=batch.leaves,
            lengths=pack_lengths(leaves),
            hashes=hashes,
            ids=b"".join(entry.id for entry in entries),
            touches=made.staged.touches,
            subjects=made.staged.subjects,
            digests=b"".join(digest for entry in made.entries for digest in entry.digests),
            keys=b"".join(key for entry in made.entries for key in entry.keys),
            tree=self.image.nodes.root_with(hashes),
            index=self.image.index.root(),
        )
        for column in fields(Batch):
            if getattr(derived, column.name) != getattr(batch, column.name):
                self.fault(name, f"the column {column.name} is not what the leaves say")
        if self._store.checksum(batch.first) != derived.checksum():
            self.fault(name, "its checksum is not that of what the leaves say")
        made.take(derived)
        self._sections(batch, made.entries)
        return True

    def _taken(self, replay: Replay, leaf: ReadLeaf) -> list[Finding]:
        """What the replay finds when it takes one more leaf."""
        try:
            return replay.take(leaf)
        except NotReplayable as error:
            self.fault(f"entry {replay.next}", str(error))
            raise _Stop("what comes after it cannot be judged") from None

    def _tell(self, found: Iterable[Finding], read: Sequence[ReadLeaf], batch: Batch, replay: Replay) -> None:
        """A replay's findings, each as a fault. What a ruling did to an entry is nobody's fault in keeping the log."""
        for one in found:
            where = f"entry {one.index}"
            if one.code in _FAULTS:
                self.fault(where, _FAULTS[one.code])
            elif one.code == "signature_wrong":
                self.fault(where, f"signature {read[one.index - batch.first].bad} does not verify")
            elif one.code in ("seal_first", "seal_size"):
                seal = read[-1].statement
                assert isinstance(seal, Seal)
                self.fault(where, f"seals {seal.first} to {seal.size}, not {batch.first} to {batch.size}")
            elif one.code == "genesis_wrong":
                self.fault(where, f"its origin is not {self._origin}, which stands in the trust policy")
            elif one.index in replay.record.bad:
                self.fault(where, f"should not have been admitted: {one.rule} {one.code}")

    # ---- sections

    def _sections(self, batch: Batch, entries: Sequence[CheckedSubmission]) -> None:
        """Every disclosure fits its digest and its schema; note what a rule needs and is not there."""
        there: dict[int, set[str]] = {}
        for index, name, text in self._store.disclosures_between(batch.first, batch.size + 1):
            self._report.disclosures += 1
            there.setdefault(index, set()).add(name)
            where = f"entry {index}"
            if index == batch.size:
                self.fault(where, "is a seal, and yet a disclosure is kept for it")
                continue
            try:
                if name not in open_disclosures(entries[index - batch.first].statement, (text,)):
                    self.fault(where, f"the disclosure kept as {name} is another section's")
            except KembarError as error:
                self.fault(where, f"the disclosure of {name} is wrong: {error}")
        for index, entry in enumerate(entries, batch.first):
            self._missing.update((index, name) for name in needed_sections(entry.statement) - there.get(index, set()))
            statement = entry.statement
            if isinstance(statement, Erasure) and (of := self.image.ids.get(bytes.fromhex(statement.of))) is not None:
                self._erased.update((of, name) for name in statement.erased)

    def erasures(self, store: Store) -> None:
        """What is gone was erased by an entry, and what an entry erased is gone."""
        gone = store.all_erased()
        for index, name in sorted(self._missing - self._erased):
            self.fault(f"entry {index}", f"its section {name} is missing, and no entry erased it")
        for index, name in sorted(gone - self._erased):
            if index < self.image.size:
                self.fault(f"entry {index}", f"its section {name} was erased, and no entry says so")
        for index, name in sorted(self._erased):
            if (index, name) not in gone or name in store.disclosures(index):
                self.fault(f"entry {index}", f"its section {name} should have been erased")

    # ---- files

    def checkpoint_file(self, name: str, read: Callable[[], Published | None]) -> Published | None:
        """A checkpoint of ours."""
        try:
            found = read()
        except LogError as error:
            self.fault(name, str(error))
            return None
        if found is None:
            self.fault(name, "is missing")
        return found

    def checkpoints(self, signed: Published | None, shown: Published | None) -> None:
        """Both name a tree that the leaves make; the published one is not ahead of the signed one."""
        for name, found in ((SIGNED_CHECKPOINT, signed), (f"{PUBLIC}/{CHECKPOINT_PATH}", shown)):
            if found is None:
                continue
            size = found.checkpoint.size
            if size > self.image.size:
                self.fault(name, f"its size is {size}, the log's {self.image.size}: an older backup was restored")
            elif found.checkpoint.root != self.image.nodes.root(size):
                self.fault(name, "its root is not that of the leaves")
            elif not size or not self.image.is_seal(size - 1):
                self.fault(name, f"the last entry of its tree, {size - 1}, is not a seal")
        if signed is not None and shown is not None and shown.checkpoint.size > signed.checkpoint.size:
            self.fault(SIGNED_CHECKPOINT, "is older than the published checkpoint")

    def guard(self, settings: Config) -> None:
        """What the guard has seen signed is here. An older copy lags behind it, and is no fault of the folder's."""
        if not self.image.size:
            return
        folder = settings.root
        try:
            guard = settings.guard(sha256(parse_envelope(self._made.leaf(0)).payload).hexdigest())
            guarded = None if guard is None else guard.read()
        except LogError as error:
            self._report.remarks.append(str(error))
            return
        if guard is None or guarded is None:
            return
        size, path = guarded.checkpoint.size, guard.path
        if size > self.image.size:
            self._report.remarks.append(
                f"the guard {path} has seen {size} entries signed, and here are {self.image.size}: this is an older "
                f"copy, which is not served until 'registry recover {folder} --from' a mirror"
            )
        elif guarded.checkpoint.root != self.image.nodes.root(size):
            self._report.remarks.append(
                f"the guard {path} has seen another tree of {size} entries signed: this folder is not served"
            )

    def tiles(self, size: int) -> None:
        """Every file that the published checkpoint's tree has."""
        if size > self.image.size:
            return
        for tile in tiles_for_size(size):
            assert tile.level is not None
            start = tile.index * WIDTH
            level = self.image.nodes.levels[tile.level * HEIGHT]
            self._file(tile, bytes(level[32 * start : 32 * (start + tile.width)]))
            if tile.level == 0:
                bundle = Tile(level=None, index=tile.index, width=tile.width)
                leaves = [self._made.leaf(index) for index in range(start, start + tile.width)]
                self._file(bundle, format_entries(leaves))

    def _file(self, tile: Tile, expected: bytes) -> None:
        self._report.tiles += 1
        full = Tile(level=tile.level, index=tile.index).path
        for candidate in (tile.path, full):  # a partial tile goes when its full one comes
            data = self._public.find(candidate)
            if data is None:
                continue
            if data[: len(expected)] != expected or (candidate == tile.path and data != expected):
                self.fault(tile.path, "does not hold what the leaves make")
            return
        self.fault(tile.path, "is missing")
