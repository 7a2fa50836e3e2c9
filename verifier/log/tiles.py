"""Tiles (C2SP tlog-tiles): a log as static files of 256 hashes, and of 256 entries, each.

The tile at level L and index N holds, for i = 0 to 255, the root over the 256^L leaves from (256 N + i) * 256^L on. The
last tile of a level may be *partial*, of width 1 to 255; its path says how wide. Entry bundles are numbered like the
tiles of level 0 and hold the entries themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from verifier.base.errors import Malformed
from verifier.base.values import value
from verifier.log.hashing import HASH_SIZE, node_hash
from verifier.log.proofs import MAX_SIZE
from verifier.log.provers import ReadNode

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_ENTRY_SIZE = 65_535

CHECKPOINT_PATH = "checkpoint"


@value
class Tile:
    """One tile, or the entry bundle beside a tile of level 0 if ``level`` is None."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is served, under the log's URL prefix."""
        if self.level is None:
            return entries_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """``tile/0/x001/x234/067.p/8``; ``width`` below 256 for a partial tile."""
    return f"tile/{level}/{_format_index(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """``tile/entries/x001/x234/067.p/8``."""
    return f"tile/entries/{_format_index(index, width)}"


def _format_index(index: int, width: int) -> str:
    if index < 0 or not 1 <= width <= WIDTH:
        raise ValueError(f"there is no tile {index} of width {width}")
    text = f"{index % 1000:03d}"
    while index := index // 1000:
        text = f"x{index % 1000:03d}/{text}"
    return text if width == WIDTH else f"{text}.p/{width}"


_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z", re.ASCII
)


def parse_tile_path(path: str) -> Tile:
    """The tile or entry bundle at a path. Raises :class:`Malformed` for every other spelling, and for tiles that no
    tree of at most 2^63 - 1 leaves has.
    """
    match = _PATH.match(path)
    if not match:
        raise Malformed("not the path of a tile or an entry bundle")
    kind, above, last, width_text = match.groups()
    index = int(above.replace("x", "").replace("/", "") + last)
    width = WIDTH if width_text is None else int(width_text)
    level = None if kind == "entries" else int(kind)
    if width_text is not None and width >= WIDTH:
        raise Malformed(f"a partial tile is at most {WIDTH - 1} wide")
    tile = Tile(level=level, index=index, width=width)
    if tile.path != path:
        raise Malformed("the tile's number is not padded to the shortest spelling")
    if index * WIDTH + width > MAX_SIZE >> HEIGHT * (level or 0):
        raise Malformed("no log is large enough to have this tile")
    return tile


def new_tiles(old_size: int, size: int) -> Iterator[Tile]:
    """The hash tiles, by level and index, that a log of ``size`` leaves has and did not have at ``old_size``.

    The entry bundles that are new have the index and width of the tiles of level 0 among them.
    """
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise ValueError(f"a log of size {size} cannot have grown from size {old_size}")
    level = 0
    while size:
        if size > old_size:
            for index in range(old_size // WIDTH, size // WIDTH):
                yield Tile(level=level, index=index)
            if size % WIDTH:
                yield Tile(level=level, index=size // WIDTH, width=size % WIDTH)
        level += 1
        old_size //= WIDTH
        size //= WIDTH


def tiles_for_size(size: int) -> Iterator[Tile]:
    """All hash tiles of a log of ``size`` leaves."""
    return new_tiles(0, size)


def node_from_tiles(size: int, read_tile: Callable[[Tile], bytes]) -> ReadNode:
    """A ``read_node`` for the provers in ``proofs``, over the tiles of a log of ``size`` leaves.

    ``read_tile`` returns a tile's bytes. They are not authenticated: check what is proved with them against the root.
    Raises :class:`Malformed` for a tile of the wrong length.
    """

    def read_node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        start = index << height  # the first hash of that tile level that the node covers
        there = size >> HEIGHT * tile_level  # hashes on that level
        if start < 0 or start + (1 << height) > there:
            raise ValueError(f"a log of size {size} has no complete subtree {index} of level {level}")
        number, offset = divmod(start, WIDTH)
        data = read_tile(Tile(level=tile_level, index=number, width=min(WIDTH, there - number * WIDTH)))
        row = parse_hashes(data, min(WIDTH, there - number * WIDTH))[offset : offset + (1 << height)]
        while len(row) > 1:
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
        return row[0]

    return read_node


def parse_hashes(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile of this width."""
    if len(data) != width * HASH_SIZE:
        raise Malformed(f"a tile of width {width} has {width * HASH_SIZE} bytes, not {len(data)}")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def parse_entries(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle: each after its length in two bytes, big-endian."""
    entries: list[bytes] = []
    at = 0
    while len(entries) < width:
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise Malformed("the bundle ends within an entry", f"entries[{len(entries)}]")
        entries.append(data[start:at])
    if at != len(data):
        raise Malformed(f"{len(data) - at} bytes after the {width} entries of the bundle")
    return entries


def format_entries(entries: Sequence[bytes]) -> bytes:
    """The bundle that :func:`parse_entries` reads."""
    if not 1 <= len(entries) <= WIDTH or any(len(entry) > MAX_ENTRY_SIZE for entry in entries):
        raise ValueError(f"a bundle holds 1 to {WIDTH} entries of at most {MAX_ENTRY_SIZE} bytes each")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
