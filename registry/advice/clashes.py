"""Whose exclusivity is in the way of a use, and where and when nobody's is (A16): the booker's question.

It is asked of a planned use (:func:`planned`) as of one that is declared: the rule is the kernel's, this module only
says what it found in words that a booker can act on. Who is told whose exclusivity it is, is for the caller to decide
(protocol, section 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.log.candidate import Candidate
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_b64u, format_instant
from verifier.base.values import replace
from verifier.rules.model.context import Standing
from verifier.rules.model.record import Entry, Record, holds
from verifier.rules.model.results import Result, TimedResult, answer, worst
from verifier.rules.model.scope import ALL, Scope, Territory, categories_meet, scope_of
from verifier.rules.model.timeline import within
from verifier.rules.standing.judged import JudgedContext
from verifier.rules.standing.stops import exercises_of
from verifier.rules.use.exclusivity import Use, judge_exclusivity
from verifier.statements.parse import parse_statement
from verifier.statements.sections import Exclusive
from verifier.statements.types import VERSION, Consent, Twin

CLEAR, CLASH, CANNOT_TELL = "CLEAR", "CLASH", "CANNOT_TELL"
"""The answers to whether something clashes."""

Span = tuple[int, int]
"""[start, end), POSIX seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Another licensee's consent whose exclusive ``scope`` meets the use in the ``windows``.

    ``sure`` is false where that cannot be told, for the reason ``code``. ``option_until``: it is an option that was not
    taken yet, and shuts out nobody any longer if it is not by then.
    """

    entry: Entry
    licensee: str
    windows: tuple[Span, ...]
    sure: bool
    code: str
    scope: Exclusive | None
    option_until: int | None = None

    def to_json(self) -> Json:
        """For those who may read the scope: whose it is, when it meets the use, and what it takes in."""
        value: dict[str, Json] = {
            "consent": self.entry.statement.id,
            "index": self.entry.index,
            "licensee": self.licensee,
            "sure": self.sure,
            "windows": [{"from": format_instant(start), "to": _instant(end)} for start, end in self.windows],
        }
        if not self.sure:
            value["code"] = self.code
        if self.option_until is not None:
            value["option_until"] = format_instant(self.option_until)
        if self.scope is not None:
            value["scope"] = {
                "categories": list(self.scope.categories),
                "channels": list(self.scope.channels),
                "countries": list(self.scope.countries),
                "ends": format_instant(self.scope.ends),
                "starts": format_instant(self.scope.starts),
            }
            if self.scope.countries_excluded:
                value["scope"]["countries_excluded"] = list(self.scope.countries_excluded)
            if self.scope.against is not None:
                value["scope"]["against"] = list(self.scope.against)
            if self.scope.hold_off:
                value["scope"]["hold_off"] = self.scope.hold_off
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Clashes:
    """What A16 says of one use: the answer, and each consent that is in the way, by its place in the log."""

    answer: str
    found: tuple[Clash, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """What of a use would clash with nobody, everything else being as it is.

    ``window`` is the earliest stretch of the same length, not before the use's own start. ``countries``, ``channels``
    and ``categories`` are those of the use that no clash takes in; where a use reaches the whole world, ``but`` are the
    countries to leave out instead. What is empty does not help.
    """

    window: Span | None = None
    countries: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


def planned(record: Record, *, twin: Twin, licensee: str, scope: Scope, window: Span, now: int) -> Use:
    """A use that somebody plans, as A16 would see it under a consent that is logged next."""
    statement = parse_statement(
        canonical.encode(
            {
                "act": "use",
                "at": format_instant(now),
                "kembar": VERSION,
                "nonce": format_b64u(bytes(16)),
                "parties": {"licensee": licensee, "model": twin.parties.model, "payees": [str(twin.parties.model)]},
                "registry": record.genesis,
                "sections": {name: format_b64u(bytes(32)) for name in ("money", "terms")},
                "twin": twin.id,
                "type": "consent",
            }
        )
    )
    entry = Entry(index=record.size + 1, logged=now, statement=statement, signers=frozenset())
    assert holds(entry, Consent)
    context = JudgedContext(Candidate(record, entry, {}), instant=now, as_of=now)
    return Use(context=context, consent=entry, scopes=[scope], window=window, users=(licensee,))


def clashes(use: Use) -> Clashes:
    """Everything that A16 holds against a use in its window; where its own scope cannot be read, just that."""
    results = _pieces(use)
    said = answer(worst(timed.result for timed in results), yes=CLEAR, no=CLASH, unknown=CANNOT_TELL)
    by_rival: dict[int, list[TimedResult]] = {}
    for timed in results if use.window is not None and use.scopes else ():  # else nobody knows what would meet whom
        if timed.result in (Result.FAIL, Result.UNKNOWN):
            for index in timed.entries:
                if index != use.consent.index:
                    by_rival.setdefault(index, []).append(timed)
    found = (_clash(use, index, by_rival[index]) for index in sorted(by_rival))
    return Clashes(answer=said, found=tuple(one for one in found if one is not None))


def clear_spans(use: Use) -> list[Span]:
    """The stretches of a use's window in which nothing is held against it, nor may be."""
    return [] if use.window is None else free_of(_pieces(use), use.window)


