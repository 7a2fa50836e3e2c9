"""Sources to watch: a world's log as a registry would answer for it, honest or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.audited_logs import publish
from tests.support.memory_log import MemoryLog
from tests.support.world import World
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import format_b64
from verifier.evidence.build import list_json, show_list
from verifier.log.tiles import HEIGHT, WIDTH, format_entries, parse_tile_path


class WorldSource:
    """What a registry serves of a world's log, made when it is asked for. ``lists`` False: a mirror of plain files."""

    name = "the world"
    is_remote = False

    def __init__(self, world: World, *, lists: bool = True) -> None:
        self.world = world
        self.lists = lists
        self.asked: list[str] = []
        self.changes: dict[str, Callable[[bytes], bytes | None]] = {}
        """By the beginning of a path: what is done to what is answered."""

    def get(self, path: str, limit: int) -> bytes | None:
        self.asked.append(path)
        data = self._get(path)
        for start, change in self.changes.items():
            if data is not None and path.startswith(start):
                data = change(data)
        return data

    def _get(self, path: str) -> bytes | None:
        if path == "checkpoint":
            return self.world.checkpoint().encode()
        if path.startswith("subjects/"):
            return canonical.encode(answer_of(self.world, path.removeprefix("subjects/"))) if self.lists else None
        log, tile = self.world.log, parse_tile_path(path)
        start = tile.index * WIDTH
        if start + tile.width > log.size >> HEIGHT * (tile.level or 0):
            return None
        if tile.level is None:
            return format_entries(log.leaves[start : start + tile.width])
        return b"".join(log.read_node(tile.level * HEIGHT, start + place) for place in range(tile.width))


def values(data: bytes) -> list[Mapping[str, Any]]:
    """Lines of canonical JSON."""
    return [canonical.parse(line, limit=1 << 27) for line in data.splitlines()]


__all__ = ["WorldSource", "publish", "values"]


def answer_of(world: World, subject: str, **checkpoint: Any) -> dict[str, Json]:
    """What a registry answers to ``GET /subjects/<subject>``."""
    log: MemoryLog = world.log
    last = log.size - 1
    seal = {
        "index": last,
        "leaf": canonical.parse(log.leaf(last), limit=1 << 16),
        "proof": [format_b64(one) for one in log.inclusion(last)],
    }
    shown = show_list(subject, tuple(log.rows(subject)), log.index_proof(subject))
    return {**list_json(shown), "checkpoint": world.checkpoint(**checkpoint), "seal": seal}
