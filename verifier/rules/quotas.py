"""Quotas: how many entries of one side a list takes, so that none outgrows the file that proves it (RULES, Quotas).

Counted are all entries, good or not, over a consent and the whole line of those that replaced one another; a renewal
begins a line of its own. A list shorter than the number is not looked at: it cannot hold too many. A count grows with
its list: each row is looked at once, however often it is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from verifier.base.values import field, value
from verifier.rules.model.context import Context, Kept
from verifier.rules.model.record import Entry, holds
from verifier.rules.standing.keys import key_state
from verifier.statements.kinds import SignedBy, kind_of, signing_roles
from verifier.statements.subjects import subjects
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Guardian,
    Key,
    Payment,
    Receipt,
    Report,
    Statement,
    Usage,
)

QUOTAS: Final = {
    # (list, what is counted): at most
    ("uses", "usages"): 2_000,
    ("uses", "usages of one sub-licensee"): 1_000,
    ("uses", "reports"): 4_000,
    ("uses", "reports of one sub-licensee"): 2_000,
    ("account", "payments and returns"): 4_000,  # of one payer or provider
    ("account", "receipts, credits and returns"): 1_000,  # of one payee
    ("approval", "decisions"): 20,  # of one signing party, as all that follow
    ("consent", "entries"): 100,
    ("keys", "by its own keys"): 200,
    ("keys", "by others"): 50,
    ("mandate", "entries"): 20,
    ("twin", "entries"): 20,
}
"""The numbers of the rule set."""

_LISTS: Final = frozenset(kind for kind, _ in QUOTAS)
_LIFE: Final = ("consent", "mandate", "twin")
_OF_A_CONSENT: Final = ("account", "approval", "consent", "uses")

Counted = tuple[str, str]
"""What is counted, and whose it is: "" where it is the side's as a whole."""


@value(frozen=False, kw_only=False)
class _List:
    """What was counted in a subject's list below the index ``looked``, and at most so many rows from there on that
    were not looked at: each may count as anything.
    """

    looked: int = 0
    counts: Counter[Counted] = field(default_factory=Counter)
    unlooked: int = 0


@value(frozen=False, kw_only=False)
class _Line:
    """The consents that replaced one another, as known at ``looked``: below which index, and how many rows each had."""

    consents: tuple[str, ...]
    rows: tuple[int, ...]


@value(kw_only=False)
class Quota:
    """A number that an entry is held against: as what and whose it is counted, in which ``lists`` (its line's, its own
    last), and at most how many are taken. ``kind`` and ``counted`` are as in :data:`QUOTAS`."""

    kind: str
    counted: str
    whose: str
    lists: tuple[str, ...]
    most: int


class QuotaCounts:
    """The counts of many lists. Each rests on lower indices alone, so whoever grows a log may keep them from one
    contract to the next (``memo.lend``), as long as nothing is taken back.
    """

    LIMIT = 16_384

    def __init__(self) -> None:
        self.lists: dict[str, _List] = {}
        self.lines: dict[str, _Line] = {}

    def has_room(self, quotas: Iterable[Quota]) -> bool:
        """Whether one more is sure to be taken in all of them."""
        return all(self._number(one) < one.most for one in quotas)

    def _number(self, quota: Quota) -> int:
        try:
            lists = [self.lists[its] for its in quota.lists]
        except KeyError:
            return quota.most
        return sum([its.counts[quota.counted, quota.whose] + its.unlooked for its in lists])

    def take(self, quotas: Iterable[Quota], index: int) -> None:
        """An entry that is held against these is logged at ``index``: counted, where all below it is."""
        for one in quotas:
            its = self.lists[one.lists[-1]]
            if its.unlooked:
                its.unlooked += 1
            else:
                its.counts[one.counted, one.whose] += 1
                its.looked = index + 1


QUOTA_COUNTS: Kept[None, QuotaCounts] = Kept()
"""A context's own, where none are lent to it."""


def _counts(context: Context) -> QuotaCounts:
    return context.memo.recall(QUOTA_COUNTS, None, QuotaCounts)


def beyond_quota(context: Context, entry: Entry) -> Quota | None:
    """The first quota by which the entry is one too many; None where it is not."""
    counts, quotas = _counts(context), quotas_of(context, entry)
    if counts.has_room(quotas):
        return None
    full = [one for one in quotas if not counts.has_room((one,))]
    return full[0] if full and not _is_first_report(context, entry) else None


def quotas_of(context: Context, entry: Entry) -> tuple[Quota, ...]:
    """What an entry is held against; where there may be no room left, all that counts there below its index is
    counted then."""
    found = []
    counts = _counts(context)
    if len(counts.lists) >= counts.LIMIT:
        counts.lists.clear()
    for subject in _lists(entry.statement):
        kind = subject.partition(":")[0]
        counted = list(_counted(context, entry, subject))
        lists = _line_of(context, counts, subject, entry.index) if counted else ()
        quotas = [Quota(kind, *what, lists, QUOTAS[kind, what[0]]) for what in counted]
        for one in lists:
            rows = context.record.rows(one) or ()
            its = counts.lists.setdefault(one, _List())
            its.unlooked = max(0, bisect_left(rows, entry.index) - bisect_left(rows, its.looked))
        if not counts.has_room(quotas):
            for one in lists:
                _count(context, counts.lists[one], one, entry.index)
        found += quotas
    return tuple(found)


