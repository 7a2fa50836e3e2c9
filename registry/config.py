"""A registry's folder: made once by :func:`create`, read by :func:`load`.

    registry.db          the log and the disclosed sections (SQLite)
    signed-checkpoint    the last checkpoint that was signed: never restore an older one
    quorum-checkpoint    the newest checkpoint that met the quorum, with the cosignatures that readers were shown
    settings.json        what its operator chose: where the guard stands, whom else to ask (registry.settings)
    keys/log.key         signs seals and checkpoints; its name in the log is the origin
    keys/registrar.key   vouches for parties
    trust.policy         what a reader puts trust in: this log's key and its witnesses (C2SP tlog-policy)
    public/              the checkpoint and the tiles, to be served as they are
    lock                 held by the one process that writes

A registry on several machines has its log in a database and its publication in a bucket (registry.log.shared): of the
above there are then only keys, policy, settings and lock, and on front ends that are never sequencer no log.key.

Outside of it stands the guard (registry.log.guard), which says what was signed last even if the folder goes back.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from registry.intake.checks import CheckedSubmission, checked
from registry.log.durable import FOLDER_MODE, PRIVATE_MODE, PUBLIC_MODE, replace_file, sync
from registry.log.guard import Guard, default_path
from registry.log.log import Log
from registry.log.log_error import LogError
from registry.log.log_keys import LogKeys
from registry.log.own_statements import sign_leaf, statement_bytes
from registry.log.publication import DATABASE, PUBLIC, FolderPublication, Publication
from registry.log.sqlite_store import SqliteStore
from registry.log.store import Store
from registry.settings import NO_GUARD, Settings, changing, read_settings, write_settings
from registry.tables.sqlite_tables import SqliteTables
from registry.tables.tables import Tables
from verifier.base import private_keys
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant
from verifier.log.note import Verifier as LogKey
from verifier.log.note import is_name
from verifier.log.trust import AUDITOR_SUFFIX, Group, Policy, TrustedLog, Witness, parse_policy
from verifier.log.writing import Signer, format_policy
from verifier.programs.http import parse_url
from verifier.programs.keys import read_key, write_key
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement

if TYPE_CHECKING:
    from registry.log.followed_log import FollowedLog
    from registry.log.lease import Lease
    from registry.log.queue import Queue
    from registry.log.shared import SharedLog

KEYS, LOG_KEY, REGISTRAR_KEY = "keys", "log.key", "registrar.key"
POLICY, LOCK = "trust.policy", "lock"
RULES = 2
"""The rule set of this version."""

_log = logging.getLogger(__name__)

Clock = Callable[[], int]
"""The time in POSIX seconds."""


class ConfigError(KembarError):
    """A registry's folder cannot be made or read."""


def clock() -> int:
    """The machine's time, in whole seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A registry's folder as it was read. ``origin`` is the log's name: its schema-less URL prefix.

    For this once: ``trusted``: its operator vouches that the folder is the newest that there is of this log; ``asked``
    are addresses that are asked for its checkpoint, as mirrors are; ``served`` are those at which it is served on this
    machine.
    """

    root: Path
    origin: str
    log_keys: tuple[private_keys.SigningKey, ...]
    settings: Settings = field(default_factory=Settings)
    trusted: bool = False
    asked: tuple[str, ...] = ()
    served: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """The trust policy that the registry hands out."""
        return _read_policy(self.root / POLICY)

    def registrar_key(self) -> private_keys.SigningKey:
        """The registrar key that was made with the registry."""
        return read_key(self.root / KEYS / REGISTRAR_KEY).open()

    def open_log(self, lease: Lease | None = None) -> Log:
        """The log, taken up where it stands; one that machines share by the holder of its ``lease``.

        Raises :class:`registry.log.log.LogError` if it cannot go on.
        """
        beside = (one.key.hex() for one in self.policy.log(self.origin))
        keys = LogKeys(self.log_keys, lambda: read_log_keys(self.root), beside)
        if not self.settings.is_shared:
            return Log(self.root, self.origin, keys, guard=self.guard, trusted=self.trusted)
        if lease is None:
            raise LogError(f"{self.root} is of a registry on several machines: only its sequencer writes")
        shared = self.shared()
        store = shared.open_store(lease)
        try:
            publication = shared.publication(store, lease)
            return Log(self.root, self.origin, keys, store=store, publication=publication)
        except BaseException:
            store.close()
            raise

    def shared(self) -> SharedLog:
        """The database and the bucket of a log that machines share. Raises :class:`ConfigError`."""
        return _shared(self.root, self.settings)

    def follow_log(self) -> FollowedLog:
        """A log that machines share, as it is published. Raises :class:`registry.log.log.LogError`."""
        return self.shared().follow(self.root, self.origin)

    def queue(self, lease: Lease | None = None) -> Queue:
        """The queue of the same."""
        return self.shared().queue(lease)

    def tables(self, part: str, *, erasing: bool) -> Tables:
        """What is kept beside the log of one ``part``: in a file, ``erasing`` what goes, or of all front ends together.

        Raises :class:`registry.log.log_error.LogError`.
        """
        if not self.settings.is_shared:
            return SqliteTables(self.root / f"{part}.db", erasing=erasing)
        shared = self.shared()
        from registry.tables.postgresql_tables import PostgresTables

        return PostgresTables(shared.store, part, shared.bucket(), shared.key())

    def secret(self, purpose: str) -> bytes:
        """32 bytes for one purpose: those of all front ends, or of this process alone."""
        return self.shared().secret(purpose) if self.settings.is_shared else private_keys.random_bytes(32)

    @property
    def public(self) -> str:
        """Where the checkpoint and the tiles are (:class:`registry.log_files.LogFiles`)."""
        return self.settings.publish or str(self.root / PUBLIC)

    def publication(self) -> Publication:
        """What is signed and shown, to be read."""
        return self.shared().read_publication() if self.settings.is_shared else FolderPublication(self.root)

    def open_store(self, *, readonly: bool = True) -> Store:
        """The log's rows, to be read, or by a command that no sequencer runs beside."""
        if self.settings.is_shared:
            return self.shared().open_store()
        return SqliteStore(self.root / DATABASE, readonly=readonly)

    def guard(self, genesis: str) -> Guard | None:
        """The guard that the settings name; None where they want none. ``genesis`` is the registry's id."""
        if not self.settings.is_guarded:
            return None
        path = default_path(genesis) if self.settings.guard is None else Path(self.settings.guard)
        is_made = self.settings.guard_made and not self.trusted

        def made() -> None:  # of the settings as they are then: they may have changed since they were read
            with changing(self.root):
                write_settings(self.root, replace(read_settings(self.root), guard=str(path), guard_made=True))

        return Guard(path, is_made=is_made, on_made=made)


