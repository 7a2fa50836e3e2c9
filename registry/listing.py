"""A subject's whole list as an answer, which anybody may ask for and which may have very many rows.

What it takes is counted while it is written, as of any question. A short list is written at once, by the writer's own
process; a long one by the process beside it (:mod:`registry.answerer`), so that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from registry.answerer import CannotStart, Chosen, Died
from registry.evidence import ATTEMPTS
from registry.metering import AT_FIRST, Bounds, Meter, TooMuch
from registry.problems import Problem, too_large
from registry.service import Service
from registry.snapshot import ProvedLists
from verifier.base import canonical
from verifier.base.strict import format_b64
from verifier.evidence.build import list_json, show_list

_BLOCK = 256
"""Rows that are written between two looks at the meter."""


def subject_answer(
    service: Service, subject: str, bounds: Bounds, has_left: Callable[[], bool]
) -> bytes | Problem:
    """The list as evidence files show it, the checkpoint, and the seal that holds the index root.

    It waits for no witness. Raises :class:`~registry.metering.HasLeft`.
    """

    def choose(size: int) -> Chosen:
        return Chosen(wanted=(subject,), read={subject: len(service.record_at(size).rows(subject))})

    found = service.proved_lists(choose, wait=0)
    if isinstance(found, Problem):
        return found
    [(rows, _)] = found.proofs
    try:
        return _answer(service, subject, found, _text_of(service, subject, found, rows, bounds, has_left))
    except TooMuch as error:
        return too_large(error)


def rows_text(rows: Sequence[int], logged: Callable[[int], int], meter: Meter) -> bytes:
    """Rows as they stand between the brackets of a list. Raises TooMuch and HasLeft."""
    parts = []
    for start in range(0, len(rows), _BLOCK):
        part = ",".join(f"[{index},{logged(index)}]" for index in rows[start : start + _BLOCK]).encode("ascii")
        meter.bytes(len(part))
        parts.append(part)
    return b",".join(parts)


def _text_of(
    service: Service,
    subject: str,
    found: ProvedLists,
    rows: Sequence[int],
    bounds: Bounds,
    has_left: Callable[[], bool],
) -> bytes:
    """Raises TooMuch and HasLeft."""
    with suppress(TooMuch):
        return rows_text(rows, service.logged, Meter(bounds.at_most(AT_FIRST), has_left))
    with suppress(CannotStart):
        for _ in range(ATTEMPTS):
            with suppress(Died), service.answerer.ask(has_left) as channel:
                return channel.list_rows(subject, found.published.note, bounds)
    return rows_text(rows, service.logged, Meter(bounds, has_left))


def _answer(service: Service, subject: str, found: ProvedLists, text: bytes) -> bytes:
    """The rows' text is put where a short list would stand: as a value it would take ten times the memory."""
    [(rows, proof)] = found.proofs
    size = found.published.checkpoint.size
    leaf, hashes = service.leaf(size - 1), service.inclusion(size - 1, size)
    assert leaf is not None and not isinstance(hashes, Problem)
    seal = {
        "index": size - 1,
        "leaf": canonical.parse(leaf, limit=len(leaf)),
        "proof": [format_b64(one) for one in hashes],
    }
    first = ((rows[0], service.logged(rows[0])),) if rows else ()
    value = {**list_json(show_list(subject, first, proof)), "checkpoint": found.published.note, "seal": seal}
    if not rows:
        return canonical.encode(value)
    return canonical.encode({**value, "list": []}).replace(b'"list":[]', b'"list":[%b]' % text, 1)
