"""The money rules value by value, without a log: what legs owe step by step, what words make of transfers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from verifier.base.values import replace
from verifier.rules.money.splits import Leg, quotas
from verifier.rules.money.transfers import Transfer, TransferWord, transfer_of
from verifier.rules.money.units import Event
from verifier.statements.sections import Split


def steps(leg: Leg, totals: Sequence[int], splits: Sequence[Split]) -> list[int]:
    """What each step of the running totals adds to a leg's debt."""
    parts = [split.parts for split in splits]
    return [after - before for before, after in pairwise([0, *(leg.total(quotas(total, parts)) for total in totals)])]


def transfers(words: Iterable[TransferWord]) -> dict[tuple[str, str], Transfer]:
    """(payee, reference) -> transfer."""
    groups: dict[tuple[str, str], list[TransferWord]] = {}
    for word in words:
        groups.setdefault((word.payee, word.reference), []).append(word)
    return {key: transfer_of(group) for key, group in groups.items()}


def with_(event: Event, more: dict[str, object]) -> Event:
    return replace(event, **more)