def _lists(statement: Statement) -> Iterable[str]:
    """The lists that an entry is counted in."""
    if isinstance(statement, Usage | Report):  # which may touch hundreds of files besides
        return (f"uses:{statement.consent}",)
    return [one for one in subjects(statement) if one.partition(":")[0] in _LISTS]


def _line_of(context: Context, counts: QuotaCounts, subject: str, before: int) -> tuple[str, ...]:
    """The lists that are counted together: where the list is of a consent, those of the whole line, its own last."""
    kind, _, ids = subject.partition(":")
    if kind not in _OF_A_CONSENT:
        return (subject,)
    consent, _, rest = ids.partition(".")
    tail = f".{rest}" if rest else ""
    return *[f"{kind}:{one}{tail}" for one in _line(context, counts, consent, before) if one != consent], subject


def _count(context: Context, its: _List, subject: str, before: int) -> None:
    """Bring the counts of one list up to the index."""
    rows = context.record.rows(subject) or ()
    fresh: Counter[Counted] = Counter()
    for index in rows[bisect_left(rows, its.looked) : bisect_left(rows, before)]:
        entry = context.record.entry(index)
        if entry is not None:
            fresh.update(_counted(context, entry, subject))
    its.counts.update(fresh)
    its.looked = max(its.looked, before)
    its.unlooked = 0


def _line(context: Context, counts: QuotaCounts, consent: str, before: int) -> tuple[str, ...]:
    """The consents that it replaced and that replaced it, directly or through others; itself among them."""
    known = counts.lines.get(consent)
    if known is not None and all(
        bisect_left(context.record.rows(f"consent:{one}") or (), before) == rows
        for one, rows in zip(known.consents, known.rows, strict=True)
    ):
        return known.consents
    line = {consent: 0}
    for one in (queue := [consent]):
        rows = context.record.rows(f"consent:{one}") or ()
        line[one] = bisect_left(rows, before)
        for index in rows[: line[one]]:
            entry = context.record.entry(index)
            if not holds(entry, Consent) or entry.statement.replaces is None:
                continue
            for other in (entry.statement.id, entry.statement.replaces):
                if one in (entry.statement.id, entry.statement.replaces) and other not in line:
                    line[other] = 0
                    queue.append(other)
    if len(counts.lines) >= counts.LIMIT:
        counts.lines.clear()
    counts.lines[consent] = _Line(tuple(line), tuple(line.values()))
    return tuple(line)


def _is_first_report(context: Context, entry: Entry) -> bool:
    """Whether no report of its usage came before: each usage is sure of one."""
    statement = entry.statement
    if not isinstance(statement, Report):
        return False
    rows = context.record.rows(f"usage:{statement.consent}.{statement.usage}") or ()
    below = (context.record.entry(index) for index in rows[: bisect_left(rows, entry.index)])
    return not any(holds(one, Report) for one in below)


# -- as what an entry counts


def _counted(context: Context, entry: Entry, subject: str) -> Iterator[Counted]:
    """As what an entry counts in the list of a subject that it touches."""
    statement = entry.statement
    kind, _, id = subject.partition(":")
    match kind, statement:
        case "uses", Usage() | Report():
            what = "usages" if isinstance(statement, Usage) else "reports"
            yield what, ""
            if statement.parties.sublicensee is not None:
                yield f"{what} of one sub-licensee", statement.parties.sublicensee
        case "account", Payment() | Receipt() | Adjustment():
            for party in _signing(context, entry):
                if party == statement.parties.payee:
                    yield "receipts, credits and returns", party
                else:
                    yield "payments and returns", party
        case "approval", Approval():
            yield "decisions", statement.parties.model or ""
        case "keys", Guardian() if statement.parties.model == id:
            yield "by others", ""
        case "keys", Key():
            yield ("by its own keys" if _by_own_keys(context, entry, statement) else "by others"), ""
        case _ if kind in _LIFE:
            for party in _signing(context, entry):
                yield "entries", party


def _by_own_keys(context: Context, entry: Entry, statement: Key) -> bool:
    live = key_state(context, statement.parties.author or "", entry.index).live
    return statement.keys is None and not live.isdisjoint(entry.signers)


def _signing(context: Context, entry: Entry) -> tuple[str, ...]:
    """The parties that signed: whoever did so for a model counts as she does."""
    statement = entry.statement
    row = kind_of(statement)
    if not isinstance(row.signed, SignedBy):
        return ()
    if row.power is not None and getattr(statement, "under", None) is not None:
        return (statement.parties.model or "",)
    parties = [party for one in signing_roles(statement) if (party := statement.parties.role(one.role)) is not None]
    if row.signed.how in ("all", "first") or len(parties) < 2:
        return tuple(parties)
    return tuple([party for party in parties if _signed(context, entry, party)]) or tuple(parties)


def _signed(context: Context, entry: Entry, party: str) -> bool:
    """Whether a key of hers is on it, or her guardian's."""
    state = key_state(context, party, entry.index)
    guardian = state.guardian_at(entry.logged)
    live = state.live if guardian is None else state.live | key_state(context, guardian, entry.index).live
    return bool(entry.signers & live)
