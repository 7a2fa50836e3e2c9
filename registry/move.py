"""``registry move``: a registry in a folder goes over to a database and a bucket, whole, and ends in the folder.

All of it is copied first: batches, private sections, erasures, and what lies beside the log. Only then does the guard
say that the folder has ended, and the bucket, which is the guard from now on, what was signed last. Whatever is
interrupted is taken up by doing it again; up to the guard's word the folder may be served on as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from registry.config import Config, ConfigError, Lock, load
from registry.desk.address_store import AddressStore
from registry.desk.calendar_store import CalendarStore
from registry.desk.contact_store import ContactStore
from registry.desk.desk_store import DeskStore
from registry.desk.option_store import OptionStore
from registry.enrolling.invitations import make_invitations
from registry.enrolling.locker_store import LockerStore
from registry.log.durable import sync
from registry.log.image import LogImage
from registry.log.log_error import LogError
from registry.log.postgresql_store import PostgresStore
from registry.log.publication import (
    DATABASE,
    PUBLIC,
    QUORUM_CHECKPOINT,
    SIGNED_CHECKPOINT,
    FolderPublication,
    Published,
)
from registry.log.shared import SharedLog
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store
from registry.readers.reader_store import ReaderStore
from registry.recover import retire_open
from registry.recover_shared import take_now
from registry.settings import write_settings
from registry.tables.tables import Tables

LEFT = "before-the-move"
"""The folder in which lies what nobody reads any more."""
TOGETHER = 50
"""Rows beside the log that are copied in one transaction."""
LARGE = {"pictures"}
"""Tables whose rows are copied one by one: each may be 8 MiB."""

Say = Callable[[str], None]

PARTS: dict[str, Sequence[Callable[[Tables], object]]] = {
    "readers": (ReaderStore,),
    "desk": (DeskStore, OptionStore, AddressStore, CalendarStore, ContactStore),
    "enrolling": (LockerStore, make_invitations),
}
"""What lies beside the log: the parts, and what makes the tables of each."""
HIDDEN = {
    "addresses": ("address",), "drafts": ("text",), "invitations": ("text",), "lockers": ("blob",),
    "marks": ("signature", "reason"), "options": ("about",), "pictures": ("data",),
}  # fmt: skip
"""The columns of words that go without a trace."""
UNMOVED = {"claims"}
"""Tables about processes that have ended."""


def move(root: Path, store: str, publish: str, *, single: bool = False, say: Say = lambda line: None) -> int:
    """Have the registry in ``root`` go on in the database ``store`` and the bucket ``publish``; its size.

    Nothing serves it meanwhile. Raises :class:`~registry.config.ConfigError` and
    :class:`~registry.log.log_error.LogError`.
    """
    lock = Lock(root)
    try:
        config = load(root)
        if not config.settings.is_shared:
            shared = replace(config.settings, store=store, publish=publish, single=single)
            _go_over(config, replace(config, settings=shared), say)
        elif (config.settings.store, config.settings.publish) != (store, publish):
            raise ConfigError(f"the log of {root} is in {config.settings.publish} already")
        _put_away(root)
        with closing(load(root).open_store()) as moved:
            return moved.size()
    finally:
        lock.release()


def _go_over(old: Config, new: Config, say: Say) -> None:
    has_ended = _has_ended(old)
    if not has_ended:
        with closing(old.open_log()) as log:  # which ends what a crash left half done, and refuses an older folder
            if log.is_held:
                raise LogError("nobody has said yet that this folder is the newest: serve it until its witnesses have")
    shared = new.shared()
    with closing(SqliteStore(old.root / DATABASE, readonly=True)) as source:
        _make(shared, source)
        with closing(take_now(shared)) as lease:
            with closing(shared.open_store(lease)) as target:
                image = _copy_log(source, target, say)
                for part, makers in PARTS.items():
                    _copy_part(old, new, part, makers)
                if not has_ended and old.settings.is_guarded:
                    retire_open(old)
                signed = FolderPublication(old.root).read_signed()
                assert signed is not None  # without it the log was not opened
                _put_signed(shared, target, signed, image)
            new.open_log(lease).close()  # as the sequencer begins: tiles, then the checkpoint
            with closing(shared.open_store(lease)) as target:
                _keep_quorum(old, shared, target)
    write_settings(old.root, new.settings)


def _has_ended(config: Config) -> bool:
    """Whether an attempt before this came as far as the guard's word."""
    with closing(SqliteStore(config.root / DATABASE, readonly=True)) as store:
        guard = config.guard(next(store.batches(leaves=False)).ids[:32].hex())
        found = None if guard is None else guard.read()
        return found is not None and found.retired and not config.settings.guard_made


