"""A log that several machines share: where its rows, its private sections and its publication are.

What every machine needs of its folder beside the policy: the settings that name the two addresses, and the key of the
private sections. Only those machines that may be sequencer have the log's key.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from registry.log.bucket import Bucket
from registry.log.bucket_publication import BucketPublication
from registry.log.bucket_sections import BucketSections, refuse_versions
from registry.log.damage import Damaged
from registry.log.followed_log import FollowedLog
from registry.log.lease import Lease, check_durable
from registry.log.log_error import LogError
from registry.log.postgresql import connect, telling
from registry.log.postgresql_store import PostgresStore, make_schema
from registry.log.publication import SIGNED_CHECKPOINT
from registry.log.queue import Queue
from verifier.base import private_keys

SECTIONS_KEY = "sections.secret"
KEY_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLog:
    """``store`` is the database's address, ``publish`` the bucket's; ``keys`` the folder with the sections' key.

    ``is_single``: the operator vouches that the database is one, without a standby.
    """

    keys: Path
    store: str
    publish: str
    is_single: bool = False

    def make(self) -> None:
        """Make the tables and the sections' key of a new registry, and see that database and bucket are fit."""
        bucket = Bucket(self.publish)
        try:
            check_bucket(bucket)
            if bucket.get(SIGNED_CHECKPOINT) is not None:
                raise LogError(f"{self.publish} is a registry's bucket already: a new one has its own")
        finally:
            bucket.close()
        conn = connect(self.store)
        try:
            with telling(self.store):
                check_durable(conn, self.store, single=self.is_single)
        finally:
            conn.close()
        make_schema(self.store)
        descriptor = os.open(self.keys / SECTIONS_KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(f"{private_keys.random_bytes(KEY_SIZE).hex()}\n")
            file.flush()
            os.fsync(file.fileno())

    def is_made(self) -> bool:
        """Whether the tables of a registry are in the database, and the sections' key is here."""
        conn = connect(self.store)
        try:
            with telling(self.store):
                has_tables = conn.execute("SELECT to_regclass('batches')").fetchone() != (None,)
        finally:
            conn.close()
        return has_tables and (self.keys / SECTIONS_KEY).exists()

    def sections(self) -> BucketSections:
        """The private sections."""
        return BucketSections(Bucket(self.publish), self.key())

    def open_store(self, lease: Lease | None = None) -> PostgresStore:
        """The rows; to write as sequencer, with its ``lease``."""
        if lease is None:
            return PostgresStore(self.store, self.sections())
        return PostgresStore(
            self.store, self.sections(), writer=lease.conn, epoch=lease.epoch, writing=lease.writing, lost=lease.lose
        )

    def publication(self, store: PostgresStore, lease: Lease | None = None) -> BucketPublication:
        """What is signed and shown; with a ``lease`` by the sequencer, whose bucket is tried first."""
        bucket = Bucket(self.publish)
        if lease is None:
            return BucketPublication(bucket, store.announce)
        check_bucket(bucket)
        return BucketPublication(bucket, store.announce, lease.lose)

    def queue(self, lease: Lease | None = None) -> Queue:
        """What waits for the sequencer; for it with its ``lease``."""
        return Queue(self.store, Bucket(self.publish), self.key(), lease)

    def bucket(self) -> Bucket:
        """The objects."""
        return Bucket(self.publish)

    def secret(self, purpose: str) -> bytes:
        """32 bytes that all machines have and nobody else, for one purpose."""
        return hmac.digest(self.key(), purpose.encode(), "sha256")

    def read_publication(self) -> BucketPublication:
        """What is signed and shown, for whoever only looks."""
        return BucketPublication(Bucket(self.publish))

    def follow(self, root: Path, origin: str) -> FollowedLog:
        """The log as it is published. Raises :class:`LogError`."""
        store = self.open_store()
        try:
            return FollowedLog(root, origin, store, self.read_publication(), store.edition, store.heard)
        except Damaged as error:
            raise LogError(f"{self.store}: {error}") from None

    def key(self) -> bytes:
        """The key of the private sections and of the words beside the log."""
        path = self.keys / SECTIONS_KEY
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            key = b""
        if len(key) != KEY_SIZE:
            raise LogError(f"the key of the private sections is missing: copy {path} from another of its machines")
        return key


def check_bucket(bucket: Bucket) -> None:
    """Whether a log may rest on it. Raises :class:`~registry.log.bucket.BucketError`."""
    bucket.prove_conditions()
    refuse_versions(bucket)
