"""What a revocation would do if it were logged now: when it takes effect (T7), which uses it ends, what stays due.

What stays due of a consent is what its usages owe, what it owes itself, and what arises on dates to come (M1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.evidence.verdict_json import paid_json
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, holds
from verifier.rules.money.book import open_book
from verifier.rules.money.money_rules import Paid, judge_consent_money, judge_money, own_lines
from verifier.rules.money.statement import upcoming_lines
from verifier.rules.standing.stops import Stop, Stops, notice_of, stops_of
from verifier.rules.use.case import UsageCase, open_case
from verifier.statements.sections import Exclusive, Terms
from verifier.statements.types import Consent, Revocation, Usage

MAX_USES = 500
"""Uses of one consent that are listed; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchedUse:
    """A use that has to be pulled, or for which something stays due, or both.

    ``pull_at`` is when nothing of it may run any more, a sell-off counted; ``None``: it has ended by itself before.
    ``paid`` is of its own lines.
    """

    usage: Usage
    starts: int
    ends: int
    pull_at: int | None
    paid: Paid

    def to_json(self) -> Json:
        """For its consent's parties."""
        value: dict[str, Json] = {
            "assets": list(self.usage.assets),
            "ends": format_instant(self.ends),
            "paid": paid_json(self.paid),
            "starts": format_instant(self.starts),
            "usage": self.usage.id,
        }
        if self.pull_at is not None:
            value["pull_at"] = format_instant(self.pull_at)
        if self.usage.parties.sublicensee is not None:
            value["sublicensee"] = self.usage.parties.sublicensee
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterLine:
    """What arises at a later instant for a payee, in minor units; less than nothing where it lowers what was due."""

    payee: str
    leg: str
    amount: int
    at: int
    due_at: int | None

    def to_json(self) -> Json:
        """For its consent's parties."""
        value: dict[str, Json] = {
            "amount": self.amount,
            "at": format_instant(self.at),
            "leg": self.leg,
            "payee": self.payee,
        }
        return value if self.due_at is None else {**value, "due_at": format_instant(self.due_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What it does to one consent. ``already``: an earlier revocation ends it no later.

    ``paid`` is what the consent owes itself now, a kill fee included, ``later`` what arises after it was revoked: dates
    that go on, and what falls away of a fee that was owed for the whole term.
    ``part``: it ends the exclusivity alone; ``notice`` is then how long its release takes.
    """

    consent: Consent
    takes_effect: int
    notice: int
    sell_off: int
    already: bool
    uses: tuple[TouchedUse, ...]
    more: int = 0
    part: Literal["exclusive"] | None = None
    paid: Paid | None = None
    later: tuple[LaterLine, ...] = ()

    def to_json(self) -> Json:
        """For the consent's parties."""
        value: dict[str, Json] = {
            "already": self.already,
            "consent": self.consent.id,
            "licensee": str(self.consent.parties.licensee),
            "notice": self.notice,
            "sell_off": self.sell_off,
            "takes_effect": format_instant(min(self.takes_effect, MAX_INSTANT)),
            "uses": [use.to_json() for use in self.uses],
        }
        if self.paid is not None:
            value["paid"] = paid_json(self.paid)
        if self.later:
            value["later"] = [line.to_json() for line in self.later]
        if self.part is not None:
            value["part"] = self.part
        if self.more:
            value["more"] = self.more
        return value


def effects(context: Context, entry: Entry) -> tuple[Effect, ...]:
    """On every consent that a revocation ends: its target, those that this one replaced, or all on a twin.

    ``context`` shows the log with ``entry`` on top. A revoked mandate ends no consent; a release ends the
    exclusivity of its own consent alone.
    """
    statement = entry.statement
    if not isinstance(statement, Revocation):
        return ()
    if statement.part is not None:
        return tuple(_release(context, statement, entry.index))
    found = []
    for consent in _consents(context, statement.parties.model):
        terms = context.section(consent, "terms")
        if isinstance(terms, Terms):
            stops = stops_of(context, consent, terms, onward=True)
            mine = [stop for stop in stops.revocations if stop.index == entry.index]
            if mine:
                first = min(mine, key=lambda stop: stop.start)
                found.append(_effect(context, consent, terms, stops, first))
    return tuple(found)


def _release(context: Context, statement: Revocation, index: int) -> Iterator[Effect]:
    _, id = statement.target
    consent, _ = context.named(f"consent:{id}", id, index)
    if not holds(consent, Consent) or "exclusive" not in consent.statement.sections:
        return
    scope = context.section(consent, "exclusive")
    if not isinstance(scope, Exclusive):
        return
    stops = stops_of(context, consent, scope, onward=False)
    mine = [stop.start for stop in stops.releases if stop.index == index]
    earlier = [stop.start for stop in (*stops.releases, *stops.revocations) if stop.index != index]
    for start in mine:
        yield Effect(
            consent=consent.statement, takes_effect=start, notice=scope.release or 0, sell_off=0,
            already=min(earlier, default=start + 1) <= start, uses=(), part="exclusive", paid=_paid(context, consent),
            later=_later(context, consent),
        )  # fmt: skip


def _consents(context: Context, model: str | None) -> Iterator[Entry[Consent]]:
    """All good consents to a use of any twin of hers."""
    for consent, _ in context.listed(f"party:{model}", Consent) or ():
        if consent.statement.act == "use":
            yield consent


def _effect(context: Context, consent: Entry[Consent], terms: Terms, stops: Stops, mine: Stop) -> Effect:
    start = mine.start
    earlier = min((stop.start for stop in stops.revocations if stop.index != mine.index), default=None)
    uses = []
    for usage, _ in context.listed(f"uses:{consent.statement.id}", Usage) or ():
        use = _touched(open_case(context, usage, consent), terms, start, earlier)
        if use is not None:
            uses.append(use)
    uses.sort(key=lambda one: (one.pull_at is None, one.pull_at or 0, one.usage.id))
    return Effect(
        consent=consent.statement,
        takes_effect=start,
        notice=notice_of(context, terms) if mine.waits else 0,
        sell_off=terms.sell_off,
        already=earlier is not None and earlier <= start,
        uses=tuple(uses[:MAX_USES]),
        more=max(len(uses) - MAX_USES, 0),
        paid=_paid(context, consent),
        later=_later(context, consent),
    )


def _paid(context: Context, consent: Entry[Consent]) -> Paid | None:
    if "money" not in consent.statement.sections:
        return None
    return judge_consent_money(context, consent).paid


def _later(context: Context, consent: Entry[Consent]) -> tuple[LaterLine, ...]:
    if "money" not in consent.statement.sections:
        return ()
    return tuple(
        LaterLine(payee=leg.payee, leg=leg.kind.value, amount=line.amount, at=line.logged, due_at=line.due_at)
        for leg, _, line in upcoming_lines(open_book(context, consent.statement.id))
        if line.amount
    )


def _touched(case: UsageCase, terms: Terms, start: int, earlier: int | None) -> TouchedUse | None:
    if case.window is None:
        return None
    starts, ends = case.window
    runs_until = ends if earlier is None else min(ends, earlier)
    pull_at = max(start, min(start + terms.sell_off, case.use_terms.ends)) if runs_until > start else None
    paid = own_lines(judge_money(case.context, case.usage).paid, "usage")
    if pull_at is None and not any(line.outstanding for line in paid.payees):
        return None
    return TouchedUse(usage=case.statement, starts=starts, ends=ends, pull_at=pull_at, paid=paid)
