"""The index that readers are shown, to be had in parts (protocol, section 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from registry.log.publication import Published
from registry.log.published_log import PublishedLog
from registry.problems import Problem
from registry.snapshot import Quorum
from verifier.index.prefixes import MOST, IndexPart, bits_for
from verifier.index.tree import IndexTree


class IndexView:
    """For any number of threads."""

    def __init__(self, log: PublishedLog, quorum: Callable[[], Quorum]) -> None:
        self._log = log
        self._quorum = quorum

    def bits(self) -> int:
        """How many bits of a key a part is asked for by."""
        with self._held() as (_, index):
            return bits_for(len(index))

    def part(self, bits: int, number: int) -> tuple[Published, IndexPart] | Problem:
        """All that the index has under a prefix of so many bits, and the checkpoint as of which it has it."""
        with self._held() as (published, index):
            now = bits_for(len(index))
            if bits != now:
                detail = f"a part of the index is asked for by {now} bits now"
                return Problem(code="question_malformed", detail=detail, where="bits")
            part = index.prove_prefix(bits, number, MOST)
        if part is None:
            return Problem(code="prefix_crowded", detail=f"more than {MOST:,} subjects begin with this prefix")
        return published, part

    @contextmanager
    def _held(self) -> Iterator[tuple[Published, IndexTree]]:
        """The index, held still, and the checkpoint that it is of: the newest that has met its quorum, if one has."""
        cosigning = self._quorum()
        if cosigning.view is not None and cosigning.cosigned(0, 0) is not None:
            with cosigning.view.holding() as cosigned:
                if cosigned is not None:
                    yield cosigned, cosigning.view.held_index
                    return
        with self._log.reading() as published:
            yield published, self._log.state.index
