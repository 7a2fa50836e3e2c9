"""The usages and reports of a consent as its schedule takes them, read from the record (rule M1)."""

from __future__ import annotations

from verifier.base.values import value
from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Standing, Unread
from verifier.rules.model.record import Entry
from verifier.rules.model.timeline import FOREVER
from verifier.rules.money.reasons import CannotTell, Reason
from verifier.rules.money.units import Cut, Event
from verifier.rules.standing.stops import Stop, Stops, stops_of
from verifier.statements.sections import ReportTerms, Terms, UsageTerms
from verifier.statements.types import Report, Usage


def chain(context: Context, consent: Entry) -> list[Entry]:
    """A consent, the one that it replaces, and so on; a replaced one that was ruled void has replaced nothing.

    :class:`CannotTell` where one of them is doubtful.
    """
    found = [consent]
    for _, older, judgement in replaced_as_judged(context, consent):
        if judgement.standing is Standing.DOUBTFUL or older is None:
            raise CannotTell("M1", judgement.code)
        found.append(older)
    return found


@value(kw_only=False)
class Cuts:
    """What may have cut the uses under a consent short (T7, A6).

    What is said of a consent that replaced it at the index ``replaced`` counts for those that were declared ``before``
    that, and for none declared ``after`` (A5).
    """

    before: tuple[Cut, ...] = ()
    after: tuple[Cut, ...] = ()
    replaced: int | None = None

    def of(self, usage: int) -> tuple[Cut, ...]:
        """Those of the usage at an index."""
        return self.before if self.replaced is None or usage < self.replaced else self.after


def cuts_of(context: Context, consent: Entry) -> Cuts:
    """What may have cut the uses under a consent short."""
    terms = context.section(consent, "terms")
    assert isinstance(terms, Terms | Unread)
    onward, own = (stops_of(context, consent, terms, onward=onward) for onward in (True, False))
    sell_off = 0 if isinstance(terms, Unread) else terms.sell_off
    good = [entry.index for entry, judgement in own.replaced_by if judgement.standing is Standing.GOOD]
    return Cuts(_cuts(onward, sell_off), _cuts(own, sell_off), min(good, default=None))


def _cuts(stops: Stops, sell_off: int) -> tuple[Cut, ...]:
    cuts = [_cut(stop, sell_off) for stop in (*stops.revocations, *stops.suspensions)]
    if stops.missing is not None:
        doubt = Reason("M1", stops.missing.code, stops.missing.entries)
        cuts.append(Cut(index=None, at=0, until=FOREVER, doubt=doubt))
    return tuple(cuts)


def _cut(stop: Stop, sell_off: int) -> Cut:
    doubt = None if stop.sure else Reason("M1", stop.judgement.code, (stop.entry.index,))
    return Cut(index=stop.entry.index, at=stop.start, until=stop.end, sell_off=sell_off, doubt=doubt)


def read_event(context: Context, entry: Entry, *, own: bool, cuts: Cuts) -> Event:
    """A usage or report as its schedule takes it; :class:`CannotTell` where its terms cannot be read."""
    terms = context.section(entry, "terms")
    if isinstance(terms, Unread):
        raise CannotTell("M1", terms.code, (entry.index,))
    statement = entry.statement
    if isinstance(terms, ReportTerms):
        assert isinstance(statement, Report)
        return Event(
            entry.index, entry.logged, statement.usage,
            declares=False,
            own=own,
            images=terms.images,
            impressions=sum([line.impressions for line in terms.lines]),
            ends=terms.ends,
        )  # fmt: skip
    assert isinstance(terms, UsageTerms) and isinstance(statement, Usage)
    return Event(
        entry.index, entry.logged, statement.id,
        declares=True,
        own=own,
        images=max(terms.units.get("images", 0), len(statement.assets)),
        starts=terms.starts,
        ends=terms.ends,
        days=terms.units.get("days", 0),
        cuts=cuts.of(entry.index),
    )  # fmt: skip
