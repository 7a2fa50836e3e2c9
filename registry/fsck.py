"""Check a registry's folder against itself: everything is made anew from the leaves and compared.

Nothing is believed: not the columns beside the leaves, not the index, not that what was logged deserved it. The rules
judge every entry again at its place. It may run beside a registry that is writing; it looks at the log as it was when
the check began.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from registry.config import load
from registry.intake.checks import CheckedSubmission, checked, jumps, signers
from registry.intake.submission import open_disclosures
from registry.log.image import LogImage, pack_lengths, unpack_lengths
from registry.log.log import DATABASE, PUBLIC, SIGNED_CHECKPOINT, Published, read_checkpoint
from registry.log.log_error import LogError
from registry.log.record import EntryCache, LogRecord
from registry.log.store import DAMAGED, Batch, Store
from verifier.base.errors import KembarError
from verifier.log.hashing import leaf_hash
from verifier.log.tiles import CHECKPOINT_PATH, HEIGHT, WIDTH, Tile, format_entries, tiles_for_size
from verifier.log.trust import Policy, open_checkpoint
from verifier.rules.admit import keys_in, needed_sections, new_keys
from verifier.rules.model.context import Standing
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.keys import registry_state
from verifier.rules.standing.standing import base_standing
from verifier.statements.envelope import check_signatures, parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Erasure, Genesis, Seal, Statement

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

    @property
    def ok(self) -> bool:
        return not self.faults


class _Stop(Exception):
    """Nothing more is looked at, and why."""


def fsck(root: Path, progress: Progress = lambda done, total: None) -> FsckReport:
    """Check the registry in ``root``. Raises :class:`registry.config.ConfigError` if it is none."""
    settings = load(root)
    report = FsckReport()
    check = _Check(root, report, progress)
    try:
        signed = check.checkpoint_file(root / SIGNED_CHECKPOINT)  # before the database, which may go on meanwhile
        shown = check.checkpoint_file(root / PUBLIC / CHECKPOINT_PATH)
        store = check.database(root / DATABASE)
        try:
            for line in store.check():
                check.fault(DATABASE, line)
            check.log(store)
            check.erasures(store)
            if shown is not None:
                check.tiles(shown.checkpoint.size)
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
        if check.genesis is not None and check.genesis.origin != settings.origin:
            check.fault("entry 0", f"its origin is not {settings.origin}, which stands in the trust policy")
    except DAMAGED as error:
        report.faults.append(Damage(where=DATABASE, what=f"cannot be read: {error}; the rest was not looked at"))
    except _Stop as why:
        report.faults.append(Damage(where="", what=f"{why}; the rest was not looked at"))
    return report


class _Check:
    """``state`` is made from the leaves alone; ``store`` is set while the log is read."""

    store: Store

    def __init__(self, root: Path, report: FsckReport, progress: Progress) -> None:
        self.state = LogImage()
        self.genesis: Genesis | None = None
        self.good: set[int] = set()
        self._root = root
        self._report = report
        self._progress = progress
        self._batch: Batch | None = None  # the one at hand, and its leaves
        self._leaves: list[bytes] = []
        self._keys: frozenset[str] = frozenset()  # seen in entries that were looked at
        self._missing: set[tuple[int, str]] = set()
        self._erased: set[tuple[int, str]] = set()

    def fault(self, where: str, what: str) -> None:
        """Note one."""
        if len(self._report.faults) >= MAX_FAULTS:
            raise _Stop(f"more than {MAX_FAULTS} faults")
        self._report.faults.append(Damage(where=where, what=what))

    def database(self, path: Path) -> Store:
        """Opened for reading; a new one is never made."""
        try:
            return Store(path)
        except FileNotFoundError:
            self.fault(path.name, "is missing")
            raise _Stop("without it nothing can be told") from None

    def leaf(self, index: int) -> bytes:
        """For the record: the batch at hand is not read twice."""
        batch = self._batch
        if batch is not None and batch.first <= index <= batch.size:
            return self._leaves[index - batch.first]
        return self.store.read_leaves(*self.state.span(index))

    # ---- the log, batch by batch

    def log(self, store: Store) -> None:
        """Every batch: its columns, its seal, and the standing of each entry in it."""
        self.store = store
        cache = EntryCache(self)
        total = store.size()
        for batch in store.batches():
            if batch.first >= total:
                break
            if batch.first != self.state.size:
                self.fault(f"batch {batch.first}", f"does not begin at {self.state.size}, where the last one ended")
                raise _Stop("what comes after a gap cannot be judged")
            if not self._columns(batch):
                raise _Stop(f"what comes after batch {batch.first} cannot be judged without it")
            self._standings(batch, cache)
            self._report.batches += 1
            self._report.size = self.state.size
            self._report.subjects = self.state.subject_count()
            self._progress(self.state.size, total)

    def _columns(self, batch: Batch) -> bool:
        """Make the batch anew from its leaves and compare; False if nothing after it can be judged."""
        name = f"batch {batch.first}"
        lengths = unpack_lengths(batch.lengths)
        if len(lengths) != batch.size - batch.first + 1 or sum(lengths) != len(batch.leaves):
            self.fault(name, "the lengths of its leaves do not add up")
            return False
        leaves = []
        at = 0
        for length in lengths:
            leaves.append(batch.leaves[at : at + length])
            at += length
        entries = [self._entry(index, leaf) for index, leaf in enumerate(leaves, batch.first)]
        *covered, last = entries
        seal = last.statement if last is not None else None
        if not isinstance(seal, Seal):
            self.fault(f"entry {batch.size}", "should be the seal of its batch")
            return False
        if any(entry is None for entry in covered):
            return False
        whole = [entry for entry in covered if entry is not None]
        staged = self.state.stage(batch.first, [entry.touches for entry in whole], seal.at)
        derived = Batch(
            first=batch.first,
            size=batch.size,
            at=seal.at,
            leaves=batch.leaves,
            lengths=pack_lengths(leaves),
            hashes=b"".join(map(leaf_hash, leaves)),
            ids=b"".join(entry.id for entry in entries if entry is not None),
            touches=staged.touches,
            subjects=staged.subjects,
            digests=b"".join(digest for entry in whole for digest in entry.digests),
            keys=b"".join(key for entry in whole for key in entry.keys),
        )
        for column in fields(Batch):
            if getattr(derived, column.name) != getattr(batch, column.name):
                self.fault(name, f"the column {column.name} is not what the leaves say")
        self._seal(seal, batch)
        self._repeats(batch.first, whole)
        self._order(batch.first, whole)
        self.state.apply(derived, staged)
        self._batch, self._leaves = derived, leaves
        self._sections(batch, whole)
        return True

    def _entry(self, index: int, leaf: bytes) -> CheckedSubmission | None:
        where = f"entry {index}"
        try:
            envelope = parse_envelope(leaf)
            statement = parse_statement(envelope.payload)
        except KembarError as error:
            self.fault(where, f"cannot be read: {error}")
            return None
        if (wrong := check_signatures(envelope)) is not None:
            self.fault(where, f"signature {wrong} does not verify")
        if index == 0 and isinstance(statement, Genesis):
            self.genesis = statement
        self._kind(where, index, statement)
        return checked(envelope, statement, {})

    def _kind(self, where: str, index: int, statement: Statement) -> None:
        if (index == 0) != isinstance(statement, Genesis):
            self.fault(where, f"is a {statement.type}; the genesis is entry 0 and no other")
        if index and self.genesis is not None and statement.registry != self.genesis.id:
            self.fault(where, "is a statement for another registry")

    def _seal(self, seal: Seal, batch: Batch) -> None:
        where = f"entry {batch.size}"
        if (seal.first, seal.size) != (batch.first, batch.size):
            self.fault(where, f"seals {seal.first} to {seal.size}, not {batch.first} to {batch.size}")
        if batch.size == batch.first:
            self.fault(where, "seals nothing")
        if seal.at < self.state.last_at:
            self.fault(where, "its time runs backwards")
        if seal.index != self.state.index.root():
            self.fault(where, "its index root is not that of the entries before it")

    def _repeats(self, first: int, entries: Sequence[CheckedSubmission]) -> None:
        ids: set[bytes] = set()
        digests: set[bytes] = set()
        for index, entry in enumerate(entries, first):
            if entry.id in ids or entry.id in self.state.ids:
                self.fault(f"entry {index}", "the same statement stands in the log before")
            ids.add(entry.id)
            for digest in entry.digests:
                if digest in digests or digest in self.state.digests:
                    self.fault(f"entry {index}", "the digest of a section stands in the log before")
                digests.add(digest)

    def _order(self, first: int, entries: Sequence[CheckedSubmission]) -> None:
        """What stops something comes first in its batch (protocol, section 5)."""
        ids, keys = self.state.ids, self.state.keys
        jumped = [jumps(entry, ids, keys) for entry in entries]
        for place in range(1, len(jumped)):
            if jumped[place] and not jumped[place - 1]:
                self.fault(f"entry {first + place}", "should come first in its batch")

    def _standings(self, batch: Batch, cache: EntryCache) -> None:
        """Judge each entry at its place; what this check found good is good for those that rest on it."""
        if self.genesis is None:
            return
        record = _Recheck(self, cache, self.genesis.id, batch.size + 1, self.good)
        context = JudgedContext(record, instant=batch.at, as_of=batch.at)
        for index in range(batch.first, batch.size):
            entry = record.entry(index)
            assert entry is not None
            judgement = base_standing(context, entry)
            if judgement.standing is Standing.GOOD:
                self.good.add(index)
            else:
                self.fault(f"entry {index}", f"should not have been admitted: {judgement.rule} {judgement.code}")
            if new_keys(context, entry) & self._keys:
                self.fault(f"entry {index}", "a key becomes live that was seen before")
            self._keys |= keys_in(entry.statement)
        state = registry_state(context, batch.size)
        seal = parse_envelope(self._leaves[-1])
        if state is None or signers(seal.signatures) != {state.key}:
            self.fault(f"entry {batch.size}", "the seal is not signed by the registry key then in force")

    # ---- sections

    def _sections(self, batch: Batch, entries: Sequence[CheckedSubmission]) -> None:
        """Every disclosure fits its digest and its schema; note what a rule needs and is not there."""
        there: dict[int, set[str]] = {}
        for index, name, text in self.store.disclosures_between(batch.first, batch.size + 1):
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
            if isinstance(statement, Erasure) and (of := self.state.ids.get(bytes.fromhex(statement.of))) is not None:
                self._erased.update((of, name) for name in statement.erased)

    def erasures(self, store: Store) -> None:
        """What is gone was erased by an entry, and what an entry erased is gone."""
        gone = store.all_erased()
        for index, name in sorted(self._missing - self._erased):
            self.fault(f"entry {index}", f"its section {name} is missing, and no entry erased it")
        for index, name in sorted(gone - self._erased):
            if index < self.state.size:
                self.fault(f"entry {index}", f"its section {name} was erased, and no entry says so")
        for index, name in sorted(self._erased):
            if (index, name) not in gone or name in store.disclosures(index):
                self.fault(f"entry {index}", f"its section {name} should have been erased")

    # ---- files

    def checkpoint_file(self, path: Path) -> Published | None:
        """A checkpoint of ours."""
        try:
            found = read_checkpoint(path)
        except LogError as error:
            self.fault(path.name, str(error))
            return None
        if found is None:
            self.fault(path.name, "is missing")
        return found

    def checkpoints(self, signed: Published | None, shown: Published | None) -> None:
        """Both name a tree that the leaves make; the published one is not ahead of the signed one."""
        for name, found in ((SIGNED_CHECKPOINT, signed), (f"{PUBLIC}/{CHECKPOINT_PATH}", shown)):
            if found is None:
                continue
            size = found.checkpoint.size
            if size > self.state.size:
                self.fault(name, f"its size is {size}, the log's {self.state.size}: an older backup was restored")
            elif found.checkpoint.root != self.state.nodes.root(size):
                self.fault(name, "its root is not that of the leaves")
            elif not size or not self.state.is_seal(size - 1):
                self.fault(name, f"the last entry of its tree, {size - 1}, is not a seal")
        if signed is not None and shown is not None and shown.checkpoint.size > signed.checkpoint.size:
            self.fault(SIGNED_CHECKPOINT, "is older than the published checkpoint")

    def tiles(self, size: int) -> None:
        """Every file that the published checkpoint's tree has."""
        self._batch = None
        if size > self.state.size:
            return
        for tile in tiles_for_size(size):
            assert tile.level is not None
            start = tile.index * WIDTH
            level = self.state.nodes.levels[tile.level * HEIGHT]
            self._file(tile, bytes(level[32 * start : 32 * (start + tile.width)]))
            if tile.level == 0:
                bundle = Tile(level=None, index=tile.index, width=tile.width)
                leaves = [self.leaf(index) for index in range(start, start + tile.width)]
                self._file(bundle, format_entries(leaves))

    def _file(self, tile: Tile, expected: bytes) -> None:
        self._report.tiles += 1
        path = self._root / PUBLIC / tile.path
        full = self._root / PUBLIC / Tile(level=tile.level, index=tile.index).path
        for candidate in (path, full):  # a partial tile goes when its full one comes
            try:
                data = candidate.read_bytes()
            except FileNotFoundError:
                continue
            if data[: len(expected)] != expected or (candidate == path and data != expected):
                self.fault(tile.path, "does not hold what the leaves make")
            return
        self.fault(tile.path, "is missing")


class _Recheck(LogRecord):
    """The log up to a batch, of which only that is taken for granted which this check has judged."""

    def __init__(self, check: _Check, cache: EntryCache, genesis: str, size: int, good: set[int]) -> None:
        super().__init__(check, cache, genesis, size)
        self._good = good

    def assumed_good(self, index: int) -> bool:
        return index in self._good

