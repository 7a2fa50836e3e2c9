"""What ends or holds a use before its time: T7, A5, A6."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from tests.law.naive.contract import NO, UNKNOWN, YES, History, Untold, told, worst
from tests.law.naive.contract_case import Case
from tests.law.naive.contract_signers import live
from verifier.rules.model.record import Entry
from verifier.statements.types import Consent, Exercise, Resumption, Revocation, Suspension, Twin

S = TypeVar("S", Suspension, Resumption)


@dataclass(frozen=True)
class Stop:
    """From ``start`` to ``end``, by the word of the entry at ``index``."""

    index: int
    start: int
    end: float = float("inf")


def replacing(history: History, consent: str) -> list[Entry]:
    """The good consents that replace or renew one."""
    return [entry for entry, said in history.of(f"consent:{consent}", Consent) if said.follows == consent]


def exercised(history: History, consent: Consent) -> Entry | None:
    """When an option was taken."""
    found = [e for e, said in history.of(f"consent:{consent.id}", Exercise) if said.consent == consent.id]
    return found[0] if found else None


def lapsed(history: History, consent: Consent) -> int | None:
    """Since when an option counts as revoked, because nobody took it in time."""
    if consent.exercise_by is None or exercised(history, consent) is not None:
        return None
    return consent.exercise_by


def onward(case: Case) -> list[tuple[Entry, Consent]]:
    """The consent, and those after it in its stead that were logged after the use was declared."""
    found = [(case.c, case.consent)]
    for _entry, said in found:
        for other in replacing(case.history, said.id):
            if other.index > case.u.index and isinstance(other.statement, Consent):
                found.append((other, other.statement))
    return found


def ends_of(history: History, consent: Consent) -> list[tuple[Entry, Revocation]]:
    """All that revokes a consent: itself, the retiring of its twin, the revocation of that twin's creation consent."""
    found = [
        (e, r) for e, r in history.of(f"consent:{consent.id}", Revocation) if r.consent == consent.id and r.part is None
    ]
    if consent.act == "create":
        return found
    twin = next(said for _, said in history.of(f"twin:{consent.twin}", Twin) if said.id == consent.twin)
    found += [(e, r) for e, r in history.of(f"twin:{consent.twin}", Revocation) if r.twin == consent.twin]
    found += [(e, r) for e, r in history.of(f"consent:{twin.creation}", Revocation) if r.consent == twin.creation]
    return found


def revocations(case: Case) -> list[Stop]:
    """With the notice of the consent under which the use was declared (T7, A5)."""
    return case.history.once(("revocations", case.u.index), lambda: _revocations(case))


def _revocations(case: Case) -> list[Stop]:
    return [one() for one in revocations_one_by_one(case)]


def revocations_one_by_one(case: Case) -> list[Callable[[], Stop]]:
    """Each by itself, for of some it may be hidden when they take effect."""
    return [
        partial(_revocation, case, consent, entry, said)
        for _, consent in onward(case)
        for entry, said in ends_of(case.history, consent)
    ]


def _revocation(case: Case, consent: Consent, entry: Entry, said: Revocation) -> Stop:
    return Stop(entry.index, taking_effect(case.history, consent, entry, said, lambda: case.notice))


def taking_effect(
    history: History, consent: Consent, entry: Entry, said: Revocation, notice: Callable[[], int]
) -> int:
    """T7: the licensee's own word needs no notice."""
    own = said.consent == consent.id and by_licensee(history, consent, entry)
    return max(said.effective, entry.logged + (0 if own else notice()))


def by_licensee(history: History, consent: Consent, entry: Entry) -> bool:
    """Whether the licensee signed a revocation of its consent, alone or beside others."""
    licensee = consent.parties.licensee
    return licensee is not None and bool(entry.signers & live(history, licensee, entry.index))


def by_her(history: History, consent: Consent, entry: Entry) -> bool:
    """Whether anybody but the licensee signed it."""
    licensee = consent.parties.licensee
    return licensee is None or bool(entry.signers - live(history, licensee, entry.index))


def by_union(history: History, entry: Entry) -> bool:
    """Whether a suspension or resumption is the union's word; it is, where she signs too."""
    union = entry.statement.parties.union
    return union is not None and bool(entry.signers & live(history, union, entry.index))


def suspensions(case: Case) -> list[Stop]:
    return case.history.once(("suspensions", case.u.index), lambda: _suspensions(case))


def _suspensions(case: Case) -> list[Stop]:
    return [stop for one in suspensions_one_by_one(case) if (stop := one()) is not None]


def suspensions_one_by_one(case: Case) -> list[Callable[[], Stop | None]]:
    """Each by itself, for a union's needs no notice; one that is lifted before it takes effect is None."""
    events = said_onward(case, Suspension)
    lifts = said_onward(case, Resumption)
    return [partial(_suspension, case, entry, said, lifts) for entry, said in events]


def said_onward(case: Case, kind: type[S]) -> list[tuple[Entry, S]]:
    """What was said of the consent, and of those after it in its stead."""
    return [
        (entry, said)
        for _, consent in onward(case)
        for entry, said in case.history.of(f"consent:{consent.id}", kind)
        if said.consent == consent.id
    ]


def _suspension(case: Case, entry: Entry, said: Suspension, lifts: list[tuple[Entry, Resumption]]) -> Stop | None:
    union = by_union(case.history, entry)
    end = min(
        (
            max(lift.effective, other.logged)
            for other, lift in lifts
            if other.index > entry.index and by_union(case.history, other) == union
        ),
        default=float("inf"),
    )
    if end <= max(said.effective, entry.logged):
        return None  # whatever the notice
    start = max(said.effective, entry.logged + (0 if union else case.notice))
    return Stop(entry.index, start, end) if start < end else None


def stopped(case: Case, stop: Stop, t: int) -> str:
    """A6 for one revocation or suspension."""
    sell_off = case.terms.sell_off
    if stop.index < case.u.index:
        if t < stop.start:
            return UNKNOWN if case.use.starts <= t < case.u.logged else YES
        return NO if t < stop.end else YES
    if not stop.start <= t < stop.end:
        return YES
    return YES if t < stop.start + sell_off and t < case.use.ends else NO


def a5(case: Case, t: int) -> str:
    """Not suspended, not replaced, and of an option: exercised before the use was declared."""
    return worst([told(lambda: standing_at(case)), told(lambda: held(case, t))])


def held(case: Case, t: int) -> str:
    return worst([stopped(case, stop, t) for stop in suspensions(case)])


def standing_at(case: Case) -> str:
    if case.consent.exercise_by is not None:
        taken = exercised(case.history, case.consent)
        if taken is None or taken.index > case.u.index:
            return NO
    return NO if any(other.index < case.u.index for other in replacing(case.history, case.consent.id)) else YES


def a6(case: Case, t: int) -> str:
    return worst([stopped(case, stop, t) for stop in revocations(case)])


def instants(case: Case) -> Iterator[int]:
    """When any of that may change."""
    yield from (case.u.logged, case.use.ends)
    with suppress(Untold):
        for stop in revocations(case) + suspensions(case):
            yield stop.start
            with suppress(Untold):
                yield stop.start + case.terms.sell_off
            if stop.end != float("inf"):
                yield int(stop.end)
