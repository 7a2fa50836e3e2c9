"""Logs in folders: what a world has logged, as the files that a registry publishes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.memory_log import MemoryLog
from tests.support.world import Actor, Logged, World
from verifier.log.tiles import HEIGHT, WIDTH, Tile, format_entries, tiles_for_size
from verifier.log.trust import parse_policy
from verifier.programs.audit.replayer import AuditReport, Replayer
from verifier.programs.source import open_source
from verifier.replay.findings import Finding


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_tiles(log: MemoryLog, root: Path) -> None:
    """All tiles and entry bundles of the log as it is now."""
    for tile in tiles_for_size(log.size):
        assert tile.level is not None
        start = tile.index * WIDTH
        hashes = [log.read_node(tile.level * HEIGHT, start + place) for place in range(tile.width)]
        put(root / tile.path, b"".join(hashes))
        if tile.level == 0:
            leaves = log.leaves[start : start + tile.width]
            put(root / Tile(level=None, index=tile.index, width=tile.width).path, format_entries(leaves))


def publish(world: World, root: Path, **checkpoint: Any) -> Path:
    """The log as files, with its checkpoint; returns the folder."""
    write_tiles(world.log, root)
    put(root / "checkpoint", world.checkpoint(**checkpoint).encode())
    return root


def run(world: World, source: Path | str, store: Path, **options: Any) -> tuple[AuditReport, list[Finding]]:
    """One run of an audit at the world's clock: its report, and every finding that there is."""
    policy = parse_policy(options.pop("policy", None) or world.policy())
    with Replayer(store, policy, clock=lambda: world.now, **options) as replayer:
        report = replayer.advance(open_source(str(source)))
        return report, [*replayer.store.findings(), *report.now]


def said(found: Sequence[Finding]) -> list[tuple[int, str]]:
    """Index and code of findings."""
    return [(one.index, one.code) for one in found]


def story(world: World) -> tuple[Logged, Actor, Actor]:
    """Everybody up to a consent: (the consent, the model, the licensee)."""
    anna = world.party("anna", roles=["model"])
    brand = world.party("brand", roles=["licensee"])
    consent = world.consent(model=anna, licensee=brand)
    return consent, anna, brand


def grow(world: World, count: int, *, batch: int = 10, wrong: int = 0) -> None:
    """So many usages in batches; every ``wrong``-th has a signature that does not verify."""
    consent = next(made for made in world.entries.values() if made.statement.type == "consent"
                   and getattr(made.statement, "act") == "use")  # noqa: B009
    for start in range(0, count, batch):
        with world.batch():
            for number in range(start, min(count, start + batch)):
                name = f"file {world.log.size}"
                world.usage(consent, assets=[name], wrong_signatures=bool(wrong) and number % wrong == wrong - 1)
        world.advance("1m")
