"""Taking a registry up again from a backup: what was signed after it was made is fetched, checked, and gone on from.

First everybody is asked what this log has signed: the guard, the folder itself, witnesses, auditors, mirrors, and the
sources that are named. The largest checkpoint that its own key has signed is where the log has to go on. Missing
entries come from mirrors, as C2SP tiles: hashes first, until the root is that of a signed checkpoint; then every entry
is compared with its hash, and every batch with its seal. Only when all of what was signed is here, in one tree, are
signed checkpoint and guard written, and the registry may be served.

Mirrors hold no private sections. What is missing is listed; whoever submits a statement again brings its sections back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from registry.config import Config, ConfigError, Lock, load, load_folder
from registry.desk.desk_backup import empty_desk
from registry.gate import CONTRADICTION, open_own, own_verifiers, read_contradiction
from registry.intake.checks import CheckedSubmission, checked
from registry.log.columns import derive
from registry.log.damage import Damaged
from registry.log.durable import replace_file, sync
from registry.log.guard import Guarded
from registry.log.image import LogImage
from registry.log.log_error import LogError
from registry.log.log_reader import LogReader
from registry.log.publication import DATABASE, PUBLIC, SIGNED_CHECKPOINT, FolderPublication, parse_published
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store
from registry.log.tiles import TileWriter
from registry.log_files import LogFiles
from registry.settings import read_settings, write_settings
from registry.witnesses.asking import ask, everybody
from verifier.base.errors import KembarError
from verifier.log.checkpoint import Checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.note import Verifier, parse_note
from verifier.log.tiles import CHECKPOINT_PATH
from verifier.log.trust import Policy
from verifier.log.writing import format_note
from verifier.programs.http import HttpError
from verifier.statements.envelope import parse_envelope
from verifier.statements.leaf import parse_leaf
from verifier.statements.types import Erasure, Seal

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody has seen this checkpoint of the log, signed by its own key."""

    who: str
    checkpoint: Checkpoint
    note: bytes
    address: str = ""
    """Where its entries are, if they are anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """The log goes on at ``size``; so many ``entries`` were fetched, and so many sections ``erased`` by them.

    ``sections`` (entry, its id, section) are those of fetched entries, which nobody has; ``silent`` did not answer.
    """

    size: int
    entries: int
    erased: int
    sections: tuple[tuple[int, str, str], ...]
    silent: tuple[str, ...]


def recover(root: Path, sources: Sequence[str], *, trusted: bool = False, say: Say = lambda line: None) -> Recovered:
    """Take up the registry in ``root`` with what ``sources`` (URLs, folders) hold.

    ``trusted``: its operator vouches that nobody else has seen more, whoever does not answer. Raises
    :class:`~registry.log.log_error.LogError` where the log cannot go on, and says what to do.
    """
    settings = load(root, trusted=trusted)
    lock = Lock(root)
    try:
        if empty_desk(root):
            say("what waited at the desk is erased, for this folder may be older than what was done since")
        store = SqliteStore(root / DATABASE, create=not (root / DATABASE).exists())
        try:
            return Recovery(settings, store, say).run(sources)
        finally:
            store.close()
    finally:
        lock.release()


class Recovery(LogReader):
    """One run. ``state`` is the log as far as it is here."""

    def __init__(self, settings: Config, store: Store, say: Say) -> None:
        self._settings = settings
        self._root = settings.root
        self.store = store
        self._say = say
        self._verifiers = own_verifiers(settings.origin, settings.log_keys, settings.policy.log(settings.origin))
        self._seen: list[Seen] = []
        self._silent: list[str] = []
        self._answered: set[str] = set()
        self._sections: list[tuple[int, str, str]] = []
        self._erased = 0
        self.state = LogImage()
        self.state.load(store.batches(leaves=False))

    def run(self, sources: Sequence[str]) -> Recovered:
        """Ask, fetch, check, and only then have the folder say that it goes on."""
        before = self.state.size
        self._ask_folder()
        self._ask_others(sources)
        is_guarded = self._ask_guard()
        self._check_asked(is_guarded, sources)
        if not self._seen:
            raise LogError("nobody shows a checkpoint that this log's key has signed: name a source with --from")
        target = max(self._seen, key=lambda one: one.checkpoint.size)
        for source in sorted(self._seen, key=lambda one: -one.checkpoint.size):
            if source.address and source.checkpoint.size > self.state.size:
                self._fetch(source)
        if self.state.size < target.checkpoint.size:
            raise LogError(
                f"{target.who} has seen {target.checkpoint.size} entries signed, and here and at the sources are "
                f"{self.state.size}: name another source with --from, such as an auditor's mirror. Without the missing "
                f"entries the log can never go on. What was fetched stays."
            )
        for one in self._seen:
            self._check(one)
        self._finish(target)
        return Recovered(
            size=target.checkpoint.size,
            entries=self.state.size - before,
            erased=self._erased,
            sections=tuple(self._sections),
            silent=tuple(self._silent),
        )

    # ---- asking

    def _ask_folder(self) -> None:
        for name in (SIGNED_CHECKPOINT, f"{PUBLIC}/{CHECKPOINT_PATH}"):
            if (self._root / name).exists():
                self._add(name, (self._root / name).read_bytes())
        contradiction = read_contradiction(self._root)
        if contradiction is not None:
            self._add(CONTRADICTION, contradiction)

    def _ask_others(self, sources: Sequence[str]) -> None:
        settings = self._settings
        asked = everybody(settings.origin, settings.policy, (*settings.settings.mirrors, *settings.asked, *sources))
        for one in asked:
            try:
                note = ask(one.address)
            except (OSError, HttpError, KembarError) as error:
                self._silent.append(one.name)
                self._say(f"{one.name} does not answer: {error}")
                continue
            if note is None and one.is_mirror:
                self._silent.append(one.name)
                self._say(f"{one.name} has no checkpoint")
                continue
            self._answered.add(one.name)
            if note is None or not self._add(one.name, note, one.address if one.is_mirror else ""):
                self._say(f"{one.name} knows no checkpoint of this log")

    def _ask_guard(self) -> bool:
        """Whether the guard says what was signed last; one that went with the disk says nothing."""
        genesis = self._genesis()
        guard = None if genesis is None else self._settings.guard(genesis)
        if guard is None:
            return False
        try:
            found = guard.read()
        except LogError as error:
            self._say(str(error))
            return False
        if found is None or found.registry != genesis:
            return False
        self._add(f"the guard {guard.path}", found.note.encode())
        return not found.retired

    def _genesis(self) -> str | None:
        if not self.state.size:
            return None
        return sha256(parse_envelope(self.store.read_leaves(0, 0, self.state.lengths[0])).payload).hexdigest()

    def _add(self, who: str, note: bytes, address: str = "") -> bool:
        checkpoint = open_own(note, self._verifiers)
        if checkpoint is None or checkpoint.origin != self._settings.origin:
            return False
        self._say(f"{who} has seen {checkpoint.size} entries")
        self._seen.append(Seen(who=who, checkpoint=checkpoint, note=note, address=address))
        return True

    def _check_asked(self, is_guarded: bool, sources: Sequence[str]) -> None:
        """An outage is never taken for a no: without a guard enough of the others must have answered."""
        if is_guarded or self._settings.trusted:
            return
        policy = self._settings.policy
        witnesses = [one for one in policy.witnesses if one.url is not None]
        if witnesses:
            is_enough = _is_quorum(policy, {one.verifier for one in witnesses if one.name in self._answered})
            whom = "a quorum of the witnesses"
        else:
            is_enough = bool({*sources, *self._settings.settings.mirrors} & self._answered)
            whom = "any mirror or source"
        if not is_enough:
            raise LogError(
                f"there is no guard, and {whom} has not answered (silent: {', '.join(self._silent) or 'nobody'}), so "
                f"nobody can tell what this log signed last. Try again when they do, or vouch for it yourself with "
                f"--trust-this-folder."
            )

    def _check(self, one: Seen) -> None:
        if one.checkpoint.size and one.checkpoint.root != self.state.nodes.root(one.checkpoint.size):
            raise LogError(
                f"{one.who} shows another tree of {one.checkpoint.size} entries, signed by this log's key: it has "
                f"signed a fork, and can never go on. Keep everything; begin a new log, and tell its readers why."
            )

    # ---- fetching

    def _fetch(self, source: Seen) -> None:
        """Take over what the source has beyond what is here, if all of it is what its checkpoint signs."""
        start, end = self.state.size, source.checkpoint.size
        self._say(f"fetching entries {start} to {end - 1} from {source.who}")
        files = LogFiles(source.address)
        nodes = deepcopy(self.state.nodes)
        nodes.extend(b"".join(files.hashes(start, end)))
        if nodes.root(end) != source.checkpoint.root:
            local = "" if not start else " or what is here is not its beginning (a backup of another log?)"
            raise LogError(f"{source.who} does not serve the tree that its checkpoint of {end} entries signs{local}")
        leaves: list[bytes] = []
        for index, leaf in enumerate(files.entries(start, end), start):
            if leaf_hash(leaf) != nodes.read(0, index):
                raise LogError(f"{source.who} serves another entry {index} than the one that was logged")
            leaves.append(leaf)
            seal = _entry(leaf)
            if isinstance(seal.statement, Seal):
                self._append(leaves, seal.statement, index)
                leaves = []

    def _append(self, leaves: Sequence[bytes], seal: Seal, at: int) -> None:
        """One batch, with all that is derived from its leaves."""
        first = self.state.size
        try:
            batch, staged, covered = derive(self.state, leaves)
        except Damaged as error:
            raise LogError(f"what was fetched is no batch: {error}") from None
        if (seal.first, seal.size) != (first, at) or seal.index != batch.index:
            raise LogError(f"the seal at {at} is not that of the entries before it: this log's own seals are wrong")
        erased = self._erasures(covered, first)
        self.store.append(batch, (), erased)
        self.state.apply(batch, staged)
        self._erased += len(erased)
        for index, entry in enumerate(covered, first):
            self._sections += [(index, entry.id.hex(), name) for name in sorted(entry.statement.sections)]
        gone = set(erased)
        self._sections = [one for one in self._sections if (one[0], one[2]) not in gone]

    def _erasures(self, entries: Sequence[CheckedSubmission], first: int) -> list[tuple[int, str]]:
        """What these entries erase: of earlier batches, and of their own."""
        own = {entry.id: index for index, entry in enumerate(entries, first)}
        found = []
        for entry in entries:
            if isinstance(entry.statement, Erasure):
                of = bytes.fromhex(entry.statement.of)
                place = self.state.ids.get(of)
                index = own.get(of) if place is None else place
                if index is not None:
                    found += [(index, name) for name in entry.statement.erased]
        return found

    # ---- finishing

    def _finish(self, target: Seen) -> None:
        """From here on the folder may be signed on: guard and signed checkpoint hold what was signed last."""
        parsed = parse_note(target.note)
        own = {(one.name, one.key_id) for one in self._verifiers}
        note = format_note(parsed.text, [line for line in parsed.signatures if (line.name, line.key_id) in own])
        genesis = self._genesis()
        assert genesis is not None
        guard = self._settings.guard(genesis)
        if guard is not None:
            guard.replace(Guarded(registry=genesis, note=note))
        (self._root / PUBLIC / CHECKPOINT_PATH).unlink(missing_ok=True)  # so that all tiles are written anew
        replace_file(self._root / SIGNED_CHECKPOINT, note.encode(), durable=True)
        (self._root / CONTRADICTION).unlink(missing_ok=True)
        sync(self._root)
        # What is served as it is follows; a crash before its end leaves that to the next start.
        publication = FolderPublication(self._root)
        TileWriter(publication, self.state.nodes, self.leaves).write(target.checkpoint.size)
        publication.show(parse_published(note.encode(), CHECKPOINT_PATH))


def _entry(leaf: bytes) -> CheckedSubmission:
    try:
        read = parse_leaf(leaf)
        return checked(read.envelope, read.statement, {})
    except KembarError as error:
        raise LogError(f"an entry that was logged cannot be read: {error}") from None


def _is_quorum(policy: Policy, answered: set[Verifier]) -> bool:
    if policy.quorum is not None:
        return policy.satisfied(answered)
    return 2 * len(answered) > sum(one.url is not None for one in policy.witnesses)


def retire(root: Path) -> int:
    """Have the guard say that the registry in ``root`` is not signed on here any more; returns the size it ends at.

    A copy of the folder on another machine is then a registry whose guard was not made yet.
    """
    settings = load_folder(root)
    if not settings.settings.is_guarded:
        raise ConfigError("this registry has no guard, so nothing would stop it here: delete the folder instead")
    lock = Lock(root)
    try:
        return retire_open(settings)
    finally:
        lock.release()


def retire_open(settings: Config) -> int:
    """The same by whoever has the folder's lock."""
    log = settings.open_log()
    try:
        if log.is_held:
            raise LogError("nobody has said yet that this folder is the newest: serve it until its witnesses have")
        size = log.retire()
    finally:
        log.close()
    write_settings(settings.root, replace(read_settings(settings.root), guard_made=False))
    return size