def create(
    root: Path,
    origin: str,
    *,
    profile: str = "open",
    now: Clock = clock,
    log_key: private_keys.SigningKey | None = None,
    registrar_key: private_keys.SigningKey | None = None,
    url: str | None = None,
    witnesses: Sequence[tuple[LogKey, str]] = (),
    quorum: int | None = None,
    guard: str | None = None,
    store: str = "",
    publish: str = "",
    single: bool = False,
) -> Config:
    """Make a registry in ``root``, which must not exist or be empty: keys, genesis and its seal, policy, checkpoint.

    ``store`` and ``publish`` are the addresses of an empty database and an empty bucket, for several machines;
    ``single`` vouches for a database without a standby.

    ``url`` is where the log will be served, ``witnesses`` are keys with the URLs that they are asked at; they and
    ``quorum`` are as :func:`trust_policy` says. ``guard`` is the path of its guard, "none" for none; left out it stands
    in the user's state folder.

    All of it is made beside ``root`` and renamed, so that a crash leaves either nothing of that name or a registry.
    """
    if not is_name(origin) or not origin.isascii() or "/" in (origin[0], origin[-1]) or "://" in origin:
        raise ConfigError("the origin is the log's address without https://, such as registry.example/log", "origin")
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise ConfigError(f"{root} exists and is not empty: a registry is made in a new folder")
    if bool(store) != bool(publish):
        raise ConfigError("a database and a bucket go together: give both --store and --publish, or neither")
    if store and guard is not None:
        raise ConfigError("the bucket is the guard of a registry on several machines: leave --guard out")
    settings = Settings(urls=() if url is None else (url,)).with_guard(guard)
    settings = replace(settings, store=store, publish=publish, single=single)
    if settings.guard not in (None, NO_GUARD) and Path(str(settings.guard)).exists():
        raise ConfigError(f"{settings.guard} exists: a new registry's guard is a new file", "guard")
    root.parent.mkdir(parents=True, exist_ok=True)
    making = root.with_name(f".{root.name}.{os.getpid()}.new")
    making.mkdir(mode=0o700)
    try:
        log_key = log_key or private_keys.SigningKey(private_keys.random_bytes(private_keys.SEED_SIZE))
        registrar_key = registrar_key or private_keys.SigningKey(private_keys.random_bytes(private_keys.SEED_SIZE))
        (making / KEYS).mkdir(mode=0o700)
        write_key(making / KEYS / LOG_KEY, log_key, None)  # open: the registry starts without anybody at a keyboard
        write_key(making / KEYS / REGISTRAR_KEY, registrar_key, None)
        vkey = Signer(origin, log_key).verifier
        policy = trust_policy(TrustedLog(verifier=vkey, url=url), witnesses, quorum)
        replace_file(making / POLICY, format_policy(policy).encode(), durable=True, mode=PUBLIC_MODE)
        (making / LOCK).touch(PRIVATE_MODE)
        at = now()
        genesis = _genesis(vkey, registrar_key.public.hex(), profile, at, log_key)
        write_settings(making, settings)
        made = Config(root=making, origin=origin, log_keys=(log_key,), settings=settings)
        log = _made_log(made, log_key)
        try:
            log.commit([genesis], at, key=log_key.public.hex(), registry=genesis.statement.id)
        finally:
            log.close()
        making.chmod(FOLDER_MODE)  # so that a web server may reach what is public
        sync(making / KEYS)
        sync(making)
        os.replace(making, root)  # replaces an empty folder; fails if somebody was faster
        sync(root.parent)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return load(root)


