"""A registry's log that all of these tests read, and the Go programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from registry.service import Service
from tests.support.interop_clients import Go, build_go
from tests.support.served import Served
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.note import parse_note
from verifier.log.tiles import WIDTH


@dataclass(kw_only=True)
class OurLog:
    """A registry of more than one tile's width. ``notes`` holds each checkpoint that it published, by size."""

    served: Served
    notes: dict[int, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        return self.served.service

    @property
    def public(self) -> Path:
        """The folder that is served as the log's URL."""
        return self.served.root / "public"

    @property
    def key(self) -> str:
        return str(self.service.config.policy.logs[0].verifier)

    @property
    def size(self) -> int:
        return self.service.published.checkpoint.size

    @property
    def sizes(self) -> list[int]:
        """Of the earlier checkpoints, and of trees that had none."""
        return sorted({*self.notes, 1, 2, 3, 64, WIDTH - 1, WIDTH, WIDTH + 1} - {self.size})

    def root(self, size: int) -> bytes:
        return parse_checkpoint(parse_note(self.notes[size]).text).root

    @property
    def leaves(self) -> list[bytes]:
        found = [self.service.leaf(index) for index in range(self.size)]
        return [leaf for leaf in found if leaf is not None]

    def publish(self) -> None:
        self.notes[self.size] = self.service.checkpoint()


def grow(folder: Path) -> OurLog:
    """A consent and all that it stands on, then two large batches: 256 entries are passed in the second."""
    log = OurLog(served=Served(folder))
    log.publish()
    _, story = log.served.story()
    for made in story:
        log.served.accept(made)
        log.publish()
    for batch in range(2):
        log.served.accept(*(log.served.world.party(f"{batch}-{number}", roles=["licensee"]) for number in range(150)))
        log.publish()
    return log


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OurLog]:
    made = grow(tmp_path_factory.mktemp("interop") / "registry")
    yield made
    made.service.close()


@pytest.fixture(scope="session")
def go(tmp_path_factory: pytest.TempPathFactory) -> Go:
    return Go(build_go(tmp_path_factory.mktemp("go")))