def _make(shared: SharedLog, source: Store) -> None:
    """Tables and key, unless an attempt before this has made them for this very log."""
    if not shared.is_made():
        shared.make()
        return
    with closing(shared.open_store()) as target:
        theirs, ours = next(target.batches(leaves=False), None), next(source.batches(leaves=False))
        if theirs is not None and theirs.hashes != ours.hashes:
            raise LogError(f"{shared.publish} and its database are another registry's: a new one has its own")


def _copy_log(source: Store, target: PostgresStore, say: Say) -> LogImage:
    """All batches with their sections, as far as they are not there."""
    image = LogImage()
    image.load(source.batches(leaves=False))
    start, root = target.size(), b""
    for batch in target.batches(leaves=False):
        root = batch.tree
    gone = source.all_erased()
    behind = {place for place in gone if place[0] < start} - target.all_erased()
    if start > image.size or (start and image.nodes.root(start) != root) or behind:
        raise LogError(
            "the folder has gone another way since an attempt before this: give an empty database and an empty bucket"
        )
    there = {place[:2] for place in target.disclosures_between(0, start)}
    late = [one for one in source.disclosures_between(0, start) if one[:2] not in there]
    target.add_disclosures(late)
    for batch in source.batches(start):
        end = batch.size + 1
        erased = sorted(place for place in gone if batch.first <= place[0] < end)
        target.append(batch, source.disclosures_between(batch.first, end), erased)
        say(f"{end} of {image.size} entries are in the database")
    target.eraser().close()  # so that no text comes to where one was erased
    return image


def _copy_part(old: Config, new: Config, part: str, makers: Sequence[Callable[[Tables], object]]) -> None:
    """What lies beside the log, in the place of what an attempt before this has brought."""
    if not (old.root / f"{part}.db").exists():
        return
    erasing = part != "readers"
    with closing(old.tables(part, erasing=erasing)) as source, closing(new.tables(part, erasing=erasing)) as target:
        for make in makers:
            make(source)
            make(target)
        names = [name for (name,) in source.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        moved = [name for name in names if name not in UNMOVED]
        with target.transaction():
            for table in reversed(moved):
                for column in HIDDEN.get(table, ()):
                    target.drop([held for (held,) in target.rows(f"SELECT {column} FROM {table}")])
                target.change(f"DELETE FROM {table}")
        for table in moved:
            _copy_table(source, target, table)


def _copy_table(source: Tables, target: Tables, table: str) -> None:
    names = [row[1] for row in source.rows(f"PRAGMA table_info({table})")]
    hidden = [names.index(column) for column in HIDDEN.get(table, ())]
    query = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    together, start = 1 if table in LARGE else TOGETHER, 0
    while rows := source.rows(f"SELECT * FROM {table} LIMIT ? OFFSET ?", together, start):
        start += len(rows)
        with target.transaction():
            for row in map(list, rows):
                for at in hidden:
                    row[at] = target.hide(row[at])
                target.change(query, *row)


def _put_signed(shared: SharedLog, target: PostgresStore, signed: Published, image: LogImage) -> None:
    """The bucket is the fence from now on."""
    publication = shared.publication(target)
    with closing(publication):
        known = publication.read_signed()
        if known is not None:
            size, root = known.checkpoint.size, known.checkpoint.root
            if size > image.size or image.nodes.root(size) != root:
                raise LogError(f"{publication.signed_place} is of another log, or of more than this folder holds")
        if known is None or known.note != signed.note:
            publication.swap_signed(known, signed)


def _keep_quorum(old: Config, shared: SharedLog, target: PostgresStore) -> None:
    kept = FolderPublication(old.root).read_quorum()
    if kept is not None:
        with closing(shared.publication(target)) as publication:
            publication.read_quorum()
            publication.keep_quorum(kept)


def _put_away(root: Path) -> None:
    """What the folder held lies where nobody takes it for a registry, until its operator deletes it."""
    left = root / LEFT
    left.mkdir(mode=0o700, exist_ok=True)
    files = [root / DATABASE, root / SIGNED_CHECKPOINT, root / QUORUM_CHECKPOINT, root / PUBLIC]
    files += [root / f"{part}.db" for part in PARTS]
    for path in files:
        for one in (path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))):
            if one.exists():
                one.rename(left / one.name)
    sync(left)
    sync(root)
