"""What is signed and shown, in a bucket: the one thing that stands outside a database and its standbys.

The signed checkpoint, the published one and the one that met the quorum are each swapped for the object that this
process put or read last (``If-Match``), so of two sequencers one alone gets on, wherever the other is and however long
it was stopped. Tiles are created once and never replaced. A mirror or an auditor reads ``checkpoint`` and ``tile/`` as
it reads any log's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Never

from registry.log.bucket import Bucket, Taken
from registry.log.log_error import LogError
from registry.log.publication import QUORUM_CHECKPOINT, SIGNED_CHECKPOINT, Published, parse_published
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, Tile

_NOTE = "text/plain; charset=utf-8"


class BucketPublication:
    """In ``bucket`` (:class:`registry.log.publication.Publication`).

    ``announce`` is called when something else is shown, ``on_taken`` when another sequencer has got on: this process is
    none any more.
    """

    is_fence = True

    def __init__(
        self,
        bucket: Bucket,
        announce: Callable[[], None] = lambda: None,
        on_taken: Callable[[str], None] = lambda why: None,
    ) -> None:
        self._bucket = bucket
        self._announce = announce
        self._on_taken = on_taken
        self._tags: dict[str, str | None] = {}

    def close(self) -> None:
        self._bucket.close()

    @property
    def signed_place(self) -> str:
        return f"{self._bucket.url}/{SIGNED_CHECKPOINT}"

    def read_signed(self) -> Published | None:
        return self._read(SIGNED_CHECKPOINT)

    def expect_signed(self, known: Published | None) -> None:
        pass  # the swap says so by itself

    def swap_signed(self, known: Published | None, new: Published) -> None:
        self._swap(SIGNED_CHECKPOINT, new)

    def read_shown(self) -> Published | None:
        return self._read(CHECKPOINT_PATH)

    def show(self, shown: Published) -> None:
        self._swap(CHECKPOINT_PATH, shown)
        self._announce()

    def read_quorum(self) -> Published | None:
        return self._read(QUORUM_CHECKPOINT)

    def keep_quorum(self, published: Published) -> None:
        self._swap(QUORUM_CHECKPOINT, published)
        self._announce()

    def _read(self, name: str) -> Published | None:
        stored = self._bucket.get(name)
        self._tags[name] = stored.tag if stored is not None else None
        return parse_published(stored.data, f"{self._bucket.url}/{name}") if stored is not None else None

    def _swap(self, name: str, new: Published) -> None:
        """In the place of what this process read or put there last."""
        tag, data = self._tags.get(name), new.note.encode()
        try:
            done = self._bucket.create(name, data, _NOTE) if tag is None else self._bucket.swap(name, tag, data, _NOTE)
        except Taken:
            self._taken(f"{self._bucket.url}/{name} was moved by another process: another sequencer goes on")
        self._tags[name] = done

    def _taken(self, why: str) -> Never:
        self._on_taken(why)
        raise LogError(why)

    # ---- tiles

    def whole_until(self, size: int) -> int:
        shown = self.read_shown()  # it was put after all of its tiles
        return shown.checkpoint.size if shown is not None else 0

    def put(self, tiles: Sequence[tuple[Tile, bytes]]) -> None:
        self._bucket.each(self._put, tiles)
        for tile, _ in tiles:
            if tile.width == WIDTH:
                self._bucket.delete(list(self._bucket.names(f"{tile.path}.p/")))

    def _put(self, one: tuple[Tile, bytes]) -> None:
        tile, data = one
        try:
            self._bucket.create(tile.path, data)
        except Taken:
            self._taken(f"{self._bucket.url}/{tile.path} holds another tree: another log is published there")

    def make_durable(self, tiles: Sequence[Tile]) -> None:
        pass  # what a bucket has taken is
