"""The columns of a batch's row, made anew from its leaves: for a check, a repair, or a database of an older version."""

from __future__ import annotations

import json
from collections.abc import Sequence

from registry.intake.checks import CheckedSubmission, checked
from registry.log.batch import Batch, pack_lengths
from registry.log.damage import Damaged
from registry.log.image import LogImage, Staged
from verifier.base.errors import KembarError
from verifier.statements.envelope import parse_envelope
from verifier.statements.parse import parse_statement
from verifier.statements.types import Seal


def split_leaves(data: bytes) -> list[bytes]:
    """A batch's leaves, which stand one after the other, by where each JSON object ends. Raises :class:`Damaged`."""
    text, decoder = data.decode("latin-1"), json.JSONDecoder()
    leaves: list[bytes] = []
    start = 0
    while start < len(text):
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            raise Damaged(f"leaf {len(leaves)} of its batch, at byte {start}, cannot be read") from None
        leaves.append(data[start:end])
        start = end
    return leaves


def derive(state: LogImage, leaves: Sequence[bytes]) -> tuple[Batch, Staged, list[CheckedSubmission]]:
    """The row and the entries that these leaves, the last a seal, make on top of ``state``, whose index is taken there.

    The caller goes on with ``state.apply``, or ``state.unstage``. Raises :class:`Damaged`.
    """
    first = state.size
    entries = [_read(index, leaf) for index, leaf in enumerate(leaves, first)]
    seal = entries[-1].statement if entries else None
    if not isinstance(seal, Seal):
        raise Damaged(f"entry {first + len(entries) - 1} should be the seal of its batch")
    covered = entries[:-1]
    staged = state.stage(first, [entry.touches for entry in covered], seal.at)
    hashes = b"".join([entry.leaf_hash for entry in entries])
    row = Batch(
        first=first,
        size=first + len(covered),
        at=seal.at,
        leaves=b"".join(leaves),
        lengths=pack_lengths(leaves),
        hashes=hashes,
        ids=b"".join(entry.id for entry in entries),
        touches=staged.touches,
        subjects=staged.subjects,
        digests=b"".join(digest for entry in covered for digest in entry.digests),
        keys=b"".join(key for entry in covered for key in entry.keys),
        tree=state.nodes.root_with(hashes),
        index=state.index.root(),
    )
    return row, staged, covered


def _read(index: int, leaf: bytes) -> CheckedSubmission:
    try:
        envelope = parse_envelope(leaf)
        return checked(envelope, parse_statement(envelope.payload), {})
    except KembarError as error:
        raise Damaged(f"entry {index} cannot be read: {error}") from None
