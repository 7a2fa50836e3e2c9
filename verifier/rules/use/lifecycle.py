"""A use against the life of its consent: A3, A5, A6, and how its declaration's time bears on it (T4, T7)."""

from __future__ import annotations

from collections.abc import Callable

from verifier.rules.model.context import Judgement, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.results import Result, TimedResult
from verifier.rules.model.timeline import FOREVER, always, during, unread
from verifier.rules.standing.disputes import judge_disputes
from verifier.rules.standing.stops import Stop, Stops, exercises_of
from verifier.rules.use.approvals import covers
from verifier.rules.use.case import ConsentCase, UsageCase
from verifier.rules.use.term import Run, run_of
from verifier.statements.sections import Terms
from verifier.statements.types import Approval, Revocation

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Result.PASS, Result.FAIL, Result.UNKNOWN, Result.NOT_APPLICABLE


def judge_declared_late(case: UsageCase) -> list[TimedResult]:
    """T4: declared in time, or by an approval of the model lifted, else UNKNOWN until the declaration was logged."""
    if case.window is None:
        return [always(UNKNOWN, case.window_code, case.usage.index)]
    start, logged = case.window[0], case.usage.logged
    if logged <= start:
        return [always(PASS, "ok", case.usage.index)]
    if isinstance(case.terms, Unread):
        return [
            during(start, logged, UNKNOWN, case.terms.code, case.consent.index),
            during(logged, FOREVER, PASS, "ok", case.usage.index),
        ]
    if logged <= start + case.terms.late_window:
        return [always(PASS, "ok", case.usage.index)]
    lifted = _approved_by_herself(case)
    if isinstance(lifted, tuple):
        return [always(PASS, "ok", case.usage.index, *lifted)]
    return [
        during(start, logged, UNKNOWN, lifted.code, case.usage.index, *lifted.entries),
        during(logged, FOREVER, PASS, "ok", case.usage.index),
    ]


def _approved_by_herself(case: UsageCase) -> tuple[int, ...] | Unread:
    """The approvals of every asset by the model herself after the declaration, or why there are none to be seen."""
    found: set[int] = set()
    for asset in case.statement.assets:
        listed = case.context.listed(f"approval:{case.statement.consent}.{asset}", Approval)
        if listed is None:
            return Unread("list_missing")
        why = Unread("declared_late")
        for entry, judgement in listed:
            hers = entry.statement.decision == "approve" and entry.statement.under is None
            if not hers or entry.index < case.usage.index or judgement.standing is not Standing.GOOD:
                continue
            covered = covers(case, entry)
            if covered is True:
                found.add(entry.index)
                break
            why = covered or why
        else:
            return why
    return tuple(sorted(found))


def judge_notice(case: UsageCase | ConsentCase) -> list[TimedResult]:
    """T7: nothing works backwards. PASS with the stops that the notice moved, UNKNOWN where it is not disclosed."""
    found = [*case.stops.revocations, *case.stops.suspensions]
    if not found:
        return [always(NOT_APPLICABLE, "not_applicable")]
    waiting = [stop.index for stop in found if stop.waits]
    notice = case.notice if isinstance(case, ConsentCase) else case.terms
    if isinstance(notice, Unread) and waiting:
        return [always(UNKNOWN, notice.code, *waiting)]
    return [always(PASS, "ok", *(stop.index for stop in found))]


def judge_twin(case: UsageCase | ConsentCase) -> list[TimedResult]:
    """A3: the twin was registered under a creation consent before the consent, and not retired before it."""
    context, consent, statement = case.context, case.consent, case.consent.statement
    if statement.twin is None:
        return [always(NOT_APPLICABLE, "not_applicable")]
    twin, judgement = context.named(f"twin:{statement.twin}", statement.twin, consent.index)
    if judgement.standing is Standing.DOUBTFUL:
        return [always(UNKNOWN, judgement.code, *judgement.entries)]
    if twin is None or judgement.standing is Standing.VOID:
        return [always(FAIL, "twin_not_registered", consent.index)]
    unsure: TimedResult | None = None
    for entry, standing in context.listed(f"twin:{statement.twin}", Revocation) or ():
        if entry.index < consent.index:
            if standing.standing is Standing.GOOD:
                return [always(FAIL, "twin_retired", entry.index)]
            unsure = always(UNKNOWN, standing.code, entry.index)
    return [unsure or always(PASS, "ok", twin.index)]


def judge_twin_and_files(case: UsageCase) -> list[TimedResult]:
    """A3 for a use: and every file that the reader compared is named by the usage."""
    strange = any(digest not in case.statement.assets for digest in case.files)
    return [*([always(FAIL, "asset_not_named", case.usage.index)] if strange else []), *judge_twin(case)]


def judge_closed_world(case: UsageCase) -> list[TimedResult]:
    """A4: a good consent for this licensee stands behind the use."""
    standing = case.context.standing(case.consent)
    if standing.standing is Standing.GOOD:
        return [always(PASS, "ok", case.consent.index)]
    if standing.standing is Standing.DOUBTFUL:
        return [always(UNKNOWN, standing.code, case.consent.index)]
    return [always(FAIL, "no_consent", case.consent.index)]