def trust_policy(log: TrustedLog, witnesses: Sequence[tuple[LogKey, str]], quorum: int | None = None) -> Policy:
    """A policy for a log and its witnesses, each a key and a URL.

    The quorum is ``quorum`` of them all. Left out it is more than half of the witnesses and more than half of the
    auditors, so that whatever meets it was audited where there is an auditor. Without witnesses there is none.
    """
    kinds: dict[str, list[Witness]] = {"witness": [], "auditor": []}
    for verifier, url in witnesses:
        kind = "auditor" if verifier.name.endswith(AUDITOR_SUFFIX) else "witness"
        number = len(kinds[kind]) + 1
        kinds[kind].append(Witness(name=f"{kind}{number}", verifier=verifier, url=url))
    return policy_of((log,), (*kinds["witness"], *kinds["auditor"]), quorum)


def policy_of(logs: Sequence[TrustedLog], witnesses: Sequence[Witness], quorum: int | None = None) -> Policy:
    """The same of witnesses that have their names already; ``logs`` are the keys of one log."""
    auditors = [one.name for one in witnesses if one.verifier.name.endswith(AUDITOR_SUFFIX)]
    others = [one.name for one in witnesses if one.name not in auditors]
    everybody = (*others, *auditors)
    if quorum is not None and not 1 <= quorum <= len(everybody):
        raise ConfigError(f"the quorum is from 1 to the number of witnesses, {len(everybody)}", "quorum")
    groups: list[Group] = []
    if quorum is not None:
        groups.append(Group(name="quorum", threshold=quorum, members=everybody))
    else:
        for plural, members in (("witnesses", others), ("auditors", auditors)):
            if members:
                groups.append(Group(name=f"most-{plural}", threshold=len(members) // 2 + 1, members=tuple(members)))
        if len(groups) > 1:
            groups.append(Group(name="both", threshold=len(groups), members=tuple(one.name for one in groups)))
    policy = Policy(
        logs=tuple(logs), witnesses=tuple(witnesses), groups=tuple(groups), quorum=groups[-1].name if groups else None
    )
    return parse_policy(format_policy(policy))  # which refuses keys that come twice, and too many


def load(root: Path, *, trusted: bool = False, asked: Sequence[str] = (), served: Sequence[str] = ()) -> Config:
    """Read a registry's folder."""
    if not (root / POLICY).exists() and not (root / KEYS).exists():
        raise ConfigError(f"{root} is not a registry's folder: make one with 'registry init'")
    log_keys = read_log_keys(root)
    settings = read_settings(root)
    if not log_keys and not settings.is_shared:
        raise ConfigError("the log's key is missing: put its copy back", str(root / KEYS / LOG_KEY))
    policy = _read_policy(root / POLICY)
    names = {log.verifier.name for log in policy.logs}
    if len(names) != 1:
        raise ConfigError(f"{POLICY} must name one log, this registry's", str(root / POLICY))
    return Config(
        root=root,
        origin=names.pop(),
        log_keys=log_keys,
        settings=settings,
        trusted=trusted,
        asked=tuple(asked),
        served=tuple(served),
    )


def read_log_keys(root: Path) -> tuple[private_keys.SigningKey, ...]:
    """The log keys in a registry's folder, of all times."""
    registrar = root / KEYS / REGISTRAR_KEY
    return tuple(read_key(path).open() for path in sorted((root / KEYS).glob("*.key")) if path != registrar)


def write_policy(root: Path, policy: Policy) -> None:
    """Put a trust policy in the place of the one that is there; a registry that runs takes it up by itself."""
    replace_file(root / POLICY, format_policy(policy).encode(), durable=True, mode=PUBLIC_MODE)


def change_settings(
    root: Path,
    *,
    guard: str | None = None,
    mirrors: Sequence[str] = (),
    disregarded: Sequence[str] = (),
    urls: Sequence[str] = (),
    sign_url: str | None = None,
    trusted: bool = False,
    store: str | None = None,
    publish: str | None = None,
    single: bool | None = None,
) -> None:
    """Keep what the operator has chosen now: a guard elsewhere, further mirrors, further witnesses to disregard, and
    in the place of the public URLs that there are, others. So of the page that holds keys, and of the addresses of a
    database and a bucket.

    A guard that was made, and is to stand elsewhere now, must be there still and agree with the folder: else a new one
    would be a way around it. Unless the folder is ``trusted``.
    """
    old = read_settings(root)
    new = replace(
        old if guard is None else old.with_guard(guard),
        mirrors=tuple(dict.fromkeys((*old.mirrors, *mirrors))),
        disregarded=tuple(dict.fromkeys((*old.disregarded, *disregarded))),
        urls=tuple(dict.fromkeys(urls)) or old.urls,
        sign_url=old.sign_url if sign_url is None else sign_url,
        store=store or old.store,
        publish=publish or old.publish,
        single=old.single if single is None else single,
    )
    _check_addresses(new)
    if new.is_shared and not old.is_shared:
        raise ConfigError(f"the log of {root} is in {DATABASE}: a registry in a database is made so by 'registry init'")
    if new == old:
        return
    lock = Lock(root)
    try:
        if new.guard != old.guard and old.guard_made:
            load(root, trusted=trusted).open_log().close()
        if disregarded:
            _log.warning("%s: the bare word of these witnesses stops nothing: %s", root, ", ".join(new.disregarded))
        write_settings(root, new)
    finally:
        lock.release()


def change_addresses(root: Path, change: Callable[[Settings], Settings]) -> Settings:
    """Keep other public URLs, or another address of the page that holds keys: also while the registry is served, which
    takes them up by itself (:class:`registry.addresses.Addresses`)."""
    with changing(root):
        new = change(read_settings(root))
        _check_addresses(new)
        write_settings(root, new)
    return new


def _check_addresses(settings: Settings) -> None:
    if settings.sign_url and parse_url(settings.sign_url).origin in {parse_url(url).origin for url in settings.urls}:
        raise ConfigError("the page that holds keys is alone on an origin of its own, not the registry's", "--sign-url")


def load_folder(root: Path) -> Config:
    """The same of a registry whose log is in its folder. Raises :class:`ConfigError` for one that machines share."""
    config = load(root)
    if config.settings.is_shared:
        raise ConfigError(f"the log of {root} is in a database and a bucket: back up and move those (docs/scale.md)")
    return config


def refuse_open_keys(root: Path) -> None:
    """Raises :class:`ConfigError` if anybody but its owner may read a private key of the registry in ``root``."""
    for path in sorted((root / KEYS).glob("*.key")):
        if path.stat().st_mode & 0o077:
            raise ConfigError(f"others than its owner can read or write this key: chmod 600 {path}", str(path))


def _read_policy(path: Path) -> Policy:
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None
    except KembarError as error:
        raise ConfigError(f"is not a trust policy: {error}", str(path)) from None


class Lock:
    """The right to write to a registry's folder, which one process has at a time; it ends with the process."""

    def __init__(self, root: Path) -> None:
        self._descriptor = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise LogError(f"another process is writing to {root}: a log has one writer") from None

    def note(self, address: str) -> None:
        """Write into it where this process is asked: for commands that have to ask it."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, address.encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def served_at(root: Path) -> str | None:
    """The address on this machine of the process that serves ``root``; None if no process has the lock.

    Empty where one has it that is not asked over HTTP, as a repair.
    """
    try:
        Lock(root).release()
    except LogError:
        return (root / LOCK).read_text(encoding="utf-8", errors="replace")
    return None


def _made_log(made: Config, log_key: private_keys.SigningKey) -> Log:
    """An empty log, where ``made`` says."""
    if not made.settings.is_shared:
        return Log(made.root, made.origin, [log_key], guard=made.guard, create=True)
    shared = made.shared()
    shared.make()
    store = shared.open_store()
    return Log(made.root, made.origin, [log_key], create=True, store=store, publication=shared.publication(store))


def _shared(root: Path, settings: Settings) -> SharedLog:
    try:
        from registry.log.shared import SharedLog
    except ImportError as error:
        raise ConfigError(f"{error.name} is missing: pip install 'kembar[registry,postgresql]'") from None
    return SharedLog(keys=root / KEYS, store=settings.store, publish=settings.publish, is_single=settings.single)


def _genesis(vkey: LogKey, registrar: str, profile: str, at: int, key: private_keys.SigningKey) -> CheckedSubmission:
    members = {
        "at": format_instant(at),
        "log": str(vkey),
        "origin": vkey.name,
        "profile": profile,
        "registrars": [registrar],
        "rules": RULES,
        "type": "genesis",
    }
    payload = statement_bytes(members, None)
    return checked(parse_envelope(sign_leaf(payload, key)), parse_statement(payload), {})
