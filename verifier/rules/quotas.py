"""Quotas: how many entries of one side a list takes, so that none outgrows the file that proves it (RULES, Quotas).

Counted are all entries, good or not, over a consent and the whole line of those that replaced one another; a renewal
begins a line of its own. A count grows with its list: each row is looked at once, however often it is asked for.
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
    """What was counted in a subject's list below the index ``looked``."""

    looked: int = 0
    counts: Counter[Counted] = field(default_factory=Counter)


@value(frozen=False, kw_only=False)
class _Line:
    """The consents that replaced one another, as known at ``looked``: below which index, and how many rows each had."""

    consents: tuple[str, ...]
    rows: tuple[int, ...]


class QuotaCounts:
    """The counts of many lists. Each rests on lower indices alone, so whoever grows a log may keep them from one
    contract to the next (``memo.lend``), as long as nothing is taken back.
    """

    LIMIT = 16_384

    def __init__(self) -> None:
        self.lists: dict[str, _List] = {}
        self.lines: dict[str, _Line] = {}

    def list(self, subject: str) -> _List:
        """The one of a subject, to be continued."""
        found = self.lists.get(subject)
        if found is None:
            if len(self.lists) >= self.LIMIT:
                self.lists.clear()
            found = self.lists[subject] = _List()
        return found


QUOTA_COUNTS: Kept[None, QuotaCounts] = Kept()
"""A context's own, where none are lent to it."""


@value
class Beyond:
    """The first list in which an entry is one too many: its ``kind`` and what is ``counted`` in it, as in
    :data:`QUOTAS`, and at most how many are taken."""

    kind: str
    counted: str
    most: int


def beyond_quota(context: Context, entry: Entry) -> Beyond | None:
    """Where the entry is one too many; None where it is not."""
    counts = context.memo.lent(QuotaCounts) or context.memo.recall(QUOTA_COUNTS, None, QuotaCounts)
    for subject in _lists(entry.statement):
        kind = subject.partition(":")[0]
        for counted in _counted(context, entry, subject):
            most = QUOTAS[kind, counted[0]]
            if _count(context, counts, subject, counted, entry.index) >= most and not _is_first_report(context, entry):
                return Beyond(kind=kind, counted=counted[0], most=most)
    return None


def _lists(statement: Statement) -> Iterable[str]:
    """The lists that an entry is counted in."""
    if isinstance(statement, Usage | Report):  # which may touch hundreds of files besides
        return (f"uses:{statement.consent}",)
    return [one for one in subjects(statement) if one.partition(":")[0] in _LISTS]


def _count(context: Context, counts: QuotaCounts, subject: str, counted: Counted, before: int) -> int:
    """How many there are below an index, over the whole line where the list is of a consent."""
    kind, _, ids = subject.partition(":")
    if kind not in _OF_A_CONSENT:
        return _in_list(context, counts, subject, before)[counted]
    consent, _, rest = ids.partition(".")
    tail = f".{rest}" if rest else ""
    line = _line(context, counts, consent, before)
    return sum([_in_list(context, counts, f"{kind}:{one}{tail}", before)[counted] for one in line])


def _in_list(context: Context, counts: QuotaCounts, subject: str, before: int) -> Counter[Counted]:
    """The counts of one list, brought up to the index."""
    found = counts.list(subject)
    rows = context.record.rows(subject) or ()
    fresh: Counter[Counted] = Counter()
    for index in rows[bisect_left(rows, found.looked) : bisect_left(rows, before)]:
        entry = context.record.entry(index)
        if entry is not None:
            fresh.update(_counted(context, entry, subject))
    found.counts.update(fresh)
    found.looked = max(found.looked, before)
    return found.counts


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
