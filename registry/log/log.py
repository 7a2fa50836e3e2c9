"""The log on disk and in memory: how a batch is committed, signed and published, and how that is taken up again.

    state ahead by the batch's index root        memory only; a crash leaves nothing
    1. one database transaction                   after it the batch is logged, and will be published come what may
    2. the guard                                  compare-and-swap, durable, outside the folder (registry.log.guard)
    3. ``signed-checkpoint``                      compare-and-swap, durable, outside the database
    4. tiles                                      a crash leaves tiles that no checkpoint refers to yet
    5. ``public/checkpoint``                      what the world sees; only now is anybody answered

A crash after 1 leaves a database that is ahead of the guard, one after 2 a guard that is ahead of the signed
checkpoint, one after 3 or 4 a signed checkpoint that is ahead of the published one. :meth:`Log.advance` does steps 2 to
5 for whatever the database holds; it runs after each commit and when the registry starts, so that recovery is the way
on which it goes all day.

A database that is *behind* the guard or the signed checkpoint, or holds another tree, was restored from a backup:
signing on would fork the log, which is the one thing a log must never do, so it refuses. Where there is no guard to
compare with, and more than the genesis batch, nobody on this machine can tell; the log is *held* then: it is read as it
was signed, and nothing is signed before :meth:`Log.release`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from threading import Thread

from registry.intake.checks import CheckedSubmission
from registry.log.batch import Batch, pack_lengths, unpack_lengths
from registry.log.damage import Damaged, check_leaf, check_seal
from registry.log.guard import Guard, Guarded
from registry.log.image import LogImage, Staged
from registry.log.image_snapshot import LEAST, SNAPSHOT, ImageSnapshot, is_due, read_snapshot
from registry.log.log_error import LogError
from registry.log.log_keys import LogKeys
from registry.log.own_statements import sign_leaf, statement_bytes
from registry.log.publication import DATABASE, FolderPublication, Publication, Published
from registry.log.published_log import PublishedLog
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store
from registry.log.tiles import TileWriter
from verifier.base import private_keys
from verifier.base.strict import format_b64, format_instant
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.note import NoteSignature, parse_note
from verifier.log.writing import format_checkpoint, format_note
from verifier.statements.envelope import Signature, parse_envelope

GENESIS_SIZE = 2
"""Entries of a log of which nothing but its beginning was signed: the genesis and its seal."""
REPAIR = "'registry repair {}' makes what stands beside the leaves anew; a damaged leaf comes from a copy or a mirror."

NO_SNAPSHOT = "no snapshot was written, so that the next start takes longer: %s"

_log = logging.getLogger(__name__)


class Log(PublishedLog):
    """The log in the folder ``root``. Writing is for one thread; ``keys`` are the log keys that it may sign with.

    ``guard`` gives the guard of the registry with a genesis id; None where the operator wants none. ``trusted``: the
    operator vouches that this folder is the newest, so that the log is not held though no guard says so.

    ``store`` and ``publication`` are a database and a file beside it, both in ``root``, unless they are given.
    """

    def __init__(
        self,
        root: Path,
        origin: str,
        keys: LogKeys | Iterable[private_keys.SigningKey],
        *,
        guard: Callable[[str], Guard | None] = lambda genesis: None,
        create: bool = False,
        trusted: bool = False,
        store: Store | None = None,
        publication: Publication | None = None,
    ) -> None:
        self.root = root
        self.origin = origin
        self.keys = keys if isinstance(keys, LogKeys) else LogKeys(keys)
        super().__init__(store or _in_folder(root, create=create))
        self.publication = publication or FolderPublication(root)
        self.genesis = ""
        self._guard_of = guard
        self._guard: Guard | None = None
        self._guarded: Guarded | None = None  # in the guard, as far as this process knows
        self._held_at: int | None = None  # the size at which the log is held, if it is
        self._released = False
        self._behind = True
        self._signed: Published | None = None  # likewise in its file
        self._shown: Published | None = None
        self._snapshot: Thread | None = None  # which is being written
        self._kept = 0  # the size that the last one was of
        if not create:
            try:
                self._open(trusted)
            except Damaged as error:
                self.store.close()
                raise LogError(f"{root / DATABASE}: {error}. Nothing was signed. {REPAIR.format(root)}") from None
            except BaseException:
                self.store.close()
                raise
        else:
            self._tiles = TileWriter(self.publication, self.state.nodes, self.leaves)
        self.eraser = self.store.eraser()

    def _open(self, trusted: bool) -> None:
        self._know(self._first_leaf())
        signed = self._read_signed()
        guarded = self._guard.read() if self._guard is not None else None
        is_vouched_for = trusted or guarded is not None or self.publication.is_fence
        if not is_vouched_for and signed.checkpoint.size > GENESIS_SIZE:
            self._held_at = signed.checkpoint.size
        self._load()
        self._tiles = TileWriter(self.publication, self.state.nodes, self.leaves)
        check_seal(self.state.size - 1, self.leaf(self.state.size - 1), self.state.index.root())
        self._tiles.resume(self.state.size)
        self.recover()

    def _load(self) -> None:
        """Take all rows; what is derived of them out of the snapshot, if it is of these rows."""
        path = self.root / SNAPSHOT
        found = None if self.is_held else read_snapshot(path)
        if found is not None and not found.is_of(self.store):
            _log.warning("%s is left aside, and made anew of the rows: it is of others", path)
            found = None
        if found is not None:
            try:
                self.state.load(self._batches(0), found.size, found.parts)
                self._kept = found.size
                return
            except (Damaged, OSError, ValueError, LookupError) as error:  # or by a row: then reading it again says so
                _log.warning("%s is left aside, and made anew of the rows: %s", path, error)
                self.state = LogImage()
        self.state.load(self._batches(0))

    def _keep_snapshot(self) -> None:
        """Begin to write one beside all else, of the log as it stands."""
        if self._snapshot is not None and self._snapshot.is_alive():
            return
        try:
            found = ImageSnapshot.of(self.state, self.store)
            self._kept = found.size
            self._snapshot = Thread(target=self._write, args=(found,), name="snapshot", daemon=True)
            self._snapshot.start()
        except Exception as error:  # what was published is, whatever becomes of this
            _log.warning(NO_SNAPSHOT, error)

    def _await_snapshot(self) -> None:
        if self._snapshot is not None and self._snapshot.is_alive():
            self._snapshot.join()

    def _write(self, found: ImageSnapshot) -> None:
        try:
            found.write(self.root / SNAPSHOT)
        except OSError as error:
            _log.warning(NO_SNAPSHOT, error)

    def _know(self, genesis: bytes) -> None:
        """Whose log it is, by its first leaf, and so where its guard stands."""
        self.genesis = sha256(parse_envelope(genesis).payload).hexdigest()
        self._guard = self._guard_of(self.genesis)

    def _first_leaf(self) -> bytes:
        first = next(self.store.batches(leaves=False), None)
        if first is None:
            raise LogError(f"{DATABASE} holds no entry: it is not a registry's. Restore a copy of it.")
        return check_leaf(0, self.store.read_leaves(0, 0, unpack_lengths(first.lengths)[0]), first.hashes[:32])

    def _batches(self, start: int) -> Iterator[Batch]:
        """The rows that may be taken: all, or of a log that is held those that are signed for."""
        batches, held = self.store.batches(start, leaves=False), self._held_at
        return batches if held is None else takewhile(lambda batch: batch.size < held, batches)

    @property
    def is_held(self) -> bool:
        """Whether nothing may be signed, since nobody has said yet that this folder is the newest."""
        return self._held_at is not None

    def release(self) -> None:
        """Somebody has said so. :meth:`recover`, by the writer, takes up the rest and makes the guard."""
        self._released = True
        self._held_at = None

    def close(self) -> None:
        """Publish nothing any more, not even a cosignature that comes late: another process may go on from here."""
        with self._lock:
            is_whole, self._behind = not self._behind, True
        self._await_snapshot()
        if is_whole and not self.is_held and self.state.size - self._kept >= LEAST:
            self._keep_snapshot()
            self._await_snapshot()
        self.eraser.close()
        self.store.close()

    # ---- writing

    def commit(
        self,
        entries: Sequence[CheckedSubmission],
        at: int,
        *,
        key: str,
        registry: str,
        erased: Sequence[tuple[int, str]] = (),
    ) -> Batch:
        """Append ``entries`` and their seal, signed with ``key`` (hex), and publish. Returns when all is on disk.

        ``registry`` is the genesis id, ``erased`` names sections (entry, section) that go in the same transaction.
        After an exception it is not known whether the batch was kept; :meth:`recover` finds out.
        """
        first = self.state.size
        size = first + len(entries)
        if self._held_at is not None:
            raise LogError("nothing is signed before somebody has said that this folder is the newest")
        if first == 0:
            self._know(entries[0].leaf)
        with self._lock:
            self._behind = True
            staged = self.state.stage(first, [entry.touches for entry in entries], at)
            try:
                seal, seal_id = self._seal(first, size, at, key, registry)
                leaves = [*(entry.leaf for entry in entries), seal]
                hashes = b"".join([*(entry.leaf_hash for entry in entries), leaf_hash(seal)])
                batch = Batch(
                    first=first,
                    size=size,
                    at=at,
                    leaves=b"".join(leaves),
                    lengths=pack_lengths(leaves),
                    hashes=hashes,
                    ids=b"".join([*(entry.id for entry in entries), seal_id]),
                    touches=staged.touches,
                    subjects=staged.subjects,
                    digests=b"".join(digest for entry in entries for digest in entry.digests),
                    keys=b"".join(key for entry in entries for key in entry.keys),
                    tree=self.state.nodes.root_with(hashes),
                    index=self.state.index.root(),
                )
                disclosures = [
                    (index, name, text)
                    for index, entry in enumerate(entries, first)
                    for name, text in entry.disclosures.items()
                ]
                self.store.append(batch, disclosures, erased)
                if erased:
                    self.eraser.erased()
            except BaseException:
                self.state.unstage(staged)
                raise
            self._take(batch, staged)
            self._last_seal = hashes[-32:], seal
            self.advance()
            self._behind = False
            if self.follower is not None:
                self.follower.grew(size + 1, list(staged.undo))
            if is_due(size, self._kept):
                self._keep_snapshot()
        return batch

    def recover(self) -> None:
        """Take up whatever the database holds beyond what memory and the published checkpoint show."""
        with self._lock:
            self._behind = True
            for batch in self._batches(self.state.size):
                self._take(batch, None)
            self._look()
            self.advance()
            self._behind = self._released = False
            if is_due(self.state.size, self._kept):
                self._keep_snapshot()
            if self.follower is not None:
                self.follower.restarted()

    def _take(self, batch: Batch, staged: Staged | None) -> None:
        """Take a batch that is in the database, and note how it is taken out of the index for readers."""
        undone, self._unpublished = self._unpublished, None  # it is not known, should this fail
        undo = self.state.apply(batch, staged)
        self._unpublished = None if undone is None else [*undone, undo]

    @property
    def is_behind(self) -> bool:
        """Whether :meth:`recover` has to run before the next write: one failed half-way, or the log was held."""
        return self._behind or self._released

    def advance(self) -> None:
        """Steps 2 to 5 of the module's comment, from wherever they stand."""
        size = self.state.size
        signed = self._signed
        if signed is None or signed.checkpoint.size < size:
            signed = self._signed = self._sign(size)
        elif not self.is_held and self._guard is not None:
            self._move_guard(signed)
        self._tiles.write(size)
        self._publish(signed)
        self._unpublished = []

    def _look(self) -> None:
        """Read what was signed and published, and see that this database is the log that all of it is about."""
        self._signed = self._read_signed()
        self._shown = self._read_shown()
        self._guarded = self._guard.read() if self._guard is not None else None
        self._check_not_forked(self._signed.checkpoint, "was signed")
        if self._shown is not None:
            self._check_not_forked(self._shown.checkpoint, "was published")
        if self._guarded is not None:
            self._check_guard(self._guarded)
        self._key_of(parse_envelope(self.leaf(self.state.size - 1)).signatures)

    def retire(self) -> int:
        """Have the guard say that nothing is signed here any more; the size at which that is. Raises OSError."""
        assert self._guard is not None and self._signed is not None and not self.is_held
        self._guard.swap(self._guarded, Guarded(registry=self.genesis, note=self._signed.note, retired=True))
        self._behind = True
        return self._signed.checkpoint.size

    def _read_signed(self) -> Published:
        signed = self.publication.read_signed()
        if signed is None:
            raise LogError(
                f"{self.publication.signed_place} is missing, so nobody can tell what this log signed last: this is a "
                f"backup, or was damaged. 'registry recover {self.root} --from URL' asks guard, witnesses and mirrors."
            )
        return signed

    def _read_shown(self) -> Published | None:
        """The published checkpoint; one that cannot be read is made anew from the signed one."""
        try:
            return self.publication.read_shown()
        except LogError as error:
            _log.warning("%s It is made anew.", error)
            return None

    def _check_guard(self, guarded: Guarded) -> None:
        assert self._guard is not None
        checkpoint, path = guarded.checkpoint, self._guard.path
        if guarded.registry != self.genesis:
            raise LogError(f"the guard {path} is that of another registry, {guarded.registry}: give each its own")
        if guarded.retired:
            raise LogError(
                f"this registry was retired here, at size {checkpoint.size}, says the guard {path}, and goes on "
                f"elsewhere. If it came back for good, run 'registry recover {self.root} --from' where it was served."
            )
        self._check_not_forked(checkpoint, f"was signed, says the guard {path}")
        self._guard.made()

    def _move_guard(self, signed: Published) -> None:
        """Have the guard hold what is signed, if it does not yet."""
        assert self._guard is not None
        known = self._guarded
        new = Guarded(registry=self.genesis, note=signed.note)
        if known is None or known.checkpoint.size < signed.checkpoint.size:
            there = "made" if known is None else f"moved forward from size {known.checkpoint.size}"
            _log.warning("the guard %s was %s, to size %d", self._guard.path, there, signed.checkpoint.size)
            self._guard.swap(known, new)
            self._guarded = new

    def _sign(self, size: int) -> Published:
        """Sign the tree of ``size`` and put it in the old one's place. A crash leaves the one or the other.

        Should a power cut leave the old one, the database holds the tree that was signed, and it is signed again.
        """
        key = self._key_of(parse_envelope(self.leaf(size - 1)).signatures)
        checkpoint = Checkpoint(origin=self.origin, size=size, root=self.state.nodes.root(size))
        text = format_checkpoint(checkpoint)
        published = Published(checkpoint=checkpoint, note=self.keys.note(self.origin, text, key))
        self.publication.expect_signed(self._signed)
        if self._guard is not None:
            new = Guarded(registry=self.genesis, note=published.note)
            self._guard.swap(self._guarded, new)
            self._guarded = new
        self.publication.swap_signed(self._signed, published)
        return published

    def _publish(self, signed: Published) -> None:
        shown = self._shown
        if shown is None or shown.checkpoint != signed.checkpoint:  # else it may carry cosignatures by now
            shown = signed
            self.publication.show(signed)
        self._shown = self._published = shown

    def add_cosignatures(self, size: int, signatures: Iterable[NoteSignature]) -> bool:
        """Publish the checkpoint with further signature lines, if it is still the one of ``size``.

        A line takes the place of an earlier one by the same key.
        """
        with self._lock:
            shown = self.published
            if self._behind or shown.checkpoint.size != size:
                return False
            note = parse_note(shown.note)
            lines = {(line.name, line.key_id): line for line in (*note.signatures, *signatures)}
            text = format_note(note.text, lines.values())
            shown = Published(checkpoint=shown.checkpoint, note=text)
            self.publication.show(shown)
            self._shown = self._published = shown
            return True

    def _check_not_forked(self, checkpoint: Checkpoint, what: str) -> None:
        size = self.state.size
        if checkpoint.size > size:
            raise LogError(
                f"the database ends at size {size}, but a checkpoint of size {checkpoint.size} {what}: a backup was "
                f"restored that is older. Going on would fork the log. Restore a newer copy, or run 'registry recover "
                f"{self.root} --from' a mirror or another source that has the entries up to {checkpoint.size}."
            )
        if checkpoint.origin != self.origin or checkpoint.root != self.state.nodes.root(checkpoint.size):
            raise LogError(
                f"the database holds another tree of size {checkpoint.size} than the one that {what}: it is not this "
                f"log's database, or it was changed. Going on would fork the log."
            )

    def _key_of(self, signatures: Sequence[Signature]) -> private_keys.SigningKey:
        """The log key in force: the one that signed the last seal."""
        return self.keys.in_force(signatures, self.root / "keys")

    def _seal(self, first: int, size: int, at: int, key: str, registry: str) -> tuple[bytes, bytes]:
        """The seal's leaf and its statement id."""
        members = {
            "at": format_instant(at),
            "first": first,
            "index": format_b64(self.state.index.root()),
            "size": size,
            "type": "seal",
        }
        payload = statement_bytes(members, registry)
        return sign_leaf(payload, self.keys.held[key]), sha256(payload).digest()


def _in_folder(root: Path, *, create: bool) -> Store:
    try:
        return SqliteStore(root / DATABASE, create=create)
    except Damaged as error:
        raise LogError(f"{root / DATABASE}: {error}. Nothing was changed: restore a copy.") from None
