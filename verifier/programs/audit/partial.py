"""What the signatures of a range of leaves are worth, in a file: the part of an audit that many machines can share.

Checking signatures is most of an audit's work, and whether a leaf's are good is told by its bytes alone. So a partial
is a list of facts about leaves, in log order. The merge is the whole audit, which looks these up instead of checking:
of a leaf that has another hash, or is in no partial, it checks the signatures itself. Its result cannot depend on how
the log was split. A partial is believed like the machine that made it.

    {"end":512,"first":256,"format":"kembar-audit-partial/1","origin":"registry.example/log"}
    34 bytes a leaf     its hash, and 1 + the place of its first bad signature, 0 where there is none
    32 bytes            the SHA-256 of all before

Equal ranges have equal files, whoever makes them.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from verifier.base import canonical
from verifier.base.errors import KembarError
from verifier.base.values import value
from verifier.log.hashing import HASH_SIZE
from verifier.log.tiles import WIDTH
from verifier.log.trust import Policy, open_checkpoint
from verifier.programs.audit.workers import Bundle, Fetcher, Workers
from verifier.programs.collecting import rare_collections
from verifier.programs.source import Broken, Source, get_bundle, get_checkpoint, get_tile
from verifier.replay.authentic_tree import AuthenticTree, WrongTile
from verifier.replay.leaves import Fact

FORMAT = "kembar-audit-partial/1"
FACT_SIZE = HASH_SIZE + 2
MAX_HEADER = 1_024
"""Bytes of the first line."""
BLOCK = 1 << 20
AT_HAND = 4_096
"""Facts that are read at a time."""


class PartialError(KembarError):
    """A partial cannot be used, or not be made; the message says why."""


@value
class Range:
    """The entries ``first`` to ``end`` - 1 of the log ``origin``."""

    origin: str
    first: int
    end: int

    def header(self) -> bytes:
        """The first line of its partial."""
        said: dict[str, canonical.Json] = {
            "end": self.end, "first": self.first, "format": FORMAT, "origin": self.origin,
        }  # fmt: skip
        return canonical.encode(said) + b"\n"


# ---- making one


def write_partial(
    path: Path,
    first: int,
    end: int,
    source: Source,
    policy: Policy,
    *,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda done: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Write the partial of the entries ``first`` to ``end`` - 1; False if that was stopped: again, it goes on there.

    Every bundle is shown to be in the tree of the source's checkpoint. Raises :class:`PartialError`, and what
    :meth:`verifier.programs.audit.replayer.Replayer.advance` raises.
    """
    trusted = open_checkpoint(get_checkpoint(source), policy)
    size = trusted.checkpoint.size
    if not first < end <= size:
        raise PartialError(f"the range ends at {end}, and {source.name} shows {size} entries")
    header = Range(origin=trusted.checkpoint.origin, first=first, end=end).header()
    with _growing(path, header) as file, Workers(jobs) as workers, rare_collections():
        start = first + (file.tell() - len(header)) // FACT_SIZE

        def get(number: int) -> Bundle:
            entries = get_bundle(source, number, min(WIDTH, size - number * WIDTH))
            return Bundle(number, entries, max(0, start - number * WIDTH), False)

        try:
            tree = AuthenticTree(trusted.checkpoint, lambda tile: get_tile(source, tile))
            numbers = range(start // WIDTH, -(-end // WIDTH)) if start < end else ()
            for checked in workers.check(Fetcher(source.is_remote).map(get, numbers)):
                bundle = checked.bundle
                tree.check_bundle(bundle.number, checked.hashes())
                wanted = end - bundle.number * WIDTH - bundle.skip
                file.write(b"".join(_format(leaf.hash, leaf.bad) for leaf in checked.leaves[:wanted]))
                file.flush()
                progress(len(checked.leaves[:wanted]))
                if should_stop():
                    break
        except WrongTile as error:
            raise Broken(f"{source.name}: {error}") from None
        if file.tell() < len(header) + FACT_SIZE * (end - first):
            return False
        file.write(_digest(file, file.tell()))
        file.flush()
        os.fsync(file.fileno())
    os.replace(_beside(path), path)
    return True


def _growing(path: Path, header: bytes) -> BinaryIO:
    """The file that is being written, behind its last whole fact."""
    descriptor = os.open(_beside(path), os.O_RDWR | os.O_CREAT, 0o666)
    file = os.fdopen(descriptor, "r+b")
    there = file.read(len(header)) == header
    whole = (file.seek(0, os.SEEK_END) - len(header)) // FACT_SIZE if there else 0
    file.truncate(len(header) + FACT_SIZE * whole if there else 0)
    file.seek(0)
    if not there:
        file.write(header)
    file.seek(0, os.SEEK_END)
    return file


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _format(hash: bytes, bad: int | None) -> bytes:
    return hash + (0 if bad is None else 1 + bad).to_bytes(2, "big")


def _digest(file: BinaryIO, size: int) -> bytes:
    """The hash of the first ``size`` bytes; the file stands behind them then."""
    found = sha256()
    file.seek(0)
    for start in range(0, size, BLOCK):
        found.update(file.read(min(BLOCK, size - start)))
    return found.digest()


# ---- looking up


class Partials:
    """The facts of any number of files, looked up in log order; one file is open at a time."""

    def __init__(self, paths: Sequence[Path], policy: Policy) -> None:
        """Raises :class:`PartialError` for a file that is none, is damaged, or is of a log that is not the policy's."""
        ranges = sorted(((_read_range(path), path) for path in paths), key=lambda one: (one[0].first, one[0].end))
        ours = {log.verifier.name for log in policy.logs}
        for range_, path in ranges:
            if range_.origin not in ours:
                raise PartialError(f"it is of the log {range_.origin}, which the policy does not name", str(path))
        self._ranges = ranges
        self._firsts = [one.first for one, _ in ranges]
        self._at_hand: tuple[int, Sequence[Fact]] = (0, ())

    def facts(self, start: int, end: int) -> list[Fact | None]:
        """Of the leaves ``start`` to ``end`` - 1; None where no partial has one."""
        return [self._fact(index) for index in range(start, end)]

    def _fact(self, index: int) -> Fact | None:
        first, facts = self._at_hand
        if not first <= index < first + len(facts):
            self._at_hand = index, self._read(index)
            facts = self._at_hand[1]
            return facts[0] if facts else None
        return facts[index - first]

    def _read(self, index: int) -> Sequence[Fact]:
        """From ``index`` on, as far as one partial has them and there is room for; empty where none has."""
        for range_, path in reversed(self._ranges[: bisect_right(self._firsts, index)]):
            if index < range_.end:
                with path.open("rb") as file:
                    file.seek(len(range_.header()) + FACT_SIZE * (index - range_.first))
                    return list(_facts(file.read(FACT_SIZE * min(AT_HAND, range_.end - index))))
        return ()


def _facts(data: bytes) -> Iterator[Fact]:
    for at in range(0, len(data) - FACT_SIZE + 1, FACT_SIZE):
        said = int.from_bytes(data[at + HASH_SIZE : at + FACT_SIZE], "big")
        yield data[at : at + HASH_SIZE], None if said == 0 else said - 1


def _read_range(path: Path) -> Range:
    """What a file is of, which is whole and undamaged."""
    try:
        with path.open("rb") as file:
            line = file.readline(MAX_HEADER)
            found = _parse(line)
            size = len(line) + FACT_SIZE * (found.end - found.first)
            if file.seek(0, os.SEEK_END) != size + HASH_SIZE or _digest(file, size) != file.read():
                raise PartialError("it is cut off or damaged: make it again")
    except OSError as error:
        raise PartialError(f"it cannot be read: {error.strerror}", str(path)) from None
    except KembarError as error:
        raise PartialError(error.message, str(path)) from None
    return found


def _parse(line: bytes) -> Range:
    said = canonical.parse(line.removesuffix(b"\n"), limit=MAX_HEADER)
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise PartialError(f"it is not a {FORMAT} file")
    origin, first, end = said.get("origin"), said.get("first"), said.get("end")
    if not isinstance(origin, str) or type(first) is not int or type(end) is not int or not 0 <= first < end:
        raise PartialError(f"it is not a {FORMAT} file")
    found = Range(origin=origin, first=first, end=end)
    if found.header() != line:
        raise PartialError(f"it is not a {FORMAT} file")
    return found