def ways_out(use: Use, found: Sequence[Clash]) -> WaysOut:
    """What of a use is left when everything that clashes with it is avoided."""
    scopes = [scope for one in found if one.scope is not None and (scope := scope_of(one.scope)) is not None]
    if use.window is None or not use.scopes or len(scopes) < len(found):
        return WaysOut()
    mine = use.scopes[0]
    countries, but = _other_countries(mine.territory, [scope.territory for scope in scopes])
    categories = [one for one in mine.categories if not any(categories_meet([one], its.categories) for its in scopes)]
    return WaysOut(
        window=_later(use),
        countries=countries,
        but=but,
        channels=tuple(sorted(mine.channels.difference(*(scope.channels for scope in scopes)))),
        categories=tuple(categories) if ALL not in mine.categories else (),
    )


def free_of(results: Iterable[TimedResult], window: Span) -> list[Span]:
    """The stretches of a window in which no result says FAIL or UNKNOWN, in order."""
    busy = sorted(
        (timed.start, timed.end)
        for timed in within(results, *window)
        if timed.result in (Result.FAIL, Result.UNKNOWN) and timed.start < timed.end
    )
    found = []
    at, end = window
    for start, until in busy:
        if at < start:
            found.append((at, min(start, end)))
        at = max(at, until)
    if at < end:
        found.append((at, end))
    return found


def _pieces(use: Use) -> list[TimedResult]:
    """Those that matter inside the window; where that is not known, all."""
    results = judge_exclusivity(use)
    return results if use.window is None else within(results, *use.window)


def _clash(use: Use, index: int, results: list[TimedResult]) -> Clash | None:
    entry = use.context.record.entry(index)
    if entry is None or not isinstance(entry.statement, Consent):
        return None
    sure = [timed for timed in results if timed.result is Result.FAIL]
    chosen = sure or results
    assert use.window is not None
    window = use.window
    spans = {(max(timed.start, window[0]), min(timed.end, window[1])) for timed in chosen}
    scope = use.context.section(entry, "exclusive")
    return Clash(
        entry=entry,
        licensee=entry.statement.parties.licensee or "",
        windows=tuple(_united(spans)),
        sure=bool(sure),
        code=chosen[0].code,
        scope=scope if isinstance(scope, Exclusive) else None,
        option_until=_option_until(use, entry, entry.statement),
    )


def _option_until(use: Use, entry: Entry, consent: Consent) -> int | None:
    """Until when an option may be taken that was not taken yet."""
    taken = exercises_of(use.context, entry) or ()
    return None if any(judgement.standing is Standing.GOOD for _, judgement in taken) else consent.exercise_by


def _united(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _later(use: Use) -> Span | None:
    """The earliest stretch as long as the use's window, not before its start."""
    assert use.window is not None
    start, end = use.window
    free = free_of(judge_exclusivity(replace(use, window=(start, MAX_INSTANT))), (start, MAX_INSTANT))
    return next(((a, a + end - start) for a, b in free if b - a >= end - start), None)


def _other_countries(mine: Territory, theirs: Sequence[Territory]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The listed countries that none of ``theirs`` holds; for the whole world, those to leave out, if they are few."""
    if mine.listed is not None:
        kept = sorted(one for one in mine.listed - mine.excluded if not any(its.holds(one) for its in theirs))
        return tuple(kept), ()
    listed = [its.listed - its.excluded for its in theirs if its.listed is not None]
    return (), tuple(sorted(frozenset[str]().union(*listed))) if len(listed) == len(theirs) else ()


def _instant(seconds: int) -> str:
    return format_instant(min(seconds, MAX_INSTANT))
