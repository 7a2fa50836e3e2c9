"""Private sections in a bucket: ``sections/<statement id>/<name>``, each encrypted with the registry's own key.

What is put there is what the statement's header commits to, so one who comes late can never put another text. An
erased section leaves an empty object in its place: since objects are only created, never replaced, the text cannot come
back, not even from a process that was stopped for an hour in the middle of putting it. The bucket keeps no versions.
"""

from __future__ import annotations

from registry.log.bucket import Bucket, BucketError, Taken
from registry.log.damage import Damaged
from registry.log.store import StoreRefused
from verifier.base import private_keys

FOLDER = "sections"


class BucketSections:
    """The sections under ``sections/`` of a bucket; ``key`` has 32 bytes. For any thread."""

    def __init__(self, bucket: Bucket, key: bytes) -> None:
        self._bucket = bucket
        self._key = key

    def close(self) -> None:
        self._bucket.close()

    def put(self, sections: list[tuple[bytes, str, str]]) -> None:
        """Statement id, section and text of each. Raises :class:`StoreRefused` for one that was erased or differs."""
        self._bucket.each(self._put, sections)

    def get(self, wanted: list[tuple[bytes, str]]) -> list[str | None]:
        """The texts, in order; None where one was erased or never came. Raises :class:`Damaged`."""
        return self._bucket.each(self._get, wanted)

    def erase(self, gone: list[tuple[bytes, str]]) -> None:
        """Put nothing in the place of these texts, for good; also where none came yet."""
        self._bucket.each(lambda one: self._bucket.overwrite(_name(*one), b""), gone)

    def _put(self, section: tuple[bytes, str, str]) -> None:
        id, name, text = section
        try:
            self._bucket.create(_name(id, name), private_keys.lock(self._key, text.encode()))
        except Taken:  # the same text has another nonce each time
            if self._get((id, name)) != text:
                raise StoreRefused(f"section {name} of {id.hex()} is added once") from None

    def _get(self, wanted: tuple[bytes, str]) -> str | None:
        stored = self._bucket.get(_name(*wanted))
        if stored is None or not stored.data:
            return None
        text = private_keys.unlock(self._key, stored.data)
        if text is None:
            raise Damaged(f"section {wanted[1]} of {wanted[0].hex()} is not what was put into the bucket")
        return text.decode()


def refuse_versions(bucket: Bucket) -> None:
    """Raises :class:`BucketError` where the bucket keeps old versions, for nothing would ever be erased there."""
    if bucket.keeps_versions():
        raise BucketError(f"{bucket.url} keeps old versions, so nothing is ever erased there: switch versioning off")


def _name(id: bytes, name: str) -> str:
    return f"{FOLDER}/{id.hex()}/{name}"
