"""What a registry shows, look by look: files, a checkpoint, evidence, and log proofs that somebody keeps."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.audited_logs import put, write_tiles
from tests.support.memory_log import MemoryLog
from tests.support.world import Logged, World
from verifier.log.checkpoint import Checkpoint, parse_checkpoint
from verifier.log.log_proof import LogProof
from verifier.log.note import parse_note


@dataclass(kw_only=True)
class View:
    """The registry at one look: its log as it was then, the checkpoint without cosignatures, and the time.

    ``evidence`` answers what a reader asks then. ``kept`` is what a party has of an entry of hers: the log's proof and
    the leaf. ``cosigned``: whether the registry has its checkpoint cosigned, as it should.
    """

    world: World
    note: str
    now: int
    evidence: bytes
    kept: list[tuple[LogProof, bytes]] = field(default_factory=list)
    cosigned: bool = True

    @property
    def log(self) -> MemoryLog:
        return self.world.log

    @property
    def tree(self) -> Checkpoint:
        return parse_checkpoint(parse_note(self.note).text)

    def publish(self, folder: Path, note: str) -> Path:
        """The log as files."""
        write_tiles(self.log, folder)
        put(folder / "checkpoint", note.encode())
        return folder


@dataclass(kw_only=True)
class Show:
    """One registry under one name and key, and its looks in order. Readers ask ``later`` seconds after the last.

    ``watched``: the subjects that a party keeps an eye on.
    """

    origin: World
    watched: tuple[str, ...]
    views: list[View] = field(default_factory=list)
    later: int = 0

    def look(self, world: World, about: Any, *, kept: Logged | None = None, **options: Any) -> View:
        """Add a look at ``world`` as it is now, with evidence ``about`` something."""
        note = world.checkpoint(cosigners=[], **options)
        then = copy.copy(world)
        then.log = copy.deepcopy(world.log)
        view = View(world=then, note=note, now=world.now, evidence=world.evidence(about, checkpoint=note))
        if kept is not None:
            proof = LogProof(index=kept.index, proof=tuple(world.log.inclusion(kept.index)), checkpoint=note)
            view.kept.append((proof, kept.leaf))
        self.views.append(view)
        return view