def judge_suspended(case: UsageCase) -> list[TimedResult]:
    """A5: not suspended, not replaced by a consent that was logged before the use was declared, and no option that was
    not exercised before it."""
    stops = case.stops
    results = [timed for stop in stops.suspensions for timed in _stopped(case, stop)]
    results += [_replaced(entry, why) for entry, why in stops.replaced_by if entry.index < case.usage.index]
    results += _not_exercised(case, lambda exercise: exercise.index < case.usage.index)
    return [*results, *_missing(stops, stops.suspensions, case.terms), always(PASS, "ok", case.consent.index)]


def _not_exercised(case: UsageCase | ConsentCase, in_time: Callable[[Entry], bool]) -> list[TimedResult]:
    """What stands against an option that nobody took in time for what is asked."""
    consent = case.consent
    if consent.statement.exercise_by is None:
        return []
    taken = exercises_of(case.context, consent)
    if taken is None:
        return [always(UNKNOWN, "list_missing", consent.index)]
    before = [pair for pair in taken if in_time(pair[0])]
    if any(judgement.standing is Standing.GOOD for _, judgement in before):
        return []
    if before:
        return [always(UNKNOWN, judgement.code, entry.index) for entry, judgement in before]
    return [always(FAIL, "not_exercised", consent.index, *(entry.index for entry, _ in taken))]


def judge_revoked(case: UsageCase) -> list[TimedResult]:
    """A6: the revocation race."""
    stops = case.stops
    results = [timed for stop in stops.revocations for timed in _stopped(case, stop)]
    return [*results, *_missing(stops, stops.revocations, case.terms), always(PASS, "ok", case.consent.index)]


def _replaced(entry: Entry, judgement: Judgement) -> TimedResult:
    """What a consent does that replaces the one asked about."""
    if judgement.standing is Standing.GOOD:
        return always(FAIL, "replaced", entry.index)
    return always(UNKNOWN, judgement.code, entry.index)


def _missing(stops: Stops, found: list[Stop], terms: object) -> list[TimedResult]:
    """Why it cannot be told what else there is, or when what was ``found`` takes effect: ``terms`` hold the notice."""
    missing = stops.missing if found or stops.missing is not terms else None
    return [always(UNKNOWN, missing.code, *missing.entries)] if missing is not None else []


def _stopped(case: UsageCase, stop: Stop) -> list[TimedResult]:
    """What one revocation or suspension does to a use (A6)."""
    if case.window is None:
        return [always(UNKNOWN, case.window_code, stop.index)]
    start, index, stops = case.window[0], stop.index, case.stops
    certain = stop.sure and stops.missing is None
    code = stop.judgement.code if not stop.sure else (stops.missing.code if stops.missing else stop.code)

    def forbids(a: int, b: int) -> TimedResult:
        return during(a, b, FAIL if certain else UNKNOWN, stop.code if certain else code, index)

    if case.usage.index < index:
        sold_off = stop.start
        if isinstance(case.terms, Terms) and not isinstance(case.use, Unread):
            sold_off = max(stop.start, min(stop.start + case.terms.sell_off, case.use.ends))
        return [forbids(sold_off, stop.end)] if sold_off < stop.end else []
    return [
        during(start, min(case.usage.logged, stop.start), UNKNOWN, "revocation_race", index, case.usage.index),
        forbids(stop.start, stop.end),
    ]


def judge_ruled(case: UsageCase | ConsentCase) -> list[TimedResult]:
    """A20: whether the entry asked about is disputed or was ruled on."""
    entry = case.usage if isinstance(case, UsageCase) else case.consent
    return judge_disputes(case.context, entry, case.standing)


def judge_sublicence(case: UsageCase) -> list[TimedResult]:
    """A17: what a sub-licensee does is judged by the consent, as every other rule here does; A0 asks who she is."""
    if case.statement.parties.sublicensee is None:
        return [always(NOT_APPLICABLE, "not_applicable")]
    return [always(PASS, "ok", case.consent.index, case.usage.index)]


def judge_consent_in_force(case: ConsentCase) -> list[TimedResult]:
    """A5 asked about a consent at one instant, for A6 and A10 too: running, not stopped, not replaced."""
    now, consent, terms, stops = case.context.instant, case.consent, case.terms, case.stops
    results = [_replaced(entry, judgement) for entry, judgement in stops.replaced_by]
    for stop in (*stops.revocations, *stops.suspensions):
        if stop.start <= now < stop.end:
            certain = stop.sure and (stops.missing is None or stops.missing is terms)
            code = stop.code if certain else (stops.missing.code if stops.missing else stop.judgement.code)
            results.append(always(FAIL if certain else UNKNOWN, code, stop.index))
    results.extend(_not_exercised(case, lambda exercise: exercise.logged <= now))
    results.extend(_missing(stops, [*stops.revocations, *stops.suspensions], terms))
    if isinstance(terms, Unread):
        results.append(unread(terms, consent))
    elif terms.starts >= terms.ends:
        results.append(always(UNKNOWN, "bad_terms", consent.index))
    elif now < terms.starts:
        results.append(always(FAIL, "not_started", consent.index))
    else:
        run = run_of(case.context, consent, terms) if isinstance(terms, Terms) else Run(terms.starts, terms.ends)
        if now >= run.ends:
            results.append(always(FAIL, "expired", consent.index, *run.entries))
        elif now >= run.unsure:
            results.append(always(UNKNOWN, run.code, consent.index, *run.entries))
    return [*results, always(PASS, "ok", consent.index)]
