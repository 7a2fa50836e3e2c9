"""What a service hands out: entries as they lie, and the log at one checkpoint with the proofs of some lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from registry.log.log_reader import LogReader
from registry.log.publication import Published
from registry.log.published_log import SubjectProof
from registry.log.record import LogRecord
from registry.sequencer import Outcome
from registry.witnesses.quorum_view import CosignedView
from verifier.base.canonical import Json
from verifier.index.shown import Absence, Presence
from verifier.rules.model.record import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An entry as it lies in the log. ``proof`` is its log proof; ``disclosures`` are for those entitled to them."""

    entry: Entry
    leaf: bytes
    proof: str
    disclosures: Mapping[str, str]
    erased: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A submission that was taken; what becomes of it is not known yet. ``id`` is its statement's."""

    id: str


Taken = Submitted | Outcome


class Quorum(Protocol):
    """What witnesses have cosigned (:class:`registry.witnesses.rounds.Cosigning`)."""

    view: CosignedView | None

    def cosigned(self, size: int, patience: float) -> Published | None: ...

    def report(self) -> list[Json]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvedLists:
    """The lists that were chosen, all at ``published``: of each its rows, and the proof that it is complete."""

    published: Published
    wanted: Sequence[str]
    proofs: Sequence[tuple[Sequence[int], Presence | Absence]]


class Snapshot:
    """The log at one published checkpoint, for building evidence (:class:`verifier.evidence.build.LogView`).

    Only the lists that it was made with can be proved, in it and at any time later; the log may go on meanwhile.
    """

    def __init__(
        self, log: LogReader, record: LogRecord, published: Published, lists: Mapping[str, SubjectProof]
    ) -> None:
        self.record = record
        self.published = published
        self.lists = lists
        self._log = log

    @property
    def size(self) -> int:
        """The number of leaves; the last is a seal."""
        return self.published.checkpoint.size

    @property
    def checkpoint(self) -> str:
        """The signed note, verbatim."""
        return self.published.note

    def leaf(self, index: int) -> bytes:
        if not 0 <= index < self.size:
            raise ValueError(f"there is no entry {index} at size {self.size}")
        return self._log.leaf(index)

    def inclusion(self, index: int) -> Sequence[bytes]:
        return self._log.inclusion(index, self.size)

    def rows(self, subject: str) -> Sequence[tuple[int, int]]:
        return self.lists[subject].rows

    def index_proof(self, subject: str) -> Presence | Absence:
        return self.lists[subject].proof

    def disclosures(self, index: int) -> Mapping[str, str]:
        return self._log.disclosures(index)
